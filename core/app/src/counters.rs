//! The highest replay counter accepted from each keyed logger.
//!
//! They stand in documents of this device's store beside `synced`, not among the lists that are made anew
//! from entries: no entry holds them, and an entry for each advert would be a log of noise. A device that
//! never heard a logger starts without one: its first advert with a valid code is fresh.

use crate::{App, AppError, Host};
use firn_ble::Decoded;
use firn_ledger::store::View;
use firn_model::id::Id;
use firn_model::reading::Provenance;
use std::collections::BTreeMap;

/// Counters as four bytes, most significant first, by logger id.
const COUNTERS: &str = "counters";

/// The highest counter accepted from each logger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    highest: BTreeMap<Id, u32>,
}

/// How an advert stands by its counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What it shows of its origin.
    pub provenance: Provenance,
    /// It counts less than before: a new battery, or an old advert sent again.
    pub fell: bool,
    /// The counter, where it grew.
    pub grown: Option<u32>,
}

impl Counters {
    /// Judges one advert and raises the mark where its counter grew.
    ///
    /// One that has not grown is merely heard (P0). One that fell stays so until it has passed the mark
    /// again, or until a person enters the logger's key anew.
    pub fn judge(&mut self, logger: Id, decoded: &Decoded) -> Judged {
        let highest = self.highest.get(&logger).copied();
        let provenance = decoded.provenance_after(highest);
        let Some(counter) = decoded.counter else {
            return Judged { provenance, fell: false, grown: None };
        };
        let grown = highest.is_none_or(|highest| counter > highest).then_some(counter);
        if grown.is_some() {
            self.highest.insert(logger, counter);
        }
        Judged { provenance, fell: highest.is_some_and(|highest| counter < highest), grown }
    }
}

/// Every mark that is kept.
pub(crate) fn read(view: &mut View<'_>) -> Result<Counters, AppError> {
    let malformed = || AppError::Record("a logger's replay counter".into());
    let mut highest = BTreeMap::new();
    for document in view.documents(COUNTERS)? {
        let logger = Id(document.key.try_into().map_err(|_| malformed())?);
        highest.insert(logger, u32::from_be_bytes(document.value.try_into().map_err(|_| malformed())?));
    }
    Ok(Counters { highest })
}

impl<H: Host> App<H> {
    /// Keeps the counter of a logger; a mark never falls.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep_counter(&self, logger: Id, counter: u32) -> Result<(), AppError> {
        self.host
            .with_store(move |store| {
                store.write(|transaction| {
                    let highest = read(transaction)?.highest.get(&logger).copied();
                    if highest.is_none_or(|highest| counter > highest) {
                        transaction.put_document(COUNTERS, &logger.0, &counter.to_be_bytes())?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Forgets the mark of a logger whose key a person has entered anew: its counter may begin again.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_counter(&self, logger: Id) -> Result<(), AppError> {
        let forget = move |transaction: &mut firn_ledger::store::Transaction<'_>| {
            Ok(transaction.remove_document(COUNTERS, &logger.0)?)
        };
        self.host.with_store(move |store| store.write(forget)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firn_model::reading::Measurement;

    const LOGGER: Id = Id([4; 16]);

    fn keyed(counter: u32) -> Decoded {
        Decoded {
            device: "bthome",
            format: "bthome-v2",
            address: None,
            encrypted: true,
            counter: Some(counter),
            provenance: Provenance::P2,
            readings: [Measurement::default()].into(),
        }
    }

    #[test]
    fn a_keyed_advert_counts_as_keyed_once_and_as_heard_when_it_is_sent_again() {
        let mut counters = Counters::default();
        let fresh = Judged { provenance: Provenance::P2, fell: false, grown: Some(7) };
        assert_eq!(counters.judge(LOGGER, &keyed(7)), fresh);
        let again = Judged { provenance: Provenance::P0, fell: false, grown: None };
        assert_eq!(counters.judge(LOGGER, &keyed(7)), again);
        assert_eq!(counters.judge(Id([5; 16]), &keyed(7)), fresh, "each logger has its own mark");
    }

    #[test]
    fn a_counter_that_fell_is_flagged_and_counts_as_heard_until_it_has_passed_the_mark() {
        let mut counters = Counters::default();
        counters.judge(LOGGER, &keyed(900));
        for counter in [0, 1, 899] {
            let judged = counters.judge(LOGGER, &keyed(counter));
            assert_eq!(judged, Judged { provenance: Provenance::P0, fell: true, grown: None });
        }
        assert_eq!(counters.judge(LOGGER, &keyed(901)).provenance, Provenance::P2);
    }

    #[test]
    fn a_logger_without_a_counter_is_neither_raised_nor_flagged() {
        let plain = Decoded { counter: None, encrypted: false, provenance: Provenance::P0, ..keyed(0) };
        let judged = Counters::default().judge(LOGGER, &plain);
        assert_eq!(judged, Judged { provenance: Provenance::P0, fell: false, grown: None });
    }
}
