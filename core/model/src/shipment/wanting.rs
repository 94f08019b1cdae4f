//! What is wanting of the legs before a line: those that are not held, loggers that nobody read, and time in which nobody
//! watched the goods.

use super::gathered::gather;
use super::journey::Step;
use super::judgement::{Grounds, span};
use super::served::{Served, served};
use crate::assess::Milliseconds;
use crate::record::{ItemLine, Leg, WantingLeg};
use crate::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// What is wanting of any of the legs, which come each after those that it names; `absent` are not held.
pub(super) fn wanting(
    line: &ItemLine,
    steps: &[Step<'_>],
    absent: &[Leg],
    grounds: &Grounds<'_>,
) -> Vec<WantingLeg> {
    let of_steps = steps.iter().filter_map(|step| step.wanting(grounds));
    let not_held = |Leg { shipment, line }: Leg| WantingLeg {
        shipment,
        line,
        unread: None,
        unwatched: None,
        after: Vec::new(),
    };
    let absent: BTreeSet<Leg> = absent.iter().copied().collect();
    let mut wanting: Vec<WantingLeg> = of_steps.chain(absent.iter().copied().map(not_held)).collect();
    if wanting.is_empty() {
        return wanting;
    }
    let between = between(line, steps, &absent);
    for one in &mut wanting {
        let leg = Leg { shipment: one.shipment, line: one.line };
        one.after = between.get(&leg).into_iter().flatten().copied().collect();
    }
    wanting.sort_by_key(|one| (one.shipment, one.line));
    wanting
}

/// Of every leg those that stand between it and the line by whichever way.
fn between(line: &ItemLine, steps: &[Step<'_>], absent: &BTreeSet<Leg>) -> BTreeMap<Leg, BTreeSet<Leg>> {
    let names = |line: &ItemLine, leg: &Leg| line.legs.iter().flatten().any(|one| one == leg);
    let mut between: BTreeMap<Leg, BTreeSet<Leg>> = BTreeMap::new();
    for leg in steps.iter().rev().map(|step| step.leg).chain(absent.iter().copied()) {
        let own = names(line, &leg).then(BTreeSet::new);
        let named_by = steps.iter().filter(|step| names(step.line, &leg));
        let through = named_by.map(|step| {
            let after = between.get(&step.leg).into_iter().flatten().copied();
            after.chain([step.leg]).collect::<BTreeSet<Leg>>()
        });
        let all = own.into_iter().chain(through).reduce(|one, other| &one & &other);
        between.insert(leg, all.unwrap_or_default());
    }
    between
}

impl Step<'_> {
    /// What is wanting of it: nothing where every logger that counted for the line was read while it did, and no more
    /// than 1.5 intervals of those that counted last went by between the arrival, or the last reading where the goods
    /// left before, and the moment at which they went on.
    fn wanting(&self, grounds: &Grounds<'_>) -> Option<WantingLeg> {
        let served = self.served(grounds);
        let mut unread: Vec<_> = served.iter().filter(|one| one.is_unread).map(|one| one.logger).collect();
        unread.sort();
        let unwatched = self.unwatched(&served);
        let is_whole =
            unwatched.is_none() && unread.is_empty() && served.iter().any(|one| one.last.is_some());
        let Leg { shipment, line } = self.leg;
        (!is_whole).then(|| WantingLeg { shipment, line, unread: Some(unread), unwatched, after: Vec::new() })
    }

    fn served(&self, grounds: &Grounds<'_>) -> Vec<Served> {
        let Some(profile) = self.profile() else { return Vec::new() };
        let loggers = grounds.loggers_of(self.leg.shipment, self.story);
        let gathered = gather(self.story, grounds.batches, &loggers, profile.interval_s);
        served(self.story, self.line, profile, &gathered, self.span())
    }

    /// How long nobody watched the goods up to when they went on, where that is longer than its readings may lie apart.
    fn unwatched(&self, served: &[Served]) -> Option<Milliseconds> {
        let whole = self.span();
        let Some(last) = served.iter().filter_map(|one| one.last).max() else {
            return lasts(whole.from, self.until.or(span(self.story).to));
        };
        let known_to = match self.story.arrival() {
            Some(arrival) if whole.to == Some(arrival) => arrival,
            _ => last,
        };
        let read = || served.iter().filter(|one| one.last.is_some());
        let end = read().map(|one| one.end).max();
        let longest = read().filter(|one| Some(one.end) == end).map(|one| one.longest).max();
        let longest = u64::try_from(longest.unwrap_or_default()).unwrap_or_default();
        lasts(Some(known_to), self.until).filter(|unwatched| unwatched.0 > longest)
    }
}

fn lasts(from: Option<UtcMillis>, to: Option<UtcMillis>) -> Option<Milliseconds> {
    let (from, to) = from.zip(to)?;
    Some(Milliseconds(u64::try_from(to.0.saturating_sub(from.0)).unwrap_or_default()))
}

/// Whether no more is wanting of a leg now than then: of what stood before one that was not held nobody knew anything.
pub(super) fn is_no_more(then: &[WantingLeg], now: &WantingLeg) -> bool {
    let of = |one: &WantingLeg| Leg { shipment: one.shipment, line: one.line };
    let was_absent = |leg: &Leg| then.iter().any(|one| one.unread.is_none() && of(one) == *leg);
    match then.iter().find(|one| of(one) == of(now)) {
        Some(WantingLeg { unread: Some(before), unwatched, .. }) => {
            let is_known = |unread: &Vec<_>| unread.iter().all(|logger| before.contains(logger));
            now.unread.as_ref().is_some_and(is_known) && now.unwatched <= *unwatched
        }
        Some(_) => true,
        None => now.after.iter().any(was_absent),
    }
}
