//! The receipt: when the shipment arrived, what was checked, and how its time is corrected.

use super::hand::Hand;
use super::late;
use super::story::{Placed, SignedEntry, Story, once, placed};
use crate::assess::Reason;
use crate::authority::Refusal;
use crate::gs1::Expiry;
use crate::id::Id;
use crate::record::{Approved, ArrivalMoved, Checklist, ItemLine, Received, SealFound};
use crate::time::UtcMillis;
use chrono::{DateTime, Datelike, NaiveDate, Utc};

impl Story {
    /// When the shipment arrived: as it was received, or as a correction that was approved says.
    pub fn arrival(&self) -> Option<UtcMillis> {
        self.corrected_arrival().map(|moved| moved.says.at).or_else(|| self.first_arrival())
    }

    /// The arrival that counted first: the one that the receipt gives, or the moment of its signature where
    /// what it gives takes a second person.
    pub fn first_arrival(&self) -> Option<UtcMillis> {
        let received = self.received.as_ref()?;
        let proposed = self.stock.arrivals.iter().any(|moved| moved.reference == received.reference);
        Some(if proposed { received.at } else { received.says.at })
    }

    /// The correction of the arrival that counts: the one approved last.
    pub fn corrected_arrival(&self) -> Option<&Placed<ArrivalMoved>> {
        self.corrections().last().map(|(moved, _)| moved)
    }

    /// Every correction of the arrival that was approved, with its approval, in the order of the approvals.
    pub fn corrections(&self) -> impl Iterator<Item = (&Placed<ArrivalMoved>, &Placed<Approved>)> {
        self.stock.approvals.iter().filter_map(|approval| {
            let mut arrivals = self.stock.arrivals.iter();
            Some((arrivals.find(|moved| moved.reference == approval.says.approves)?, approval))
        })
    }

    /// The placed loggers of which nothing was sealed, that the receipt does not tell as unreadable, and
    /// that had not ended by `at`.
    pub fn unread(&self, at: UtcMillis) -> Vec<Id> {
        let placements = self.started.iter().flat_map(|started| &started.says.placements);
        let told = self.checklist().map(|checklist| checklist.unread.as_slice()).unwrap_or_default();
        let open = |logger: &Id| {
            !self.sealed.iter().any(|sealed| sealed.readings.logger == *logger)
                && !told.iter().any(|one| one.logger == *logger)
                && self.organisation.ending(*logger, at).is_none()
        };
        placements.map(|placement| placement.logger).filter(open).collect()
    }

    /// What the receiver checked.
    pub fn checklist(&self) -> Option<&Checklist> {
        self.received.as_ref()?.says.checklist.as_ref()
    }

    /// The reasons that the receipt gives: a broken seal, another count than the delivery note's, and lines that
    /// were expired when they arrived, by the receiver's word or by their own date.
    pub(super) fn found_at_receipt(&self) -> Vec<Reason> {
        let seal = self.checklist().is_some_and(|checklist| checklist.seal == SealFound::Broken);
        let expired = !self.expired_lines(UtcMillis(i64::MIN)).is_empty();
        let reasons = [
            seal.then_some(Reason::Observation),
            self.counted_otherwise().then_some(Reason::Count),
            expired.then_some(Reason::Expired),
        ];
        reasons.into_iter().flatten().collect()
    }

    fn counted_otherwise(&self) -> bool {
        let counts = self.checklist().map(|checklist| checklist.counts.as_slice()).unwrap_or_default();
        let lines = self.created.iter().flat_map(|created| &created.says.items);
        let expected: Vec<u32> = lines.map(|line| line.quantity).collect();
        !counts.is_empty() && counts != expected
    }

    /// The lines that are expired, from 0: those that the receiver found so, and those whose last day had ended,
    /// in UTC, when they arrived or by `at`.
    pub(super) fn expired_lines(&self, at: UtcMillis) -> Vec<u32> {
        let Some(arrival) = self.arrival() else { return Vec::new() };
        let told = self.checklist().map(|checklist| checklist.expired.as_slice()).unwrap_or_default();
        let items = self.created.iter().flat_map(|created| &created.says.items);
        let expired = |(line, item): (u32, &ItemLine)| {
            let past = item.expiry.as_deref().is_some_and(|expiry| has_passed(expiry, arrival.max(at)));
            (past || told.contains(&line)).then_some(line)
        };
        (0_u32..).zip(items).filter_map(expired).collect()
    }

