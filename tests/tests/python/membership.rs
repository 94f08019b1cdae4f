//! Worlds of five devices that enrol, revoke, overrule and uphold each other, with what the ledger folds of them.

use super::suite::{Suite, hex, received};
use super::world::{Device, Note, SHIPMENT, START_MS, body, organisation, root};
use firn_ledger::bytes::{Hash, LogId};
use firn_ledger::entry::{Head, Record};
use firn_ledger::membership::{MemberStanding, Membership, Statements};
use firn_ledger::statement::{
    self, Admission, Continuation, ENROL, EntryReference, GENESIS, REVOKE, ROOT, RevocationReason, Role,
    RootSays, RootStatement, UPHELD, Upheld,
};
use firn_tests::reference::{By, Enrolment, Entry, Log, Place, Revocation, Root, Says, Standing, World};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const DEVICES: Log = 5;
const STEPS: u64 = 36;

/// A world in the reference model's words and in the ledger's entries.
struct Play {
    world: World,
    devices: BTreeMap<Log, Device>,
    records: BTreeMap<Place, Record>,
    held: BTreeMap<Log, BTreeMap<Log, u64>>,
    now: i64,
    root_number: u64,
}

impl Play {
    /// A world that chance, drawn from a seed, has played.
    fn of(seed: u64) -> Self {
        let (world, devices, records, held) = Default::default();
        let mut play = Self { world, devices, records, held, now: 0, root_number: 0 };
        play.devices.insert(0, Device::new(0, 0x40));
        play.write(0, Says::Genesis { key: 0, by: By::Root });
        for step in 0..STEPS {
            let draw = Hash::of(&[b"firn vectors", &seed.to_be_bytes(), &step.to_be_bytes()]).0;
            play.take(draw);
        }
        play
    }

    fn size(&self, log: Log) -> u64 {
        self.devices.get(&log).map_or(0, |device| device.records.len() as u64)
    }

    fn take(&mut self, draw: [u8; 32]) {
        let there = Log::try_from(self.devices.len()).unwrap();
        let (by, log) = (draw[1] % there, draw[2] % there);
        match draw[0] % 16 {
            0..3 => self.enrol(
                by,
                draw[3].is_multiple_of(2),
                draw[4].is_multiple_of(5).then_some(draw[5] % DEVICES),
            ),
            3..6 => {
                let size = self.size(log).saturating_sub(u64::from(draw[3] % 4));
                let one = Revocation { log, size, lost: self.now - 15 };
                self.write(
                    by,
                    if draw[4].is_multiple_of(3) { Says::Root(Root::Revoke(one)) } else { Says::Revoke(one) },
                );
            }
            6 => {
                if let Some(place) = self.world.0.keys().nth(usize::from(draw[3] % 40)).copied() {
                    self.write(by, Says::Root(Root::Overrule(place)));
                }
            }
            7 => {
                let size = self.size(log).saturating_sub(2) + u64::from(draw[3] % 4);
                self.write(by, Says::Uphold { log, size });
            }
            8..13 if by != log => self.sync(by, log),
            13 if usize::from(there) < usize::from(DEVICES) => {
                let by = By::Continues { log, signed: !draw[3].is_multiple_of(4) };
                let key = if draw[4].is_multiple_of(8) { draw[5] % DEVICES } else { there };
                self.devices.insert(there, Device::new(there, 0x40 + key));
                self.write(there, Says::Genesis { key, by });
            }
            14 => {
                let Says::Genesis { key, .. } = self.world.0[&Place { log, sequence: 0 }].says else {
                    return;
                };
                let one = Enrolment { log, key, admin: draw[3].is_multiple_of(2) };
                self.write(by, if one.admin { Says::Root(Root::Admit(one)) } else { Says::Enrol(one) });
            }
            15 => {
                self.write(by, Says::Measured);
            }
            _ => {
                self.write(by, Says::Other);
            }
        }
    }

    fn sync(&mut self, to: Log, from: Log) {
        let mut sizes = self.held.get(&from).cloned().unwrap_or_default();
        sizes.insert(from, self.size(from));
        sizes.retain(|log, size| *log != to && *size > 0);
        let held = self.held.entry(to).or_default();
        for (log, size) in sizes {
            let mine = held.entry(log).or_default();
            *mine = size.max(*mine);
        }
    }

    fn enrol(&mut self, by: Log, admin: bool, key: Option<u8>) {
        let log = Log::try_from(self.devices.len()).unwrap();
        if log >= DEVICES {
            return;
        }
        let one = Enrolment { log, key: key.unwrap_or(log), admin };
        self.devices.insert(log, Device::new(log, 0x40 + one.key));
        let place = self.write(by, if admin { Says::Root(Root::Admit(one)) } else { Says::Enrol(one) });
        self.write(log, Says::Genesis { key: one.key, by: By::Entry(place) });
    }

    fn reference(&self, place: Place) -> EntryReference {
        let entry = &self.records[&place].entry;
        EntryReference { log: entry.log(), leaf: entry.leaf() }
    }

