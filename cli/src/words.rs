//! What `firn` says to a person; the terms are those of the design, never "safe" or "usable".

pub mod change;
mod clocks;
mod conditions;
mod life;
mod lines;
mod logger;
mod task;

pub use life::query_pack;
pub use logger::logger;
pub use task::{excursion_record, task};

use firn_model::api::{
    CustodyStep, HistoryEvent, LogBarred, LogStanding, Occurrence, Organisation, Phase, ShipmentDetail,
    ShipmentSummary, Step, Stock,
};
use firn_model::assess::Verdict;
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::profile::{Limits, Scale};
use firn_model::record::{ClockSet, LoggerReason, Session};
use firn_model::role::Role;
use firn_model::shipment::Signer;
pub use firn_model::unseen::visible;
use firn_model::vault::PositionKnown;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Write;

/// What a person reads: whatever a peer or a file wrote, a terminal is told nothing by it. Line ends are the
/// caller's own; those within a text go by [`seen`].
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// The same data with every unseen character of its texts named by its code point, line ends included, so
/// that no text can feign a line of the answer.
pub fn seen<T: Serialize + DeserializeOwned + Clone>(data: &T) -> T {
    let shown = serde_json::to_value(data).map(with_visible_texts).and_then(serde_json::from_value);
    shown.unwrap_or_else(|_| data.clone())
}

fn with_visible_texts(json: Value) -> Value {
    match json {
        Value::String(text) => Value::String(visible(&text)),
        Value::Array(all) => Value::Array(all.into_iter().map(with_visible_texts).collect()),
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (visible(&name), with_visible_texts(value))).collect(),
        ),
        other => other,
    }
}

/// The limits of a profile, in °F beside °C where it compares so.
fn limits_words(limits: &Limits, scale: Scale) -> String {
    let celsius = format!("{} to {} °C", limits.min, limits.max);
    match scale.fahrenheit(limits.min).zip(scale.fahrenheit(limits.max)) {
        Some((min, max)) => format!("{min} to {max} °F ({celsius})"),
        None => celsius,
    }
}

/// A number of things for [`counted`].
fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// One thing or several: `1 logger`, `2 loggers`.
pub fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// What is written on a logger of a shipment, or its id where it is not enrolled.
fn logger_named(detail: &ShipmentDetail, id: Id) -> String {
    let known = detail.loggers.iter().find(|logger| logger.id == id);
    known.map_or_else(|| id.to_string(), |logger| logger.label.clone())
}

/// How this device's own log stands, where that is not as usual.
pub fn own_log(who: &Organisation) -> String {
    let mut words = String::new();
    if who.standing == LogStanding::Provisional {
        words.push_str(
            "\n              provisional: what is measured counts, what people sign once an admin enrols it",
        );
    }
    if let (LogStanding::Joining, Some(inviter)) = (who.standing, &who.inviter) {
        words.push_str(&format!(
            "\n              the join is not finished: this device is enrolled and does not hold that yet. Run `firn node` \
             on\n              the device that invited it, then here `firn sync` with the address that it prints\n\
             inviter       {inviter}"
        ));
    }
    if who.standing == LogStanding::Revoked {
        words.push_str(
            "\n              REVOKED: what it signs counts no more. What it holds stays; to sign again, ask an admin for an\n              \
             invitation, and join with it in a new home",
        );
        if who.barred == Some(LogBarred::Restored) {
            words.push_str(
                "\n              this home was restored from a backup: once it has synced with every peer, `firn home \
                 continue`\n              opens what its vault holds",
            );
        }
        return words;
    }
    let barred = match who.barred {
        None => return words,
        Some(LogBarred::Behind) => "this home was set back",
        Some(LogBarred::Forked) => "another home signs with its key",
        Some(LogBarred::Restored) => "this home was restored from a backup",
    };
    words.push_str("\n              nothing is added to it: ");
    words.push_str(barred);
    words.push_str("; sync with every peer, then `firn home continue`");
    words
}

/// A role.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Courier => "courier",
        Role::Pharmacist => "pharmacist",
        Role::Quality => "quality",
        Role::Admin => "admin",
    }
}

/// A verdict.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "in range",
        Verdict::Review => "needs review",
        Verdict::Excursion => "OUT OF RANGE",
    }
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Created => "created",
        Phase::InTransit => "in transit",
        Phase::Received => "received",
        Phase::Closed => "closed",
        Phase::Cancelled => "cancelled",
    }
}