    /// The receipt. One that is recorded late counts with its reason; where the arrival that it gives leaves
    /// out what its signer knew of, readings count up to the signature until a second person approves.
    pub(super) fn follow_receipt(&mut self, entry: &SignedEntry, received: &Received) -> Result<(), Refusal> {
        if self.closing.is_some()
            || self.started.as_ref().is_some_and(|started| received.at < started.says.at)
        {
            return Err(Refusal::OutOfOrder);
        }
        self.recorded(received.at, entry, received.reason.as_deref())?;
        if let Some(checklist) = &received.checklist {
            self.check_list(checklist)?;
        }
        once(&mut self.received, entry, received.clone())?;
        if self.leaves_out(entry, received) {
            let reason = received.reason.clone().unwrap_or_default();
            let proposed = ArrivalMoved { received: entry.reference, at: received.at, reason };
            self.stock.arrivals.push(placed(entry, proposed));
        }
        self.custody.receive(&entry.device);
        Ok(())
    }

    /// A checklist speaks of lines and loggers of this shipment, and gives its reasons.
    fn check_list(&self, checklist: &Checklist) -> Result<(), Refusal> {
        let lines = self.created.as_ref().map_or(0, |created| created.says.items.len());
        let counts_lines = checklist.counts.is_empty() || checklist.counts.len() == lines;
        let has_lines =
            checklist.expired.iter().all(|line| usize::try_from(*line).is_ok_and(|line| line < lines));
        let loggers = self.loggers();
        if !counts_lines || !has_lines || !checklist.unread.iter().all(|one| loggers.contains(&one.logger)) {
            return Err(Refusal::UnknownName);
        }
        if checklist.unread.iter().any(|one| one.reason.trim().is_empty()) {
            return Err(Refusal::MalformedBody);
        }
        Ok(())
    }

    pub(super) fn follow_move(&mut self, entry: &SignedEntry, moved: &ArrivalMoved) -> Result<(), Refusal> {
        let received = self.received.as_ref().ok_or(Refusal::OutOfOrder)?;
        let before = self.started.as_ref().is_some_and(|started| moved.at < started.says.at);
        if received.reference != moved.received || before {
            return Err(Refusal::OutOfOrder);
        }
        if moved.reason.trim().is_empty() {
            return Err(Refusal::MalformedBody);
        }
        if late::is_still_to_come(moved.at, entry.at) {
            return Err(Refusal::StillToCome);
        }
        self.stock.arrivals.push(placed(entry, moved.clone()));
        Ok(())
    }

    /// An approval: of the newest correction that its signer held, once, by another than who proposed it. One
    /// that is older than an approved one is superseded.
    pub(super) fn follow_approval(
        &mut self,
        entry: &SignedEntry,
        approved: &Approved,
    ) -> Result<(), Refusal> {
        let proposed = self.stock.arrivals.iter().find(|moved| moved.reference == approved.approves);
        let proposed = proposed.ok_or(Refusal::OutOfOrder)?;
        if self.stock.approvals.iter().any(|one| one.says.approves == approved.approves) {
            return Err(Refusal::Repeated);
        }
        let after =
            self.stock.arrivals.iter().skip_while(|moved| moved.reference != approved.approves).skip(1);
        let is_approved = |moved: &Placed<ArrivalMoved>| {
            self.stock.approvals.iter().any(|one| one.says.approves == moved.reference)
        };
        let supersedes =
            |moved: &Placed<ArrivalMoved>| is_approved(moved) || self.held_by(entry, moved.reference);
        if after.into_iter().any(supersedes) {
            return Err(Refusal::OutOfOrder);
        }
        if Hand::of(proposed).may_be(&Hand::signing(entry)) {
            return Err(Refusal::SecondPersonNeeded);
        }
        self.stock.approvals.push(placed(entry, *approved));
        Ok(())
    }
}

/// Whether the last day of an expiry date, `YYMMDD`, lies before the day of `at` in UTC; what is no date never
/// passes.
fn has_passed(expiry: &str, at: UtcMillis) -> bool {
    let today = DateTime::<Utc>::from_timestamp_millis(at.0).map(|now| now.date_naive());
    let last = today.and_then(|today| {
        let last = Expiry::parse(expiry).ok()?.last_day(u16::try_from(today.year()).ok()?)?;
        NaiveDate::from_ymd_opt(i32::from(last.year), u32::from(last.month), u32::from(last.day))
    });
    last.zip(today).is_some_and(|(last, today)| last < today)
}
