//! Evidence of other organisations inside a bundle: read out of its parts, verified, and told as earlier legs.

use crate::apart::{Histories, histories};
use crate::bundle::{Bundle, Grounded, Past};
use crate::carried::{Carried, carried};
use crate::together::together;
use crate::{evidence, verify};
use firn_ledger::bytes::Hash;
use firn_ledger::entry::{Batch as LedgerBatch, Record};
use firn_model::api::ClockDifference;
use firn_model::id::Id;
use firn_model::record::{Address, Batch, Body, EvidencePart, Fingerprint, Kind, Recognition, Taken};
use firn_model::shipment::{ForeignLeg, Held, Story, TakenIn};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many organisations deep evidence is followed: what lies behind is missing. Each lies wholly within the one
/// before, so that no more could be told of without reading the same bytes over and over.
pub(crate) const DEEPEST: u8 = 8;

/// In how many ways what went before a shipment is told at most, where several of its legs have several histories: each
/// is judged. Beyond them each history is told once, and once more with those legs missing.
const MOST_PASTS: usize = 16;

/// What other organisations told of earlier shipments, by one choice among the histories of each.
#[derive(Debug, Default)]
pub(crate) struct Foreign {
    /// Their stories, by shipment.
    pub stories: BTreeMap<Id, Story>,
    /// By what they are judged.
    pub legs: BTreeMap<Id, ForeignLeg>,
    /// Their readings.
    pub batches: BTreeMap<Address, Batch>,
}

/// The bytes of evidence that an entry says were taken in, out of the batches that it names.
///
/// # Errors
/// Why they cannot be put together, in a sentence without its end.
pub(crate) fn bytes_of(bundle: &Bundle, says: &Taken, parts: &[Address]) -> Result<Vec<u8>, String> {
    joined_parts(&bundle.batches, says, parts)
}

/// The same out of some batches.
pub(crate) fn joined_parts(
    batches: &[LedgerBatch],
    says: &Taken,
    parts: &[Address],
) -> Result<Vec<u8>, String> {
    let held: BTreeMap<Hash, &[u8]> = batches.iter().map(|batch| (batch.address(), batch.bytes())).collect();
    let parts = parts.iter().map(|address| {
        let bytes = held.get(&Hash(address.0)).ok_or("a part of the evidence is missing")?;
        EvidencePart::from_bytes(bytes).map_err(|error| error.to_string())
    });
    says.join(parts.collect::<Result<_, String>>()?).map_err(|error| error.to_string())
}

/// The evidence that was taken in, read and held against what its entry says of it.
///
/// # Errors
/// As [`bytes_of`]; and where it is of another organisation or shipment, or of one's own.
pub(crate) fn bundle_of(
    bundle: &Bundle,
    shipment: Id,
    says: &Taken,
    parts: &[Address],
) -> Result<Bundle, String> {
    let theirs = evidence::read(&bytes_of(bundle, says, parts)?).map_err(|error| error.to_string())?;
    match theirs {
        theirs if theirs.organisation.0 != says.organisation.0 => Err("it is by another organisation".into()),
        theirs if theirs.organisation == bundle.organisation => Err("it is by no other organisation".into()),
        theirs if theirs.shipment != shipment => Err("it is about another shipment".into()),
        theirs => Ok(theirs),
    }
}

/// The evidence of other organisations in a bundle that holds, by its hash: opened once, however often the bundle
/// is told.
#[derive(Clone, Default)]
pub(crate) struct Opened {
    pub(crate) pieces: BTreeMap<Address, Arc<Theirs>>,
    /// What these carry of shipments about which other evidence is here as well.
    pub(crate) carried: Carried,
    contradicting: Contradicting,
}

/// How files that contradict each other are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Contradicting {
    /// Each history by itself.
    #[default]
    Apart,
    /// Not at all, as the first releases did.
    Missing,
}

/// One piece of evidence, opened.
pub(crate) struct Theirs {
    /// What it holds, where another piece about the same shipment is told beside it.
    pub(crate) bundle: Option<Bundle>,
    /// The evidence of others within it.
    pub(crate) within: Opened,
    pub(crate) told: Grounded,
    /// Of each file that it is told from, how many entries of each log were signed before that.
    pub(crate) files: BTreeMap<Address, Vec<Held>>,
}

impl Opened {
    /// Opens what stands for earlier shipments. What does not hold is left out, so that the leg counts as missing.
    /// `deep` is how many organisations more are followed.
    pub(crate) fn of(bundle: &Bundle, deep: u8) -> Self {
        Self::beside(bundle, deep, &BTreeSet::new())
    }

