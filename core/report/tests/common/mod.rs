//! One shipment's bundle, signed with fixed keys: the same bytes at every run.
#![allow(dead_code, reason = "each test file uses a part")]

use firn_ledger::bytes::{Hash, Id as LedgerId, LogId, OrganisationId, Salt};
use firn_ledger::entry::{
    Batch as LedgerBatch, Clocks, EntryDraft, Head, InSubject, Position, Record, Signers, sign,
};
use firn_ledger::index::Index;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::statement::{
    Admission, ENROL, Enrolment, EntryReference as LedgerReference, GENESIS, Genesis, Organisation, Role,
};
use firn_ledger::tree::Tree;
use firn_model::id::Id;
use firn_model::permission::{SignedBy, signed_by};
use firn_model::profile::{AlarmMode, AlarmRule, Bound, Profile, Severity, preset};
use firn_model::reading::{Channel, ClockQuality, Provenance, Quantity, Source};
use firn_model::record::*;
use firn_model::role::Role as PersonRole;
use firn_model::time::{UtcMillis, UtcOffset};
use firn_model::units::MilliCelsius;
use firn_report::bundle::Earlier;
use firn_report::{Bundle, Printing};
use std::collections::BTreeMap;

pub const SHIPMENT: Id = Id([0x51; 16]);
pub const LOGGER: Id = Id([0x10; 16]);
/// 2026-11-20T06:00:00Z.
pub const BEGIN: i64 = 1_795_154_400_000;
pub const MINUTE: i64 = 60_000;

pub fn at(minute: i64) -> UtcMillis {
    UtcMillis(BEGIN + minute * MINUTE)
}

/// A device's log in the making.
pub struct Writer {
    pub key: SecretKey,
    pub log: LogId,
    pub tree: Tree,
    /// The leaves of all that it holds, and how many there are about each shipment.
    pub leaves: Vec<Hash>,
    pub index: Index,
    /// What the next entry says stands before it.
    pub last: Hash,
    /// The last entry about each shipment.
    places: BTreeMap<Id, (u64, Hash)>,
}

impl Writer {
    fn new(seed: u8, organisation: &OrganisationId) -> Self {
        let key = SecretKey::from_seed(&[seed; 32]);
        let log = LogId::of(organisation, &key.public_key(), &[seed; 16]);
        let (tree, last, places) = (Tree::default(), Hash(log.0), BTreeMap::new());
        Self { key, log, tree, leaves: Vec::new(), index: Index::default(), last, places }
    }

    pub fn head(&self) -> Head {
        Head { log: self.log, size: self.tree.size(), root: self.tree.root() }
    }

    pub fn sign(
        &mut self,
        minute: i64,
        kind: u64,
        subject: Option<Id>,
        body: Vec<u8>,
        batches: Vec<Vec<u8>>,
        heads: Vec<Head>,
    ) -> (Record, Vec<LedgerBatch>) {
        self.sign_by(minute, kind, subject, body, batches, heads, None)
    }

    /// As [`Writer::sign`], with a person's signature: who it says that it is, and by which key.
    #[allow(clippy::too_many_arguments, reason = "an entry has as many parts")]
    pub fn sign_by(
        &mut self,
        minute: i64,
        kind: u64,
        subject: Option<Id>,
        body: Vec<u8>,
        batches: Vec<Vec<u8>>,
        heads: Vec<Head>,
        person: Option<(Id, SecretKey)>,
    ) -> (Record, Vec<LedgerBatch>) {
        let sequence = self.tree.size();
        let draft = EntryDraft {
            kind,
            subject: subject.map(|id| LedgerId(id.0)),
            clocks: Clocks {
                wall_ms: at(minute).0,
                monotonic_ms: (minute.max(0) * MINUTE) as u64,
                boot: LedgerId([3; 16]),
            },
            heads,
            body,
            salt: Salt(Hash::of(&[self.log.as_bytes(), &sequence.to_be_bytes()]).0),
            person: person.as_ref().map(|(id, _)| LedgerId(id.0)),
            batches,
        };
        let place = subject.and_then(|subject| self.places.get(&subject).copied());
        let in_subject = subject.map(|id| InSubject {
            subject: LedgerId(id.0),
            sequence: place.map_or(0, |(sequence, _)| sequence + 1),
            previous: place.map(|(_, leaf)| leaf),
        });
        let position = Position { log: self.log, sequence, previous: self.last, in_subject };
        let (record, batches) = {
            let person = person.as_ref().map(|(_, key)| key as &dyn Signer);
            sign(draft, &position, Signers { device: &self.key, person }).unwrap()
        };
        self.last = record.entry.leaf();
        self.tree.push(self.last);
        self.leaves.push(self.last);
        if let Some(subject) = subject {
            self.index.note(LedgerId(subject.0), self.last);
            self.places.insert(subject, (place.map_or(0, |(sequence, _)| sequence + 1), self.last));
        }
        (record, batches)
    }
}

