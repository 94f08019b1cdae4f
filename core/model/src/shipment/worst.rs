//! One shipment judged by each of several histories of what went before it: the worst that any of them shows counts.

use super::behind::most_of;
use super::judgement::Judgement;
use super::line::LineJudgement;
use crate::api::{ForeignLegShown, LegWarning};
use crate::assess::{Assessment, BudgetState, Reason};
use crate::record::{BarringLeg, BudgetKnown, LegStood, LineBudget, LineSeries, Recognition, WantingLeg};
use crate::time::UtcMillis;

impl Judgement {
    /// The same shipment judged by another history as well: every reason, every leg that bars or of which something is
    /// wanting, and of each budget the larger use. Its own readings are the same in both.
    #[must_use]
    pub fn or_worse(mut self, other: Self) -> Self {
        self.verdict = self.verdict.max(other.verdict);
        self.reasons = both_reasons(&self.reasons, &other.reasons);
        for (line, other) in self.lines.iter_mut().zip(other.lines) {
            line.worsen(other);
        }
        self
    }
}

impl LineJudgement {
    fn worsen(&mut self, other: Self) {
        self.verdict = self.verdict.max(other.verdict);
        self.reasons = both_reasons(&self.reasons, &other.reasons);
        self.series = worse_series(std::mem::take(&mut self.series), other.series);
        for budget in other.budgets {
            worsen(&mut self.budgets, budget, |one, other| one.id == other.id, use_more);
        }
        for leg in other.barring {
            let same =
                |one: &BarringLeg, leg: &BarringLeg| (one.shipment, one.line) == (leg.shipment, leg.line);
            worsen(&mut self.barring, leg, same, bar_more);
        }
        for leg in other.wanting {
            let same =
                |one: &WantingLeg, leg: &WantingLeg| (one.shipment, one.line) == (leg.shipment, leg.line);
            worsen(&mut self.wanting, leg, same, want_more);
        }
        self.wanting.sort_by_key(|one| (one.shipment, one.line));
        for leg in other.leg_warnings {
            let same = |one: &LegWarning, leg: &LegWarning| {
                (one.shipment, one.leg_line) == (leg.shipment, leg.leg_line)
            };
            worsen(&mut self.leg_warnings, leg, same, |one, leg| add_new(&mut one.differs, leg.differs));
        }
        for leg in other.foreign_legs {
            let same = |one: &ForeignLegShown, leg: &ForeignLegShown| {
                (one.shipment, one.leg_line) == (leg.shipment, leg.leg_line)
            };
            worsen(&mut self.foreign_legs, leg, same, come_from);
        }
        add_new(&mut self.behind_legs, other.behind_legs);
        add_new(&mut self.last_days, other.last_days);
        self.own |= other.own;
    }
}

/// Puts into the one that is the same thing what the other tells of it, or adds it.
fn worsen<T>(all: &mut Vec<T>, other: T, same: impl Fn(&T, &T) -> bool, both: impl FnOnce(&mut T, T)) {
    match all.iter_mut().find(|one| same(one, &other)) {
        Some(one) => both(one, other),
        None => all.push(other),
    }
}

fn add_new<T: PartialEq>(all: &mut Vec<T>, others: Vec<T>) {
    for other in others {
        if !all.contains(&other) {
            all.push(other);
        }
    }
}

fn both_reasons(one: &[Reason], other: &[Reason]) -> Vec<Reason> {
    Reason::in_order(one.iter().chain(other).copied())
}

fn earlier(one: Option<UtcMillis>, other: Option<UtcMillis>) -> Option<UtcMillis> {
    one.into_iter().chain(other).min()
}

/// The line's own readings after each history: of the same series the worse, with the reasons of both.
fn worse_series(
    one: Vec<(LineSeries, Assessment)>,
    other: Vec<(LineSeries, Assessment)>,
) -> Vec<(LineSeries, Assessment)> {
    let mut all = one;
    for other in other {
        let same = |one: &(LineSeries, Assessment), other: &(LineSeries, Assessment)| {
            let of = |series: &LineSeries| (series.logger, series.channel, series.window);
            of(&one.0) == of(&other.0)
        };
        worsen(&mut all, other, same, |one, other| {
            one.0.verdict = one.0.verdict.max(other.0.verdict);
            be_worse(&mut one.1, other.1);
        });
    }
    all
}

fn be_worse(one: &mut Assessment, mut other: Assessment) {
    let used =
        |of: &Assessment| of.budgets.iter().map(|budget| budget.used_max.0).fold(0, u64::saturating_add);
    let by = |of: &Assessment| (of.verdict, of.excursions.len(), used(of));
    if by(&other) > by(one) {
        std::mem::swap(one, &mut other);
    }
    one.reasons = both_reasons(&one.reasons, &other.reasons);
    for budget in other.budgets {
        worsen(
            &mut one.budgets,
            budget,
            |one, other| one.id == other.id,
            |one: &mut BudgetState, other| {
                one.used = one.used.max(other.used);
                one.used_max = one.used_max.max(other.used_max);
                one.spent_at = earlier(one.spent_at, other.spent_at);
            },
        );
    }
}

fn use_more(one: &mut LineBudget, other: LineBudget) {
    one.allowance_s = one.allowance_s.min(other.allowance_s);
    one.used = one.used.max(other.used);
    one.used_max = one.used_max.max(other.used_max);
    one.used_before = one.used_before.max(other.used_before);
    one.spent_at = earlier(one.spent_at, other.spent_at);
    if other.known == BudgetKnown::LegMissing {
        one.known = BudgetKnown::LegMissing;
    }
}

/// A leg that was released by one history and not by the other stands as by the other.
fn bar_more(one: &mut BarringLeg, other: BarringLeg) {
    let stood: LegStood = one.stood.max(other.stood);
    one.stood = stood;
    one.verdict = one.verdict.max(other.verdict);
    one.reasons = both_reasons(&one.reasons, &other.reasons);
    if let Some(measured) = other.measured {
        add_new(one.measured.get_or_insert_default(), measured);
    }
    if let Some(said) = other.said {
        let all = one.said.get_or_insert_default();
        add_new(all, said);
        all.sort();
    }
    if let Some(clocks) = other.clocks {
        one.clocks = Some(most_of(one.clocks.take().into_iter().flatten().chain(clocks)));
    }
}

/// Of a leg that one history does not hold nothing is known by that one; only what stands in between by both excuses it.
fn want_more(one: &mut WantingLeg, other: WantingLeg) {
    one.unread = one.unread.take().zip(other.unread).map(|(mut unread, others)| {
        add_new(&mut unread, others);
        unread.sort();
        unread
    });
    one.unwatched = one.unwatched.max(other.unwatched);
    one.after.retain(|leg| other.after.contains(leg));
}

fn come_from(one: &mut ForeignLegShown, other: ForeignLegShown) {
    if other.recognition == Recognition::Unknown {
        one.recognition = Recognition::Unknown;
    }
    let differs = |leg: &ForeignLegShown| leg.clock_difference.as_ref().map(|clock| clock.difference_s);
    if differs(&other) > differs(one) {
        one.clock_difference = other.clock_difference;
    }
    one.histories = one.histories.max(other.histories);
}