/// How received stock stands.
pub fn stock(stock: Stock) -> &'static str {
    match stock {
        Stock::Received => "awaiting release",
        Stock::Quarantine => "quarantine: DO NOT USE",
        Stock::Released => "released",
        Stock::ReleasedInPart => "released in part",
        Stock::Rejected => "rejected",
    }
}

/// A step of a hand-over.
pub fn custody(step: CustodyStep) -> &'static str {
    match step {
        CustodyStep::Offered => "custody offered: the receiver's acceptance is awaited",
        CustodyStep::Accepted => "custody accepted: this device has the shipment",
        CustodyStep::Confirmed => "custody confirmed by the giver",
    }
}

/// A receipt: whether the arrival that it gives counts yet, the verdict with its reasons, and how the stock stands.
pub fn received(detail: &ShipmentDetail) -> String {
    let arrival = match detail.next.iter().any(|next| next.step == Step::Approve) {
        true => {
            "received; the time given leaves out what is known here: readings count up to now until a second \
             person approves it (`firn shipment approve`)"
        }
        false => "received: readings no longer count",
    };
    format!("{arrival}\n{}", stands(detail))
}

/// The verdict with its reasons, and how the stock stands, for a step that may have changed either.
pub fn stands(detail: &ShipmentDetail) -> String {
    let summary = &detail.summary;
    let reasons: Vec<String> = summary.reasons.iter().map(name).collect();
    let because = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!("  {}{because}; stock: {}", verdict(summary.verdict), state(summary))
}

/// What is said of stock in quarantine that changes hands, on a line of its own: goods go back to who made or sent
/// them, so that nothing stops it.
pub fn handed_over_held(summary: &ShipmentSummary) -> String {
    let lines: Vec<String> =
        summary.do_not_use_lines.iter().map(|line| line.saturating_add(1).to_string()).collect();
    let of = match lines.len() {
        0 => String::new(),
        1 => format!(" (line {})", lines.join(", ")),
        _ => format!(" (lines {})", lines.join(", ")),
    };
    match summary.do_not_use {
        true => {
            format!("\nDO NOT USE{of}: it is in quarantine and stays so; whoever has it decides about it")
        }
        false => String::new(),
    }
}

/// A step of a hand-over that was taken before: nothing was signed.
pub fn custody_again(step: CustodyStep) -> &'static str {
    match step {
        CustodyStep::Offered => "offered before: the receiver's acceptance is awaited; nothing was signed",
        CustodyStep::Accepted => {
            "accepted before: the giver's confirmation is awaited; nothing was signed (offer it onward: --offer)"
        }
        CustodyStep::Confirmed => "confirmed before: the receiver has the shipment; nothing was signed",
    }
}

/// The stable name of a value that serialises to a text, such as a reason.
fn name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}

/// How far a shipment is, or how its stock stands.
pub fn state(summary: &ShipmentSummary) -> String {
    let standing = summary.stock.map_or_else(|| phase(summary.phase), stock);
    let held = summary.stock.filter(|_| !summary.do_not_use_lines.is_empty());
    format!("{standing}{}", held.map(|_| do_not_use(&summary.do_not_use_lines)).unwrap_or_default())
}

/// That some lines must not be used, behind how the stock stands as a whole.
pub fn do_not_use(held: &[u32]) -> String {
    if held.is_empty() { String::new() } else { format!(", DO NOT USE {}", life::lines(held)) }
}

/// The verdict with what decided it, a line for each series, excursion and alarm.
pub fn verdict_lines(detail: &ShipmentDetail) -> Vec<String> {
    let reasons: Vec<String> = detail.summary.reasons.iter().map(name).collect();
    let mut lines = vec![match reasons.is_empty() {
        true => format!("verdict: {}", verdict(detail.summary.verdict)),
        false => format!("verdict: {} ({})", verdict(detail.summary.verdict), reasons.join(", ")),
    }];
    lines.extend(clocks::differing(detail));
    for series in &detail.series {
        let statistics = &series.assessment.statistics;
        if let (Some(min), Some(max)) = (statistics.min, statistics.max) {
            lines.push(format!(
                "{}: {} that count, {min} to {max} °C",
                series.label,
                counted(statistics.count, "reading", "readings")
            ));
        }
        for excursion in &series.assessment.excursions {
            let end = excursion.end.map_or_else(|| "still".into(), |end| end.to_string());
            lines.push(format!(
                "excursion {}: {} to {end}, furthest {} °C",
                name(&excursion.bound),
                excursion.begin,
                excursion.extreme
            ));
        }
        for alarm in series.assessment.fired() {
            let at = alarm.triggered_at.map(|at| at.to_string()).unwrap_or_default();
            lines.push(format!("alarm {} fired at {at}", alarm.rule.id));
        }
    }
    lines
}

