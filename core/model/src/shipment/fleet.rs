//! The organisation's loggers as they were recorded over time, and how their calibration stood.

use super::late::is_late;
use super::story::{SignedEntry, Story, tell};
use crate::api::{CalibrationStanding, Changed, ChangedBy};
use crate::id::Id;
use crate::record::{AsFound, Certificate, EntryReference, Logger, Statement};
use crate::time::UtcMillis;
use std::collections::BTreeMap;

const DAY_S: i64 = 86_400;

/// Every logger by what was recorded of it.
///
/// The first record of an id fixes what the logger is; a later one of the same id tells of a calibration.
/// For a shipment those records count that the signer of its pick-up held, by the heads of that entry and
/// not by any clock; of several pick-ups what any signer held, for what one knew was known at the pick-up. Among them the calibration in force at the pick-up, by its own dates, gives certificate,
/// accuracy, offset and interval: one choice for how the certificate stood, what is added to the readings,
/// and what is printed. A finding out of tolerance counts whenever it is recorded, and for all of its day where no
/// time of day is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fleet {
    records: BTreeMap<Id, Vec<Recorded>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Recorded {
    at: UtcMillis,
    reference: EntryReference,
    sequence: u64,
    logger: Logger,
    by: ChangedBy,
}

/// How a logger's calibration stood over a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Calibration {
    /// Its certificate held throughout.
    Valid(Certificate),
    /// This certificate ceased to hold before the span's end.
    Expired(Certificate),
    /// No certificate was in force at the span's begin.
    Missing,
    /// The calibration after found it out of tolerance, by this certificate.
    FoundOut(Certificate),
}

impl Recorded {
    /// By when the logger was found out of tolerance, where it was.
    fn found_out_by(&self) -> Option<UtcMillis> {
        let certificate = self.logger.certificate.as_ref()?;
        (certificate.as_found == AsFound::OutOfTolerance).then(|| latest(certificate))
    }
}

/// The latest instant at which a calibration may have been: a day without a time of day, which stands as the
/// midnight by UTC that it begins with, is over everywhere on earth a day and a half later.
pub(super) fn latest(certificate: &Certificate) -> UtcMillis {
    let is_day = certificate.calibrated.0.rem_euclid(DAY_S * 1000) == 0;
    match is_day {
        true => certificate.calibrated.plus_seconds(DAY_S + DAY_S / 2),
        false => certificate.calibrated,
    }
}

impl Calibration {
    /// The same without its certificate.
    pub fn told(&self) -> CalibrationStanding {
        match self {
            Self::Valid(_) => CalibrationStanding::Valid,
            Self::Expired(_) => CalibrationStanding::Expired,
            Self::Missing => CalibrationStanding::Missing,
            Self::FoundOut(_) => CalibrationStanding::FoundOut,
        }
    }
}

impl Fleet {
    /// From the entries that enrolled and calibrated loggers; those that do not count are left out.
    pub fn of(entries: impl Iterator<Item = SignedEntry>) -> Self {
        let mut records: BTreeMap<Id, Vec<Recorded>> = BTreeMap::new();
        for told in tell(entries.collect()).told {
            if let (Some(Statement::Logger(logger)), None) = (told.statement, told.refused) {
                let (by, id) = (ChangedBy::of(&told.entry), logger.id);
                let SignedEntry { at, reference, sequence, .. } = told.entry;
                records.entry(id).or_default().push(Recorded { at, reference, sequence, logger, by });
            }
        }
        Self { records }
    }

    /// All that was recorded of a logger, in the order of the story, each with what stood before.
    pub fn changes(&self, id: Id) -> Vec<Changed<Logger>> {
        let records = self.records.get(&id).into_iter().flatten();
        Changed::each(records.map(|record| (record.by.clone(), record.logger.clone())))
    }

    /// Every logger as it stands now.
    pub fn now(&self) -> BTreeMap<Id, Logger> {
        self.in_force(UtcMillis(i64::MAX))
    }

    /// Every logger as the signer of a shipment's pick-up knew it, by the calibration in force then; before the
    /// pick-up as it stands now. One that was enrolled later is as it was then.
    pub fn at_pick_up(&self, story: &Story) -> BTreeMap<Id, Logger> {
        match &story.started {
            Some(started) => self.known_at_pick_up(story).in_force(started.says.at),
            None => self.now(),
        }
    }

