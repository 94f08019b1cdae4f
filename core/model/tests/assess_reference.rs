//! The assessment against a slow one that is written straight from the text of the rules: every second
//! and every reading is judged by looking at the whole series again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_model::assess::{EndedBy, Reason, Sample, Span, Verdict, assess_series};
use firn_model::profile::{AlarmMode, AlarmRule, Bound, Budget, Freeze, Limits, Profile, Scale, Severity};
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Whole seconds and milli-degrees.
struct Slow<'a> {
    profile: &'a Profile,
    interval: i64,
    begin: i64,
    end: i64,
    readings: Vec<(i64, i32)>,
    times: Vec<i64>,
    at: BTreeMap<i64, Vec<i32>>,
}

/// `[from, to)` between neighbouring times or an end of the span: the times beside it, and if it is data.
struct Piece {
    from: i64,
    to: i64,
    before: Option<i64>,
    after: Option<i64>,
    data: bool,
}

/// Side, begin, end, what ended it, seconds, extreme, milli-degree-seconds.
type Row = (i32, i64, Option<i64>, EndedBy, i64, i32, i64);

impl<'a> Slow<'a> {
    fn new(
        profile: &'a Profile,
        readings: &[(i64, i32)],
        interval: i64,
        span: (Option<i64>, Option<i64>),
    ) -> Self {
        let inside = |time: i64| span.0.is_none_or(|from| time >= from) && span.1.is_none_or(|to| time <= to);
        let readings: Vec<_> = readings.iter().copied().filter(|(time, _)| inside(*time)).collect();
        let mut at: BTreeMap<i64, Vec<i32>> = BTreeMap::new();
        readings.iter().for_each(|(time, value)| at.entry(*time).or_default().push(*value));
        let times: Vec<i64> = at.keys().copied().collect();
        let begin = span.0.or(times.first().copied());
        let end = span.1.or(times.last().copied());
        let (begin, end) = begin.zip(end).unwrap_or((0, 0));
        Self { profile, interval, begin, end, readings, times, at }
    }

    fn pieces(&self) -> Vec<Piece> {
        let mut edges = vec![(self.begin, None)];
        edges.extend(self.times.iter().map(|time| (*time, Some(*time))));
        edges.push((self.end, None));
        let short = |length: i64| 2 * length <= 3 * self.interval;
        edges
            .windows(2)
            .filter(|pair| pair[1].0 > pair[0].0)
            .map(|pair| Piece {
                from: pair[0].0,
                to: pair[1].0,
                before: pair[0].1,
                after: pair[1].1,
                data: pair[0].1.is_some() && short(pair[1].0 - pair[0].0),
            })
            .collect()
    }

    /// The value that decides at a time for the limits.
    fn value(&self, time: i64) -> i32 {
        let Limits { min, max } = self.profile.limits;
        let outside = |value: i32| (value - max.0).max(min.0 - value);
        let values = &self.at[&time];
        let furthest = values.iter().map(|value| outside(*value)).max().unwrap();
        *values.iter().filter(|value| outside(**value) == furthest).min().unwrap()
    }

    fn side_of(&self, value: i32) -> i32 {
        i32::from(value > self.profile.limits.max.0) - i32::from(value < self.profile.limits.min.0)
    }

    fn side(&self, time: i64) -> i32 {
        self.side_of(self.value(time))
    }

    fn in_band(&self, budget: &Budget, value: i32) -> bool {
        self.side_of(value) != 0 && value >= budget.from.0 && value <= budget.to.0
    }

    fn covered(&self, value: i32) -> bool {
        self.profile.budgets.iter().any(|budget| self.in_band(budget, value))
    }

    fn beyond(rule: &AlarmRule, value: i32) -> bool {
        match (rule.bound, rule.inclusive) {
            (Bound::Above, false) => value > rule.limit.0,
            (Bound::Above, true) => value >= rule.limit.0,
            (Bound::Below, false) => value < rule.limit.0,
            (Bound::Below, true) => value <= rule.limit.0,
        }
    }

    fn out(&self, rule: &AlarmRule, time: i64) -> bool {
        self.at[&time].iter().any(|value| Self::beyond(rule, *value))
    }

