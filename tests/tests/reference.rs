//! The reference model of membership, revocation and hand-over keeps what the threat model promises.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken model must stop its test")]

use firn_ledger::bytes::{Hash, Id, LogId, OrganisationId, Salt};
use firn_ledger::entry::{self, Clocks, EntryDraft, Head, Position, Record, Signers};
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::membership::{MemberStanding, Membership, Statements};
use firn_ledger::statement::{
    self, Admission, Continuation, ENROL, EntryReference, GENESIS, Genesis, Organisation, REVOKE, ROOT,
    RevocationReason, Role, RootSays, RootStatement, UPHELD, Upheld,
};
use firn_tests::reference::{By, Enrolment, Entry, Log, Place, Revocation, Root, Says, Standing, World};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What somebody tries next; a device that does not exist yet does nothing.
#[derive(Clone, Debug)]
enum Step {
    /// `by` enrols the next device, by a key of its own or one that was used before.
    Enrol {
        by: Log,
        admin: bool,
        key: Option<u8>,
    },
    Revoke {
        by: Log,
        log: Log,
        back: u64,
        root: bool,
    },
    Overrule {
        by: Log,
        which: usize,
    },
    Uphold {
        by: Log,
        log: Log,
        forth: u64,
    },
    Sync {
        to: Log,
        from: Log,
    },
    Offer {
        by: Log,
    },
    Accept {
        by: Log,
    },
    Other {
        by: Log,
    },
    Measured {
        by: Log,
    },
    /// The next log goes on from `log`, as its key says or as somebody else does.
    Continue {
        log: Log,
        signed: bool,
        key: Option<u8>,
    },
    /// `by` enrols a log that is there.
    Confirm {
        by: Log,
        log: Log,
        admin: bool,
    },
}

const DEVICES: Log = 5;

fn step() -> impl Strategy<Value = Step> {
    let log = 0..DEVICES;
    prop_oneof![
        3 => (log.clone(), any::<bool>(), proptest::option::weighted(0.2, 0..DEVICES))
            .prop_map(|(by, admin, key)| Step::Enrol { by, admin, key }),
        2 => (log.clone(), log.clone(), 0..4_u64, any::<bool>())
            .prop_map(|(by, log, back, root)| Step::Revoke { by, log, back, root }),
        1 => (log.clone(), 0..40_usize).prop_map(|(by, which)| Step::Overrule { by, which }),
        1 => (log.clone(), log.clone(), 0..4_u64).prop_map(|(by, log, forth)| Step::Uphold { by, log, forth }),
        6 => (log.clone(), log.clone()).prop_map(|(to, from)| Step::Sync { to, from }),
        3 => log.clone().prop_map(|by| Step::Offer { by }),
        3 => log.clone().prop_map(|by| Step::Accept { by }),
        2 => (log.clone(), proptest::bool::weighted(0.8), proptest::option::weighted(0.1, 0..DEVICES))
            .prop_map(|(log, signed, key)| Step::Continue { log, signed, key }),
        2 => (log.clone(), log.clone(), any::<bool>())
            .prop_map(|(by, log, admin)| Step::Confirm { by, log, admin }),
        2 => log.clone().prop_map(|by| Step::Measured { by }),
        4 => log.prop_map(|by| Step::Other { by }),
    ]
}

/// Devices that act on what they hold, each with a clock of its own.
#[derive(Default)]
struct Play {
    world: World,
    held: BTreeMap<Log, BTreeMap<Log, u64>>,
    now: i64,
}

impl Play {
    fn begin() -> Self {
        let mut play = Self::default();
        play.write(0, Says::Genesis { key: 0, by: By::Root });
        play
    }

    fn size(&self, log: Log) -> u64 {
        self.world.0.keys().filter(|place| place.log == log).count() as u64
    }

    /// Signs the next entry of a log, dated by a clock that is as many seconds off as the log's number.
    fn write(&mut self, log: Log, says: Says) -> Place {
        self.now += 10;
        let place = Place { log, sequence: self.size(log) };
        let heads = self.held.entry(log).or_default().iter().map(|(log, size)| (*log, *size)).collect();
        self.world.0.insert(place, Entry { at: self.now + i64::from(log), heads, says });
        place
    }