/// The organisation with its two devices, and a shipment in the making.
pub struct Scene {
    pub dock: Writer,
    pub van: Writer,
    pub bundle: Bundle,
    /// What readings say of the logger's clock.
    pub clock_set: Option<ClockSet>,
    /// Who signs what people sign, from now on.
    pub acting: Option<Id>,
}

impl Scene {
    /// Root, dock phone (admin), van phone (courier), one enrolled logger.
    pub fn new() -> Self {
        Self::with_logger("Ruuvi 12")
    }

    /// The same, with this written on the logger.
    pub fn with_logger(label: &str) -> Self {
        let root = SecretKey::from_seed(&[1; 32]);
        let organisation = OrganisationId::of(&root.public_key());
        let (mut dock, mut van) = (Writer::new(2, &organisation), Writer::new(3, &organisation));
        let enrolment = |writer: &Writer, seed: u8, role, label: &str| Enrolment {
            log: writer.log,
            device: writer.key.public_key(),
            endpoint: SecretKey::from_seed(&[seed; 32]).public_key(),
            role,
            label: label.into(),
            not_before_ms: at(-60).0,
            replaces: None,
        };
        let name = "Farmácia São João".to_owned();
        let genesis = Genesis::of_first_device(
            name.clone(),
            &root,
            [2; 16],
            enrolment(&dock, 12, Role::Admin, "Dock phone"),
        )
        .unwrap();
        let mut statements = vec![dock.sign(-60, GENESIS, None, genesis.encode(), vec![], vec![]).0];
        let admits = enrolment(&van, 13, Role::Courier, "Van phone");
        statements.push(dock.sign(-50, ENROL, None, admits.encode(), vec![], vec![]).0);
        let by = LedgerReference { log: dock.log, leaf: statements[1].entry.leaf() };
        let second = Genesis {
            organisation: Organisation::new(root.public_key(), name),
            device: van.key.public_key(),
            random: [3; 16],
            admission: Admission::Enrolled(by),
        };
        statements.push(van.sign(-45, GENESIS, None, second.encode(), vec![], vec![]).0);
        let logger = Logger {
            id: LOGGER,
            family: "ruuvitag".into(),
            label: label.into(),
            address: None,
            serial: Some("CBB8334C884F".into()),
            interval_s: Some(300),
            accuracy_mc: None,
            certificate: None,
            offset_mc: None,
        };
        let loggers =
            vec![dock.sign(-40, u64::from(Logger::KIND.number()), None, logger.to_bytes(), vec![], vec![]).0];
        let bundle = Bundle {
            organisation,
            shipment: SHIPMENT,
            statements,
            loggers,
            records: vec![],
            earlier: Vec::new(),
            batches: vec![],
            people: vec![],
            opened: Vec::new(),
            histories: Vec::new(),
            forks: Vec::new(),
            profiles: Vec::new(),
        };
        Self { dock, van, bundle, clock_set: None, acting: None }
    }

    fn heads(&self, of_dock: bool) -> Vec<Head> {
        let other = if of_dock { &self.van } else { &self.dock };
        let speaks = self.bundle.all_records().any(|record| record.entry.log() == other.log);
        if speaks { vec![other.head()] } else { vec![] }
    }

    fn add<B: Body>(
        &mut self,
        of_dock: bool,
        minute: i64,
        body: &B,
        batches: Vec<Vec<u8>>,
    ) -> EntryReference {
        let heads = self.heads(of_dock);
        let by = self.acting.filter(|_| signed_by(B::KIND) != SignedBy::Device);
        let by = by.map(|id| (id, person_key(of_dock, id)));
        let (kind, subject) = (u64::from(B::KIND.number()), Some(self.bundle.shipment));
        let writer = if of_dock { &mut self.dock } else { &mut self.van };
        let (record, batches) = writer.sign_by(minute, kind, subject, body.to_bytes(), batches, heads, by);
        let reference = EntryReference { log: record.entry.log().0, leaf: record.entry.leaf().0 };
        self.bundle.records.push(record);
        self.bundle.batches.extend(batches);
        reference
    }

    /// The dock's phone enrols a person, or says how they stand now.
    pub fn enrol(&mut self, minute: i64, person: &Person) {
        let kind = u64::from(Person::KIND.number());
        self.bundle.people.push(self.dock.sign(minute, kind, None, person.to_bytes(), vec![], vec![]).0);
    }

