//! Who acts at this window, and which of the steps that are told are theirs.

use crate::app::Ui;
use firn_model::api::{Device, HandOverShown, NextStep, PersonShown, Snapshot, Step};
use firn_model::record::PersonStanding;
use firn_model::role::Role;
use leptos::prelude::*;

/// Who acts: the person who is signed in, or the device where nobody needs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acting {
    /// The printed name, or what the device is called.
    pub name: String,
    /// The role that counts.
    pub role: Role,
}

/// Who acts; nobody in particular where people sign and none is signed in.
pub(crate) fn acting(ui: Ui) -> Memo<Option<Acting>> {
    Memo::new(move |_| ui.store.feed.with(|feed| feed.snapshot.as_ref().and_then(of)))
}

fn of(snapshot: &Snapshot) -> Option<Acting> {
    if let Some(session) = &snapshot.session {
        return Some(Acting { name: session.person.name.clone(), role: session.person.role });
    }
    let own = snapshot.organisation.as_ref().filter(|_| !snapshot.signing_needed)?;
    Some(Acting { name: own.device.clone(), role: own.role })
}

/// Whether those who are told may include who acts.
pub(crate) fn may_be(roles: &[Role], except: &[String], acting: Option<&Acting>) -> bool {
    acting.is_none_or(|acting| roles.contains(&acting.role) && !except.contains(&acting.name))
}

/// The people who can sign here and are told to be allowed to.
pub(crate) fn signers(people: &[PersonShown], roles: &[Role], except: &[String]) -> Vec<PersonShown> {
    let can = |person: &&PersonShown| {
        let acting = Acting { name: person.name.clone(), role: person.role };
        person.has_key && person.standing == PersonStanding::Active && may_be(roles, except, Some(&acting))
    };
    people.iter().filter(can).cloned().collect()
}

/// Who has a shipment, and how it came there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Custody {
    pub custodian: Option<Device>,
    pub hand_overs: Vec<HandOverShown>,
}

/// Which device a step of a hand-over waits for, where that is not this one; an offer waits for any other.
///
/// Custody passes between devices: its holder offers, another accepts, the giver confirms.
pub(crate) fn waits_for(step: Step, custody: &Custody, own: &str) -> Option<Option<String>> {
    let other = |device: &Device| (device.log != own).then(|| Some(device.label.clone()));
    let mut newest = custody.hand_overs.iter().rev();
    match step {
        Step::Offer => other(custody.custodian.as_ref()?),
        Step::Accept => {
            let offer = newest.find(|one| one.accepted.is_none())?;
            (offer.from.log == own).then_some(None)
        }
        Step::Confirm => other(&newest.find(|one| one.accepted.is_some() && one.confirmed.is_none())?.from),
        _ => None,
    }
}

/// The steps that who acts can take, and those that wait for somebody else.
pub(crate) fn sort(steps: &[NextStep], acting: Option<&Acting>) -> (Vec<NextStep>, Vec<NextStep>) {
    steps.iter().cloned().partition(|step| may_be(&step.roles, &step.except, acting))
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::id::Id;
    use firn_model::time::UtcMillis;

    fn step(step: Step, roles: &[Role], except: &[&str]) -> NextStep {
        let except = except.iter().map(|name| (*name).to_owned()).collect();
        let roles = roles.to_vec();
        NextStep { step, roles, except, reasons: vec![], loggers: vec![], lots: vec![], barred: vec![] }
    }

    fn acting(name: &str, role: Role) -> Acting {
        Acting { name: name.into(), role }
    }

    #[test]
    fn a_release_that_waits_for_a_second_person_is_not_offered_to_who_received() {
        let release = step(Step::Release, &[Role::Pharmacist, Role::Quality], &["Ana Lima"]);
        let steps = [release.clone(), step(Step::Reject, &[Role::Pharmacist], &[])];
        let (mine, others) = sort(&steps, Some(&acting("Ana Lima", Role::Pharmacist)));
        assert_eq!((mine.len(), others), (1, vec![release]));
        let (mine, others) = sort(&steps, Some(&acting("Quinn Moe", Role::Quality)));
        assert_eq!((mine.len(), others.len()), (1, 1), "quality releases, and may not reject by this list");
        assert_eq!(sort(&steps, None).0.len(), 2, "where nobody is signed in the sheet asks who signs");
    }

    #[test]
    fn a_hand_over_waits_for_the_device_whose_turn_it_is() {
        let device = |label: &str| Device {
            log: label.to_lowercase(),
            label: label.into(),
            role: None,
            ..Device::default()
        };
        let offer = |accepted, confirmed| HandOverShown {
            from: device("Van"),
            to: None,
            offered: UtcMillis(0),
            accepted,
            confirmed,
            one_sided: true,
        };
        let custody = |offer| Custody { custodian: Some(device("Van")), hand_overs: vec![offer] };
        let open = custody(offer(None, None));
        assert_eq!(waits_for(Step::Offer, &open, "dock"), Some(Some("Van".into())));
        assert_eq!(waits_for(Step::Offer, &open, "van"), None);
        assert_eq!(waits_for(Step::Accept, &open, "van"), Some(None), "anybody but the giver");
        assert_eq!(waits_for(Step::Accept, &open, "dock"), None);
        let accepted = custody(offer(Some(UtcMillis(1)), None));
        assert_eq!(waits_for(Step::Confirm, &accepted, "van"), None);
        assert_eq!(waits_for(Step::Confirm, &accepted, "dock"), Some(Some("Van".into())));
        assert_eq!(waits_for(Step::Receive, &accepted, "dock"), None);
    }

    #[test]
    fn only_who_has_a_key_here_still_signs_and_may_is_asked_to_sign() {
        let person = |name: &str, role, has_key, standing| PersonShown {
            id: Id([1; 16]),
            name: name.into(),
            title: None,
            role,
            standing,
            trained: None,
            has_key,
            locked_until: None,
            tries_left: None,
        };
        let people = [
            person("Ana Lima", Role::Pharmacist, true, PersonStanding::Active),
            person("Quinn Moe", Role::Quality, true, PersonStanding::Active),
            person("Carl Berg", Role::Courier, true, PersonStanding::Active),
            person("Pia Holm", Role::Pharmacist, false, PersonStanding::Active),
            person("Old Hand", Role::Pharmacist, true, PersonStanding::Ended),
        ];
        let found = signers(&people, &[Role::Pharmacist, Role::Quality], &["Ana Lima".into()]);
        assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Quinn Moe"]);
    }
}
