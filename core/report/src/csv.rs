//! Readings and signatures as comma-separated values (RFC 4180), for spreadsheets and statistics.

use crate::print::{happened, profile_of};
use firn_model::api::{
    AssessedSeries, ConditionPoint, ConditionShown, Counting, EndedLogger, HistoryEvent, JudgedLine,
    JudgedLineSeries, Point, PolicyShown, ShipmentDetail,
};
use firn_model::assess::Verdict;
use firn_model::authority::Refusal;
use firn_model::conditions::ConditionOutcome;
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::profile::{Bound, Limits};
use firn_model::reading::{Channel, Quantity};
use firn_model::record::{LineSeries, SinglePersonRelease};
use firn_model::role::Role;
use firn_model::shipment::Signer;
use firn_model::time::{UtcMillis, UtcOffset};
use firn_model::units::MilliCelsius;
use firn_model::unseen::is_unseen;
use std::collections::BTreeSet;

/// The media type of the file.
pub const MEDIA_TYPE: &str = "text/csv";

/// The names of the columns.
pub const COLUMNS: [&str; 25] = [
    "time_utc",
    "time_local",
    "temperature_c",
    "flags",
    "gap_before_s",
    "logger",
    "logger_id",
    "serial",
    "channel",
    "shipment",
    "profile",
    "measured_c",
    "near_limit",
    "lines",
    "row",
    "event",
    "signed_by",
    "title",
    "role",
    "meaning",
    "device",
    "entry",
    "does_not_count",
    "value",
    "unit",
];

/// The last column of a file about stock in quarantine.
pub const DO_NOT_USE: &str = "DO NOT USE";

/// The place of the column `shipment`.
const SHIPMENT: usize = 9;

/// The place of the column `row`.
const ROW: usize = 14;

/// The place of the column `value`: between `row` and it nothing stands in the line of a reading.
const VALUE: usize = 23;

/// One line for each reading of each series, in the order of the report, and then of everything else that was
/// measured; then the rule on releasing alone, each ending of a logger, and every entry about the shipment in the order of its story.
///
/// `row` says which of them a line is: `reading`, `condition`, `policy`, `logger-ended` or `entry`. Of the first two, `value` and
/// `unit` tell what was measured; of a condition, `channel` says what it is, and `temperature_c` is empty. Of the
/// last three, `event` says what happened; `signed_by` is the signer's printed name, empty where the device signed
/// alone; `title`, `role` and `meaning` are the signer's title, role and what was said by signing (21 CFR
/// 11.50(a)); `device` and `entry` are the signing device and the entry's place in its log; the times are when it
/// was signed; `does_not_count` holds the code and the reason of an entry that does not.
///
/// `flags` holds, separated by spaces: `above` or `below` a limit, `alarm` where one fired, `uncounted`
/// outside pick-up and receipt and, with `unplaced`, while its logger was placed nowhere. `profile` is what the series is judged by; `measured_c` the value before the
/// logger's offset was added; `near_limit` says `yes` within the logger's accuracy of a limit, `no` beyond it,
/// and nothing where its accuracy is not known; `lines` holds `LINE:VERDICT` for each item line, counted from
/// 1, for which the logger counts then. `gap_before_s` is the length of the gap that the reading ends. Text that a
/// spreadsheet would take for a formula is preceded by an apostrophe (OWASP ASVS 1.2.10); numbers never are.
/// While stock is in quarantine one more column is named [`DO_NOT_USE`] and says so on each line: `quarantine`, or
/// `quarantine of 1 3` where that is not said of all lines.
pub fn write(detail: &ShipmentDetail, offset: UtcOffset) -> String {
    let warning = detail.summary.do_not_use.then_some(DO_NOT_USE);
    let mut out = COLUMNS.into_iter().chain(warning).collect::<Vec<_>>().join(",");
    out.push_str("\r\n");
    for series in &detail.series {
        let sheet = Sheet::of(detail, series, offset);
        series.points.iter().for_each(|point| sheet.line(&mut out, *point));
    }
    let series = |shown: &ConditionShown| (shown.assessment.logger, shown.assessment.channel);
    for same in detail.conditions.chunk_by(|a, b| series(a) == series(b)) {
        let points = same.iter().flat_map(|shown| &shown.points).map(|point| (point.time, point.value));
        let points: BTreeSet<(UtcMillis, i32)> = points.collect();
        for (time, value) in points {
            condition(&mut out, detail, same, ConditionPoint { time, value }, offset);
        }
    }
    out.push_str(&policy_line(detail, offset));
    for (id, ended) in &detail.ended {
        ended.each().for_each(|ended| out.push_str(&ended_line(detail, *id, ended, offset)));
    }
    detail.history.iter().for_each(|event| out.push_str(&entry_line(detail, event, offset)));
    out
}