    /// Data pieces that begin out and end at or before `until`; of a single alarm only the last stretch.
    fn accumulated(&self, rule: &AlarmRule, until: i64) -> i64 {
        let mut total = 0;
        for piece in self.pieces().iter().filter(|piece| piece.to <= until).rev() {
            let counts = piece.data && piece.before.is_some_and(|time| self.out(rule, time));
            if counts {
                total += piece.to - piece.from;
            } else if rule.mode == AlarmMode::Single {
                break;
            }
        }
        total
    }

    fn fires(&self, rule: &AlarmRule) -> Option<i64> {
        let ready = |time: &&i64| {
            self.out(rule, **time) && self.accumulated(rule, **time) >= i64::from(rule.allowance_s)
        };
        self.times.iter().find(ready).copied()
    }

    /// Whether a value beyond the limit at that time is in no budget's band.
    fn bare(&self, rule: &AlarmRule, time: i64) -> bool {
        self.at[&time].iter().any(|value| Self::beyond(rule, *value) && !self.covered(*value))
    }

    /// The times beyond the limit that hang together with one: of a cumulative alarm all, of a single one those
    /// between times that are not beyond it, and between gaps where these part them.
    fn stretch(&self, rule: &AlarmRule, time: i64, gaps_part: bool) -> Vec<i64> {
        if rule.mode == AlarmMode::Cumulative {
            return self.times.iter().copied().filter(|time| self.out(rule, *time)).collect();
        }
        let parted = |one: i64, other: i64| {
            gaps_part
                && self.pieces().iter().any(|piece| !piece.data && piece.from == one && piece.to == other)
        };
        let place = self.times.iter().position(|one| *one == time).unwrap();
        let (mut first, mut last) = (place, place);
        while first > 0
            && self.out(rule, self.times[first - 1])
            && !parted(self.times[first - 1], self.times[first])
        {
            first -= 1;
        }
        while last + 1 < self.times.len()
            && self.out(rule, self.times[last + 1])
            && !parted(self.times[last], self.times[last + 1])
        {
            last += 1;
        }
        self.times[first..=last].to_vec()
    }

    /// Whether it fires in a stretch with a reading that no budget covers.
    fn fires_bare(&self, rule: &AlarmRule) -> bool {
        self.times.iter().any(|time| {
            self.out(rule, *time)
                && self.accumulated(rule, *time) >= i64::from(rule.allowance_s)
                && self.stretch(rule, *time, true).iter().any(|one| self.bare(rule, *one))
        })
    }

    /// Whether it would fire if the goods were out in every gap that touches a reading out, in a stretch with a
    /// reading that no budget covers.
    fn might_fire(&self, rule: &AlarmRule) -> bool {
        let out = |time: Option<i64>| time.is_some_and(|time| self.out(rule, time));
        let pieces = self.pieces();
        (0..pieces.len()).any(|last| {
            let at_gap = !pieces[last].data && (out(pieces[last].before) || out(pieces[last].after));
            if !(at_gap || out(pieces[last].after)) {
                return false;
            }
            let mut total = 0;
            for piece in pieces[..=last].iter().rev() {
                let counts = out(piece.before) || (!piece.data && out(piece.after));
                total += if counts { piece.to - piece.from } else { 0 };
                let unbroken = counts && out(piece.before);
                if rule.mode == AlarmMode::Single && !unbroken {
                    break;
                }
            }
            let Piece { before, after, .. } = pieces[last];
            let anchor = before.filter(|time| self.out(rule, *time)).or(after).unwrap();
            total >= i64::from(rule.allowance_s)
                && self.stretch(rule, anchor, false).iter().any(|one| self.bare(rule, *one))
        })
    }

