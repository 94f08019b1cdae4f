//! What stands around the series: reasons, shipment, loggers, profile, time, history.

use super::{
    Fact, History, Listing, Matter, Reasons, Section, column, fact, life, number, text, wide, words,
};
use firn_model::api::{AssessedSeries, HistoryEvent};
use firn_model::assess::{AlarmState, Excursion};
use firn_model::id::Id;
use firn_model::profile::Profile;
use firn_model::record::{Certificate, Did, Download, ItemLine, Logger};
use firn_model::shipment::Placed;
use firn_model::units::MilliCelsius;

/// The most excursions that are told one by one among the reasons.
const MOST_TOLD: usize = 5;

/// Why the verdict is what it is: alarms, excursions, then the reasons of the rules.
pub(super) fn reasons(matter: &Matter<'_>) -> Reasons {
    let series = &matter.detail.series;
    let mut rows: Vec<String> = series.iter().flat_map(|series| alarms(matter, series)).collect();
    let excursions: Vec<String> = series.iter().flat_map(|series| excursions(matter, series)).collect();
    let untold = excursions.len().saturating_sub(MOST_TOLD);
    rows.extend(excursions.into_iter().take(MOST_TOLD));
    if untold > 0 {
        rows.push(format!("{untold} more excursions stand in the tables below."));
    }
    rows.extend(matter.detail.summary.reasons.iter().map(|reason| words::reason(*reason).to_owned()));
    Reasons { heading: "Reasons", rows, none: "None." }
}

fn alarms(matter: &Matter<'_>, series: &AssessedSeries) -> Vec<String> {
    let told = |alarm: &AlarmState| {
        let at = alarm.triggered_at.map(|at| matter.instant(at)).unwrap_or_default();
        let (limit, allowance) = (words::limit(&alarm.rule), words::allowance(&alarm.rule));
        format!("Alarm “{}” ({limit}, {allowance}) fired on {} at {at}.", alarm.rule.id, series.label)
    };
    series.assessment.fired().map(told).collect()
}

fn excursions(matter: &Matter<'_>, series: &AssessedSeries) -> Vec<String> {
    let told = |excursion: &Excursion| {
        let (side, extreme) = (words::bound(excursion.bound), text::celsius(excursion.extreme));
        let (begin, time) = (matter.instant(excursion.begin), text::duration(excursion.duration.0));
        format!("{} was {side} the limits for {time} from {begin}, at the furthest {extreme}.", series.label)
    };
    series.assessment.excursions.iter().map(told).collect()
}

/// Shipment, loggers, profile, time.
pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    let mut sections = vec![shipment(matter)];
    sections.extend(super::lines::sections(matter));
    sections.extend([loggers(matter), calibration(matter)]);
    sections.extend(matter.detail.profile.as_ref().map(profile));
    sections.push(time(matter));
    sections.extend(life::section(matter));
    sections.extend(super::conditions::sections(matter));
    sections
}

fn shipment(matter: &Matter<'_>) -> Section {
    let summary = &matter.detail.summary;
    let mut facts = vec![fact("Reference", &summary.reference), fact("Identifier", summary.id.to_string())];
    let known = |name, value: &Option<String>| value.as_ref().map(|value| fact(name, value));
    facts.extend([known("From", &summary.from), known("To", &summary.to)].into_iter().flatten());
    let instant = |name, at| fact(name, matter.instant(at));
    facts.push(instant("Created", summary.created));
    facts.extend(summary.started.map(|at| instant("Picked up", at)));
    facts.extend(summary.received.map(|at| instant("Received", at)));
    facts.extend(matter.detail.custodian.as_ref().map(|device| fact("In custody of", words::device(device))));
    let columns =
        vec![wide("Product", 5), wide("GTIN", 3), wide("Lot", 3), wide("Expiry", 2), number("Quantity")];
    let rows = matter.detail.items.iter().map(item).collect();
    let items = Listing { columns, rows, none: "No products were entered." };
    Section { heading: "Shipment", facts, listing: Some(items) }
}

fn item(item: &ItemLine) -> Vec<String> {
    let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".into());
    let expiry = item.expiry.as_deref().map_or_else(|| "–".into(), expiry);
    vec![item.product.clone(), known(&item.gtin), known(&item.lot), expiry, item.quantity.to_string()]
}

/// GS1's YYMMDD as a date; day 00 means the month's end (GS1 General Specifications, 3.4.2).
fn expiry(yymmdd: &str) -> String {
    match (yymmdd.get(..2), yymmdd.get(2..4), yymmdd.get(4..6), yymmdd.len()) {
        (Some(year), Some(month), Some("00"), 6) => format!("20{year}-{month}"),
        (Some(year), Some(month), Some(day), 6) => format!("20{year}-{month}-{day}"),
        _ => yymmdd.to_owned(),
    }
}

fn loggers(matter: &Matter<'_>) -> Section {
    let columns = vec![
        wide("Label", 4),
        wide("Family", 2),
        wide("Serial number", 3),
        column("Bluetooth address"),
        wide("Package", 4),
        number("Interval"),
    ];
    let rows = matter.detail.loggers.iter().map(|logger| logger_row(matter, logger)).collect();
    let listing = Listing { columns, rows, none: "No logger of this shipment is enrolled." };
    Section { heading: "Loggers", facts: Vec::new(), listing: Some(listing) }
}

