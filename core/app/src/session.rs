//! A signing session at a window: id and PIN first, the PIN alone within it, both again after it
//! (21 CFR 11.200(a)(1)).

use crate::Moment;
use firn_model::api::SessionShown;
use firn_model::id::Id;
use firn_model::record::{Person, PersonStanding};
use firn_model::role::Role;
use firn_model::shipment::Signer;
use firn_model::time::UtcMillis;

/// Without a signature for so long, in milliseconds, both are asked for again.
pub const IDLE_MS: u64 = 15 * 60 * 1000;

/// Who is signed in, if anybody; time is passed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Session {
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    person: Id,
    role: Role,
    /// When both were given.
    since: Moment,
    /// The last signature, or the beginning.
    last: Moment,
}

impl Session {
    /// A person gave id and PIN, and both were right.
    pub fn sign_in(&mut self, person: &Person, now: Moment) {
        self.open = Some(Open { person: person.id, role: person.role, since: now, last: now });
    }

    /// The person locked the window, or left.
    pub fn lock(&mut self) {
        self.open = None;
    }

    /// Who is signed in; nobody after a quarter of an hour without a signature, or a restart.
    pub fn who(&self, now: Moment) -> Option<Id> {
        // The monotonic clock stands still while the machine sleeps, and the wall clock can be set back.
        let lasts = |open: &Open| {
            let awake = now.monotonic_ms.saturating_sub(open.last.monotonic_ms);
            let passed = now.utc.0.saturating_sub(open.last.utc.0);
            open.last.boot == now.boot && awake < IDLE_MS && passed < IDLE_MS.cast_signed()
        };
        self.open.filter(lasts).map(|open| open.person)
    }

    /// Whether the person, as they stand now, signs with the PIN alone; a session that is over, or whose
    /// person has another role or has ended, is closed.
    pub fn goes_on(&mut self, person: &Person, now: Moment) -> bool {
        let same = self.open.is_some_and(|open| open.role == person.role);
        let goes_on = self.who(now) == Some(person.id) && same && person.standing == PersonStanding::Active;
        if !goes_on {
            self.lock();
        }
        goes_on
    }

    /// This person signed: where they are signed in, the quarter of an hour begins anew.
    pub fn signed(&mut self, person: Id, now: Moment) {
        if let (true, Some(open)) = (self.who(now) == Some(person), &mut self.open) {
            open.last = now;
        }
    }

    /// What a window shows of it, where the person, as they stand now, is signed in; else it is closed.
    pub fn shown(&mut self, person: &Person, now: Moment) -> Option<SessionShown> {
        let open = self.open.filter(|_| self.goes_on(person, now))?;
        let Person { id, name, title, role, .. } = person.clone();
        let ends = open.last.utc.0.saturating_add_unsigned(IDLE_MS);
        Some(SessionShown {
            person: Signer { id, name, title, role },
            since: open.since.utc,
            ends: UtcMillis(ends),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u64) -> Moment {
        Moment { utc: UtcMillis(0), monotonic_ms: minute * 60_000, boot: Id([1; 16]) }
    }

    fn ana(role: Role) -> Person {
        let standing = PersonStanding::Active;
        let (id, name) = (Id([7; 16]), "Ana".into());
        Person { id, name, title: None, role, trained: None, standing, withdrawn: None, enrolment_key: None }
    }

    fn signed_in() -> Session {
        let mut session = Session::default();
        session.sign_in(&ana(Role::Pharmacist), at(0));
        session
    }

    #[test]
    fn nobody_is_signed_in_before_id_and_pin_were_given() {
        assert!(!Session::default().goes_on(&ana(Role::Pharmacist), at(0)));
        assert!(signed_in().goes_on(&ana(Role::Pharmacist), at(14)));
    }

    #[test]
    fn a_machine_that_slept_for_a_quarter_of_an_hour_wakes_with_nobody_signed_in() {
        let woken = |slept: i64| Moment { utc: UtcMillis(slept * 60_000), ..at(1) };
        assert!(signed_in().goes_on(&ana(Role::Pharmacist), woken(14)));
        assert!(!signed_in().goes_on(&ana(Role::Pharmacist), woken(15)));
        assert!(signed_in().goes_on(&ana(Role::Pharmacist), woken(-900)), "the monotonic clock goes on");
    }

    #[test]
    fn a_quarter_of_an_hour_without_a_signature_ends_the_session_and_each_signature_begins_it_anew() {
        assert!(!signed_in().goes_on(&ana(Role::Pharmacist), at(15)));
        let mut session = signed_in();
        session.signed(Id([7; 16]), at(14));
        assert_eq!(session.who(at(28)), Some(Id([7; 16])));
        session.signed(Id([7; 16]), at(29));
        assert_eq!(session.who(at(29)), None);
    }

    #[test]
    fn a_lock_another_role_another_person_an_end_and_a_restart_ask_for_both_again() {
        let mut locked = signed_in();
        locked.lock();
        assert!(!locked.goes_on(&ana(Role::Pharmacist), at(1)));
        let mut promoted = signed_in();
        assert!(!promoted.goes_on(&ana(Role::Quality), at(1)));
        // Closed for good, also for the former role.
        assert!(!promoted.goes_on(&ana(Role::Pharmacist), at(1)));
        let ended = Person { standing: PersonStanding::Ended, ..ana(Role::Pharmacist) };
        assert!(!signed_in().goes_on(&ended, at(1)));
        let other = Person { id: Id([8; 16]), ..ana(Role::Pharmacist) };
        assert!(!signed_in().goes_on(&other, at(1)));
        assert_eq!(signed_in().who(Moment { boot: Id([2; 16]), ..at(1) }), None);
    }
}
