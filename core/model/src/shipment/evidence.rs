//! What a verdict rests on, so that what people said of one can be held against another.

use super::behind::is_expected;
use super::judgement::Judgement;
use super::wanting;
use crate::assess::{Assessment, Excursion, Gap, Milliseconds, Reason};
use crate::id::Id;
use crate::profile::Bound;
use crate::reading::Channel;
use crate::record::{
    AssessmentRecord, BarringLeg, LegClocks, LegSeries, LineAssessment, LineBudget, WantingLeg,
};
use crate::time::UtcMillis;
use std::collections::{BTreeMap, BTreeSet};

/// The reasons that lie in no number of a series and that a line has by itself: by its legs, or for want of readings.
const OF_LINES: [Reason; 5] =
    [Reason::LegNotReleased, Reason::LegMissing, Reason::PartnerUnknown, Reason::NoReadings, Reason::Clock];

/// Whose assessment: an item line's, or none's; and the place among those of one logger and channel.
type Key = (Option<u32>, Id, Channel, usize);

/// The assessments and budgets of a verdict, signed or computed now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    series: BTreeMap<Key, Assessment>,
    budgets: BTreeMap<(u32, String), Milliseconds>,
    /// Which lines have which of the reasons that lie in no number.
    of_lines: BTreeSet<(Reason, u32)>,
    /// How the legs stood that bar a line; nothing of a line where an earlier release signed.
    barring: BTreeMap<u32, Vec<BarringLeg>>,
    /// What was wanting of the legs before a line; nothing of a line where an earlier release signed.
    wanting: BTreeMap<u32, Vec<WantingLeg>>,
    /// The clocks that differ by the legs before a line; nothing of a line where an earlier release signed.
    clocks: BTreeMap<u32, Vec<LegClocks>>,
}

impl Evidence {
    /// What a signed verdict rests on.
    pub(super) fn of_record(record: &AssessmentRecord) -> Self {
        let series = record.series.iter().map(|one| (one.logger, one.channel, one.assessment.clone()));
        Self::gathered(series, record.lines.iter().flatten())
    }

    /// What the verdict as of now rests on.
    pub(super) fn of_judgement(judgement: &Judgement) -> Self {
        let series = judgement.series.iter().map(|one| (one.logger, one.channel, one.assessment.clone()));
        let lines: Vec<LineAssessment> =
            (0_u32..).zip(&judgement.lines).map(|(place, line)| line.to_record(place)).collect();
        Self::gathered(series, lines.iter())
    }

    /// Whether more or less of a line's budget is used than there.
    pub(super) fn uses_otherwise(&self, other: &Self) -> bool {
        self.budgets != other.budgets
    }

    /// Whether both tell the same excursions of every series, whatever judges them, and the same of every budget.
    pub(super) fn same_excursions(&self, other: &Self) -> bool {
        fn of(evidence: &Evidence) -> impl Iterator<Item = (&Key, &Vec<Excursion>)> {
            evidence.series.iter().map(|(key, one)| (key, &one.excursions)).filter(|(_, all)| !all.is_empty())
        }
        of(self).eq(of(other)) && !self.uses_otherwise(other)
    }

