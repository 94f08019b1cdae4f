//! What is fed to each group of parsers, and what must hold of any answer.
//!
//! A group takes any bytes, never panics and never gives a value that its own rules forbid; where a
//! parser accepts, writing what it read must give the same bytes again (one encoding for each value).
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken promise must stop it"
)]

mod advert;
mod carried;
mod dialog;
mod seeds;

pub use seeds::seeds;

use firn_ble::file::{Options, Zone};
use firn_ledger::bytes::PublicKey;
use firn_ledger::entry::Entry;
use firn_ledger::fork::ForkProof;
use firn_ledger::index::IndexEntry;
use firn_ledger::seen::Seen;
use firn_ledger::statement::{Enrolment, Erasure, Genesis, Revocation, RootStatement, Upheld};
use firn_ledger::sync::message::Message;
use firn_model::gs1;
use firn_model::profile::Profile;
use firn_model::record::{Batch, Kind, SessionPart, Statement};
use firn_model::time::UtcMillis;

/// A group of parsers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Adverts of every family, as a scanner hands them over.
    Adverts,
    /// Log downloads: notifications in any order and number.
    Dialogs,
    /// Files: readings, recordings, profiles.
    Files,
    /// The ledger's bytes: entries, statements, batches, messages of a sync.
    Ledger,
    /// Evidence, reports and invitations from others, and what a scanner reads off their packages.
    Documents,
    /// A carried file: what stands before its chunks, and what is in them once they are opened.
    Carried,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 6] =
        [Self::Adverts, Self::Dialogs, Self::Files, Self::Ledger, Self::Documents, Self::Carried];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adverts => "adverts",
            Self::Dialogs => "dialogs",
            Self::Files => "files",
            Self::Ledger => "ledger",
            Self::Documents => "documents",
            Self::Carried => "carried",
        }
    }

    /// The group of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.name() == name)
    }

    /// Feeds `bytes` to every parser of the group.
    ///
    /// # Panics
    /// When a parser does, or when an answer breaks a promise.
    pub fn feed(self, bytes: &[u8]) {
        match self {
            Self::Adverts => advert::feed(bytes),
            Self::Dialogs => dialog::feed(bytes),
            Self::Files => files(bytes),
            Self::Ledger => ledger(bytes),
            Self::Documents => documents(bytes),
            Self::Carried => carried::feed(bytes),
        }
    }
}

fn files(bytes: &[u8]) {
    if let Ok(rows) = firn_ble::file::readings_csv::parse(bytes) {
        assert!(rows.iter().all(|row| row.temperature >= firn_model::units::ABSOLUTE_ZERO));
    }
    logger_files(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // One dialog for each input: all of them would leave the fuzzer little time for the rest.
    let devices = firn_ble::replay::DeviceName::ALL;
    drop(firn_ble::replay(devices[bytes.len() % devices.len()], text.lines()));
    if let Ok(profile) = Profile::from_json(text) {
        let written = serde_json::to_string(&profile).expect("a profile is JSON");
        assert_eq!(Profile::from_json(&written).expect("what was written is read"), profile);
    }
}

/// A logger's file without a zone, in a zone with summer time, and at a fixed offset.
fn logger_files(bytes: &[u8]) {
    let zone = |name: &str| Some(Zone::parse(name).expect("a zone"));
    let zones = [None, zone("Europe/Paris"), zone("+01:00")];
    let options = Options { zone: zones[bytes.len() % zones.len()].clone(), ..Options::default() };
    let Ok(file) = firn_ble::file::read(bytes, &options) else { return };
    let readings = file.readings(UtcMillis(0));
    let temperatures = readings.iter().filter_map(|reading| reading.measurement.temperature);
    assert!(temperatures.into_iter().all(|value| value >= firn_model::units::ABSOLUTE_ZERO));
    drop(file.profile());
}

fn ledger(bytes: &[u8]) {
    if let Ok(entry) = Entry::parse(bytes.to_vec()) {
        assert_eq!(entry.bytes(), bytes);
    }
    if let Ok(genesis) = Genesis::decode(bytes) {
        assert_eq!(genesis.encode(), bytes);
    }
    if let Ok(enrolment) = Enrolment::decode(bytes) {
        assert_eq!(enrolment.encode(), bytes);
    }
    if let Ok(message) = Message::decode(bytes) {
        assert_eq!(message.encode(), bytes);
    }
    if let Ok(seen) = Seen::decode(bytes) {
        assert_eq!(seen.encode(), bytes);
    }
    if let Ok(proof) = ForkProof::decode(bytes) {
        // Of other keys than its own it says nothing.
        assert_eq!(ForkProof::decode(&proof.encode()), Ok(proof.clone()));
        proof.check(&PublicKey([7; 32])).unwrap_or_default();
    }
    let small = (Revocation::decode(bytes), Upheld::decode(bytes), IndexEntry::decode(bytes));
    drop((RootStatement::decode(bytes), Erasure::decode(bytes), small));
    if let Ok(batch) = Batch::from_bytes(bytes) {
        batch.to_bytes().expect("what was read can be written");
    }
    if let Ok(part) = SessionPart::from_bytes(bytes) {
        assert_eq!(SessionPart::from_bytes(&part.to_bytes()), Ok(part));
    }
    for kind in Kind::ALL {
        drop(Statement::parse(kind, bytes));
    }
}

fn documents(bytes: &[u8]) {
    let verified = firn_report::verify::verify(bytes, None);
    serde_json::to_string(&verified).expect("an answer is JSON");
    if let Ok(text) = std::str::from_utf8(bytes) {
        drop(text.parse::<firn_peer::invitation::Invitation>());
        drop(text.parse::<firn_peer::address::PeerAddress>());
        scanned(text);
    }
}

/// What was read off a package is read again from its printed form, and means the same.
fn scanned(text: &str) {
    const THIS_YEAR: u16 = 2026;
    drop((gs1::reference(text), gs1::package(text), gs1::lot(text)));
    let Ok(scan) = gs1::read(text) else { return };
    if scan.elements.is_empty() {
        return;
    }
    let printed = gs1::read(&scan.bracketed()).expect("what was printed is read");
    assert_eq!(printed.elements, scan.elements);
    assert_eq!(printed.meanings(THIS_YEAR), scan.meanings(THIS_YEAR));
    assert_eq!(printed.goods(), scan.goods());
    if let Some(link) = scan.digital_link("https://id.gs1.org") {
        let linked = gs1::read(&link).expect("a link that was printed is read");
        assert!(linked.elements.iter().all(|element| scan.elements.contains(element)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_seeds_and_takes_them_whole_cut_and_flipped() {
        for group in Group::ALL {
            let seeds = seeds(group);
            assert!(seeds.len() >= 3, "{}: {} seeds", group.name(), seeds.len());
            for seed in seeds {
                group.feed(&seed);
                for at in (0..seed.len()).step_by(1 + seed.len() / 16) {
                    group.feed(&seed[..at]);
                    let mut flipped = seed.clone();
                    flipped[at] ^= 1 << (at % 8);
                    group.feed(&flipped);
                }
            }
        }
    }
}