    fn excursions(&self) -> Vec<Row> {
        let pieces = self.pieces();
        let after = |time: i64| pieces.iter().find(|piece| piece.before == Some(time));
        let joined = |time: i64| {
            pieces.iter().any(|piece| {
                piece.after == Some(time)
                    && piece.data
                    && piece.before.is_some_and(|before| self.side(before) == self.side(time))
            })
        };
        let begins = self.times.iter().copied().filter(|time| self.side(*time) != 0 && !joined(*time));
        begins
            .map(|begin| {
                let side = self.side(begin);
                let (mut time, mut seconds, mut area, mut extreme) = (begin, 0, 0, self.value(begin));
                let (end, ended_by) = loop {
                    let value = self.value(time);
                    extreme = if side > 0 { extreme.max(value) } else { extreme.min(value) };
                    match after(time) {
                        None => break (None, EndedBy::Open),
                        Some(piece) if !piece.data => break (Some(time), EndedBy::Gap),
                        Some(piece) => {
                            seconds += piece.to - piece.from;
                            let Limits { min, max } = self.profile.limits;
                            let distance = if side > 0 { value - max.0 } else { min.0 - value };
                            area += i64::from(distance) * (piece.to - piece.from);
                            match piece.after {
                                None => break (None, EndedBy::Open),
                                Some(next) if self.side(next) == side => time = next,
                                Some(next) if self.side(next) == 0 => break (Some(next), EndedBy::Reading),
                                Some(next) => break (Some(next), EndedBy::Crossed),
                            }
                        }
                    }
                };
                (side, begin, end, ended_by, seconds, extreme, area)
            })
            .collect()
    }

    /// The first second of the band's time that is beyond the allowance begins here.
    fn spent_at(&self, budget: &Budget) -> Option<i64> {
        let pieces = self.pieces();
        let seconds = pieces
            .iter()
            .filter(|piece| {
                piece.data && piece.before.is_some_and(|time| self.in_band(budget, self.value(time)))
            })
            .flat_map(|piece| piece.from..piece.to);
        seconds.skip(budget.allowance_s as usize).take(1).last()
    }

    fn might_spend(&self, budget: &Budget) -> bool {
        let in_band = |time: Option<i64>| time.is_some_and(|time| self.in_band(budget, self.value(time)));
        let pieces = self.pieces();
        let counts = |piece: &&Piece| in_band(piece.before) || (!piece.data && in_band(piece.after));
        pieces.iter().filter(counts).map(|piece| piece.to - piece.from).sum::<i64>()
            > i64::from(budget.allowance_s)
    }

    /// Seconds of proven time on a side, and with the gaps that touch it.
    fn time_on(&self, side: i32) -> (i64, i64) {
        let on = |time: Option<i64>| time.is_some_and(|time| self.side(time) == side);
        let length = |keep: &dyn Fn(&Piece) -> bool| {
            self.pieces().iter().filter(|piece| keep(piece)).map(|piece| piece.to - piece.from).sum::<i64>()
        };
        let proven = length(&|piece| piece.data && on(piece.before));
        (proven, proven + length(&|piece| !piece.data && (on(piece.before) || on(piece.after))))
    }

    fn verdict(&self) -> (Verdict, Vec<Reason>) {
        let profile = self.profile;
        let long = |piece: &Piece| !piece.data && 2 * (piece.to - piece.from) > 3 * self.interval;
        let hides_alarm = |rule: &AlarmRule| !self.fires_bare(rule) && self.might_fire(rule);
        let hides_budget = |budget: &Budget| self.spent_at(budget).is_none() && self.might_spend(budget);
        let decides = |rule: &&AlarmRule| rule.severity != Severity::Warning && self.fires_bare(rule);
        let bare = |side| {
            self.readings.iter().any(|(_, value)| self.side_of(*value) == side && !self.covered(*value))
        };
        let mut excursion = profile.budgets.iter().any(|budget| self.spent_at(budget).is_some());
        let mut silent = false;
        for (bound, side) in [(Bound::Above, 1), (Bound::Below, -1)] {
            let alarms: Vec<_> = profile.alarms.iter().filter(|rule| rule.bound == bound).collect();
            let decided = alarms.iter().copied().any(|rule| decides(&rule));
            excursion |= decided || (bare(side) && alarms.is_empty());
            silent |= bare(side) && !alarms.is_empty() && !decided;
        }
        let warned = profile
            .alarms
            .iter()
            .any(|rule| rule.severity == Severity::Warning && self.fires(rule).is_some());
        let frozen =
            profile.freeze == Some(Freeze::Sensitive) && self.readings.iter().any(|(_, value)| *value < 0);
        let reasons: Vec<_> = [
            (self.readings.is_empty(), Reason::NoReadings),
            (self.pieces().iter().any(long), Reason::Gap),
            (
                profile.alarms.iter().any(hides_alarm) || profile.budgets.iter().any(hides_budget),
                Reason::GapWorstCase,
            ),
            (silent, Reason::OutWithoutAlarm),
            (warned, Reason::Warning),
            (frozen, Reason::Freeze),
            (self.readings.iter().any(|(_, value)| self.covered(*value)), Reason::BudgetUsed),
        ]
        .into_iter()
        .filter_map(|(holds, reason)| holds.then_some(reason))
        .collect();
        let verdict = match (excursion, reasons.is_empty()) {
            (true, _) => Verdict::Excursion,
            (false, false) => Verdict::Review,
            (false, true) => Verdict::Ok,
        };
        (verdict, reasons)
    }