    /// What the signer of a shipment's pick-up held of these records, of several pick-ups that did not know of each
    /// other what any of their signers held; of a logger that was enrolled later what it
    /// is, without its certificate.
    fn known_at_pick_up(&self, story: &Story) -> Self {
        let Some(started) = &story.started else { return self.clone() };
        let begun = started.says.at;
        let signed: Vec<&SignedEntry> = story.pick_ups().map(|(entry, _)| entry).collect();
        // What was signed late may have been before a finding of that day, and before what was adjusted then.
        let after = |record: &Recorded, entry: &SignedEntry| {
            !is_late(begun, entry.at) || record.found_out_by().is_none_or(|latest| latest <= begun)
        };
        let knew = |record: &Recorded, entry: &SignedEntry| entry.knew(record.reference, record.sequence);
        let held = |record: &Recorded| match signed.is_empty() {
            true => record.at <= started.at,
            false => signed.iter().any(|entry| knew(record, entry) && after(record, entry)),
        };
        let known = |(id, records): (&Id, &Vec<Recorded>)| {
            let first = records.first().filter(|first| !held(first)).map(|first| {
                let logger = Logger { certificate: None, ..first.logger.clone() };
                Recorded { logger, ..first.clone() }
            });
            (*id, first.into_iter().chain(records.iter().filter(|record| held(record)).cloned()).collect())
        };
        Self { records: self.records.iter().map(known).collect() }
    }

    /// Every logger by its newest calibration of up to an instant; without one as it was enrolled.
    fn in_force(&self, instant: UtcMillis) -> BTreeMap<Id, Logger> {
        let known = |(id, records): (&Id, &Vec<Recorded>)| {
            let first = records.first()?;
            let calibrated = |record: &&Recorded| {
                record.logger.certificate.as_ref().map(|held| held.calibrated).filter(|at| *at <= instant)
            };
            let newest = records.iter().filter(|record| calibrated(record).is_some());
            // Of two of one time the one that was recorded later.
            let newest = newest.max_by_key(calibrated);
            let plain = Logger { certificate: None, ..first.logger.clone() };
            let told = newest.map_or(plain, |newest| newest.logger.clone());
            let Logger { family, label, address, serial, .. } = first.logger.clone();
            Some((*id, Logger { family, label, address, serial, ..told }))
        };
        self.records.iter().filter_map(known).collect()
    }

    /// A logger's certificates by the time of calibration, each once.
    pub fn certificates(&self, logger: Id) -> Vec<Certificate> {
        let records = self.records.get(&logger).map(Vec::as_slice).unwrap_or_default();
        let mut certificates: Vec<Certificate> =
            records.iter().filter_map(|record| record.logger.certificate.clone()).collect();
        certificates.sort_by_key(|certificate| certificate.calibrated);
        certificates.dedup();
        certificates
    }

    /// Whether the organisation has recorded a certificate of any logger: from that moment on it keeps
    /// certificates, and a logger without one is a reason for review.
    pub fn keeps_certificates(&self) -> bool {
        self.records.values().flatten().any(|record| record.logger.certificate.is_some())
    }

    /// How a logger's calibration stood from `from` to `to`; absent where the organisation keeps none.
    pub fn calibration(&self, logger: Id, from: UtcMillis, to: UtcMillis) -> Option<Calibration> {
        self.stood(self, logger, from, to)
    }

    /// The same over a shipment, as the signer of its pick-up knew the certificates; absent where the
    /// organisation kept none then.
    pub fn calibration_in(
        &self,
        story: &Story,
        logger: Id,
        from: UtcMillis,
        to: UtcMillis,
    ) -> Option<Calibration> {
        self.stood(&self.known_at_pick_up(story), logger, from, to)
    }

    /// The calibration after an instant, where it found a logger out of tolerance: of several records of one time
    /// that finding weighs most, whichever was made first.
    ///
    /// `known` is what somebody held who signed in time: whatever was calibrated by then was calibrated before.
    fn found_out(&self, known: &Self, logger: Id, from: UtcMillis) -> Option<&Certificate> {
        let known = known.records.get(&logger).map(Vec::as_slice).unwrap_or_default();
        let may_be_later = |record: &Recorded, certificate: &Certificate| {
            let by_day = || !known.contains(record) && record.found_out_by().is_some_and(|by| by > from);
            certificate.calibrated > from || by_day()
        };
        let records = self.records.get(&logger).into_iter().flatten();
        let later = records.filter_map(|record| {
            let certificate = record.logger.certificate.as_ref()?;
            may_be_later(record, certificate).then_some(certificate)
        });
        let later: Vec<_> = later.collect();
        let first = later.iter().map(|certificate| certificate.calibrated).min()?;
        let mut of_it = later.into_iter().filter(|certificate| certificate.calibrated == first);
        of_it.find(|certificate| certificate.as_found == AsFound::OutOfTolerance)
    }

