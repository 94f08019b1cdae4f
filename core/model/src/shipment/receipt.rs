//! The receipt: when the shipment arrived, and what was checked.

use super::late::{is_late, recorded};
use super::line::LineJudgement;
use super::story::{Placed, SignedEntry, Story, Told, placed};
use crate::assess::Reason;
use crate::authority::Refusal;
use crate::gs1::Expiry;
use crate::id::Id;
use crate::record::{ArrivalMoved, Checklist, EntryReference, ItemLine, Received, SealFound, Statement};
use crate::time::UtcMillis;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::collections::BTreeSet;

impl Story {
    /// Every receipt that counts, in the order of the story: each by somebody who did not know of another.
    pub fn receipts(&self) -> impl Iterator<Item = &Placed<Received>> {
        self.received.iter().chain(&self.also_received)
    }

    /// When the shipment arrived: as it was received, or as a correction that was approved says.
    pub fn arrival(&self) -> Option<UtcMillis> {
        self.arrival_known(&|_| true)
    }

    /// The same by the receipts and corrections that are known.
    pub(super) fn arrival_known(&self, known: &dyn Fn(&SignedEntry) -> bool) -> Option<UtcMillis> {
        let corrected = self.corrected_arrival_known(known).map(|moved| moved.says.at);
        corrected.or_else(|| self.first_arrival_known(known))
    }

    /// The arrival that counted first: the one that the receipt gives, or the moment of its signature where
    /// what it gives takes a second person, and what was known then where its clock was behind that; of several
    /// receipts the latest, which leaves out least.
    pub fn first_arrival(&self) -> Option<UtcMillis> {
        self.first_arrival_known(&|_| true)
    }

    pub(super) fn first_arrival_known(&self, known: &dyn Fn(&SignedEntry) -> bool) -> Option<UtcMillis> {
        self.arrivals_known(known).max()
    }