/// The rule on releasing alone; without a time where no admin has signed one.
fn policy_line(detail: &ShipmentDetail, offset: UtcOffset) -> String {
    let signed = detail.policy.as_ref();
    let rule = match signed.map(|policy| policy.single_person_release) {
        Some(SinglePersonRelease::Allowed) => "single-person release: allowed",
        Some(SinglePersonRelease::Refused) => "single-person release: refused",
        None => "single-person release: refused, no admin has signed another rule",
    };
    let signer = signed.and_then(|policy: &PolicyShown| policy.person.as_ref());
    let meaning = signer.map(|_| SignatureMeaning::SetPolicy);
    let mut cells = vec!["policy".to_owned(), rule.to_owned()];
    cells.extend(signature(signer, meaning));
    cells.extend(signed.and_then(|policy| policy.device.as_ref()).map(|device| device.label.clone()));
    line(detail, signed.map(|policy| policy.since), offset, cells)
}

/// A logger that ended as lost, faulty or retired.
fn ended_line(detail: &ShipmentDetail, logger: Id, ended: &EndedLogger, offset: UtcOffset) -> String {
    let known = detail.loggers.iter().find(|known| known.id == logger);
    let label = known.map_or_else(|| logger.to_string(), |known| known.label.clone());
    let told = format!("{label} ended as {}: {}", ended.ending.words(), ended.reason);
    let meaning = ended.person.as_ref().map(|_| SignatureMeaning::EndedLogger);
    let mut cells = vec!["logger-ended".to_owned(), told];
    cells.extend(signature(ended.person.as_ref(), meaning));
    cells.extend(ended.device.as_ref().map(|device| device.label.clone()));
    line(detail, Some(ended.at), offset, cells)
}

fn entry_line(detail: &ShipmentDetail, event: &HistoryEvent, offset: UtcOffset) -> String {
    let refused = event.refused.as_deref().map(|code| {
        let words = Refusal::from_code(code).map(Refusal::words).unwrap_or_default();
        format!("{code}: {words}")
    });
    let mut cells = vec!["entry".to_owned(), happened(detail, event, offset)];
    cells.extend(signature(event.person.as_ref(), event.meaning));
    cells.extend([event.device.label.clone(), event.sequence.to_string(), refused.unwrap_or_default()]);
    line(detail, Some(event.at), offset, cells)
}

/// Printed name, title, role and meaning.
fn signature(signer: Option<&Signer>, meaning: Option<SignatureMeaning>) -> [String; 4] {
    let title = signer.and_then(|signer| signer.title.clone());
    let role = signer.map(|signer| match signer.role {
        Role::Courier => "courier",
        Role::Pharmacist => "pharmacist",
        Role::Quality => "quality",
        Role::Admin => "admin",
    });
    [
        signer.map(|signer| signer.name.clone()).unwrap_or_default(),
        title.unwrap_or_default(),
        role.unwrap_or_default().to_owned(),
        meaning.map(SignatureMeaning::words).unwrap_or_default().to_owned(),
    ]
}

/// A line that is no reading: its times and the shipment, then `cells` from the column `row` on.
fn line(detail: &ShipmentDetail, at: Option<UtcMillis>, offset: UtcOffset, cells: Vec<String>) -> String {
    let times = [at.map(|at| at.to_rfc3339()), at.map(|at| local(at, offset))];
    let times = times.into_iter().map(Option::unwrap_or_default);
    let empty = |count: usize| std::iter::repeat_n(String::new(), count);
    let before = times.chain(empty(SHIPMENT - 2)).chain([text(&detail.summary.reference)]);
    let said = cells.len();
    let row = before.chain(empty(ROW - SHIPMENT - 1)).chain(cells.iter().map(|cell| text(cell)));
    let row: Vec<String> = row.chain(empty(COLUMNS.len().saturating_sub(ROW + said))).collect();
    row.join(",") + &end(detail)
}

/// The cells after `row` in the line of a reading: a value and its unit.
fn measured(out: &mut String, value: &str, unit: &str) {
    out.push_str(&",".repeat(VALUE - ROW));
    out.push_str(&format!("{value},{unit}"));
}

/// What ends a line; of stock in quarantine it says so, and of which lines where that is not said of all.
fn end(detail: &ShipmentDetail) -> String {
    let held: Vec<String> =
        detail.summary.do_not_use_lines.iter().map(|line| line.saturating_add(1).to_string()).collect();
    match (detail.summary.do_not_use, held.is_empty()) {
        (false, _) => "\r\n".into(),
        (true, true) => ",quarantine\r\n".into(),
        (true, false) => format!(",quarantine of {}\r\n", held.join(" ")),
    }
}