    fn take(&mut self, step: Step) {
        let there = |log: Log| self.size(log) > 0;
        match step {
            Step::Enrol { by, admin, key } if there(by) => self.enrol(by, admin, key),
            Step::Revoke { by, log, back, root } if there(by) && there(log) => {
                let size = self.size(log).saturating_sub(back);
                let one = Revocation { log, size, lost: self.now - 15 };
                self.write(by, if root { Says::Root(Root::Revoke(one)) } else { Says::Revoke(one) });
            }
            Step::Overrule { by, which } if there(by) => {
                let place = self.world.0.keys().nth(which).copied();
                place.map(|place| self.write(by, Says::Root(Root::Overrule(place))));
            }
            Step::Uphold { by, log, forth } if there(by) => {
                self.write(by, Says::Uphold { log, size: self.size(log).saturating_sub(2) + forth });
            }
            Step::Sync { to, from } if to != from => {
                let mut sizes = self.held.get(&from).cloned().unwrap_or_default();
                sizes.insert(from, self.size(from));
                let held = self.held.entry(to).or_default();
                sizes.retain(|log, _| *log != to);
                sizes.into_iter().for_each(|(log, size)| {
                    let mine = held.entry(log).or_default();
                    *mine = size.max(*mine);
                });
            }
            Step::Offer { by } if there(by) => drop(self.write(by, Says::Offer)),
            Step::Accept { by } if there(by) => {
                let seen = self.held.get(&by).cloned().unwrap_or_default();
                let newest = self.world.0.iter().rev().find(|(place, entry)| {
                    entry.says == Says::Offer
                        && seen.get(&place.log).is_some_and(|size| place.sequence < *size)
                });
                let offer = newest.map(|(place, _)| *place);
                offer.map(|offer| self.write(by, Says::Accept { offer }));
            }
            Step::Other { by } if there(by) => drop(self.write(by, Says::Other)),
            Step::Measured { by } if there(by) => drop(self.write(by, Says::Measured)),
            Step::Continue { log, signed, key } if there(log) => {
                let Some(new) = (0..DEVICES).find(|log| self.size(*log) == 0) else { return };
                let by = By::Continues { log, signed };
                self.write(new, Says::Genesis { key: key.unwrap_or(new), by });
            }
            Step::Confirm { by, log, admin } if there(by) && there(log) => {
                let Says::Genesis { key, .. } = self.world.0[&Place { log, sequence: 0 }].says else {
                    return;
                };
                let one = Enrolment { log, key, admin };
                self.write(by, if admin { Says::Root(Root::Admit(one)) } else { Says::Enrol(one) });
            }
            _ => {}
        }
    }

    fn enrol(&mut self, by: Log, admin: bool, key: Option<u8>) {
        let Some(log) = (0..DEVICES).find(|log| self.size(*log) == 0) else { return };
        let one = Enrolment { log, key: key.unwrap_or(log), admin };
        let says = if admin { Says::Root(Root::Admit(one)) } else { Says::Enrol(one) };
        let place = self.write(by, says);
        self.write(log, Says::Genesis { key: one.key, by: By::Entry(place) });
    }
}

fn play() -> impl Strategy<Value = World> {
    proptest::collection::vec(step(), 0..40).prop_map(|steps| {
        let mut play = Play::begin();
        steps.into_iter().for_each(|step| play.take(step));
        play.world
    })
}

fn counting(world: &World) -> Vec<Place> {
    world.0.keys().copied().filter(|place| world.standing(*place) == Standing::Counts).collect()
}

/// The device's key that a log's genesis names.
fn key(world: &World, log: Log) -> Option<u8> {
    match world.0.get(&Place { log, sequence: 0 })?.says {
        Says::Genesis { key, .. } => Some(key),
        _ => None,
    }
}

/// The world with one more entry of a log.
fn with(world: &World, log: Log, says: Says) -> (World, Place) {
    let mut more = world.clone();
    let sequence = world.0.keys().filter(|place| place.log == log).count() as u64;
    let place = Place { log, sequence };
    more.0.insert(place, Entry { at: 1_000_000, heads: Vec::new(), says });
    (more, place)
}

/// The world as the ledger's own entries, signed and hashed.
#[derive(Default)]
struct Signed(BTreeMap<Place, Record>);

impl Signed {
    fn of(world: &World) -> Self {
        let mut signed = Self::default();
        for place in world.0.keys() {
            signed.reference(world, *place);
        }
        signed
    }

    /// The entry's reference; those that it refers to are signed first.
    fn reference(&mut self, world: &World, place: Place) -> EntryReference {
        if !self.0.contains_key(&place) {
            let (kind, body) = self.body(world, place);
            let record = record(world, place, kind, body);
            self.0.insert(place, record);
        }
        let entry = &self.0[&place].entry;
        EntryReference { log: entry.log(), leaf: entry.leaf() }
    }

