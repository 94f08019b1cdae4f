//! A log's entries by themselves, without bodies: what a body says may be gone or withheld, the chain still holds.

use crate::bytes::{Hash, LogId, PublicKey};
use crate::entry::{Entry, Head, link};
use crate::error::{BadEntry, Fault};
use crate::statement::GENESIS;
use crate::tree::{self, Tree};

/// Whether a tree is grown over the entries that are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growing {
    /// Chain and last signature alone.
    Nothing,
    /// The tree as well, for its head.
    Tree,
}

/// Verifies a whole log by its entries' bytes: form, places, backlinks, and the last signature, which vouches
/// for all before it. What only bodies and batches can show is not checked, nor any other signature.
///
/// Gives the head; its root is that of no leaves where no tree was asked for.
///
/// # Errors
/// The first bad entry; [`Fault::Malformed`] at 0 for no entries.
pub fn verify_bare<'a>(
    log: LogId,
    device: &PublicKey,
    entries: impl IntoIterator<Item = &'a [u8]>,
    growing: Growing,
) -> Result<Head, BadEntry> {
    let mut entries = entries.into_iter().fuse();
    let mut walk = Bare { log, growing, size: 0, previous: Hash(log.0), tree: Tree::default(), last: None };
    loop {
        let next = std::array::from_fn(|_| entries.next());
        if let [Some(a), Some(b), Some(c), Some(d), Some(e), Some(f), Some(g), Some(h)] = next {
            walk.push_eight([a, b, c, d, e, f, g, h])?;
            continue;
        }
        for bytes in next.into_iter().flatten() {
            walk.push(bytes)?;
        }
        return walk.finish(device);
    }
}

/// A walk along entries alone.
struct Bare<'a> {
    log: LogId,
    growing: Growing,
    size: u64,
    /// The last leaf.
    previous: Hash,
    tree: Tree,
    last: Option<&'a [u8]>,
}

impl<'a> Bare<'a> {
    fn push(&mut self, bytes: &'a [u8]) -> Result<(), BadEntry> {
        let leaf = tree::leaf(bytes);
        self.follow(bytes, leaf)?;
        if self.growing == Growing::Tree {
            self.tree.push(leaf);
        }
        Ok(())
    }

    /// The same for several: what each costs but the checks is done for all at once.
    fn push_eight(&mut self, entries: [&'a [u8]; 8]) -> Result<(), BadEntry> {
        let leaves = tree::leaves(entries);
        for (bytes, leaf) in entries.into_iter().zip(leaves) {
            self.follow(bytes, leaf)?;
        }
        if self.growing == Growing::Tree {
            self.tree.push_eight(&leaves);
        }
        Ok(())
    }

    #[inline]
    fn follow(&mut self, bytes: &'a [u8], leaf: Hash) -> Result<(), BadEntry> {
        let bad = |fault: Fault| BadEntry { log: self.log, sequence: self.size, fault };
        let link = link(bytes).map_err(|problem| bad(problem.into()))?;
        if *link.log != self.log.0 {
            return Err(bad(Fault::WrongLog));
        }
        if link.sequence != self.size {
            return Err(bad(Fault::Sequence));
        }
        if (link.kind == GENESIS) != (self.size == 0) {
            return Err(bad(Fault::Genesis));
        }
        if *link.previous != self.previous.0 {
            return Err(bad(Fault::Backlink));
        }
        self.previous = leaf;
        self.last = Some(bytes);
        self.size = self.size.saturating_add(1);
        Ok(())
    }

    fn finish(self, device: &PublicKey) -> Result<Head, BadEntry> {
        let Self { log, size, .. } = self;
        let bad = |fault: Fault| BadEntry { log, sequence: size.saturating_sub(1), fault };
        let last = self.last.ok_or(bad(Fault::Malformed))?;
        Entry::parse(last.to_vec()).and_then(|entry| entry.verify_signature(device)).map_err(bad)?;
        Ok(Head { log, size, root: self.tree.root() })
    }
}