/// One reading of something other than temperature.
fn condition(
    out: &mut String,
    detail: &ShipmentDetail,
    same: &[ConditionShown],
    point: ConditionPoint,
    offset: UtcOffset,
) {
    let Some(shown) = same.first() else { return };
    let judged = &shown.assessment;
    let (unit, scale) = judged.channel.quantity.unit();
    let value = firn_model::units::Decimal { mantissa: i64::from(point.value), scale };
    let cells = [
        point.time.to_rfc3339(),
        local(point.time, offset),
        String::new(),
        condition_flags(detail, same, point),
        String::new(),
        text(&shown.label),
        judged.logger.to_string(),
        text(&serial(detail, judged.logger)),
        channel(judged.channel),
        text(&detail.summary.reference),
        String::new(),
        String::new(),
        String::new(),
        condition_lines(same),
        "condition".to_owned(),
    ];
    out.push_str(&cells.join(","));
    measured(out, &value.to_string(), unit);
    out.push_str(&end(detail));
}

/// How it stands for each line, where it is judged for some of them apart.
fn condition_lines(same: &[ConditionShown]) -> String {
    let of_lines = |shown: &ConditionShown| -> Vec<(u32, &'static str)> {
        let lines = shown.assessment.lines.iter().flatten();
        lines.map(|line| (line.saturating_add(1), outcome(shown.assessment.outcome))).collect()
    };
    let mut lines: Vec<(u32, &'static str)> = same.iter().flat_map(of_lines).collect();
    lines.sort_unstable();
    lines.iter().map(|(line, outcome)| format!("{line}:{outcome}")).collect::<Vec<_>>().join(" ")
}

fn condition_flags(detail: &ShipmentDetail, same: &[ConditionShown], point: ConditionPoint) -> String {
    // How far a counter has counted is beyond nothing.
    let limits = same.iter().filter_map(|shown| shown.assessment.limit);
    let limits = limits.filter(|limit| limit.quantity != Quantity::Movement);
    let beyond: Vec<Bound> = limits.filter_map(|limit| Some(limit.beyond(point.value)?.0)).collect();
    let is_out = same.iter().any(|shown| shown.assessment.out_since == Some(point.time));
    let is_average = same.iter().any(|shown| shown.assessment.aggregation.is_some());
    let flags = [
        beyond.contains(&Bound::Above).then_some(side(Bound::Above)),
        beyond.contains(&Bound::Below).then_some(side(Bound::Below)),
        is_out.then_some("out"),
        is_average.then_some("average"),
        same.first().and_then(|one| uncounted(detail.counting(one.assessment.logger, point.time))),
    ];
    flags.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The serial number of a logger, where it is known.
fn serial(detail: &ShipmentDetail, logger: Id) -> String {
    let known = detail.loggers.iter().find(|known| known.id == logger);
    known.and_then(|known| known.serial.clone()).unwrap_or_default()
}

/// What says that a reading counts for nothing.
fn uncounted(counting: Counting) -> Option<&'static str> {
    match counting {
        Counting::Counts => None,
        Counting::Outside => Some("uncounted"),
        Counting::Unplaced => Some("uncounted unplaced"),
    }
}

fn side(bound: Bound) -> &'static str {
    if bound == Bound::Above { "above" } else { "below" }
}

/// What the lines of one series have in common.
struct Sheet<'a> {
    series: &'a AssessedSeries,
    detail: &'a ShipmentDetail,
    limits: Option<Limits>,
    /// Those without the guard band, by which nearness is told.
    nominal: Option<Limits>,
    offset: UtcOffset,
    /// The cells from `logger` to `profile`.
    tail: String,
}

impl<'a> Sheet<'a> {
    fn of(detail: &'a ShipmentDetail, series: &'a AssessedSeries, offset: UtcOffset) -> Self {
        let profile = profile_of(detail, series);
        let name = profile.map(|profile| format!("{} v{}", profile.name, profile.version));
        let cells = [
            series.label.clone(),
            series.logger.to_string(),
            serial(detail, series.logger),
            channel(series.channel),
            detail.summary.reference.clone(),
            name.unwrap_or_default(),
        ];
        let tail = cells.map(|cell| text(&cell)).join(",");
        let limits = profile.map(|profile| profile.effective_limits());
        Self { series, detail, limits, nominal: profile.map(|profile| profile.limits), offset, tail }
    }