    /// Mean and mean kinetic temperature in °C, by the platform's own floating point.
    fn means(&self) -> Option<(f64, f64)> {
        let average = |time: i64| {
            let values = &self.at[&time];
            values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64 / 1e3
        };
        let rate = |celsius: f64| (-10_000.0 / (celsius + 273.15)).exp();
        let mut weighted: Vec<(f64, f64)> = Vec::new();
        for piece in self.pieces().iter().filter(|piece| piece.data) {
            if let (Some(before), Some(after)) = (piece.before, piece.after) {
                let weight = (piece.to - piece.from) as f64 / 2.0;
                weighted.extend([(weight, average(before)), (weight, average(after))]);
            }
        }
        if weighted.is_empty() {
            weighted = self.times.iter().map(|time| (1.0, average(*time))).collect();
        }
        let total: f64 = weighted.iter().map(|(weight, _)| weight).sum();
        let mean = weighted.iter().map(|(weight, value)| weight * value).sum::<f64>() / total;
        let rate = weighted.iter().map(|(weight, value)| weight * rate(*value)).sum::<f64>() / total;
        (!weighted.is_empty()).then(|| (mean, 10_000.0 / -rate.ln() - 273.15))
    }
}

fn time(second: i64) -> UtcMillis {
    UtcMillis(second * 1000)
}

fn compare(
    profile: &Profile,
    readings: &[(i64, i32)],
    interval: Option<u32>,
    span: (Option<i64>, Option<i64>),
) {
    let samples: Vec<_> =
        readings.iter().map(|(at, value)| Sample { time: time(*at), value: MilliCelsius(*value) }).collect();
    let given = Span { from: span.0.map(time), to: span.1.map(time) };
    let fast = assess_series(profile, &samples, interval, given);
    let slow = Slow::new(profile, readings, i64::from(interval.unwrap_or(profile.interval_s)), span);
    assert_eq!((fast.verdict, fast.reasons.clone()), slow.verdict());
    let excursions: Vec<_> = fast
        .excursions
        .iter()
        .map(|one| {
            let side = if one.bound == Bound::Above { 1 } else { -1 };
            let end = one.end.map(|end| end.0 / 1000);
            (
                side,
                one.begin.0 / 1000,
                end,
                one.ended_by,
                one.duration.0 as i64 / 1000,
                one.extreme.0,
                one.degree_minutes.0 as i64,
            )
        })
        .collect();
    let expected: Vec<_> = slow
        .excursions()
        .into_iter()
        .map(|(side, begin, end, by, seconds, extreme, area)| {
            (side, begin, end, by, seconds, extreme, (area + 30) / 60)
        })
        .collect();
    assert_eq!(excursions, expected);
    let alarms: Vec<_> = fast.alarms.iter().map(|alarm| alarm.triggered_at).collect();
    let expected: Vec<_> = profile.alarms.iter().map(|rule| slow.fires(rule).map(time)).collect();
    assert_eq!(alarms, expected);
    let budgets: Vec<_> = fast.budgets.iter().map(|budget| budget.spent_at).collect();
    let expected: Vec<_> = profile.budgets.iter().map(|budget| slow.spent_at(budget).map(time)).collect();
    assert_eq!(budgets, expected);
    let (above, above_max) = slow.time_on(1);
    let (below, below_max) = slow.time_on(-1);
    let numbers = fast.statistics;
    let seconds = [numbers.above, numbers.above_max, numbers.below, numbers.below_max, numbers.span];
    assert_eq!(
        seconds.map(|length| length.0 as i64 / 1000),
        [above, above_max, below, below_max, slow.end - slow.begin]
    );
    let (in_range, _) = slow.time_on(0);
    assert_eq!(numbers.in_range.0 as i64 / 1000, in_range);
    let means = numbers.mean.zip(numbers.mkt).map(|(mean, mkt)| (mean.0 as f64 / 1e6, mkt.0 as f64 / 1e6));
    match (means, slow.means()) {
        (Some((mean, mkt)), Some((slow_mean, slow_mkt))) => {
            assert!((mean - slow_mean).abs() < 1e-6, "{mean} {slow_mean}");
            assert!((mkt - slow_mkt).abs() < 2e-6, "{mkt} {slow_mkt}");
        }
        (fast, slow) => assert_eq!(fast, slow),
    }
}

