//! Pins of partners by two admins and a courier, as chance draws them, with what the ledger folds of them.

use super::suite::{Suite, hex, received};
use super::world::{Device, Note, START_MS, organisation, root};
use firn_ledger::bytes::Hash;
use firn_ledger::entry::{Head, Record};
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::membership::Statements;
use firn_ledger::statement::{
    ENROL, EntryReference, GENESIS, PARTNER, Partner, PartnerCard, PartnerStanding, ROOT, Revocation,
    RevocationReason, Role, RootSays, RootStatement,
};
use serde_json::{Map, Value, json};

/// Two admins, of whom the root named the second, and a courier.
struct Play {
    devices: Vec<Device>,
    root_number: u64,
    at: i64,
}

impl Play {
    fn begun() -> Self {
        let mut play = Self { devices: (1..=3).map(|n| Device::new(n, n)).collect(), root_number: 0, at: 0 };
        let founded = play.devices[0].first_genesis().encode();
        play.write(0, GENESIS, founded, Vec::new());
        let second = play.devices[1].enrolment(Role::Admin);
        let by = play.root_says(0, RootSays::Admits(second));
        let genesis = play.devices[1].genesis_by(by).encode();
        play.write(1, GENESIS, genesis, Vec::new());
        let courier = play.devices[2].enrolment(Role::Courier).encode();
        let by = play.write(1, ENROL, courier, Vec::new());
        let genesis = play.devices[2].genesis_by(by).encode();
        play.write(2, GENESIS, genesis, Vec::new());
        play
    }

    fn write(&mut self, by: usize, kind: u64, body: Vec<u8>, heads: Vec<Head>) -> EntryReference {
        self.at += 1;
        self.devices[by].write(kind, body, Note { heads, at: self.at, ..Note::default() })
    }

    fn root_says(&mut self, by: usize, says: RootSays) -> EntryReference {
        self.root_number += 1;
        let body = RootStatement::sign(self.root_number, says, &root()).unwrap().encode();
        self.write(by, ROOT, body, Vec::new())
    }

    /// A pin by one of the devices, who held so much of the others.
    fn pin(&mut self, draw: [u8; 32]) {
        let by = usize::from(draw[0] % 5) % 3;
        let others = (0..3).filter(|other| *other != by);
        let held = others.zip(draw[1..].iter()).map(|(other, draw)| {
            let device = &self.devices[other];
            device.head(u64::from(*draw) % (device.records.len() as u64 + 1))
        });
        let mut heads: Vec<Head> = held.filter(|head| head.size > 0).collect();
        heads.sort_by_key(|head| head.log);
        let key = match draw[4] % 7 {
            0 => root().public_key(),
            key => SecretKey::from_seed(&[0x80 + key % 2; 32]).public_key(),
        };
        let gln = draw[5].is_multiple_of(2).then(|| "4012345000009".to_owned());
        let name = format!("Partner {}", draw[6] % 3);
        let admin = draw[7].is_multiple_of(3).then(|| self.devices[0].head(1));
        let standing =
            if draw[8].is_multiple_of(3) { PartnerStanding::Revoked } else { PartnerStanding::Pinned };
        let pin = Partner { card: PartnerCard { name, gln, root: key, admin }, standing };
        let mut body = pin.encode();
        if draw[9].is_multiple_of(11) {
            // An id that is not its key's.
            body[5] ^= 1;
        }
        self.write(by, PARTNER, body, heads);
    }

    fn records(&self) -> impl Iterator<Item = &Record> {
        self.devices.iter().flat_map(|device| &device.records)
    }
}

/// Worlds that chance, drawn from seeds, has played: each whole, backwards, and with the second admin revoked.
pub fn worlds() -> Suite {
    let mut suite = Suite::new("partners", "partners");
    suite.shared.push(("organisation", json!(hex(organisation().id.as_bytes()))));
    for seed in 0_u64..12 {
        let mut play = Play::begun();
        for step in 0_u64..9 {
            let draw = [b"firn partners".as_slice(), &seed.to_be_bytes(), &step.to_be_bytes()];
            play.pin(Hash::of(&draw).0);
        }
        case(&mut suite, format!("world {seed}"), play.records().collect());
        case(
            &mut suite,
            format!("world {seed} backwards"),
            play.records().collect::<Vec<_>>().into_iter().rev().collect(),
        );
        let (log, size) = (play.devices[1].log, 3 + seed % 3);
        let root = Some(Hash([0; 32]));
        let reason = RevocationReason::Lost;
        play.root_says(0, RootSays::Revokes(Revocation { log, size, root, lost_ms: START_MS, reason }));
        case(&mut suite, format!("world {seed} with an admin revoked"), play.records().collect());
    }
    suite
}

fn case(suite: &mut Suite, name: String, records: Vec<&Record>) {
    let entries: Vec<usize> = records.iter().map(|record| suite.record(&received(record))).collect();
    let mut statements = Statements::default();
    records.iter().for_each(|record| statements.add(record).unwrap());
    let says: Map<String, Value> = statements
        .partners(&organisation().id)
        .into_iter()
        .map(|known| {
            let standing = match known.standing {
                PartnerStanding::Pinned => "pinned",
                PartnerStanding::Revoked => "revoked",
            };
            let told = json!([known.card.name, known.card.gln, standing]);
            (hex(known.card.organisation().as_bytes()), told)
        })
        .collect();
    suite.cases.push(json!({"name": name, "entries": entries, "says": says}));
}