    fn line(&self, out: &mut String, point: Point) {
        let gap = self.series.assessment.gaps.iter().find(|gap| gap.to == point.time);
        let gap = gap.map(|gap| seconds(gap.duration().0)).unwrap_or_default();
        let cells = [
            point.time.to_rfc3339(),
            local(point.time, self.offset),
            point.value.to_string(),
            self.flags(point),
            gap,
            self.tail.clone(),
            self.measured(point).to_string(),
            self.near_limit(point).to_owned(),
            self.lines(point),
            "reading".to_owned(),
        ];
        out.push_str(&cells.join(","));
        measured(out, &point.value.to_string(), Quantity::Temperature.unit().0);
        out.push_str(&end(self.detail));
    }

    fn measured(&self, point: Point) -> MilliCelsius {
        MilliCelsius(point.value.0.saturating_sub(self.series.offset_mc.unwrap_or_default()))
    }

    fn near_limit(&self, point: Point) -> &'static str {
        let (Some(accuracy), Some(limits)) = (self.series.accuracy_mc, self.nominal) else { return "" };
        let near = [limits.min, limits.max].iter().any(|limit| point.value.0.abs_diff(limit.0) <= accuracy);
        if near { "yes" } else { "no" }
    }

    fn lines(&self, point: Point) -> String {
        let counts = |one: &&JudgedLineSeries| {
            let LineSeries { logger, channel, window, .. } = &one.series;
            (*logger, *channel) == (self.series.logger, self.series.channel)
                && window.from.is_none_or(|from| from <= point.time)
                && window.to.is_none_or(|to| point.time < to)
        };
        let of_line = |(place, line): (usize, &JudgedLine)| {
            line.series.iter().find(counts).map(|_| format!("{place}:{}", verdict(line.verdict)))
        };
        let lines: Vec<String> = (1..).zip(&self.detail.lines).filter_map(of_line).collect();
        lines.join(" ")
    }

    fn flags(&self, point: Point) -> String {
        let beyond = self.limits.and_then(|limits| {
            let above = (point.value > limits.max).then_some(Bound::Above);
            above.or((point.value < limits.min).then_some(Bound::Below))
        });
        let fired = self.series.assessment.alarms.iter().any(|alarm| alarm.triggered_at == Some(point.time));
        let uncounted = uncounted(self.detail.counting_in(self.series, point.time));
        let flags = [beyond.map(side), fired.then_some("alarm"), uncounted];
        flags.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Local time always names its offset, `+00:00` included, so that the column has one shape.
fn local(time: UtcMillis, offset: UtcOffset) -> String {
    let text = time.to_rfc3339_at(offset);
    match text.strip_suffix('Z') {
        Some(utc) => format!("{utc}+00:00"),
        None => text,
    }
}

fn channel(channel: Channel) -> String {
    format!("{} {}", channel.quantity.name(), channel.probe)
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Review => "review",
        Verdict::Excursion => "excursion",
    }
}

fn outcome(outcome: ConditionOutcome) -> &'static str {
    match outcome {
        ConditionOutcome::Within => "within",
        ConditionOutcome::Out => "out",
        ConditionOutcome::NotJudged => "not-judged",
    }
}

fn seconds(milliseconds: u64) -> String {
    let mantissa = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    firn_model::units::Decimal { mantissa, scale: 3 }.to_string()
}

/// A cell of text: no formula (OWASP ASVS 1.2.10), quoted where RFC 4180 asks for it.
fn text(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    // Line ends and tabulators are quoted; what else a terminal would obey is named by its code point.
    let shown = |c: char| match c {
        '\r' | '\n' | '\t' => c.to_string(),
        c if is_unseen(c) => format!("[U+{:04X}]", u32::from(c)),
        c => c.to_string(),
    };
    let cell: String = cell.chars().map(shown).collect();
    if cell.contains([',', '"', '\r', '\n', ';', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_like_a_formula_is_disarmed() {
        for (given, written) in [
            ("=1+1", "'=1+1"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+1", "'+1"),
            ("\tx", "\"'\tx\""),
            ("\rx", "\"'\rx\""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("Kühlkette 4", "Kühlkette 4"),
            ("\u{1b}[31mred", "[U+001B][31mred"),
        ] {
            assert_eq!(text(given), written);
        }
    }

    #[test]
    fn local_time_names_its_offset_even_in_utc() {
        assert_eq!(local(UtcMillis(0), UtcOffset(0)), "1970-01-01T00:00:00+00:00");
        assert_eq!(local(UtcMillis(0), UtcOffset(-3600)), "1969-12-31T23:00:00-01:00");
        assert_eq!(MilliCelsius(-500).to_string(), "-0.5");
    }
}