    /// The same within evidence that lies beside other evidence, of which some is about these shipments: any of it may
    /// have to be told together with what lies within that.
    fn beside(bundle: &Bundle, deep: u8, shipments: &BTreeSet<Id>) -> Self {
        let mut opened = Self::default();
        let Some(deeper) = deep.checked_sub(1) else { return opened };
        let mut files: BTreeMap<(Address, Id), (Taken, Vec<Address>)> = BTreeMap::new();
        for earlier in &bundle.earlier {
            for (says, parts) in earlier.records.iter().filter_map(taken) {
                files.insert((says.evidence, earlier.shipment), (says, parts));
            }
        }
        let mut sought = shipments.clone();
        if files.len() > 1 {
            sought.extend(files.keys().map(|(_, shipment)| *shipment));
        }
        let mut pieces: BTreeMap<Address, Theirs> = BTreeMap::new();
        for ((evidence, shipment), (says, parts)) in &files {
            if !pieces.contains_key(evidence) {
                let theirs = open(bundle, *shipment, says, parts, (deeper, &sought));
                pieces.extend(theirs.map(|theirs| (*evidence, theirs)));
            }
        }
        opened.carried = carried(&pieces, &sought);
        let about = |of: &Id| files.keys().filter(|(_, shipment)| shipment == of).count();
        let is_alone = |of: &Id| shipments.is_empty() && about(of) == 1 && !opened.carried.contains_key(of);
        for (evidence, mut theirs) in pieces {
            theirs.bundle = theirs.bundle.filter(|bundle| !is_alone(&bundle.shipment));
            opened.pieces.insert(evidence, Arc::new(theirs));
        }
        opened
    }

    /// The same as the first releases told it: of files that contradict each other none, and of what is carried nothing
    /// beside them.
    pub(crate) fn without_contradicting(&self) -> Self {
        Self { carried: Carried::new(), contradicting: Contradicting::Missing, ..self.clone() }
    }

    /// Whether several files stand for any shipment.
    pub(crate) fn tells_several(&self) -> bool {
        self.pieces.values().any(|one| one.bundle.is_some())
    }

    /// The histories that the evidence which counts for a shipment tells, in the order in which it was taken, and after it
    /// what else that is `held` carries of it; nothing where any of it does not hold.
    fn histories(&self, shipment: Id, taken: &[&TakenIn], held: &BTreeSet<Address>) -> Option<Told> {
        let mut pieces: Vec<&Arc<Theirs>> = Vec::new();
        let mut known: BTreeSet<Address> = BTreeSet::new();
        for one in taken {
            let says = &one.placed.says;
            let theirs = self.pieces.get(&says.evidence);
            let theirs = theirs.filter(|one| one.told.is(shipment, says.organisation))?;
            if known.insert(says.evidence) {
                pieces.push(theirs);
            }
        }
        for (carrier, theirs) in self.carried.get(&shipment).into_iter().flatten() {
            let is_theirs =
                taken.first().is_some_and(|one| theirs.told.is(shipment, one.placed.says.organisation));
            if held.contains(carrier) && is_theirs && theirs.files.keys().any(|file| known.insert(*file)) {
                pieces.push(theirs);
            }
        }
        if let [one] = pieces.as_slice() {
            return Some(Told { histories: vec![Arc::clone(one)], more: false });
        }
        let files: Option<Vec<&Bundle>> = pieces.iter().map(|one| one.bundle.as_ref()).collect();
        let files = files?;
        let Histories { groups, more } = histories(&files).ok()?;
        let is_one = groups.len() == 1 && !more;
        let groups = groups.iter().filter(|_| is_one || self.contradicting == Contradicting::Apart);
        let told = groups.map(|group| match group.iter().filter_map(|place| pieces.get(*place)).collect() {
            of_one if group.len() == 1 => alone(of_one),
            several => joined(&several, &together(&files, group)?),
        });
        let histories: Vec<Arc<Theirs>> = told.collect::<Option<_>>()?;
        Some(Told { histories, more }).filter(|told| !told.histories.is_empty())
    }
}

/// What the evidence that counts for a shipment tells.
struct Told {
    /// Each of these counts by itself.
    histories: Vec<Arc<Theirs>>,
    /// Whether there are more, which are not told.
    more: bool,
}

fn alone(pieces: Vec<&&Arc<Theirs>>) -> Option<Arc<Theirs>> {
    pieces.first().map(|one| Arc::clone(one))
}