fn any_bound() -> impl Strategy<Value = Bound> {
    prop::sample::select(vec![Bound::Above, Bound::Below])
}

fn any_alarm() -> impl Strategy<Value = AlarmRule> {
    let mode = prop::sample::select(vec![AlarmMode::Single, AlarmMode::Cumulative]);
    let severity = prop::sample::select(vec![Severity::Warning, Severity::Alarm, Severity::Critical]);
    let limit = prop::sample::select(vec![-500, 2000, 5000, 8000, 12_000]);
    (any_bound(), limit, mode, prop::sample::select(vec![0_u32, 10, 25, 60]), severity, any::<bool>())
        .prop_map(|(bound, limit, mode, allowance_s, severity, inclusive)| AlarmRule {
            id: String::new(),
            bound,
            limit: MilliCelsius(limit),
            mode,
            allowance_s,
            severity,
            inclusive,
        })
}

fn any_profile() -> impl Strategy<Value = Profile> {
    let budget = (prop::sample::select(vec![(8000, 12_000), (9000, 15_000), (0, 2000)]), 0_u32..80).prop_map(
        |((from, to), allowance_s)| Budget {
            id: "band".to_owned(),
            from: MilliCelsius(from),
            to: MilliCelsius(to),
            allowance_s,
        },
    );
    let freeze = prop::option::of(prop::sample::select(vec![Freeze::Sensitive, Freeze::Tolerant]));
    (prop::collection::vec(any_alarm(), 0..4), prop::option::of(budget), freeze).prop_map(
        |(mut alarms, budget, freeze)| {
            alarms.iter_mut().enumerate().for_each(|(index, alarm)| alarm.id = format!("a{index}"));
            Profile {
                name: String::new(),
                version: 1,
                limits: Limits { min: MilliCelsius(2000), max: MilliCelsius(8000) },
                interval_s: 10,
                alarms,
                budgets: budget.into_iter().collect(),
                freeze,
                mkt: None,
                guard_band: MilliCelsius(0),
                scale: Scale::Celsius,
                programme: None,
                adjuvant: None,
                conditions: Vec::new(),
            }
        },
    )
}

fn any_readings() -> impl Strategy<Value = Vec<(i64, i32)>> {
    let values = vec![-800, -500, 1000, 1999, 2000, 5000, 7000, 8000, 8005, 9000, 12_000, 12_005, 16_000];
    let steps = prop::sample::select(vec![0_i64, 5, 10, 10, 10, 15, 16, 40]);
    prop::collection::vec((steps, prop::sample::select(values)), 0..14).prop_map(|steps| {
        let mut now = 100;
        steps
            .into_iter()
            .map(|(step, value)| {
                now += step;
                (now, value)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_assessment_is_what_the_rules_say(
        profile in any_profile(),
        readings in any_readings(),
        interval in prop::option::of(8_u32..14),
        from in prop::option::of(80_i64..140),
        length in prop::option::of(0_i64..150),
    ) {
        let to = length.map(|length| from.unwrap_or(90) + length);
        // A span that begins after its last reading and is open has no end: nothing to compare.
        let last = readings.last().map(|(time, _)| *time);
        prop_assume!(to.is_some() || from.is_none() || last >= from);
        let first = readings.first().map(|(time, _)| *time);
        prop_assume!(from.is_some() || to.is_none() || (first.is_some() && first <= to));
        compare(&profile, &readings, interval, (from, to));
    }
}