    /// A person's key on one of the devices.
    pub fn bind(&mut self, of_dock: bool, minute: i64, person: Id) {
        let key = PersonKey {
            person,
            key: person_key(of_dock, person).public_key().0,
            accountability: firn_model::people::accountability(),
        };
        let heads = if of_dock { vec![] } else { vec![self.dock.head()] };
        let writer = if of_dock { &mut self.dock } else { &mut self.van };
        let kind = u64::from(PersonKey::KIND.number());
        let code = Some((person, code_key(person)));
        self.bundle.people.push(writer.sign_by(minute, kind, None, key.to_bytes(), vec![], heads, code).0);
    }

    /// An entry about a logger, by the dock's device and whoever acts.
    pub fn tell_of_loggers<B: Body>(&mut self, minute: i64, body: &B) {
        let by = self.acting.map(|id| (id, person_key(true, id)));
        let kind = u64::from(B::KIND.number());
        let (record, _) = self.dock.sign_by(minute, kind, None, body.to_bytes(), vec![], vec![], by);
        self.bundle.loggers.push(record);
    }

    /// An admin's rule on releasing alone, by whoever acts.
    pub fn set_policy(&mut self, minute: i64, single_person_release: SinglePersonRelease) {
        let by = self.acting.map(|id| (id, person_key(true, id)));
        let (kind, body) = (u64::from(Policy::KIND.number()), Policy { single_person_release }.to_bytes());
        self.bundle.loggers.push(self.dock.sign_by(minute, kind, None, body, vec![], vec![], by).0);
    }

    /// What was told so far is an earlier shipment; what follows is about the next one.
    pub fn go_on_as(&mut self, shipment: Id) {
        let records = std::mem::take(&mut self.bundle.records);
        self.bundle.earlier.push(Earlier { shipment: self.bundle.shipment, records });
        self.bundle.shipment = shipment;
    }

    pub fn dock<B: Body>(&mut self, minute: i64, body: &B) -> EntryReference {
        self.add(true, minute, body, vec![])
    }

    pub fn van<B: Body>(&mut self, minute: i64, body: &B) -> EntryReference {
        self.add(false, minute, body, vec![])
    }

    /// Seals log readings of (minute, milli-°C) on the van's phone.
    pub fn seal(&mut self, minute: i64, samples: &[(i64, i32)]) {
        self.seal_of(Quantity::Temperature, minute, samples);
    }

    /// The same of (minute, value) of whatever quantity.
    pub fn seal_of(&mut self, quantity: Quantity, minute: i64, samples: &[(i64, i32)]) {
        let channel = Channel { quantity, probe: 0 };
        let batch = Batch {
            logger: LOGGER,
            channel,
            source: Source::Log,
            clock: ClockQuality::ComputedFromPhone,
            provenance: Provenance::P1,
            received: at(minute),
            interval_s: Some(300),
            times: samples.iter().map(|(minute, _)| at(*minute)).collect(),
            values: samples.iter().map(|(_, value)| *value).collect(),
            logger_times: None,
            sequences: None,
            raws: None,
            aggregation: None,
        };
        let body = Readings {
            logger: LOGGER,
            channel,
            source: Source::Log,
            count: samples.len() as u32,
            first: batch.times[0],
            last: *batch.times.last().unwrap(),
            lateness: None,
            clock_set: None,
        };
        self.add(
            false,
            minute,
            &Readings { clock_set: self.clock_set, ..body },
            vec![batch.to_bytes().unwrap()],
        );
    }

    /// The van's phone sets the logger's clock; what it seals from then on says so.
    pub fn set_clock(&mut self, minute: i64) {
        let set = ClockSet { at: at(minute), to: at(minute), offset: UtcOffset(3600), before: None };
        self.van(minute, &Download { logger: LOGGER, did: Did::SetClock(set) });
        self.clock_set = Some(set);
    }

    /// The van's phone keeps a raw session.
    pub fn keep_session(&mut self, minute: i64, bytes: &[u8]) {
        let (session, parts) = Session::divide(LOGGER, at(minute), bytes).unwrap();
        let parts = parts.iter().map(SessionPart::to_bytes).collect();
        self.add(false, minute, &Download { logger: LOGGER, did: Did::KeptSession(session) }, parts);
    }

    /// Signs the verdict as of now.
    pub fn assess(&mut self, of_dock: bool, minute: i64) {
        let record = firn_report::verify::to_record(&self.bundle.assess().unwrap()).unwrap();
        self.add(of_dock, minute, &record, vec![]);
    }