/// Several pieces told as one, whose entries stand in `bundle`.
fn joined(pieces: &[&&Arc<Theirs>], bundle: &Bundle) -> Option<Arc<Theirs>> {
    let mut within = Opened::default();
    for one in pieces {
        within.pieces.extend(one.within.pieces.clone());
        for (shipment, carried) in &one.within.carried {
            within.carried.entry(*shipment).or_default().extend(carried.iter().cloned());
        }
    }
    let told = bundle.grounded(&within).ok()?;
    let files = pieces.iter().flat_map(|one| one.files.clone()).collect();
    Some(Arc::new(Theirs { bundle: None, within, told, files }))
}

impl Opened {
    /// What differs most of the pieces of evidence that count for a shipment, each as it was taken.
    fn dated_ahead(&self, story: &Story) -> Option<ClockDifference> {
        let ahead = |one: &TakenIn| {
            let theirs = self.pieces.get(&one.placed.says.evidence)?;
            theirs.told.dated_ahead((&one.placed.device, one.placed.at))
        };
        story.told_by_partner().into_iter().filter_map(ahead).max_by_key(|one| one.difference_s)
    }
}

/// What an entry says of evidence that was taken in, and the batches that hold it.
pub(crate) fn taken(record: &Record) -> Option<(Taken, Vec<Address>)> {
    let payload = record.entry.payload();
    if payload.kind != u64::from(Kind::Taken.number()) {
        return None;
    }
    let parts = payload.batches.iter().map(|address| Address(address.0)).collect();
    Some((Taken::from_bytes(&record.body).ok()?, parts))
}

/// One of the ways in which an earlier shipment is told.
#[derive(Clone)]
struct Chosen {
    shipment: Id,
    says: Taken,
    theirs: Arc<Theirs>,
    /// Which of the pasts that this evidence tells.
    past: usize,
    leg: ForeignLeg,
}

/// Tells the earlier shipments of which a bundle holds evidence by others alone: once for each choice among their
/// histories, and once at least.
pub(crate) fn gather(opened: &Opened, earlier: &BTreeMap<Id, Story>) -> Vec<Foreign> {
    let taken = earlier.values().flat_map(Story::told_by_partner);
    let held: BTreeSet<Address> = taken.map(|one| one.placed.says.evidence).collect();
    let ways = earlier.iter().filter_map(|(shipment, story)| ways(opened, (*shipment, story), &held));
    combined(&ways.collect::<Vec<_>>()).iter().map(|chosen| told_by(chosen)).collect()
}

/// The ways in which an earlier shipment is told, the last one none where there are more; nothing where it is told in
/// no way.
fn ways(
    opened: &Opened,
    (shipment, story): (Id, &Story),
    held: &BTreeSet<Address>,
) -> Option<Vec<Option<Chosen>>> {
    let says = &story.foreign()?.placed.says;
    let Told { histories, more } = opened.histories(shipment, &story.told_by_partner(), held)?;
    let count = histories.len().saturating_add(usize::from(more));
    let told_in = u32::try_from(count).ok().filter(|count| *count > 1);
    let clock_difference = opened.dated_ahead(story);
    let mut ways: Vec<Option<Chosen>> = Vec::new();
    for theirs in histories {
        for (past, told) in theirs.told.pasts.iter().enumerate() {
            let (clock_difference, histories) = (clock_difference.clone(), told_in);
            let takings = story.takings(|evidence| theirs.files.get(&evidence).cloned());
            let leg = leg(&theirs.told, told, says.organisation, says.recognition);
            let leg = ForeignLeg { clock_difference, histories, takings, ..leg };
            ways.push(Some(Chosen { shipment, says: says.clone(), theirs: Arc::clone(&theirs), past, leg }));
        }
    }
    ways.extend(more.then_some(None));
    Some(ways)
}

/// Every choice of one way for each shipment; where these are too many each way once, and once those shipments missing
/// that have several.
fn combined<T: Clone>(shipments: &[Vec<Option<T>>]) -> Vec<Vec<T>> {
    let all = shipments.iter().map(Vec::len).fold(1, usize::saturating_mul);
    if all <= MOST_PASTS {
        let mut rows: Vec<Vec<T>> = vec![Vec::new()];
        for ways in shipments {
            let with = |row: &Vec<T>| -> Vec<Vec<T>> {
                ways.iter().map(|way| row.iter().chain(way).cloned().collect()).collect()
            };
            rows = rows.iter().flat_map(with).collect();
        }
        return rows;
    }
    let longest = shipments.iter().map(Vec::len).max().unwrap_or_default().min(MOST_PASTS);
    let nth = |row: usize| {
        let chosen = shipments.iter().filter_map(|ways| ways.get(row.checked_rem(ways.len())?)?.as_ref());
        chosen.cloned().collect::<Vec<T>>()
    };
    let single = shipments.iter().filter(|ways| ways.len() == 1).flatten().flatten();
    (0..longest).map(nth).chain([single.cloned().collect()]).collect()
}

