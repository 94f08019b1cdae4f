//! The world: what happens in it, and what must hold whatever happens.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use firn_ledger::bytes::{Hash, Id, LogId};
use firn_ledger::chain::Depth;
use firn_ledger::entry::EntryDraft;
use firn_ledger::error::LedgerError;
use firn_ledger::statement::{REVOKE, Revocation, RevocationReason, Role};
use firn_ledger::sync::{Action, Machine, Side, Summary};

use super::chance::Chance;
use super::common::{Device, START_MS, batch, body, organisation_id};
use super::disk::{Disk, Image};

const STEPS: usize = 40;
const DECADE_MS: i64 = 10 * 366 * 86_400_000;

/// What happened, over all worlds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    appended: u64,
    synced: u64,
    interrupted: u64,
    corrupted: u64,
    power_cuts: u64,
    settled: u64,
    written_and_lost: u64,
    put_back: u64,
    rewritten: u64,
    caught: u64,
    decided: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.appended += other.appended;
        self.synced += other.synced;
        self.interrupted += other.interrupted;
        self.corrupted += other.corrupted;
        self.power_cuts += other.power_cuts;
        self.settled += other.settled;
        self.written_and_lost += other.written_and_lost;
        self.put_back += other.put_back;
        self.rewritten += other.rewritten;
        self.caught += other.caught;
        self.decided += other.decided;
    }

    /// Five hundred worlds in which one of these never happened show nothing.
    pub fn check_that_everything_happened(&self) {
        let all = [
            self.appended,
            self.synced,
            self.interrupted,
            self.corrupted,
            self.power_cuts,
            self.settled,
            self.written_and_lost,
            self.put_back,
            self.rewritten,
            self.caught,
            self.decided,
        ];
        assert!(all.iter().all(|count| *count > 20), "{self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} entries acknowledged and none lost, {} syncs ({} interrupted, {} with a byte changed on the way), {} \
             power cuts ({} of which took what was not acknowledged, {} amid the journal's return to the database), {} \
             old disks put back, {} logs rewritten, {} forks caught, {} times the history that \
             holds taken, no false alarm",
            self.appended,
            self.synced,
            self.interrupted,
            self.corrupted,
            self.power_cuts,
            self.written_and_lost,
            self.settled,
            self.put_back,
            self.rewritten,
            self.caught,
            self.decided
        )
    }
}

/// One device with its disk, and what its users were told had been kept.
struct Member {
    device: Device,
    disk: Disk,
    /// The leaves of its own log that were acknowledged, in order.
    acknowledged: Vec<Hash>,
    /// How far its clock is off.
    off_ms: i64,
    /// An older state of its disk that somebody kept, and what was acknowledged then.
    kept: Option<(Image, Vec<Hash>)>,
}