    /// Creates the shipment under the built-in profile of a refrigerator, which has no alarm.
    pub fn create(&mut self, minute: i64, reference: &str, note: &str) {
        self.create_under(minute, reference, note, preset("cdc-refrigerator").unwrap().profile.clone());
    }

    pub fn create_under(&mut self, minute: i64, reference: &str, note: &str, profile: Profile) {
        let items = vec![
            item("Comirnaty 30 µg", "08712345678906", "EL1484", "270331", 120),
            item(note, "05415062325681", "A69CD", "270100", 40),
        ];
        let created = Shipment {
            reference: reference.into(),
            profile,
            from: Some("Central store".into()),
            to: Some("Ward 4".into()),
            items,
            packages: None,
        };
        self.dock(minute, &created);
    }

    pub fn start(&mut self, minute: i64) {
        let placements = vec![Placement {
            logger: LOGGER,
            package: Some("(00)340123450000000018".into()),
            from: None,
            to: None,
        }];
        self.dock(minute, &Started { at: at(minute), placements, overrides: None, reason: None });
    }

    /// The dock hands over to the van.
    pub fn hand_over(&mut self, minute: i64) {
        let offered = self.offer(minute);
        let accepted = self.van(minute + 1, &Accepted { offered, nonce: [9; 16], at: at(minute + 1) });
        self.dock(minute + 2, &Confirmed { accepted });
    }
}

/// The key of a person on one of the devices.
pub fn person_key(of_dock: bool, person: Id) -> SecretKey {
    SecretKey::from_seed(&[person.0[0].wrapping_add(if of_dock { 0 } else { 100 }); 32])
}

/// What the code of a person stands for.
pub fn code_key(person: Id) -> SecretKey {
    SecretKey::from_seed(&[person.0[0].wrapping_add(50); 32])
}

/// The pharmacist at the dock, who is trained, as everybody here.
pub const ANA: Id = Id([0x41; 16]);
/// The courier.
pub const CARL: Id = Id([0x43; 16]);
/// Who decides for quality.
pub const SARA: Id = Id([0x53; 16]);
/// The admin.
pub const ADAM: Id = Id([0x44; 16]);

pub fn person(id: Id, name: &str, title: Option<&str>, role: PersonRole) -> Person {
    Person {
        id,
        name: name.into(),
        title: title.map(str::to_owned),
        role,
        trained: Some(at(-1000)),
        standing: PersonStanding::Active,
        withdrawn: None,
        enrolment_key: Some(code_key(id).public_key().0),
    }
}

/// Sara as she is enrolled unless a test says otherwise.
pub fn sara() -> Person {
    person(SARA, "سارة العلي", Some("مديرة الجودة"), PersonRole::Quality)
}

/// A journey that four people sign: picked up, handed over, received out of range, explained, looked into, and
/// answered by the manufacturer of one lot. `sara` is who may then decide; the decision is not taken yet.
pub fn looked_into(sara: &Person) -> Scene {
    let mut scene = Scene::new();
    scene.enrol(-38, &person(ANA, "Ana Lima", Some("Head pharmacist"), PersonRole::Pharmacist));
    scene.enrol(-37, &person(CARL, "Karl Bêrg", None, PersonRole::Courier));
    scene.enrol(-36, sara);
    scene.enrol(-35, &person(ADAM, "Adam Roy", None, PersonRole::Admin));
    for id in [ANA, CARL, SARA, ADAM] {
        scene.bind(true, -34, id);
    }
    scene.bind(false, -33, CARL);
    scene.acting = Some(ADAM);
    scene.set_policy(-30, SinglePersonRelease::Refused);
    scene.acting = Some(ANA);
    scene.create_under(0, "DN-4711", "Priorix لقاح", transport());
    scene.start(10);
    let offered = scene.offer(12);
    scene.acting = Some(CARL);
    let accepted = scene.van(13, &Accepted { offered, nonce: [9; 16], at: at(13) });
    scene.acting = Some(ANA);
    scene.dock(14, &Confirmed { accepted });
    scene.seal(300, &samples()[..60]);
    scene.assess(false, 301);
    scene.seal(604, &samples()[60..]);
    let checklist =
        Checklist { seal: SealFound::Intact, counts: vec![120, 40], expired: vec![], unread: vec![] };
    scene.dock(
        605,
        &Received {
            at: at(600),
            note: Some("Box 2 dented".into()),
            checklist: Some(checklist),
            reason: None,
        },
    );
    scene.assess(true, 609);
    scene.explain_and_ask();
    scene
}

