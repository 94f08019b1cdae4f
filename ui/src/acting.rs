//! Who acts at this window, and which of the steps that are told are theirs.

use crate::app::Ui;
use firn_model::api::{HandShown, NextStep, PersonShown, Snapshot, Turn};
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
    /// The same by ids: two people may have one name.
    pub hand: HandShown,
}

/// Who acts; nobody in particular where people sign and none is signed in.
pub(crate) fn acting(ui: Ui) -> Memo<Option<Acting>> {
    Memo::new(move |_| ui.store.feed.with(|feed| feed.snapshot.as_ref().and_then(of)))
}

fn of(snapshot: &Snapshot) -> Option<Acting> {
    if let Some(session) = &snapshot.session {
        let hand = HandShown { person: Some(session.person.id), device: log(snapshot) };
        return Some(Acting { name: session.person.name.clone(), role: session.person.role, hand });
    }
    let own = snapshot.organisation.as_ref().filter(|_| !snapshot.signing_needed)?;
    let hand = HandShown { person: None, device: own.log.clone() };
    Some(Acting { name: own.device.clone(), role: own.role, hand })
}

/// This device's log; empty before there is one.
pub(crate) fn log(snapshot: &Snapshot) -> String {
    snapshot.organisation.as_ref().map(|own| own.log.clone()).unwrap_or_default()
}

/// Whether those who are told may include who acts.
pub(crate) fn may_be(roles: &[Role], except: &[HandShown], acting: Option<&Acting>) -> bool {
    acting.is_none_or(|acting| {
        roles.contains(&acting.role) && !except.iter().any(|hand| hand.may_be(&acting.hand))
    })
}

/// The people who can sign here and are told to be allowed to.
pub(crate) fn signers(
    people: &[PersonShown],
    roles: &[Role],
    except: &[HandShown],
    log: &str,
) -> Vec<PersonShown> {
    let can = |person: &&PersonShown| {
        let hand = HandShown { person: Some(person.id), device: log.to_owned() };
        let acting = Acting { name: person.name.clone(), role: person.role, hand };
        let signs = person.standing == PersonStanding::Active && person.trained.is_some();
        person.has_key && signs && may_be(roles, except, Some(&acting))
    };
    people.iter().filter(can).cloned().collect()
}

/// Which device a step waits for, where that is not this one; an offer waits for any other.
pub(crate) fn waits_for(turn: Option<&Turn>, own: &str) -> Option<Option<String>> {
    match turn.filter(|turn| !turn.is_of(own))? {
        Turn::Of(device) => Some(Some(device.label.clone())),
        Turn::OtherThan(_) => Some(None),
    }
}

/// The steps that who acts can take, and those that wait for somebody else.
pub(crate) fn sort(steps: &[NextStep], acting: Option<&Acting>) -> (Vec<NextStep>, Vec<NextStep>) {
    steps.iter().cloned().partition(|step| may_be(&step.roles, &step.except_hands, acting))
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::api::{Device, Step};
    use firn_model::id::Id;
    use firn_model::time::UtcMillis;

    fn hand(person: u8) -> HandShown {
        HandShown { person: Some(Id([person; 16])), device: "dock".into() }
    }

    fn step(step: Step, roles: &[Role], except: &[u8]) -> NextStep {
        let roles = roles.to_vec();
        NextStep {
            step,
            roles,
            except: except.iter().map(|_| "Ana Lima".to_owned()).collect(),
            except_hands: except.iter().map(|person| hand(*person)).collect(),
            reasons: vec![],
            loggers: vec![],
            lots: vec![],
            manufacturer: None,
            case_number: None,
            barred: vec![],
            lines: vec![],
            turn: None,
        }
    }

    fn acting(name: &str, person: u8, role: Role) -> Acting {
        Acting { name: name.into(), role, hand: hand(person) }
    }

    #[test]
    fn a_release_that_waits_for_a_second_person_is_not_offered_to_who_received() {
        let release = step(Step::Release, &[Role::Pharmacist, Role::Quality], &[1]);
        let steps = [release.clone(), step(Step::Reject, &[Role::Pharmacist], &[])];
        let (mine, others) = sort(&steps, Some(&acting("Ana Lima", 1, Role::Pharmacist)));
        assert_eq!((mine.len(), others), (1, vec![release]));
        let (mine, others) = sort(&steps, Some(&acting("Quinn Moe", 2, Role::Quality)));
        assert_eq!((mine.len(), others.len()), (1, 1), "quality releases, and may not reject by this list");
        let namesake = sort(&steps, Some(&acting("Ana Lima", 3, Role::Pharmacist))).0;
        assert_eq!(namesake.len(), 2, "somebody else of the same name releases and rejects");
        assert_eq!(sort(&steps, None).0.len(), 2, "where nobody is signed in the sheet asks who signs");
    }

    #[test]
    fn a_hand_over_waits_for_the_device_whose_turn_it_is() {
        let van = Device { log: "van".into(), label: "Van".into(), role: None, ..Device::default() };
        let (its, others) = (Turn::Of(van.clone()), Turn::OtherThan(van));
        assert_eq!(waits_for(Some(&its), "dock"), Some(Some("Van".into())));
        assert_eq!(waits_for(Some(&its), "van"), None);
        assert_eq!(waits_for(Some(&others), "van"), Some(None), "anybody but the giver");
        assert_eq!(waits_for(Some(&others), "dock"), None);
        assert_eq!(waits_for(None, "dock"), None, "most steps are any device's");
    }

    #[test]
    fn only_who_has_a_key_here_still_signs_and_may_is_asked_to_sign() {
        let person = |id: u8, name: &str, role, has_key, standing| PersonShown {
            id: Id([id; 16]),
            name: name.into(),
            title: None,
            role,
            standing,
            trained: (name != "Lea Sund").then_some(UtcMillis(0)),
            has_key,
            locked_until: None,
            tries_left: None,
        };
        let people = [
            person(1, "Ana Lima", Role::Pharmacist, true, PersonStanding::Active),
            person(2, "Quinn Moe", Role::Quality, true, PersonStanding::Active),
            person(3, "Carl Berg", Role::Courier, true, PersonStanding::Active),
            person(4, "Pia Holm", Role::Pharmacist, false, PersonStanding::Active),
            // Nobody signs without training.
            person(7, "Lea Sund", Role::Quality, true, PersonStanding::Active),
            person(5, "Old Hand", Role::Pharmacist, true, PersonStanding::Ended),
            person(6, "Ana Lima", Role::Pharmacist, true, PersonStanding::Active),
        ];
        let found = signers(&people, &[Role::Pharmacist, Role::Quality], &[hand(1)], "dock");
        let told: Vec<_> = found.iter().map(|one| (one.id, one.name.as_str())).collect();
        assert_eq!(told, [(Id([2; 16]), "Quinn Moe"), (Id([6; 16]), "Ana Lima")]);
    }
}