/// What is told by one choice.
fn told_by(chosen: &[Chosen]) -> Foreign {
    let mut foreign = Foreign::default();
    for Chosen { shipment, theirs, leg, .. } in chosen {
        foreign.legs.insert(*shipment, leg.clone());
        foreign.batches.extend(theirs.told.batches.clone());
        foreign.stories.insert(*shipment, theirs.told.story.clone());
    }
    // What they had from elsewhere, or carried before, stands behind what was handed over here.
    for Chosen { says, theirs, past, leg: carrying, .. } in chosen {
        let Some(past) = theirs.told.pasts.get(*past) else { continue };
        for (shipment, story) in &past.earlier {
            let inner = past.foreign.get(shipment).cloned();
            let mut leg =
                inner.unwrap_or_else(|| leg(&theirs.told, past, says.organisation, says.recognition));
            leg.takings.extend(carrying.takings.iter().cloned());
            foreign.stories.entry(*shipment).or_insert_with(|| story.clone());
            let takings = leg.takings.clone();
            let known = foreign.legs.entry(*shipment);
            known.and_modify(|known| known.takings.extend(takings)).or_insert(leg);
        }
    }
    foreign
}

fn open(
    bundle: &Bundle,
    shipment: Id,
    says: &Taken,
    parts: &[Address],
    (deeper, sought): (u8, &BTreeSet<Id>),
) -> Option<Theirs> {
    let theirs = bundle_of(bundle, shipment, says, parts).ok()?;
    if !verify::stands(&theirs) {
        return None;
    }
    let within = Opened::beside(&theirs, deeper, sought);
    let told = theirs.grounded(&within).ok()?;
    let files = BTreeMap::from([(says.evidence, signed_before(&theirs, &within))]);
    Some(Theirs { bundle: Some(theirs), within, told, files })
}

/// How many entries of each log were signed before a file was made, by what it tells and what lies within.
fn signed_before(file: &Bundle, within: &Opened) -> Vec<Held> {
    let own = file.disclosed().map(|record| {
        let size = record.entry.payload().sequence.saturating_add(1);
        Held { log: record.entry.log().0, size }
    });
    let deeper = within.pieces.values().flat_map(|one| one.files.values().flatten().copied());
    let mut most: BTreeMap<[u8; 32], u64> = BTreeMap::new();
    for Held { log, size } in own.chain(deeper) {
        let known = most.entry(log).or_default();
        *known = size.max(*known);
    }
    most.into_iter().map(|(log, size)| Held { log, size }).collect()
}

/// Unknown where it is itself, or where it had goods from whom it did not know.
fn leg(told: &Grounded, past: &Past, organisation: Fingerprint, recognition: Recognition) -> ForeignLeg {
    let unknown = past.foreign.values().any(|leg| leg.recognition == Recognition::Unknown);
    let recognition = if unknown { Recognition::Unknown } else { recognition };
    let (clock_difference, histories, takings) = (None, None, Vec::new());
    ForeignLeg { organisation, fleet: told.fleet.clone(), recognition, clock_difference, histories, takings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_among_the_histories_of_several_legs_is_told_and_of_too_many_each_history_once() {
        let ways = |count: usize| (0..count).map(Some).collect::<Vec<_>>();
        assert_eq!(combined::<usize>(&[]), [Vec::<usize>::new()], "nothing went before");
        assert_eq!(combined(&[ways(1), ways(2)]), [[0, 0], [0, 1]]);
        assert_eq!(combined(&[vec![Some(0), None], ways(1)]), [vec![0, 0], vec![0]], "more than are told");
        assert_eq!(combined(&vec![ways(2); 4]).len(), MOST_PASTS);
        let many = [vec![ways(2); 5], vec![ways(1)]].concat();
        let expected = vec![vec![0; 6], vec![1, 1, 1, 1, 1, 0], vec![0]];
        assert_eq!(combined(&many), expected, "the last one without those that have several");
    }
}