    fn stood(&self, known: &Self, logger: Id, from: UtcMillis, to: UtcMillis) -> Option<Calibration> {
        if let Some(found) = self.found_out(known, logger, from) {
            return Some(Calibration::FoundOut(found.clone()));
        }
        let certificates = known.certificates(logger);
        let kept = !certificates.is_empty() || known.keeps_certificates();
        kept.then(|| standing(&certificates, from, to))
    }
}

/// The calibration after an instant, where it found the logger out of tolerance.
fn found_out(certificates: &[Certificate], from: UtcMillis) -> Option<&Certificate> {
    let after = certificates.iter().find(|certificate| certificate.calibrated > from);
    after.filter(|certificate| certificate.as_found == AsFound::OutOfTolerance)
}

/// How the calibration of a logger with these certificates, by the time of calibration, stood over a span.
///
/// A finding out of tolerance weighs most: it says that what was measured is in question.
pub fn standing(certificates: &[Certificate], from: UtcMillis, to: UtcMillis) -> Calibration {
    if let Some(found) = found_out(certificates, from) {
        return Calibration::FoundOut(found.clone());
    }
    match certificates.iter().rev().find(|certificate| certificate.calibrated <= from) {
        None => Calibration::Missing,
        Some(held) if held.due <= to => Calibration::Expired(held.clone()),
        Some(held) => Calibration::Valid(held.clone()),
    }
}

/// The spans that a calibration puts in question: those that reach into the time between the calibration
/// before it and itself, where it found the logger out of tolerance; of a day without a time all of it. `certificates`
/// hold it too.
pub fn in_question<'a, K>(
    certificates: &[Certificate],
    found: &Certificate,
    spans: &'a [(K, UtcMillis, UtcMillis)],
) -> Vec<&'a K> {
    if found.as_found == AsFound::WithinTolerance {
        return Vec::new();
    }
    let before = certificates.iter().map(|certificate| certificate.calibrated);
    let before = before.filter(|calibrated| *calibrated < found.calibrated).max();
    let touches = |from: UtcMillis, to: UtcMillis| {
        from < latest(found) && before.is_none_or(|calibrated| calibrated < to)
    };
    spans.iter().filter(|(_, from, to)| touches(*from, *to)).map(|(key, _, _)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(calibrated: i64, due: i64, as_found: AsFound) -> Certificate {
        Certificate {
            number: format!("C-{calibrated}"),
            laboratory: "Lab".into(),
            calibrated: UtcMillis(calibrated),
            due: UtcMillis(due),
            uncertainty_mc: None,
            points: Vec::new(),
            as_found,
        }
    }

    fn good(calibrated: i64, due: i64) -> Certificate {
        certificate(calibrated, due, AsFound::WithinTolerance)
    }

    #[test]
    fn a_certificate_holds_up_to_the_instant_before_it_is_due() {
        let certificates = [good(0, 100)];
        let stood = |from, to| standing(&certificates, UtcMillis(from), UtcMillis(to));
        assert_eq!(stood(0, 99), Calibration::Valid(good(0, 100)));
        assert_eq!(stood(50, 100), Calibration::Expired(good(0, 100)));
        assert_eq!(stood(-1, 50), Calibration::Missing);
    }

    #[test]
    fn a_later_calibration_out_of_tolerance_puts_what_was_measured_before_in_question() {
        let found = certificate(90, 200, AsFound::OutOfTolerance);
        let certificates = [good(0, 100), found.clone()];
        assert_eq!(
            standing(&certificates, UtcMillis(10), UtcMillis(20)),
            Calibration::FoundOut(found.clone())
        );
        assert_eq!(
            standing(&certificates, UtcMillis(95), UtcMillis(99)),
            Calibration::Valid(found),
            "it was adjusted"
        );
    }

    #[test]
    fn as_found_out_of_tolerance_lists_every_span_since_the_calibration_before() {
        let found = certificate(90, 200, AsFound::OutOfTolerance);
        let certificates = [good(50, 100), found.clone()];
        let spans = [
            ("before", UtcMillis(10), UtcMillis(50)),
            ("across", UtcMillis(40), UtcMillis(60)),
            ("between", UtcMillis(60), UtcMillis(70)),
            ("running", UtcMillis(80), UtcMillis(95)),
            ("after", UtcMillis(90), UtcMillis(95)),
        ];
        assert_eq!(in_question(&certificates, &found, &spans), [&"across", &"between", &"running"]);
        assert!(in_question(&certificates, &good(90, 200), &spans).is_empty());
        assert_eq!(
            in_question(std::slice::from_ref(&found), &found, &spans).len(),
            4,
            "no calibration before"
        );
    }
}