    fn body(&mut self, world: &World, place: Place) -> (u64, Vec<u8>) {
        match world.0[&place].says {
            Says::Genesis { key, by } => (GENESIS, self.genesis(world, place.log, key, by).encode()),
            Says::Enrol(one) => (ENROL, enrolment(world, one).encode()),
            Says::Revoke(one) => (REVOKE, revocation(world, one).encode()),
            Says::Uphold { log, size } => (
                UPHELD,
                Upheld { head: Head { log: log_id(world, log), size, root: Hash([0; 32]) } }.encode(),
            ),
            Says::Root(says) => {
                let says = match says {
                    Root::Admit(one) => RootSays::Admits(enrolment(world, one)),
                    Root::Revoke(one) => RootSays::Revokes(revocation(world, one)),
                    Root::Overrule(place) => RootSays::Overrules(self.reference(world, place)),
                };
                (ROOT, RootStatement::sign(1, says, &root()).unwrap().encode())
            }
            Says::Offer | Says::Accept { .. } | Says::Other | Says::Measured => (20, vec![0xa0]),
        }
    }

    fn genesis(&mut self, world: &World, log: Log, key: u8, by: By) -> Genesis {
        let (organisation, device) = (Organisation::new(root().public_key(), "Firn".into()), device(key));
        let own = Enrolment { log, key, admin: true };
        match by {
            By::Root => {
                let enrolment = enrolment(world, own);
                Genesis::of_first_device("Firn".into(), &root(), [log; 16], enrolment).unwrap()
            }
            By::Entry(place) => {
                let admission = Admission::Enrolled(self.reference(world, place));
                Genesis { organisation, device: device.public_key(), random: [log; 16], admission }
            }
            By::Continues { log: old, signed } => {
                let head = Head { log: log_id(world, old), size: 1, root: Hash([0; 32]) };
                let key = match world.0[&Place { log: old, sequence: 0 }].says {
                    Says::Genesis { key, .. } => key,
                    _ => old,
                };
                let signer = if signed { self::device(key) } else { self::device(0x40) };
                let continuation = Continuation::sign(&log_id(world, log), head, &signer).unwrap();
                let admission = Admission::Continues(continuation);
                Genesis { organisation, device: device.public_key(), random: [log; 16], admission }
            }
        }
    }
}

fn root() -> SecretKey {
    SecretKey::from_seed(&[0xff; 32])
}

fn device(key: u8) -> SecretKey {
    SecretKey::from_seed(&[key + 1; 32])
}

/// The id of a log, by the key in its genesis or, before there is one, by its own number.
fn log_id(world: &World, log: Log) -> LogId {
    let key = match world.0.get(&Place { log, sequence: 0 }).map(|entry| &entry.says) {
        Some(Says::Genesis { key, .. }) => *key,
        _ => log,
    };
    let organisation = OrganisationId::of(&root().public_key());
    LogId::of(&organisation, &device(key).public_key(), &[log; 16])
}

fn enrolment(world: &World, one: Enrolment) -> statement::Enrolment {
    statement::Enrolment {
        log: log_id(world, one.log),
        device: device(one.key).public_key(),
        endpoint: SecretKey::from_seed(&[one.log | 0x80; 32]).public_key(),
        role: if one.admin { Role::Admin } else { Role::Courier },
        label: one.log.to_string(),
        not_before_ms: 0,
        replaces: None,
    }
}

fn revocation(world: &World, one: Revocation) -> statement::Revocation {
    let (log, root) = (log_id(world, one.log), (one.size > 0).then_some(Hash([0; 32])));
    let reason = RevocationReason::Lost;
    statement::Revocation { log, size: one.size, root, lost_ms: one.lost, reason }
}

fn record(world: &World, place: Place, kind: u64, body: Vec<u8>) -> Record {
    let clocks = Clocks { wall_ms: 0, monotonic_ms: 0, boot: Id([0; 16]) };
    let (subject, heads, person, batches) = (None, Vec::new(), None, Vec::new());
    let salt = Salt([0; 32]);
    let draft = EntryDraft { kind, subject, clocks, heads, body, salt, person, batches };
    let log = log_id(world, place.log);
    let position = Position { log, sequence: place.sequence, previous: Hash([0; 32]), in_subject: None };
    entry::sign(draft, &position, Signers { device: &device(place.log), person: None }).unwrap().0
}

