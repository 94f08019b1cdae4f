//! Appends to p2panda-store as it is asked, a line on standard input for each, and answers how many nanoseconds that took.
//!
//! It says `ready` first, once it has made its logs in the folder that its argument names, and ends when the input
//! does. The line is `documented` or `at hand`: whether the log's head is looked up, as the store's documentation has
//! it, or was kept since the last append.
#![expect(clippy::disallowed_methods, reason = "it measures how long an append takes")]

use p2panda_core::{Body, Hash, Header, Operation, SeqNum, SigningKey, Topic, VerifyingKey};
use p2panda_store::logs::LogStore;
use p2panda_store::operations::OperationStore;
use p2panda_store::topics::TopicStore;
use p2panda_store::{SqliteError, SqliteStore, SqliteStoreBuilder, tx};
use sqlx::query_scalar;
use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What each operation says: as long as what Firn's entries say.
const NOTE: [u8; 64] = [b'n'; 64];
const LOG: u64 = 1;
/// What SQLite calls a commit that waits until the disk has it.
const FULL: i64 = 2;

/// The pool hands its connections back in a task of its own, which another thread does here while nothing is timed.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder: OsString = std::env::args_os().nth(1).ok_or("no folder was named")?;
    let folder = PathBuf::from(folder);
    let mut documented = Log::create(&folder.join("documented.db")).await?;
    let mut at_hand = Log::create(&folder.join("at-hand.db")).await?;
    println!("ready");
    for line in std::io::stdin().lines() {
        let took = match line?.as_str() {
            "documented" => documented.append_as_documented().await?,
            "at hand" => at_hand.append_at_hand().await?,
            other => return Err(format!("nothing is appended as '{other}'").into()),
        };
        println!("{}", took.as_nanos());
    }
    documented.check().await?;
    at_hand.check().await
}

/// A log that one author writes, and where it is kept.
struct Log {
    store: SqliteStore,
    key: SigningKey,
    topic: Topic,
    last: Option<Header<()>>,
    appended: SeqNum,
}

impl Log {
    /// In a file, by the store's own builder and its defaults, as p2panda's node opens one: a pool of 3 to 16
    /// connections. sqlx makes the file with a write-ahead log and leaves `synchronous` as SQLite has it, which is
    /// FULL; so it is as durable as Firn's store by itself, and nothing is set here.
    async fn create(path: &Path) -> Result<Self, Box<dyn Error>> {
        let url = format!("sqlite://{}", path.display());
        let store = SqliteStoreBuilder::new().database_url(&url).build().await?;
        must_be_durable(&store).await?;
        let (key, topic) = (SigningKey::from_bytes(&[7; 32]), Topic::from([8; 32]));
        Ok(Self { store, key, topic, last: None, appended: 0 })
    }

    /// As the example "Create and insert a new operation" of p2panda-store's documentation appends, and p2panda's own
    /// node: in one transaction the log's head is looked up, the header built and signed, the topic associated with the
    /// log, the operation inserted.
    async fn append_as_documented(&mut self) -> Result<Duration, SqliteError> {
        let begin = Instant::now();
        let inserted = tx!(self.store, {
            let head = self.head().await?;
            let header = self.next(head.as_ref().map(|operation| (operation.header.seq_num, operation.hash)));
            let author = self.key.verifying_key();
            TopicStore::<Topic, VerifyingKey, u64>::associate(&self.store, &self.topic, &author, &LOG)
                .await?;
            self.insert(header).await?
        });
        let took = begin.elapsed();
        self.appended += SeqNum::from(inserted);
        Ok(took)
    }

    /// The least that appends: a transaction, the header built and signed, the operation inserted.
    async fn append_at_hand(&mut self) -> Result<Duration, SqliteError> {
        let begin = Instant::now();
        let header = self.next(self.last.as_ref().map(|last| (last.seq_num, last.hash())));
        let inserted = tx!(self.store, self.insert(header.clone()).await?);
        self.last = Some(header);
        let took = begin.elapsed();
        self.appended += SeqNum::from(inserted);
        Ok(took)
    }

    /// The log's latest operation, as the transaction sees it.
    async fn head(&self) -> Result<Option<Operation<()>>, SqliteError> {
        let author = self.key.verifying_key();
        LogStore::<Operation<()>, VerifyingKey, u64, SeqNum, Hash>::get_latest_entry_tx(
            &self.store,
            &author,
            &LOG,
        )
        .await
    }

    fn next(&self, head: Option<(SeqNum, Hash)>) -> Header<()> {
        let (sequence, backlink) = head.map_or((0, None), |(last, hash)| (last + 1, Some(hash)));
        Header::builder().seq_num(sequence).backlink(backlink).body(NOTE).build(&self.key, ())
    }

    async fn insert(&self, header: Header<()>) -> Result<bool, SqliteError> {
        let operation = Operation::from_parts(header, Some(Body::from_bytes(NOTE)));
        self.store.insert_operation(&operation.hash, &operation, &LOG).await
    }

    /// Whether everything that was timed is in the store: its head is the last of so many.
    async fn check(&self) -> Result<(), Box<dyn Error>> {
        let permit = p2panda_store::Transaction::begin(&self.store).await?;
        let head = self.head().await?;
        p2panda_store::Transaction::rollback(&self.store, permit).await?;
        let kept = head.map_or(0, |operation| operation.header.seq_num + 1);
        if kept == self.appended { Ok(()) } else { Err(format!("kept {kept} of {}", self.appended).into()) }
    }
}

/// Refuses a store that is less durable than Firn's, on any connection of its pool.
async fn must_be_durable(store: &SqliteStore) -> Result<(), Box<dyn Error>> {
    let mut connections = Vec::new();
    for _ in 0..store.pool().size() {
        let mut connection = store.pool().acquire().await?;
        let journal: String = query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
        let synchronous: i64 = query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await?;
        if journal != "wal" || synchronous < FULL {
            return Err(format!("journal {journal}, synchronous {synchronous}: not as durable").into());
        }
        connections.push(connection);
    }
    Ok(())
}