    fn gathered<'a>(
        series: impl Iterator<Item = (Id, Channel, Assessment)>,
        lines: impl Iterator<Item = &'a LineAssessment>,
    ) -> Self {
        let mut evidence = Self::default();
        for (logger, channel, assessment) in series {
            evidence.add(None, logger, channel, assessment);
        }
        for line in lines {
            let assessments = line.assessments.iter().flatten();
            for (series, assessment) in line.series.iter().zip(assessments) {
                evidence.add(Some(line.line), series.logger, series.channel, assessment.clone());
            }
            let budget = |budget: &LineBudget| ((line.line, budget.id.clone()), budget.used_max);
            evidence.budgets.extend(line.budgets.iter().map(budget));
            let of_line = line.reasons.iter().filter(|reason| OF_LINES.contains(reason));
            evidence.barring.extend(line.barring.iter().map(|legs| (line.line, legs.clone())));
            evidence.wanting.extend(line.wanting.iter().map(|legs| (line.line, legs.clone())));
            evidence.clocks.extend(line.clocks.iter().map(|clocks| (line.line, clocks.clone())));
            evidence.of_lines.extend(of_line.map(|reason| (*reason, line.line)));
        }
        evidence
    }

    fn add(&mut self, line: Option<u32>, logger: Id, channel: Channel, assessment: Assessment) {
        let count =
            self.series.range((line, logger, channel, 0)..=(line, logger, channel, usize::MAX)).count();
        self.series.insert((line, logger, channel, count), assessment);
    }

    /// Whether all that gives a reason here gave it there as well: no stretch longer, no reading further out, no
    /// other line.
    ///
    /// Reasons that lie in neither, such as what people saw, are told by the entries, not here.
    pub(super) fn within(&self, earlier: &Self, reason: Reason) -> bool {
        let mut of_lines = self.of_lines.iter().filter(|(of_line, _)| *of_line == reason);
        let unread = |now: &Assessment, then: &Assessment| {
            !now.reasons.contains(&reason) || then.reasons.contains(&reason)
        };
        of_lines.all(|one| earlier.of_lines.contains(one))
            && (reason != Reason::LegNotReleased || self.legs_within(earlier))
            && (reason != Reason::LegMissing || self.wanting_within(earlier))
            && (reason != Reason::Clock || self.clocks_within(earlier))
            && (reason != Reason::NoReadings || self.each(earlier, unread))
            && self.numbers_within(earlier, reason)
    }

    /// Whether each leg that bars barred then as well, and stood no better, where that was signed.
    fn legs_within(&self, earlier: &Self) -> bool {
        self.barring.iter().all(|(line, now)| {
            earlier
                .barring
                .get(line)
                .is_none_or(|then| now.iter().all(|now| then.iter().any(|then| stood_no_better(then, now))))
        })
    }

    /// Whether no more was wanting of the legs than then, where that was signed.
    fn wanting_within(&self, earlier: &Self) -> bool {
        let then = |line: &u32| earlier.wanting.get(line);
        self.wanting.iter().all(|(line, now)| {
            then(line).is_none_or(|then| now.iter().all(|now| wanting::is_no_more(then, now)))
        })
    }

    /// Whether the clocks of the legs were to be expected to differ so by what was signed then.
    fn clocks_within(&self, earlier: &Self) -> bool {
        self.clocks.iter().all(|(line, now)| {
            earlier.clocks.get(line).is_none_or(|then| now.iter().all(|now| is_expected(now, then)))
        })
    }

    /// The same of numbers alone.
    fn numbers_within(&self, earlier: &Self, reason: Reason) -> bool {
        let compare: fn(&Assessment, &Assessment) -> bool = match reason {
            Reason::Gap => gaps,
            Reason::GapWorstCase => |now, then| gaps(now, then) && at_worst(now, then),
            Reason::OutWithoutAlarm => excursions,
            Reason::Warning => |now, then| excursions(now, then) && alarms(now, then),
            Reason::Freeze => |now, then| coldest(now, then) && excursions(now, then),
            Reason::BudgetUsed => budgets,
            _ => return true,
        };
        self.each(earlier, compare) && (reason != Reason::BudgetUsed || self.no_more_used(earlier))
    }

    /// Whether every excursion, alarm and budget used stood there as well.
    pub(super) fn excursions_within(&self, earlier: &Self) -> bool {
        let same = |now: &Assessment, then: &Assessment| {
            excursions(now, then) && alarms(now, then) && budgets(now, then)
        };
        self.each(earlier, same) && self.no_more_used(earlier)
    }

    fn each(&self, earlier: &Self, within: impl Fn(&Assessment, &Assessment) -> bool) -> bool {
        self.series.iter().all(|(key, now)| match earlier.series.get(key) {
            Some(then) => within(now, then),
            // A series that was not there may have nothing to tell.
            None => within(now, &untroubled(now)),
        })
    }

    fn no_more_used(&self, earlier: &Self) -> bool {
        self.budgets.iter().all(|(budget, used)| {
            used.0 <= earlier.budgets.get(budget).map_or(0, |before: &Milliseconds| before.0)
        })
    }
}

fn stood_no_better(then: &BarringLeg, now: &BarringLeg) -> bool {
    (then.shipment, then.line) == (now.shipment, now.line)
        && now.stood <= then.stood
        && now.verdict <= then.verdict
        && now.reasons.iter().all(|reason| then.reasons.contains(reason))
        && then
            .measured
            .as_ref()
            .is_none_or(|then| were_out(then, now.measured.as_deref().unwrap_or_default()))
        && then.said.as_ref().is_none_or(|then| now.said.iter().flatten().all(|now| then.contains(now)))
        && then
            .clocks
            .as_ref()
            .is_none_or(|then| now.clocks.iter().flatten().all(|now| is_expected(now, then)))
}