pub struct World {
    chance: Chance,
    members: Vec<Member>,
    /// Logs of which two histories exist somewhere.
    rewritten: BTreeSet<LogId>,
    tally: Tally,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let admin = Device::new(1);
        let mut disk = Disk::new();
        let first = admin.found_first(&mut disk.store).entry.leaf();
        let mut members =
            vec![Member { device: admin, disk, acknowledged: vec![first], off_ms: 0, kept: None }];
        for number in 2..4 + chance.below(2) as u8 {
            let device = Device::new(number);
            let (admin, mut disk) = (&mut members[0], Disk::new());
            let by = admin.device.enrol(&mut admin.disk.store, &device, Role::Courier);
            admin.acknowledged.push(by.entry.leaf());
            let genesis = device.found_by(&mut disk.store, &by).entry.leaf();
            let off_ms = (chance.next() % (2 * DECADE_MS as u64)) as i64 - DECADE_MS;
            members.push(Member { device, disk, acknowledged: vec![genesis], off_ms, kept: None });
        }
        Self { chance, members, rewritten: BTreeSet::new(), tally: Tally::default() }
    }

    pub fn run(mut self) -> Tally {
        for _ in 0..STEPS {
            self.step();
        }
        self.converge();
        self.decide();
        self.tally
    }

    fn step(&mut self) {
        let who = self.chance.below(self.members.len());
        match self.chance.below(20) {
            0..8 => self.append(who),
            8..15 => {
                let other = self.chance.below(self.members.len());
                if other != who {
                    self.meet(who, other);
                }
            }
            15 => self.append_and_lose_power(who),
            16 => self.lose_power_while_settling(who),
            17 => self.keep(who),
            18 => self.put_back(who),
            _ => self.rewrite(who),
        }
    }

    fn draft(&mut self, who: usize) -> EntryDraft {
        let (member, chance) = (&self.members[who], &mut self.chance);
        let batches = if chance.once_in(4) { vec![batch(chance.next() as u8, 300)] } else { vec![] };
        let subject = chance.once_in(2).then(|| Id([chance.below(3) as u8; 16]));
        let draft = member.device.draft(33, body(&format!("{}", chance.next())));
        let mut clocks = draft.clocks;
        clocks.wall_ms = START_MS.saturating_add(member.off_ms);
        EntryDraft { subject, batches, clocks, ..draft }
    }

    fn append(&mut self, who: usize) {
        let draft = self.draft(who);
        let Member { device, disk, acknowledged, .. } = &mut self.members[who];
        let record = disk.store.write(|t| device.append(t, draft)).unwrap();
        acknowledged.push(record.entry.leaf());
        self.tally.appended += 1;
    }

    /// The power goes in the middle of an append: nobody was told that it was kept.
    fn append_and_lose_power(&mut self, who: usize) {
        let draft = self.draft(who);
        let Member { device, disk, acknowledged, .. } = &mut self.members[who];
        let before = disk.image();
        let leaf = disk.store.write(|t| device.append(t, draft)).unwrap().entry.leaf();
        let after = disk.lose_power(&before, &mut self.chance);
        *disk = after;
        let held = leaves(disk, &device.log);
        let kept = held.len() > acknowledged.len();
        assert_eq!(
            held[..acknowledged.len()],
            acknowledged[..],
            "what was acknowledged is there after a power cut"
        );
        if kept {
            assert_eq!(held[acknowledged.len()..], [leaf], "all of the entry or nothing");
            acknowledged.push(leaf);
        }
        assert!(disk.store.verify(Depth::Head).unwrap().ok());
        self.tally.power_cuts += 1;
        self.tally.written_and_lost += u64::from(!kept);
    }

    /// The power goes while the store brings its journal into the database; nothing of either may be missed.
    fn lose_power_while_settling(&mut self, who: usize) {
        self.append(who);
        let Member { device, disk, acknowledged, .. } = &mut self.members[who];
        let after = disk.lose_power_while_settling(&mut self.chance);
        *disk = after;
        assert_eq!(
            leaves(disk, &device.log),
            *acknowledged,
            "what was acknowledged outlives a torn database"
        );
        assert!(disk.store.verify(Depth::Every).unwrap().ok());
        self.tally.power_cuts += 1;
        self.tally.settled += 1;
    }

    fn keep(&mut self, who: usize) {
        let member = &mut self.members[who];
        member.kept = Some((member.disk.image(), member.acknowledged.clone()));
    }

    /// An old disk is put back, and the device goes on from there as if nothing had been.
    fn put_back(&mut self, who: usize) {
        let Some((image, acknowledged)) = self.members[who].kept.clone() else { return };
        let member = &mut self.members[who];
        member.disk = Disk::from(&image);
        if acknowledged != member.acknowledged {
            member.acknowledged = acknowledged;
            self.rewritten.insert(member.device.log);
            self.append(who);
        }
        self.tally.put_back += 1;
    }

    /// Whoever holds the key writes the log anew from its beginning.
    fn rewrite(&mut self, who: usize) {
        if who == 0 || !self.chance.once_in(3) {
            return;
        }
        let log = self.members[who].device.log;
        let genesis = self.members[who].disk.store.entry(&log, 0).unwrap().unwrap();
        let admission = match firn_ledger::statement::Genesis::decode(&genesis.body).unwrap().admission {
            firn_ledger::statement::Admission::Enrolled(by) => by,
            other => panic!("{other:?}"),
        };
        let by = self.members[0].disk.store.entries(&admission.log, 0).unwrap();
        let by = by.into_iter().find(|record| record.entry.leaf() == admission.leaf).unwrap();
        let member = &mut self.members[who];
        member.disk = Disk::new();
        let leaf = member.device.found_by(&mut member.disk.store, &by).entry.leaf();
        member.acknowledged = vec![leaf];
        self.rewritten.insert(log);
        self.tally.rewritten += 1;
        for _ in 0..1 + self.chance.below(4) {
            self.append(who);
        }
    }

    /// Two devices sync, perhaps not to the end, or over a line that changes a byte.
    fn meet(&mut self, one: usize, other: usize) {
        let line = match self.chance.below(8) {
            0..2 => Line::Breaks { after: 1 + self.chance.below(6000) },
            2..4 => Line::Changes { at: self.chance.below(4000), bit: self.chance.below(8) as u8 },
            _ => Line::Whole,
        };
        let cut = 1 + self.chance.below(3000);
        let divergent = self.divergent(one, other);
        let told = self.converse(one, other, cut, line);
        self.tally.synced += 1;
        if let Line::Changes { .. } = line {
            self.tally.corrupted += 1;
            return self.nothing_false_was_stored(one, other);
        }
        let Some(told) = told else {
            self.tally.interrupted += 1;
            return;
        };
        for log in divergent {
            let known = [one, other].iter().all(|who| self.forked(*who, &log));
            let refused =
                told.iter().any(|one| one.refused.get(&log).is_some_and(|code| code == "ledger/fork"));
            assert!(
                known || refused,
                "a rewrite is caught at the first contact with who saw the earlier state"
            );
            self.tally.caught += u64::from(known);
        }
        self.accuse_nobody(&told);
    }

    /// Logs of which the two hold histories that do not agree.
    fn divergent(&mut self, one: usize, other: usize) -> Vec<LogId> {
        let mut divergent = Vec::new();
        for log in self.rewritten.clone() {
            let (a, b) =
                (leaves(&mut self.members[one].disk, &log), leaves(&mut self.members[other].disk, &log));
            let common = a.len().min(b.len());
            if a[..common] != b[..common] {
                divergent.push(log);
            }
        }
        divergent
    }

    fn forked(&mut self, who: usize, log: &LogId) -> bool {
        self.members[who].disk.store.read(|view| view.fork(log)).unwrap().is_some()
    }

    /// Whatever a changed byte made of a conversation: both stores hold what verifies, and no proof against an
    /// honest log.
    fn nothing_false_was_stored(&mut self, one: usize, other: usize) {
        for who in [one, other] {
            assert!(self.members[who].disk.store.verify(Depth::Head).unwrap().ok());
            for proof in self.members[who].disk.store.read(|view| view.forks()).unwrap() {
                assert!(self.rewritten.contains(&proof.log()), "a changed byte accuses an honest log");
            }
            let Member { device, disk, acknowledged, .. } = &mut self.members[who];
            assert_eq!(leaves(disk, &device.log), *acknowledged);
        }
    }

    fn accuse_nobody(&self, told: &[Summary]) {
        for summary in told {
            let forks = summary.refused.iter().filter(|(_, code)| *code == "ledger/fork").map(|(log, _)| log);
            for log in summary.forked.iter().chain(forks) {
                assert!(self.rewritten.contains(log), "an honest log is accused: {summary:?}");
            }
        }
    }

    /// Carries the frames; `None` where the line broke, or changed a byte and an end gave up.
    fn converse(&mut self, one: usize, other: usize, cut: usize, mut line: Line) -> Option<[Summary; 2]> {
        let (low, high) = self.members.split_at_mut(one.max(other));
        let (a, b) =
            if one < other { (&mut low[one], &mut high[0]) } else { (&mut high[0], &mut low[other]) };
        let mut ends = [End::new(Side::Initiator, a), End::new(Side::Responder, b)];
        let changes = matches!(line, Line::Changes { .. });
        let settled = |run: Result<Vec<u8>, LedgerError>| match run {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                assert!(changes, "honest peers understand each other: {error}");
                None
            }
        };
        loop {
            let mut said = 0;
            for from in 0..2 {
                let bytes = settled(ends[from].run())?;
                said += bytes.len();
                for piece in bytes.chunks(cut) {
                    let mut piece = piece.to_vec();
                    let end = line.carry(&mut piece);
                    ends[1 - from].machine.receive(&piece);
                    if end == Carried::Broken {
                        settled(ends[1 - from].run());
                        return None;
                    }
                }
            }
            if let [Some(a), Some(b)] = [&ends[0].done, &ends[1].done] {
                return Some([a.clone(), b.clone()]);
            }
            if said == 0 {
                // Each waits for the other: only a changed length can have brought that about.
                assert!(changes, "honest peers never wait for each other");
                return None;
            }
        }
    }

    /// An admin says of the forks that it knows of which history holds, up to which entry: after a few syncs, broken
    /// ones among them, everybody else has exactly that one, whichever it had before.
    fn decide(&mut self) {
        if self.rewritten.contains(&self.members[0].device.log) {
            return;
        }
        let mut decided: BTreeMap<LogId, Vec<Hash>> = BTreeMap::new();
        for log in self.rewritten.clone().into_iter().filter(|log| self.forked(0, log)).collect::<Vec<_>>() {
            let held = leaves(&mut self.members[0].disk, &log);
            let size = 1 + self.chance.below(held.len());
            decided.insert(log, held[..size].to_vec());
            let Member { device, disk, acknowledged, .. } = &mut self.members[0];
            let size = size as u64;
            let root = disk.store.read(|view| view.root_at(&log, size)).unwrap();
            let reason = RevocationReason::Forked;
            let revocation = Revocation { log, size, root, lost_ms: START_MS, reason };
            let draft = device.draft(REVOKE, revocation.encode());
            let record = disk.store.write(|t| device.append(t, draft)).unwrap();
            acknowledged.push(record.entry.leaf());
            disk.store.write(|t| t.settle(&device.log)).unwrap();
        }
        let there = |world: &Self, who: usize| !decided.contains_key(&world.members[who].device.log);
        for round in 0..4 {
            for (one, other) in
                (0..self.members.len()).flat_map(|one| (0..one).map(move |other| (one, other)))
            {
                let (after, cut) = (1 + self.chance.below(3000), 1 + self.chance.below(3000));
                let line = if round == 0 { Line::Breaks { after } } else { Line::Whole };
                if there(self, one) && there(self, other) {
                    self.converse(one, other, cut, line);
                }
            }
        }
        for who in (0..self.members.len()).filter(|who| there(self, *who)).collect::<Vec<_>>() {
            let Member { device, disk, acknowledged, .. } = &mut self.members[who];
            for (log, holds) in &decided {
                assert_eq!(leaves(disk, log), *holds, "all come to hold the history that was decided for");
            }
            assert_eq!(leaves(disk, &device.log), *acknowledged);
            assert!(disk.store.verify(Depth::Every).unwrap().ok());
            self.tally.decided += decided.len() as u64;
        }
    }

    /// When everybody has met everybody without a broken line, all hold the same of every honest log.
    fn converge(&mut self) {
        for _ in 0..2 {
            for one in 0..self.members.len() {
                for other in 0..one {
                    let divergent = self.divergent(one, other);
                    let told = self.converse(one, other, 60_000, Line::Whole).unwrap();
                    self.accuse_nobody(&told);
                    for log in divergent {
                        assert!(
                            told.iter().any(|one| one.refused.contains_key(&log)) || self.forked(one, &log)
                        );
                    }
                }
            }
        }
        let mut held: BTreeMap<LogId, Vec<Hash>> = BTreeMap::new();
        for who in 0..self.members.len() {
            assert!(self.members[who].disk.store.verify(Depth::Every).unwrap().ok());
            for owner in 0..self.members.len() {
                let log = self.members[owner].device.log;
                if self.rewritten.contains(&log) {
                    continue;
                }
                let leaves = leaves(&mut self.members[who].disk, &log);
                assert_eq!(
                    leaves, self.members[owner].acknowledged,
                    "nothing acknowledged is lost, none used twice"
                );
                assert_eq!(*held.entry(log).or_insert_with(|| leaves.clone()), leaves, "all hold the same");
            }
        }
    }
}