/// One line of `firn shipment list`.
pub fn shipment_line(summary: &ShipmentSummary) -> String {
    let summary = &seen(summary);
    let state = state(summary);
    let newest = summary
        .freshness
        .map(|fresh| format!("  {} °C at {}", fresh.temperature_c, fresh.time))
        .unwrap_or_default();
    format!("{}  {:<12}  {state}  {}{newest}\n", summary.id, verdict(summary.verdict), summary.reference)
}

/// `firn shipment show`.
pub fn shipment(detail: &ShipmentDetail) -> String {
    let detail = &seen(detail);
    let mut words = shipment_line(&detail.summary);
    if !detail.summary.reasons.is_empty() {
        let reasons: Vec<String> = detail.summary.reasons.iter().map(name).collect();
        line(&mut words, format_args!("  reasons: {}", reasons.join(", ")));
    }
    for said in clocks::differing(detail) {
        line(&mut words, format_args!("  {said}"));
    }
    if let Some(profile) = &detail.profile {
        let limits = &profile.limits;
        line(
            &mut words,
            format_args!(
                "  profile: {} version {}, {}",
                profile.name,
                profile.version,
                limits_words(limits, profile.scale)
            ),
        );
    }
    for other in &detail.other_profiles {
        let whose = other.line.map(|place| format!("line {}, ", place.saturating_add(1))).unwrap_or_default();
        line(&mut words, format_args!("  {whose}{other}"));
    }
    for said in logger::of_shipment(detail) {
        line(&mut words, format_args!("  {said}"));
    }
    for series in &detail.series {
        line(
            &mut words,
            format_args!(
                "  {}: {}, {}",
                series.label,
                counted(wide(series.points.len()), "reading", "readings"),
                verdict(series.assessment.verdict)
            ),
        );
        for said in lines::information(detail, series) {
            line(&mut words, format_args!("    {said}"));
        }
        for graded in &series.provenance {
            let (source, count) = (name(&graded.source), graded.readings);
            line(
                &mut words,
                format_args!(
                    "    {count} by {source}, {}: {}",
                    graded.grade.name(graded.source),
                    graded.proves
                ),
            );
        }
    }
    for shown in &detail.conditions {
        line(&mut words, format_args!("  {}", conditions::condition(shown)));
    }
    for (place, judged) in (1_usize..).zip(&detail.lines) {
        line(&mut words, format_args!("  {}", lines::item_line(place, judged, detail)));
        for warning in &judged.warnings {
            line(&mut words, format_args!("    think over: {warning}"));
        }
        for warning in &judged.leg_warnings {
            line(&mut words, format_args!("    think over: {warning}"));
        }
        for leg in &judged.foreign_legs {
            line(&mut words, format_args!("    {}", life::foreign_leg(leg)));
        }
        for budget in &judged.budgets {
            line(&mut words, format_args!("    {}", lines::budget(budget)));
        }
    }
    for text in life::standing(detail) {
        line(&mut words, format_args!("  {text}"));
    }
    for event in &detail.history {
        line(&mut words, format_args!("  {}", event_line(event, &|id| logger_named(detail, id))));
    }
    words
}

fn event_line(event: &HistoryEvent, named: &dyn Fn(Id) -> String) -> String {
    let refused = event.refused.as_ref().map(|why| format!("  (does not count: {why})")).unwrap_or_default();
    let signer = event.person.as_ref().map(|person| format!("  {}", signature(person, event.meaning)));
    format!(
        "{}  {}  {}{}{refused}",
        event.at,
        event.device.label,
        occurrence(&event.occurrence, named),
        signer.unwrap_or_default()
    )
}

/// Who signed, and what that means (21 CFR 11.50(a)); the time stands beside it.
fn signature(person: &Signer, meaning: Option<SignatureMeaning>) -> String {
    let title = person.title.as_ref().map(|title| format!(", {title}")).unwrap_or_default();
    let meaning = meaning.map_or("signed", SignatureMeaning::words);
    format!("[signed by {}{title} ({}): {meaning}]", person.name, role(person.role))
}