    fn arrivals_known<'a>(
        &'a self,
        known: &'a dyn Fn(&SignedEntry) -> bool,
    ) -> impl Iterator<Item = UtcMillis> + 'a {
        let arrival = move |received: &Placed<Received>| {
            let proposed = self.stock.arrivals.iter().any(|moved| moved.reference == received.reference);
            match is_late(received.says.at, received.at) {
                // What takes a second person does not count, but that it was signed.
                true if proposed => self.received_by_clocks(received, received.at, known),
                true => received.says.at,
                false => self.received_by_clocks(received, received.says.at, known),
            }
        };
        self.receipts().filter(move |one| self.is_known(one.reference, known)).map(arrival)
    }

    /// The placed loggers of which nothing was sealed, that no receipt tells as unreadable, and that have not
    /// ended.
    pub fn unread(&self) -> Vec<Id> {
        self.unread_known(&|_| true)
    }

    /// The same by the entries that are known; an end of a logger counts wherever it is told.
    pub(super) fn unread_known(&self, known: &dyn Fn(&SignedEntry) -> bool) -> Vec<Id> {
        self.unread_by(known, &|logger| {
            self.organisation.ended.iter().any(|ended| ended.says.logger == logger)
        })
    }

    /// The same as the signer of an entry knew it.
    pub(super) fn unread_to(&self, entry: &SignedEntry) -> Vec<Id> {
        self.unread_by(&|other| entry.holds(other), &|logger| self.organisation.has_ended_to(entry, logger))
    }

    fn unread_by(&self, known: &dyn Fn(&SignedEntry) -> bool, ended: &dyn Fn(Id) -> bool) -> Vec<Id> {
        let counting = self.told.iter().filter(|told| told.refused.is_none() && known(&told.entry));
        let mut settled: BTreeSet<Id> = BTreeSet::new();
        for told in counting {
            match &told.statement {
                Some(Statement::Readings(readings)) => settled.extend([readings.logger]),
                Some(Statement::Received(received)) => {
                    let unread = received.checklist.iter().flat_map(|list| &list.unread);
                    settled.extend(unread.map(|one| one.logger));
                }
                _ => {}
            }
        }
        // What another pick-up placed was owed by nobody who had not heard of it.
        let pick_ups = self.pick_ups().filter(|(entry, _)| known(entry));
        let placements = pick_ups.flat_map(|(_, started)| &started.placements);
        let mut unread: Vec<Id> = Vec::new();
        for logger in placements.map(|placement| placement.logger) {
            if !settled.contains(&logger) && !ended(logger) && !unread.contains(&logger) {
                unread.push(logger);
            }
        }
        unread
    }

    /// Whether a logger travels in it, or did as the signer of an entry saw it: by a pick-up or readings that they
    /// held, whose device was revoked since, say.
    fn travels_to(&self, entry: &SignedEntry, logger: Id) -> bool {
        let held = self.told.iter().filter(|told| told.may_have_counted() && entry.holds(&told.entry));
        let names = |told: &Told| match &told.statement {
            Some(Statement::Started(started)) => started.placements.iter().any(|one| one.logger == logger),
            Some(Statement::Readings(readings)) => readings.logger == logger,
            _ => false,
        };
        self.loggers().contains(&logger) || held.into_iter().any(names)
    }

    /// What the receivers checked, of the receipts that are known.
    fn checklists<'a>(
        &'a self,
        known: &'a dyn Fn(EntryReference) -> bool,
    ) -> impl Iterator<Item = &'a Checklist> {
        let receipts = self.receipts().filter(|received| known(received.reference));
        receipts.filter_map(|received| received.says.checklist.as_ref())
    }

    /// What each receiver counted, line by line, in the order of the story.
    pub fn counts(&self) -> impl Iterator<Item = &[u32]> {
        let lists = self.receipts().filter_map(|received| received.says.checklist.as_ref());
        lists.map(|list| list.counts.as_slice()).filter(|counts| !counts.is_empty())
    }

    /// The reasons that the receipts give: a broken seal, another count than the delivery note's, and lines that
    /// were expired when they arrived, by a receiver's word or by their own date.
    pub(super) fn found_at_receipt(&self) -> Vec<Reason> {
        let dated =
            (!self.expired_lines(UtcMillis(i64::MIN), &|_| true).is_empty()).then_some(Reason::Expired);
        let found = self.receipts().flat_map(|received| self.found_by(&received.says));
        Reason::in_order(found.chain(dated))
    }

    /// The reasons that one receiver's own word gives.
    pub(super) fn found_by(&self, received: &Received) -> Vec<Reason> {
        let Some(checklist) = &received.checklist else { return Vec::new() };
        let reasons = [
            (checklist.seal == SealFound::Broken).then_some(Reason::Observation),
            self.counted_otherwise(&checklist.counts).then_some(Reason::Count),
            (!checklist.expired.is_empty()).then_some(Reason::Expired),
        ];
        reasons.into_iter().flatten().collect()
    }

    /// What a receiver or its own date found of one line: another count than the delivery note's, and that it was
    /// expired when it arrived.
    pub(super) fn found_of_line(&self, line: u32, item: &ItemLine, judged: &LineJudgement) -> Vec<Reason> {
        let place = usize::try_from(line).unwrap_or(usize::MAX);
        let counted = self.counts().filter_map(|counts| counts.get(place));
        let differs = counted.into_iter().any(|count| *count != item.quantity);
        let by_legs = self.arrival().is_some_and(|at| judged.has_expired_by_legs(at));
        let expired = by_legs || self.expired_lines(UtcMillis(i64::MIN), &|_| true).contains(&line);
        let found = [differs.then_some(Reason::Count), expired.then_some(Reason::Expired)];
        Reason::in_order(found.into_iter().flatten())
    }

    fn counted_otherwise(&self, counts: &[u32]) -> bool {
        let lines = self.created.iter().flat_map(|created| &created.says.items);
        let expected: Vec<u32> = lines.map(|line| line.quantity).collect();
        !counts.is_empty() && counts != expected
    }

    /// The lines that are expired, from 0: those that a receiver found so, of the receipts that are known, and
    /// those whose last day had ended, in UTC, when they arrived or by `at`.
    pub(super) fn expired_lines(&self, at: UtcMillis, known: &dyn Fn(EntryReference) -> bool) -> Vec<u32> {
        let Some(arrival) = self.arrival() else { return Vec::new() };
        let told: BTreeSet<u32> = self.checklists(known).flat_map(|list| &list.expired).copied().collect();
        let items = self.created.iter().flat_map(|created| &created.says.items);
        let expired = |(line, item): (u32, &ItemLine)| {
            let past = item.expiry.as_deref().is_some_and(|expiry| has_passed(expiry, arrival.max(at)));
            (past || told.contains(&line)).then_some(line)
        };
        (0_u32..).zip(items).filter_map(expired).collect()
    }

    /// The receipt. One that is recorded late counts with its reason; where the arrival that it gives leaves
    /// out what its signer knew of, readings count up to the signature until a second person approves.
    ///
    /// Whoever receives without knowing of another receipt tells what they found as well: it counts, and puts a
    /// release in question that did not know of it. A cancellation that the signer did not know of is void.
    pub(super) fn follow_receipt(&mut self, entry: &SignedEntry, received: &Received) -> Result<(), Refusal> {
        if self.is_over_to(entry) || self.arrives_too_early(entry, received.at) {
            return Err(Refusal::OutOfOrder);
        }
        recorded(received.at, entry.at, received.reason.as_deref())?;
        if let Some(checklist) = &received.checklist {
            self.check_list(entry, checklist)?;
        }
        if self.receipts().any(|other| self.held_by(entry, other.reference)) {
            return Err(Refusal::Repeated);
        }
        let first = self.received.is_none();
        match &mut self.received {
            Some(_) => self.also_received.push(placed(entry, received.clone())),
            none => *none = Some(placed(entry, received.clone())),
        }
        self.void_cancellation();
        if !self.found_by(received).is_empty() {
            self.note_seen(entry);
        }
        if self.leaves_out(entry, received) {
            let reason = received.reason.clone().unwrap_or_default();
            let proposed = ArrivalMoved { received: entry.reference, at: received.at, reason };
            self.stock.arrivals.push(placed(entry, proposed));
        }
        if first {
            self.note_receiver(entry);
        }
        Ok(())
    }

    /// A checklist speaks of lines and of loggers of this shipment as its signer held it, and gives its reasons.
    fn check_list(&self, entry: &SignedEntry, checklist: &Checklist) -> Result<(), Refusal> {
        let lines = self.created.as_ref().map_or(0, |created| created.says.items.len());
        let counts_lines = checklist.counts.is_empty() || checklist.counts.len() == lines;
        let has_lines =
            checklist.expired.iter().all(|line| usize::try_from(*line).is_ok_and(|line| line < lines));
        let has_loggers = checklist.unread.iter().all(|one| self.travels_to(entry, one.logger));
        if !counts_lines || !has_lines || !has_loggers {
            return Err(Refusal::UnknownName);
        }
        if checklist.unread.iter().any(|one| one.reason.trim().is_empty()) {
            return Err(Refusal::MalformedBody);
        }
        Ok(())
    }
}

/// Whether the last day of an expiry date, `YYMMDD`, lies before the day of `at` in UTC; what is no date never
/// passes.
pub(super) fn has_passed(expiry: &str, at: UtcMillis) -> bool {
    let today = DateTime::<Utc>::from_timestamp_millis(at.0).map(|now| now.date_naive());
    let last = today.and_then(|today| {
        let last = Expiry::parse(expiry).ok()?.last_day(u16::try_from(today.year()).ok()?)?;
        NaiveDate::from_ymd_opt(i32::from(last.year), u32::from(last.month), u32::from(last.day))
    });
    last.zip(today).is_some_and(|(last, today)| last < today)
}
