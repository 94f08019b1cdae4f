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
    let (mut size, mut previous, mut tree) = (0u64, Hash(log.0), Tree::default());
    let mut last: Option<&[u8]> = None;
    for bytes in entries {
        let bad = |fault: Fault| BadEntry { log, sequence: size, fault };
        let link = link(bytes).map_err(|problem| bad(problem.into()))?;
        if link.log != log {
            return Err(bad(Fault::WrongLog));
        }
        if link.sequence != size {
            return Err(bad(Fault::Sequence));
        }
        if (link.kind == GENESIS) != (size == 0) {
            return Err(bad(Fault::Genesis));
        }
        if link.previous != previous {
            return Err(bad(Fault::Backlink));
        }
        previous = tree::leaf(bytes);
        if growing == Growing::Tree {
            tree.push(previous);
        }
        last = Some(bytes);
        size = size.saturating_add(1);
    }
    let bad = |fault: Fault| BadEntry { log, sequence: size.saturating_sub(1), fault };
    let last = last.ok_or(bad(Fault::Malformed))?;
    Entry::parse(last.to_vec()).and_then(|entry| entry.verify_signature(device)).map_err(bad)?;
    Ok(Head { log, size, root: tree.root() })
}