fn occurrence(occurrence: &Occurrence, named: &dyn Fn(Id) -> String) -> String {
    match occurrence {
        Occurrence::Created => "created".into(),
        Occurrence::Started { loggers, overrides, at, reason } => {
            let told = |one: &LoggerReason| {
                format!("; {} without a certificate that holds: {}", named(one.logger), one.reason)
            };
            let counted = counted(u64::from(*loggers), "logger", "loggers");
            let overrides: String = overrides.iter().map(told).collect();
            format!("picked up at {at} with {counted}{overrides}{}", late(reason.as_ref()))
        }
        Occurrence::Readings { count, first, last, clock_set, .. } => {
            let after = if clock_set.is_some() { ", read after the clock was set" } else { "" };
            format!(
                "sealed {}, {first} to {last}{after}",
                self::counted(u64::from(*count), "value", "values")
            )
        }
        Occurrence::ClockSet { logger, clock_set: set } => {
            format!("set the clock of {}: {}", named(*logger), clock_set(set))
        }
        Occurrence::Session { logger, session: kept } => {
            format!("kept the raw session of {}: {}", named(*logger), session(kept))
        }
        Occurrence::Assessed { verdict: signed, reasons } => {
            let reasons: Vec<String> = reasons.iter().map(name).collect();
            format!("verdict signed: {} {}", verdict(*signed), reasons.join(", ")).trim_end().to_owned()
        }
        Occurrence::Custody { step } => custody(*step).into(),
        Occurrence::Received { note, checklist, at, reason } => {
            let checked = checklist.as_ref().map(|one| life::checklist(one, named)).unwrap_or_default();
            let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
            format!("received at {at}{note}{checked}{}", late(reason.as_ref()))
        }
        Occurrence::Disposition { decision, reason, lines } => {
            let lines = lines.as_ref().map(|lines| format!(", {}", life::lines(lines))).unwrap_or_default();
            format!("decided: {}{lines} ({reason})", name(decision))
        }
        Occurrence::Position { known, .. } => position(known),
        Occurrence::Taken { partner, evidence, recognition, custody } => {
            life::taken(partner, evidence, *recognition, *custody)
        }
        Occurrence::Observed { observation, gives_cause } => {
            conditions::observation(observation, *gives_cause)
        }
        Occurrence::Closed => "record closed".into(),
        Occurrence::Cancelled { reason } => {
            format!("cancelled: {reason}")
        }
        Occurrence::Other { kind } => format!("entry of kind {kind}"),
        other => life::occurrence(other),
    }
}

/// Why something was recorded late, where it was.
fn late(reason: Option<&String>) -> String {
    reason.map(|reason| format!("; recorded late: {reason}")).unwrap_or_default()
}

fn position(known: &PositionKnown) -> String {
    match known {
        PositionKnown::HeldElsewhere => {
            "position recorded: held elsewhere, by the device that recorded it".into()
        }
        PositionKnown::Sealed => "position recorded: kept here; give --passphrase-file to see it".into(),
        PositionKnown::Opened { position } => format!("position recorded: {position}"),
        PositionKnown::Erased { at, ground } => {
            format!("position recorded: erased {at} ({})", ground.words())
        }
        PositionKnown::Unreadable { code } => format!("position recorded: cannot be read [{code}]"),
    }
}

/// To what a logger's clock was set, as it was written, and what it showed before.
pub fn clock_set(set: &ClockSet) -> String {
    let to = set.to.to_rfc3339_at(set.offset);
    match set.before {
        Some(before) => format!("to {to} at {}; it showed {}", set.at, before.to_rfc3339_at(set.offset)),
        None => format!("to {to} at {}; what it showed before is not known", set.at),
    }
}

/// A raw session, and that nobody checked it.
pub fn session(session: &Session) -> String {
    let digest = data_encoding::HEXLOWER.encode(&session.digest.0);
    format!("{} bytes, not checked, SHA-256 {digest}", session.bytes)
}

fn line(words: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    writeln!(words, "{text}").unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_peer_feigns_a_line_or_tells_the_terminal_anything() {
        assert_eq!(visible_lines("a\x1b[31m\nb\r"), "a[U+001B][31m\nb[U+000D]");
        assert_eq!(seen(&vec!["DN\n31\x1b[31m".to_owned()]), ["DN[U+000A]31[U+001B][31m"]);
    }
}
