//! `firn import`: a logger's own file, its numbers beside the recomputed ones.

use crate::arguments::{DelimiterArgument, Global, Import, UnitArgument, Written};
use crate::commands::profile;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::words;
use firn_app::import::{AlarmFigure, DayView, Figures, ImportView, Shown, import};
use firn_ble::file::{Beside, Mapping, Options, TemperatureUnit, Zone};
use firn_model::assess::{MicroCelsius, Stamp};
use firn_model::profile::{AlarmMode, AlarmRule, Bound};
use firn_model::time::UtcMillis;
use firn_model::units::Decimal;
use std::fmt::Display;

/// Reads the file and shows both sides; nothing is stored.
pub fn run(output: &mut Output, global: &Global, arguments: &Import) -> Result<Exit, Failure> {
    let path = &arguments.file;
    let now = firn_host::SystemClock::new(firn_host::random_array()?).now().utc;
    let options = options(&arguments.written, now)?;
    let profile = arguments.profile.as_deref().map(|name| profile::named(global, name)).transpose()?;
    let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, &error))?;
    let file = firn_ble::file::read(&bytes, &options)?;
    let view = import(&file, profile)?;
    output.answer(&view, || in_words(&view))?;
    Ok(Exit::Success)
}

/// What the person says of the file, and what this device's clock shows.
pub fn options(written: &Written, now: UtcMillis) -> Result<Options, Failure> {
    let zone = written.zone.as_deref().map(Zone::parse).transpose()?;
    let unit = written.unit.map(|unit| match unit {
        UnitArgument::C => TemperatureUnit::Celsius,
        UnitArgument::F => TemperatureUnit::Fahrenheit,
        UnitArgument::K => TemperatureUnit::Kelvin,
    });
    let mapping = written.temperature_column.as_ref().map(|temperature| Mapping {
        time: written.time_column.clone(),
        time_format: None,
        temperature: temperature.clone(),
        humidity: written.humidity_column.clone(),
        unit,
        delimiter: written.delimiter.map(|delimiter| match delimiter {
            DelimiterArgument::Comma => ',',
            DelimiterArgument::Semicolon => ';',
            DelimiterArgument::Tab => '\t',
        }),
        decimal_comma: written.decimal_comma,
        beside: Beside::default(),
    });
    Ok(Options { zone, mapping, unit, time_format: written.time_format.clone(), now: Some(now) })
}

