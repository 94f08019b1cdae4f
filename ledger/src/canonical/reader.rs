//! Reads deterministic CBOR item by item, with the same rules as [`super::check`].

use std::ops::Range;

use super::{Head, Problem, ascending, content, head, item_end, not_canonical, unexpected};

/// A place in bytes that are read from the front.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

/// A map that is being read.
#[derive(Debug, Clone)]
pub struct Map {
    left: u64,
    previous: Range<usize>,
    /// The least unsigned integer that may follow; none where the previous key was another item.
    least: Option<u64>,
}

/// A map's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// An unsigned integer.
    Uint(u64),
    /// Any other item, which has been passed over.
    Other,
}

impl<'a> Reader<'a> {
    /// Reads `bytes` from their beginning.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// How many bytes have been read.
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When bytes are left.
    #[inline]
    pub fn end(&self) -> Result<(), Problem> {
        if self.offset == self.bytes.len() {
            Ok(())
        } else {
            Err(not_canonical(self.offset, "bytes after the item"))
        }
    }

    /// A refusal of what stands here, for callers with rules of their own.
    pub fn refuse(&self, reason: &'static str) -> Problem {
        unexpected(self.offset, reason)
    }

    #[inline]
    fn take(&mut self, major: u8, reason: &'static str) -> Result<Head, Problem> {
        let head = head(self.bytes, self.offset)?;
        if head.major != major {
            return Err(unexpected(self.offset, reason));
        }
        Ok(head)
    }

    /// An unsigned integer.
    #[inline]
    pub fn uint(&mut self) -> Result<u64, Problem> {
        let head = self.take(0, "no unsigned integer")?;
        self.offset = head.end;
        Ok(head.value)
    }

    /// A signed integer.
    #[inline]
    pub fn int(&mut self) -> Result<i64, Problem> {
        let head = head(self.bytes, self.offset)?;
        let magnitude = i64::try_from(head.value).map_err(|_| self.refuse("an integer beyond 64 bits"))?;
        let value = match head.major {
            0 => magnitude,
            1 => -1 - magnitude,
            _ => return Err(self.refuse("no integer")),
        };
        self.offset = head.end;
        Ok(value)
    }

    /// A byte string.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'a [u8], Problem> {
        let head = self.take(2, "no byte string")?;
        let content = content(self.bytes, self.offset, &head)?;
        self.offset = head.end + content.len();
        Ok(content)
    }

    /// A byte string of exactly `N` bytes.
    #[inline]
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        self.fixed_ref().copied()
    }

    /// The same, where it stands.
    #[inline]
    pub fn fixed_ref<const N: usize>(&mut self) -> Result<&'a [u8; N], Problem> {
        let start = self.offset;
        // The one head of a length from 24 to 255.
        if let (24..=255, Some([0x58, length, rest @ ..])) = (N, self.bytes.get(start..))
            && usize::from(*length) == N
            && let Some(content) = rest.first_chunk()
        {
            self.offset = start + 2 + N;
            return Ok(content);
        }
        self.bytes()?.try_into().map_err(|_| unexpected(start, "a byte string of another length"))
    }

    /// A text string.
    pub fn text(&mut self) -> Result<&'a str, Problem> {
        let head = self.take(3, "no text")?;
        let content = content(self.bytes, self.offset, &head)?;
        let text =
            std::str::from_utf8(content).map_err(|_| not_canonical(self.offset, "text that is not UTF-8"))?;
        self.offset = head.end + content.len();
        Ok(text)
    }

    /// The length of an array whose items follow.
    #[inline]
    pub fn array(&mut self) -> Result<u64, Problem> {
        let head = self.take(4, "no array")?;
        if usize::try_from(head.value).map_or(true, |n| n > self.bytes.len().saturating_sub(head.end)) {
            return Err(not_canonical(self.offset, "the bytes end too early"));
        }
        self.offset = head.end;
        Ok(head.value)
    }

    /// An array of exactly `length` items, which follow.
    #[inline]
    pub fn array_of(&mut self, length: u64) -> Result<(), Problem> {
        let problem = self.refuse("an array of another length");
        if self.array()? == length { Ok(()) } else { Err(problem) }
    }

    /// A tag; its item follows.
    #[inline]
    pub fn tag(&mut self) -> Result<u64, Problem> {
        let head = self.take(6, "no tag")?;
        self.offset = head.end;
        Ok(head.value)
    }

    /// The beginning of a map; read its pairs with [`Reader::key`].
    #[inline]
    pub fn map(&mut self) -> Result<Map, Problem> {
        let head = self.take(5, "no map")?;
        self.offset = head.end;
        Ok(Map { left: head.value, previous: 0..0, least: Some(0) })
    }

    /// The map's next key, or `None` at its end; the value follows and must be read or skipped.
    #[inline]
    pub fn key(&mut self, map: &mut Map) -> Result<Option<Key>, Problem> {
        if map.left == 0 {
            return Ok(None);
        }
        map.left -= 1;
        let start = self.offset;
        // Unsigned integers ascend as their bytes do, and nearly every key is one of a single byte.
        let key = match (self.bytes.get(start), map.least) {
            (Some(byte @ 0..24), Some(least)) if u64::from(*byte) >= least => {
                self.offset = start + 1;
                Key::Uint(u64::from(*byte))
            }
            _ => {
                let (key, end) = other_key(self.bytes, start, map.previous.clone())?;
                self.offset = end;
                key
            }
        };
        map.previous = start..self.offset;
        map.least = if let Key::Uint(key) = key { key.checked_add(1) } else { None };
        Ok(Some(key))
    }

    /// Passes over one item, checked, and gives its bytes.
    pub fn skip(&mut self) -> Result<&'a [u8], Problem> {
        self.skip_within(0)
    }

    /// The same, of an item around which stand so many arrays, maps and tags.
    pub fn skip_within(&mut self, around: usize) -> Result<&'a [u8], Problem> {
        let end = item_end(self.bytes, self.offset, around)?;
        let item = self.bytes.get(self.offset..end).unwrap_or_default();
        self.offset = end;
        Ok(item)
    }

    /// Passes over these bytes, if they stand here.
    #[inline]
    pub(crate) fn passes(&mut self, bytes: &[u8]) -> bool {
        let stand = self.bytes.get(self.offset..).is_some_and(|rest| rest.starts_with(bytes));
        self.offset += if stand { bytes.len() } else { 0 };
        stand
    }

    /// Whether an array begins here.
    pub fn at_array(&self) -> bool {
        head(self.bytes, self.offset).is_ok_and(|head| head.major == 4)
    }
}

/// The key at `start` and where it ends, after the one before it.
#[cold]
fn other_key(bytes: &[u8], start: usize, previous: Range<usize>) -> Result<(Key, usize), Problem> {
    let head = head(bytes, start)?;
    let (key, end) = match head.major {
        0 => (Key::Uint(head.value), head.end),
        _ => (Key::Other, item_end(bytes, start, 1)?),
    };
    ascending(bytes, &previous, &(start..end))?;
    Ok((key, end))
}