/// What the ledger makes of the entries, in this order.
fn folded(world: &World, order: &[Place]) -> Membership {
    let signed = Signed::of(world);
    let mut statements = Statements::default();
    order.iter().for_each(|place| statements.add(&signed.0[place]).unwrap());
    statements.fold(&OrganisationId::of(&root().public_key()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn the_ledgers_membership_is_the_reference_models_in_any_order_of_arrival(
        (world, order) in play().prop_flat_map(|world| {
            let order: Vec<Place> = world.0.keys().copied().collect();
            (Just(world), Just(order).prop_shuffle())
        })
    ) {
        let membership = folded(&world, &order);
        for log in 0..DEVICES {
            let member = membership.member(&log_id(&world, log));
            let admin = member.map(|member| member.enrolment.role == Role::Admin);
            // A device whose log has not arrived is known by its enrolment alone; the model asks for a genesis.
            let founded = world.0.contains_key(&Place { log, sequence: 0 });
            prop_assert_eq!(admin.filter(|_| founded), world.member(log), "log {}", log);
            let waits = member.map(|member| member.standing == MemberStanding::Provisional);
            prop_assert_eq!(waits == Some(true), world.provisional(log), "log {}", log);
            let Some(member) = member.filter(|_| founded) else { continue };
            for place in world.0.keys().filter(|place| place.log == log) {
                let ends = member.cut.map_or(u64::MAX, |cut| cut.upheld);
                let counts = world.standing(*place) > Standing::Disputed;
                // What another device vouches for is model's to tell.
                prop_assert!(place.sequence >= ends || counts, "{:?}", place);
                prop_assert!(place.sequence < ends || !counts || world.vouched(*place), "{:?}", place);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn an_admins_revocation_lets_nothing_count_that_did_not_but_what_it_upholds_of_a_key_that_came_back(
        world in play(), by in 0..DEVICES, log in 0..DEVICES, size in 0..6_u64
    ) {
        let (more, place) = with(&world, by, Says::Revoke(Revocation { log, size, lost: 0 }));
        let before = counting(&world);
        let came_back = key(&world, log).is_some_and(|key| world.returns(log, key));
        // A log that was barred for its key alone is cut by the revocation instead (§6.6), and speaks up to there.
        let upheld = |counts: &Place| came_back && (counts.log == log && counts.sequence < size || more.vouched(*counts));
        for counts in counting(&more) {
            prop_assert!(counts == place || before.contains(&counts) || upheld(&counts), "{:?}", counts);
        }
    }

    #[test]
    fn what_a_courier_says_about_membership_changes_no_standing(world in play(), log in 0..DEVICES, size in 0..6_u64) {
        for by in (0..DEVICES).filter(|by| !world.is_admin(*by)) {
            let (more, place) = with(&world, by, Says::Revoke(Revocation { log, size, lost: 0 }));
            let mut after = counting(&more);
            after.retain(|counts| *counts != place);
            prop_assert_eq!(after, counting(&world));
        }
    }

    #[test]
    fn what_a_revoked_device_signs_later_never_counts_unseen(world in play(), log in 0..DEVICES) {
        let revoked = world.0.values().any(|entry| matches!(entry.says, Says::Root(Root::Revoke(one)) if one.log == log));
        let (more, place) = with(&world, log, Says::Other);
        // Upheld in advance is a person's word, too.
        let upheld = world.0.values().any(|entry| matches!(entry.says, Says::Uphold { log: other, size } if other == log && size > place.sequence));
        if revoked && !upheld {
            prop_assert_ne!(more.standing(place), Standing::Counts);
        }
    }

    #[test]
    fn a_key_that_was_revoked_belongs_to_no_other_member(world in play()) {
        for entry in world.0.values() {
            if let Says::Root(Root::Revoke(one)) = entry.says {
                for other in (0..DEVICES).filter(|other| *other != one.log && key(&world, *other) == key(&world, one.log)) {
                    // A log that was revoked itself is cut instead.
                    prop_assert!(world.member(other).is_none() || world.cut(other).is_some());
                }
            }
        }
    }

    #[test]
    fn whoever_has_the_shipment_is_a_member_who_offered_or_accepted_it(world in play()) {
        if let Some(holder) = world.custodian() {
            let acted = counting(&world).into_iter().any(|place| {
                place.log == holder && matches!(world.0[&place].says, Says::Offer | Says::Accept { .. })
            });
            prop_assert!(acted && world.member(holder).is_some());
        }
    }

    #[test]
    fn a_repeated_acceptance_changes_nothing(world in play()) {
        let holder = world.custodian();
        let mut accepts = counting(&world).into_iter().filter_map(|place| match world.0[&place].says {
            Says::Accept { offer } if Some(place.log) == holder => Some((place.log, offer)),
            _ => None,
        });
        if let Some((log, offer)) = accepts.next_back() {
            let (more, _) = with(&world, log, Says::Accept { offer });
            prop_assert_eq!(more.custodian(), holder);
        }
    }

    #[test]
    fn nobody_has_two_roles_and_the_founder_is_an_admin_until_the_root_says_otherwise(world in play()) {
        let key_revoked = world.0.values().any(|entry| matches!(
            entry.says, Says::Root(Root::Revoke(one)) if one.log != 0 && key(&world, one.log) == key(&world, 0)));
        if !key_revoked {
            prop_assert_eq!(world.member(0), Some(true));
        }
    }
}

#[test]
fn what_a_continued_log_measures_counts_at_once_and_what_people_decide_once_it_is_enrolled() {
    let mut play = Play::begin();
    play.take(Step::Enrol { by: 0, admin: false, key: None });
    play.take(Step::Continue { log: 1, signed: true, key: None });
    let (measured, decided) = (play.write(2, Says::Measured), play.write(2, Says::Other));
    assert_eq!(play.world.standing(measured), Standing::Counts);
    assert_eq!(play.world.standing(decided), Standing::Provisional);
    play.take(Step::Confirm { by: 0, log: 2, admin: false });
    play.write(0, Says::Revoke(Revocation { log: 1, size: 1, lost: play.now }));
    assert_eq!(play.world.standing(decided), Standing::Counts);
    assert!(!play.world.provisional(2));
}

#[test]
fn a_revoked_key_that_came_back_in_another_log_counts_up_to_where_that_log_is_revoked_itself() {
    let enrolled = Step::Enrol { by: 0, admin: false, key: Some(1) };
    let continued = Step::Continue { log: 0, signed: true, key: Some(1) };
    for comes_back in [enrolled, continued] {
        let mut play = Play::begin();
        play.take(Step::Enrol { by: 0, admin: false, key: None });
        play.take(comes_back);
        let (below, beyond) = (play.write(2, Says::Measured), play.write(2, Says::Measured));
        play.write(0, Says::Revoke(Revocation { log: 1, size: 1, lost: 0 }));
        assert_eq!(play.world.standing(below), Standing::NotEnrolled);
        play.write(0, Says::Revoke(Revocation { log: 2, size: 2, lost: 0 }));
        assert_eq!(play.world.standing(below), Standing::Counts);
        assert_eq!(play.world.standing(beyond), Standing::Disputed);
    }
}

#[test]
fn an_entry_that_another_device_saw_before_the_loss_counts_and_one_that_nobody_saw_is_disputed() {
    let mut play = Play::begin();
    play.take(Step::Enrol { by: 0, admin: false, key: None });
    play.take(Step::Enrol { by: 0, admin: false, key: None });
    let (seen, unseen) = (play.write(1, Says::Other), Place { log: 1, sequence: 2 });
    play.take(Step::Sync { to: 2, from: 1 });
    play.take(Step::Other { by: 2 });
    play.write(1, Says::Other);
    let lost = play.now + 100;
    play.write(0, Says::Revoke(Revocation { log: 1, size: 1, lost }));
    assert_eq!(play.world.standing(seen), Standing::Counts);
    assert_eq!(play.world.standing(unseen), Standing::Disputed);
    play.write(0, Says::Uphold { log: 1, size: 3 });
    assert_eq!(play.world.standing(unseen), Standing::Counts);
}

#[test]
fn an_admin_cannot_revoke_an_admin_and_the_root_can_undo_what_one_did() {
    let mut play = Play::begin();
    play.take(Step::Enrol { by: 0, admin: true, key: None });
    play.take(Step::Enrol { by: 1, admin: false, key: None });
    play.write(1, Says::Revoke(Revocation { log: 0, size: 1, lost: 0 }));
    assert_eq!(play.world.member(0), Some(true));
    assert_eq!(play.world.standing(Place { log: 0, sequence: 1 }), Standing::Counts);
    let revoked = play.write(1, Says::Revoke(Revocation { log: 2, size: 0, lost: 0 }));
    assert_eq!(play.world.standing(Place { log: 2, sequence: 0 }), Standing::Disputed);
    play.write(0, Says::Root(Root::Overrule(revoked)));
    assert_eq!(play.world.standing(Place { log: 2, sequence: 0 }), Standing::Counts);
}