/// Whether a leg's series were out of range as far, and unread as long. One of a logger that was placed more than once
/// has several, which nothing tells apart: the longest gaps are held against the longest.
fn were_out(then: &[LegSeries], now: &[LegSeries]) -> bool {
    let key = |one: &LegSeries| (one.shipment, one.logger, one.channel);
    now.iter().all(|one| {
        let same = |other: &&LegSeries| key(other) == key(one);
        let excursions = || then.iter().filter(same).flat_map(|then| &then.excursions);
        let as_long =
            |all: &[LegSeries]| all.iter().filter(same).filter(|other| other.gaps.0 >= one.gaps.0).count();
        let out = one.excursions.iter().all(|now| excursions().any(|before| covers(before, now)));
        out && (one.gaps.0 == 0 || as_long(now) <= as_long(then))
    })
}

/// An assessment of the same profile with nothing in it.
fn untroubled(of: &Assessment) -> Assessment {
    let mut none = of.clone();
    none.excursions.clear();
    none.gaps.clear();
    none.alarms.clear();
    none.budgets.clear();
    none.reasons.clear();
    none.statistics.min = None;
    none.statistics.above_max = Milliseconds(0);
    none.statistics.below_max = Milliseconds(0);
    none
}

fn gaps(now: &Assessment, then: &Assessment) -> bool {
    let known = |gap: &Gap| then.gaps.iter().any(|before| before.from <= gap.from && gap.to <= before.to);
    now.gaps.iter().all(known)
}

fn at_worst(now: &Assessment, then: &Assessment) -> bool {
    let (now, then) = (&now.statistics, &then.statistics);
    now.above_max.0 <= then.above_max.0 && now.below_max.0 <= then.below_max.0
}

fn excursions(now: &Assessment, then: &Assessment) -> bool {
    now.excursions.iter().all(|one| then.excursions.iter().any(|before| covers(before, one)))
}

fn covers(before: &Excursion, one: &Excursion) -> bool {
    let no_further = match one.bound {
        Bound::Above => one.extreme <= before.extreme,
        Bound::Below => one.extreme >= before.extreme,
    };
    before.bound == one.bound && no_further && before.begin <= one.begin && until(one) <= until(before)
}

/// The end; of an open one what was proven so far.
fn until(one: &Excursion) -> UtcMillis {
    let proven = i64::try_from(one.duration.0).unwrap_or(i64::MAX);
    one.end.unwrap_or(UtcMillis(one.begin.0.saturating_add(proven)))
}

fn alarms(now: &Assessment, then: &Assessment) -> bool {
    now.fired().all(|alarm| {
        let mut known = then.fired().filter(|before| before.rule.id == alarm.rule.id);
        known.any(|before| alarm.accumulated.0 <= before.accumulated.0)
    })
}

fn budgets(now: &Assessment, then: &Assessment) -> bool {
    now.budgets.iter().all(|budget| {
        let before = then.budgets.iter().find(|before| before.id == budget.id);
        budget.used_max.0 <= before.map_or(0, |before| before.used_max.0)
    })
}

fn coldest(now: &Assessment, then: &Assessment) -> bool {
    let frost = |assessment: &Assessment| assessment.statistics.min.filter(|min| min.0 < 0);
    frost(now).is_none_or(|min| frost(then).is_some_and(|before| before <= min))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Quantity;

    #[test]
    fn a_leg_was_unread_for_longer_where_any_stay_of_a_logger_was_whatever_the_longest_is() {
        let channel = Channel { quantity: Quantity::Temperature, probe: 0 };
        let series = |minutes: u64| LegSeries {
            shipment: Id([4; 16]),
            logger: Id([3; 16]),
            channel,
            excursions: Vec::new(),
            gaps: Milliseconds(minutes * 60_000),
        };
        for (then, now, no_more) in [
            (&[30, 60][..], &[60, 30][..], true),
            (&[30, 60], &[50, 60], false),
            (&[60], &[60, 20], false),
            (&[60, 30], &[60, 20], true),
            (&[60, 30], &[60], true),
            (&[60], &[70], false),
            (&[], &[1], false),
        ] {
            let of = |all: &[u64]| all.iter().copied().map(series).collect::<Vec<_>>();
            assert_eq!(were_out(&of(then), &of(now)), no_more, "{then:?} {now:?}");
        }
    }
}