/// The table of both sides, then what differs and why.
fn in_words(view: &ImportView) -> String {
    let mut lines = head(view);
    lines.push(String::new());
    lines.push(line("", "device", "Firn"));
    lines.extend(figures(&view.reported, &view.recomputed));
    let rules = view.profile.iter().flat_map(|profile| &profile.alarms);
    lines.extend(rules.flat_map(|rule| alarm(rule, view)));
    let verdict = |figures: &Figures| figures.verdict.map_or("–", words::verdict);
    lines.push(line("verdict", verdict(&view.reported), verdict(&view.recomputed)));
    lines.extend(days(&view.days));
    if !view.differences.is_empty() {
        lines.push("\nwhy they differ".into());
    }
    lines.extend(view.differences.iter().map(|one| {
        format!("  {}: {} and {}: {}", one.what, shown(&one.reported), shown(&one.recomputed), one.why)
    }));
    lines.push(String::new());
    lines.extend(view.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(
        view.skipped.iter().map(|one| format!("skipped line {} ({}): {}", one.line, one.why, one.text)),
    );
    lines.join("\n")
}

fn head(view: &ImportView) -> Vec<String> {
    let device = &view.device;
    let known = [
        device.maker.clone(),
        device.model.clone(),
        device.serial.as_ref().map(|serial| format!("serial {serial}")),
        device.firmware.as_ref().map(|firmware| format!("firmware {firmware}")),
    ];
    let known: Vec<String> = known.into_iter().flatten().collect();
    let name = if known.is_empty() { view.format.to_owned() } else { known.join(", ") };
    let times = || view.readings.iter().map(|reading| reading.time);
    let span = times().min_by_key(|time| time.0.at).zip(times().max_by_key(|time| time.0.at));
    let span = span.map(|(first, last)| format!(", {} to {}", time(first), time(last)));
    let every = device.interval_s.map(|seconds| format!(", one every {seconds} s")).unwrap_or_default();
    let readings = firn_report::print::text::counted(view.readings.len(), "reading", "readings");
    let count = format!("{readings}{every}{}", span.unwrap_or_default());
    let days = (!view.days.is_empty()).then(|| format!("{} days in summary", view.days.len()));
    let judged = view.profile.as_ref().map(|profile| {
        format!("judged by {}, {} to {} °C", profile.name, profile.limits.min, profile.limits.max)
    });
    let signature = format!("signature: {}", view.signature);
    [Some(name), Some(count), days, judged, Some(signature)].into_iter().flatten().collect()
}

fn figures(told: &Figures, computed: &Figures) -> [String; 4] {
    [
        line("lowest °C", &or_dash(told.min_c), &or_dash(computed.min_c)),
        line("highest °C", &or_dash(told.max_c), &or_dash(computed.max_c)),
        line("mean °C", &or_dash(told.mean_c.map(degrees)), &or_dash(computed.mean_c.map(degrees))),
        line("MKT °C", &or_dash(told.mkt_c.map(degrees)), &or_dash(computed.mkt_c.map(degrees))),
    ]
}

/// One alarm: its rule, then each time it went off on either side, in their order.
fn alarm(rule: &AlarmRule, view: &ImportView) -> Vec<String> {
    let side = match rule.bound {
        Bound::Above => "above",
        Bound::Below => "below",
    };
    let mode = match rule.mode {
        AlarmMode::Single => "at a stretch",
        AlarmMode::Cumulative => "in total",
    };
    let minutes = rule.allowance_s / 60;
    let name = format!("alarm {}: {minutes} min {side} {} °C {mode}", rule.id, rule.limit);
    let reach = view.profile.as_ref().map_or(0, |profile| u64::from(profile.interval_s) * 1000);
    let rows = side_by_side(rule, &view.reported, &view.recomputed, reach);
    if rows.is_empty() {
        let computed = if view.readings.is_empty() { "–" } else { "did not go off" };
        return vec![line(&name, "did not go off", computed)];
    }
    let went_off =
        |alarm: Option<&AlarmFigure>| alarm.map_or("–".to_owned(), |alarm| time(alarm.triggered_at));
    let first = std::iter::once(name.as_str()).chain(std::iter::repeat(""));
    first.zip(rows).map(|(name, (a, b))| line(name, &went_off(a), &went_off(b))).collect()
}

/// The times that an alarm went off, by time; two within one interval are the same.
fn side_by_side<'a>(
    rule: &AlarmRule,
    told: &'a Figures,
    computed: &'a Figures,
    reach: u64,
) -> Vec<(Option<&'a AlarmFigure>, Option<&'a AlarmFigure>)> {
    let of = |figures: &'a Figures| figures.alarms.iter().filter(|alarm| alarm.id == rule.id);
    let at = |alarm: &AlarmFigure| alarm.triggered_at.0.at.0;
    let mut rows: Vec<(Option<&AlarmFigure>, Option<&AlarmFigure>)> =
        of(told).map(|alarm| (Some(alarm), None)).collect();
    for alarm in of(computed) {
        let same = rows.iter_mut().find(|(told, computed)| {
            computed.is_none() && told.is_some_and(|told| at(told).abs_diff(at(alarm)) <= reach)
        });
        match same {
            Some((_, computed)) => *computed = Some(alarm),
            None => rows.push((None, Some(alarm))),
        }
    }
    rows.sort_by_key(|(told, computed)| told.or(*computed).map(at));
    rows
}

/// Every day's own numbers, with those of its samples in brackets.
fn days(days: &[DayView]) -> Vec<String> {
    if days.is_empty() {
        return Vec::new();
    }
    let heading = match days.iter().any(|day| day.recomputed.is_some()) {
        true => "\ndays, as the device reports them (and from their samples)",
        false => "\ndays, as the device reports them",
    };
    let day = |day: &DayView| {
        let beside = |told: String, computed: Option<String>| match computed {
            Some(computed) => format!("{told} ({computed})"),
            None => told,
        };
        let computed = day.recomputed.as_ref();
        let low = beside(or_dash(day.min_c), computed.map(|day| or_dash(day.min_c)));
        let high = beside(or_dash(day.max_c), computed.map(|day| or_dash(day.max_c)));
        let mean = beside(or_dash(day.mean_c), computed.map(|day| or_dash(day.mean_c.map(degrees))));
        let alarms: String = day
            .alarms
            .iter()
            .filter_map(|alarm| Some(format!("  alarm {} {}", alarm.id, time(alarm.triggered_at?))))
            .collect();
        let verdict = day.verdict.map_or("", words::verdict);
        format!("  {}  {low} to {high} °C, mean {mean}  {verdict}{alarms}", day.date)
    };
    std::iter::once(heading.to_owned()).chain(days.iter().map(day)).collect()
}

fn line(what: &str, told: &str, computed: &str) -> String {
    format!("{what:<46}  {told:<26}  {computed}").trim_end().to_owned()
}

fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

fn degrees(value: MicroCelsius) -> Decimal {
    Decimal { mantissa: value.0, scale: 6 }
}

fn time(stamp: Stamp) -> String {
    stamp.0.at.to_rfc3339_at(stamp.0.offset)
}

fn shown(value: &Shown) -> String {
    match value {
        Shown::Celsius(value) => format!("{} °C", degrees(*value)),
        Shown::Time(at) => time(*at),
        Shown::Seconds(seconds) => format!("{seconds} s"),
        Shown::Verdict(verdict) => words::verdict(*verdict).to_owned(),
        Shown::Nothing => "–".to_owned(),
    }
}