/// The same, and part of it released by Sara, at 660.
pub fn released(sara: &Person) -> Scene {
    let mut scene = looked_into(sara);
    scene.acting = Some(SARA);
    scene.release_in_part(660);
    scene
}

impl Scene {
    pub fn offer(&mut self, minute: i64) -> EntryReference {
        let verdict = firn_model::assess::Verdict::Review;
        let offered =
            Offered { nonce: [9; 16], expires: at(minute + 30), last_reading: None, verdict, partner: None };
        self.dock(minute, &offered)
    }

    fn explain_and_ask(&mut self) {
        let seen = Observation {
            observed: Observed::VialMonitor(VialMonitorStage::Two),
            at: at(610),
            place: Some("Box 2".into()),
            note: Some("ten vials looked at".into()),
            photo: Some(Address([0xab; 32])),
            reason: None,
        };
        self.dock(611, &seen);
        let explained = Explained {
            reason: firn_model::assess::Reason::Gap,
            explanation: "the phone lay in the office for 40 minutes".into(),
        };
        self.dock(612, &Acknowledged { reasons: vec![explained] });
        let asked = Asked {
            manufacturer: "Pfizer".into(),
            case_number: Some("77-120".into()),
            asked: at(613),
            due: at(613 + 1440),
            lots: vec!["EL1484".into()],
        };
        let review = self.dock(
            614,
            &Review {
                cause: "The box stood in the sun at the ramp".into(),
                action: Some("Drivers wait inside; ramp alarm ordered".into()),
                asked: Some(asked),
            },
        );
        let words = "Stable for 12 h at up to 25 °C.".into();
        self.dock(650, &Reply { review, lots: vec!["EL1484".into()], advice: Advice::MayBeUsed, words });
    }

    /// The lot that the manufacturer answered for is released, the other is not.
    pub fn release_in_part(&mut self, minute: i64) -> EntryReference {
        let decision = Disposition {
            decision: Decision::ReleaseInPart,
            reason: "The manufacturer's answer covers lot EL1484 alone".into(),
            lines: Some(vec![0]),
            assessment: None,
            open: None,
        };
        self.dock(minute, &decision)
    }
}

fn item(product: &str, gtin: &str, lot: &str, expiry: &str, quantity: u32) -> ItemLine {
    ItemLine {
        product: product.into(),
        gtin: Some(gtin.into()),
        lot: Some(lot.into()),
        expiry: Some(expiry.into()),
        quantity,
        legs: None,
        label: None,
        package: None,
        profile: None,
        serials: None,
    }
}

/// Ten hours in a van: an excursion of 55 minutes above 8 °C, a gap of 40 minutes, received in quarantine.
pub fn journey() -> Scene {
    let mut scene = Scene::new();
    scene.create_under(0, "DN-4711", "Priorix لقاح", transport());
    scene.start(10);
    scene.hand_over(12);
    let samples = samples();
    scene.seal(300, &samples[..60]);
    scene.assess(false, 301);
    scene.seal(604, &samples[60..]);
    let received = Received { at: at(600), note: Some("Box 2 dented".into()), checklist: None, reason: None };
    scene.dock(605, &received);
    scene.assess(true, 609);
    scene
}

/// Every five minutes for ten hours: 55 minutes above 8 °C, and a hole of 40 minutes.
pub fn samples() -> Vec<(i64, i32)> {
    (0..=121)
        .filter(|n| !(80..87).contains(n))
        .map(|n| {
            (
                n * 5,
                if (40..51).contains(&n) {
                    8_005 + 300 * (5 - (n as i32 - 45).abs())
                } else {
                    4_500 + 7 * n as i32
                },
            )
        })
        .collect()
}

/// 2 to 8 °C with an alarm after half an hour above and one at the first frost.
pub fn transport() -> Profile {
    let alarm = |id: &str, bound, limit, allowance_s, severity| AlarmRule {
        id: id.into(),
        bound,
        limit: MilliCelsius(limit),
        mode: AlarmMode::Single,
        allowance_s,
        severity,
        inclusive: false,
    };
    let mut profile = preset("cdc-refrigerator").unwrap().profile.clone();
    profile.name = "Transport 2-8 °C".into();
    profile.alarms = vec![
        alarm("hot", Bound::Above, 8_000, 1_800, Severity::Alarm),
        alarm("frost", Bound::Below, 0, 0, Severity::Critical),
    ];
    profile
}

pub fn printing(scene: &Scene) -> Printing {
    Printing { created: at(615), offset: UtcOffset(3600), zone: "Europe/Paris".into(), log: scene.dock.log }
}