fn leaves(disk: &mut Disk, log: &LogId) -> Vec<Hash> {
    disk.store.read(|view| view.leaves(log, u64::MAX)).unwrap()
}

/// What becomes of bytes on their way.
#[derive(Debug, Clone, Copy)]
enum Line {
    Whole,
    /// It breaks when so many more bytes have passed.
    Breaks {
        after: usize,
    },
    /// It changes one bit of the byte that so many others precede.
    Changes {
        at: usize,
        bit: u8,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carried {
    All,
    Broken,
}

impl Line {
    fn carry(&mut self, piece: &mut Vec<u8>) -> Carried {
        match self {
            Self::Whole => {}
            Self::Breaks { after } => {
                piece.truncate(*after);
                *after -= piece.len();
                if *after == 0 {
                    return Carried::Broken;
                }
            }
            Self::Changes { at, bit } => match piece.get_mut(*at) {
                Some(byte) => {
                    *byte ^= 1 << *bit;
                    *self = Self::Whole;
                }
                None => *at -= piece.len(),
            },
        }
        Carried::All
    }
}

/// One end of a conversation.
struct End<'a> {
    machine: Machine,
    member: &'a mut Member,
    done: Option<Summary>,
}

impl<'a> End<'a> {
    fn new(side: Side, member: &'a mut Member) -> Self {
        Self { machine: Machine::new(side, organisation_id()), member, done: None }
    }

    /// Does all there is to do, and gives the bytes for the other end.
    fn run(&mut self) -> Result<Vec<u8>, LedgerError> {
        let mut out = Vec::new();
        let Member { device, disk, off_ms, .. } = &mut *self.member;
        let now_s = u64::try_from(START_MS.saturating_add(*off_ms) / 1000).unwrap_or_default();
        loop {
            match self.machine.poll(&mut disk.store)? {
                None => return Ok(out),
                Some(Action::Send(bytes)) => out.extend(bytes),
                Some(Action::Store(run)) => disk.store.write(|t| t.append_foreign(*run))?,
                Some(Action::Stage(run)) => disk.store.write(|t| t.stage(*run))?,
                Some(Action::StoreSeen(seen)) => drop(disk.store.write(|t| t.take_seen(&seen))?),
                Some(Action::StoreFork(proof)) => disk.store.write(|t| t.take_fork(&proof))?,
                Some(Action::Witness) => {
                    disk.store.write(|t| t.witness(&device.log, &device.key, now_s))?;
                }
                Some(Action::Done(summary)) => self.done = Some(*summary),
            }
            disk.store.write(|t| t.settle(&device.log))?;
        }
    }
}
