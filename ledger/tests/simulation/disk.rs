//! A device's disk: the store's files, which a power cut leaves as far as they were written.

use std::fs;
use std::path::{Path, PathBuf};

use firn_ledger::store::{OpenOptions, Store};
use tempfile::TempDir;

use super::chance::Chance;

/// Bytes that a disk writes whole.
const SECTOR: usize = 512;

/// The files of one store, and the store that has them open.
pub struct Disk {
    folder: TempDir,
    pub store: Store,
}

/// The files as they were at one moment.
#[derive(Clone)]
pub struct Image {
    database: Vec<u8>,
    journal: Vec<u8>,
}

/// In memory, where the system has such a place: what a power cut leaves is decided here, not by the machine.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.unwrap()
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("firn.db")
}

fn options() -> OpenOptions {
    OpenOptions { page_size: 1024, ..OpenOptions::default() }
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_default()
}

impl Disk {
    pub fn new() -> Self {
        let folder = folder();
        let store = Store::create(&path(&folder), &options()).unwrap();
        Self { folder, store }
    }

    /// What is on the disk now.
    pub fn image(&self) -> Image {
        let database = path(&self.folder);
        Image { journal: bytes(&database.with_extension("db-wal")), database: bytes(&database) }
    }

    /// The power goes while what stands between `before` and now is being written: of the journal a part has
    /// arrived, its last sector perhaps torn; and of the database's changed sectors any, for SQLite writes
    /// those only while the journal still has them.
    pub fn lose_power(&self, before: &Image, chance: &mut Chance) -> Self {
        let now = self.image();
        let grown = now.journal.len().checked_sub(before.journal.len());
        let same_journal = grown.is_some() && now.journal[..before.journal.len()] == before.journal[..];
        if !same_journal || now.database != before.database {
            // The journal was emptied into the database meanwhile: SQLite had all of both safe by then.
            return Self::from(&now);
        }
        let arrived = before.journal.len() + chance.below(grown.unwrap_or_default() + 1);
        let mut journal = now.journal[..arrived].to_vec();
        if chance.once_in(2) {
            let torn = journal.len() - (journal.len() - before.journal.len()).min(SECTOR);
            journal[torn..].iter_mut().for_each(|byte| *byte = chance.next() as u8);
        }
        Self::from(&Image { journal, ..now })
    }

    /// The power goes while the journal is being written into the database: any of the database's changed sectors
    /// have arrived, in any order, and the journal still stands.
    pub fn lose_power_while_settling(&mut self, chance: &mut Chance) -> Self {
        let before = self.image();
        self.store.settle().unwrap();
        let mut database = self.image().database;
        for (place, sector) in database.chunks_mut(SECTOR).enumerate() {
            let old = before.database.get(place * SECTOR..(place + 1) * SECTOR);
            match old {
                Some(old) if chance.once_in(2) => sector.copy_from_slice(old),
                // The file had not grown so far.
                None if chance.once_in(2) => sector.fill(0),
                _ => {}
            }
        }
        Self::from(&Image { database, ..before })
    }

    /// A disk with these files, opened as after a restart.
    pub fn from(image: &Image) -> Self {
        let folder = folder();
        let database = path(&folder);
        fs::write(&database, &image.database).unwrap();
        if !image.journal.is_empty() {
            fs::write(database.with_extension("db-wal"), &image.journal).unwrap();
        }
        let store = Store::open(&database, &options()).unwrap();
        Self { folder, store }
    }
}