    fn write(&mut self, log: Log, says: Says) -> Place {
        self.now += 10;
        let (kind, body) = self.body(log, &says);
        let at = self.now + i64::from(log);
        let sizes = self.held.get(&log).cloned().unwrap_or_default();
        let mut heads: Vec<Head> = sizes.iter().map(|(log, size)| self.devices[log].head(*size)).collect();
        heads.sort_by_key(|head| head.log);
        let note = Note { subject: Some(SHIPMENT), heads, at, ..Note::default() };
        let device = self.devices.get_mut(&log).unwrap();
        device.write(kind, body, note);
        let place = Place { log, sequence: device.records.len() as u64 - 1 };
        self.records.insert(place, device.records.last().unwrap().clone());
        self.world.0.insert(place, Entry { at, heads: sizes.into_iter().collect(), says });
        place
    }

    fn body(&mut self, log: Log, says: &Says) -> (u64, Vec<u8>) {
        match says {
            Says::Genesis { by: By::Root, .. } => (GENESIS, self.devices[&log].first_genesis().encode()),
            Says::Genesis { by: By::Entry(place), .. } => {
                (GENESIS, self.devices[&log].genesis_by(self.reference(*place)).encode())
            }
            Says::Genesis { by: By::Continues { log: old, signed }, .. } => {
                let (device, old) = (&self.devices[&log], &self.devices[old]);
                let key = if *signed { &old.key } else { &root() };
                let continuation = Continuation::sign(&device.log, old.head(old.records.len() as u64), key);
                (GENESIS, device.genesis_with(Admission::Continues(continuation.unwrap())).encode())
            }
            Says::Enrol(one) => (ENROL, self.enrolment(*one).encode()),
            Says::Revoke(one) => (REVOKE, self.revocation(*one).encode()),
            Says::Uphold { log, size } => {
                let head = Head { log: self.devices[log].log, size: *size, root: Hash([0; 32]) };
                (UPHELD, Upheld { head }.encode())
            }
            Says::Root(says) => {
                let says = match says {
                    Root::Admit(one) => RootSays::Admits(self.enrolment(*one)),
                    Root::Revoke(one) => RootSays::Revokes(self.revocation(*one)),
                    Root::Overrule(place) => RootSays::Overrules(self.reference(*place)),
                };
                self.root_number += 1;
                (ROOT, RootStatement::sign(self.root_number, says, &root()).unwrap().encode())
            }
            Says::Measured => (22, body("measured")),
            Says::Offer | Says::Accept { .. } | Says::Other => (33, body("seen")),
        }
    }

    fn enrolment(&self, one: Enrolment) -> statement::Enrolment {
        self.devices[&one.log].enrolment(if one.admin { Role::Admin } else { Role::Courier })
    }

    fn revocation(&self, one: Revocation) -> statement::Revocation {
        let (log, root) = (self.devices[&one.log].log, (one.size > 0).then_some(Hash([0; 32])));
        let (size, lost_ms) = (one.size, START_MS + one.lost);
        statement::Revocation { log, size, root, lost_ms, reason: RevocationReason::Lost }
    }
}

/// Worlds of these seeds: each whole, in another order, and with the newest entries of a log not held.
pub fn worlds(name: &'static str, seeds: std::ops::Range<u64>) -> Suite {
    let mut suite = Suite::new(name, "membership");
    suite.shared.push(("organisation", json!(hex(organisation().id.as_bytes()))));
    for seed in seeds {
        let play = Play::of(seed);
        let all: Vec<Place> = play.world.0.keys().copied().collect();
        case(&mut suite, &play, format!("world {seed}"), &all);
        let backwards: Vec<Place> = all.iter().rev().copied().collect();
        case(&mut suite, &play, format!("world {seed} backwards"), &backwards);
        for log in 0..DEVICES {
            let size = play.size(log);
            let kept = |place: &&Place| place.log != log || place.sequence < size / 2;
            let part: Vec<Place> = all.iter().filter(kept).copied().collect();
            case(&mut suite, &play, format!("world {seed} with half of log {log}"), &part);
        }
    }
    suite
}

fn case(suite: &mut Suite, play: &Play, name: String, held: &[Place]) {
    let entries: Vec<usize> =
        held.iter().map(|place| suite.record(&received(&play.records[place]))).collect();
    let mut statements = Statements::default();
    held.iter().for_each(|place| statements.add(&play.records[place]).unwrap());
    let membership = statements.fold(&organisation().id);
    let world = World(held.iter().map(|place| (*place, play.world.0[place].clone())).collect());
    let disputed = held.iter().filter(|place| world.standing(**place) == Standing::Disputed);
    let mut disputed: Vec<String> =
        disputed.map(|place| hex(play.records[place].entry.leaf().as_bytes())).collect();
    disputed.sort();
    let (roles, endings) = told(&membership);
    let waiting = membership.members().filter(|member| member.standing == MemberStanding::Provisional);
    let provisional: Vec<String> = waiting.map(|member| hex(member.enrolment.log.as_bytes())).collect();
    let says = json!({
        "roles": roles, "endings": endings, "provisional": provisional, "disputed": disputed,
    });
    suite.cases.push(json!({"name": name, "entries": entries, "says": says}));
}

fn told(membership: &Membership) -> (Map<String, Value>, Map<String, Value>) {
    let log = |log: &LogId| hex(log.as_bytes());
    let members = || membership.members().map(|member| (log(&member.enrolment.log), member));
    let roles = members().map(|(log, member)| (log, json!(member.enrolment.role.number())));
    let ended = members().filter_map(|(log, member)| Some((log, member.cut?)));
    let endings = ended.map(|(log, cut)| (log, json!([cut.size, cut.lost_ms, cut.upheld])));
    (roles.collect(), endings.collect())
}