fn logger_row(matter: &Matter<'_>, logger: &Logger) -> Vec<String> {
    let started = matter.assessed.story.started.as_ref();
    let placements = started.map(|started| started.says.placements.as_slice()).unwrap_or_default();
    let package = placements.iter().find(|placement| placement.logger == logger.id);
    let address = logger.address.map(|address| address.to_string());
    let dash = || "–".to_owned();
    vec![
        logger.label.clone(),
        logger.family.clone(),
        logger.serial.clone().unwrap_or_else(dash),
        address.unwrap_or_else(dash),
        package.and_then(|placement| placement.package.clone()).unwrap_or_else(dash),
        logger.interval_s.map_or_else(dash, |seconds| text::duration(u64::from(seconds) * 1000)),
    ]
}

/// The certificates as they were at the pick-up, and what was found of them since.
fn calibration(matter: &Matter<'_>) -> Section {
    let columns = vec![
        wide("Logger", 3),
        wide("Certificate", 3),
        wide("Laboratory", 3),
        column("Calibrated"),
        column("Due"),
        number("Accuracy"),
        number("Offset"),
        wide("Standing", 3),
    ];
    let rows = matter.detail.loggers.iter().map(|logger| calibration_row(matter, logger)).collect();
    let listing = Listing { columns, rows, none: "No logger of this shipment is enrolled." };
    Section { heading: "Calibration", facts: Vec::new(), listing: Some(listing) }
}

fn calibration_row(matter: &Matter<'_>, logger: &Logger) -> Vec<String> {
    let certificate = logger.certificate.as_ref();
    let of = |value: fn(&Certificate) -> String| certificate.map_or_else(|| "–".into(), value);
    let degrees = |value: i32| text::celsius(MilliCelsius(value));
    let accuracy = logger.accuracy_mc.and_then(|accuracy| i32::try_from(accuracy).ok());
    vec![
        logger.label.clone(),
        of(|certificate| certificate.number.clone()),
        of(|certificate| certificate.laboratory.clone()),
        matter.local_or_dash(certificate.map(|certificate| certificate.calibrated)),
        matter.local_or_dash(certificate.map(|certificate| certificate.due)),
        accuracy.map_or_else(|| "–".into(), |accuracy| format!("±{}", degrees(accuracy))),
        logger.offset_mc.map_or_else(|| "–".into(), degrees),
        words::calibration(matter.detail.calibration.get(&logger.id).copied()).to_owned(),
    ]
}

fn profile(profile: &Profile) -> Section {
    let limits = profile.limits;
    let mut facts = vec![
        fact("Name and version", format!("{}, version {}", profile.name, profile.version)),
        fact(
            "Limits",
            format!("{} to {}, both in range", text::celsius(limits.min), text::celsius(limits.max)),
        ),
    ];
    if profile.guard_band.0 != 0 {
        facts.push(fact("Guard band", format!("{} on each limit", text::celsius(profile.guard_band))));
    }
    facts.push(fact("Logging interval", text::duration(u64::from(profile.interval_s) * 1000)));
    facts.extend(
        profile.freeze.map(|freeze| fact("Freezing", format!("the product {}", words::freeze(freeze)))),
    );
    Section { heading: "Profile", facts, listing: None }
}

fn time(matter: &Matter<'_>) -> Section {
    let printing = matter.printing;
    let zone = if printing.zone.is_empty() { "not named" } else { &printing.zone };
    let mut facts = vec![
        fact("Time zone", format!("{zone}, {}", text::offset(printing.offset))),
        fact("Written", matter.instant(printing.created)),
        fact("Rules", firn_model::assess::RULES),
    ];
    facts.extend(clocks(matter));
    Section { heading: "Time", facts, listing: None }
}

/// The clocks of loggers that downloads set.
fn clocks(matter: &Matter<'_>) -> Vec<Fact> {
    let told = |placed: &Placed<Download>| match placed.says.did {
        Did::SetClock(set) => {
            let label = logger_label(&matter.detail.loggers, placed.says.logger);
            let (at, by) = (matter.instant(set.at), words::device(&placed.device));
            Some(fact("Clock set", format!("{label}, at {at} by {by}: to {}", words::clock_set(&set))))
        }
        Did::KeptSession(_) => None,
    };
    matter.assessed.story.downloads.iter().filter_map(told).collect()
}

/// Every entry with its device, time and place in that device's log.
pub(super) fn history(matter: &Matter<'_>) -> History {
    let columns = vec![column("Time"), wide("Device", 2), number("No."), wide("What happened", 5)];
    let rows = matter.detail.history.iter().map(|event| event_row(matter, event)).collect();
    let offset = text::offset(matter.printing.offset);
    History {
        heading: "Custody and history",
        listing: Listing { columns, rows, none: "Nothing is recorded." },
        note: format!(
            "Times are those of the signing device's clock, printed in {offset}. No. is the entry's place in \
             that device's log."
        ),
    }
}

fn event_row(matter: &Matter<'_>, event: &HistoryEvent) -> Vec<String> {
    let label = |id: Id| logger_label(&matter.detail.loggers, id);
    let mut what = words::occurrence(&event.occurrence, &label, &|at| matter.local(at));
    if let Some(refused) = &event.refused {
        what = format!("Does not count ({refused}): {what}");
    }
    vec![matter.local(event.at), words::device(&event.device), event.sequence.to_string(), what]
}

/// What is written on a logger, or its id where it is not enrolled.
pub(super) fn logger_label(loggers: &[Logger], id: Id) -> String {
    let found = loggers.iter().find(|logger| logger.id == id);
    found.map_or_else(|| format!("logger {id}"), |logger| logger.label.clone())
}
