//! Words about a shipment's life: what comes next, hand-overs, decisions, questions to manufacturers.

use super::name;
use firn_model::api::{
    Band, ConflictShown, ForeignLegShown, NextStep, Occurrence, PartnerNamed, QueryPack, ShipmentDetail,
    Step, Stretch, TakenCustody, Turn,
};
use firn_model::assess::Milliseconds;
use firn_model::id::Id;
use firn_model::record::{Address, BudgetKnown, Checklist, Recognition, SinglePersonRelease};
use firn_model::task::DecisionTaken;
use firn_model::units::MilliCelsius;

/// What stands beside the verdict: one-sided custody, the rule on releasing alone, and what comes next.
pub fn standing(detail: &ShipmentDetail) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(partner) = &detail.with_partner {
        let decides = if detail.summary.do_not_use { ", who decides about the held stock" } else { "" };
        told.push(format!("in custody of the partner {}{decides}", partner.words()));
    }
    for one in detail.hand_overs.iter().filter(|one| one.one_sided) {
        told.push(match (&one.to_partner, &one.to) {
            (Some(partner), _) => format!(
                "one-sided: {} offered custody to the partner {}, whose receipt is awaited",
                one.from.label,
                partner.words()
            ),
            (None, Some(to)) => {
                format!("one-sided: {} took custody, {} has not confirmed", to.label, one.from.label)
            }
            (None, None) => format!("one-sided: {} offered custody, nobody took it", one.from.label),
        });
    }
    if detail.received_one_sided {
        told.push("one-sided: received by a device that nobody had handed it to".into());
    }
    if let Some(policy) = &detail.policy {
        let rule = match policy.single_person_release {
            SinglePersonRelease::Allowed => "allowed",
            SinglePersonRelease::Refused => "refused",
        };
        told.push(format!("single-person release: {rule} since {}", policy.since));
    }
    told.extend(detail.conflicts.iter().map(conflict));
    told.extend(detail.next.iter().map(|step| next(step, &|id| super::logger_named(detail, id))));
    told.extend(detail.excursion_record.as_ref().map(super::excursion_record));
    told
}

fn conflict(one: &ConflictShown) -> String {
    let about = if one.lines.is_empty() { String::new() } else { format!(" about {}", lines(&one.lines)) };
    let taken = |taken: &DecisionTaken| {
        format!("{} by {} at {}: {}", name(&taken.decision), taken.by, taken.at, taken.reason)
    };
    let decisions: Vec<String> = one.decisions.iter().map(taken).collect();
    format!("decisions that differ{about}, until somebody who knows them decides: {}", decisions.join("; "))
}

fn next(next: &NextStep, named: &dyn Fn(Id) -> String) -> String {
    let roles: Vec<&str> = next.roles.iter().map(|role| super::role(*role)).collect();
    let mut told = format!("next: {} by {}", name(&next.step), roles.join(", "));
    match &next.turn {
        Some(Turn::Of(device)) => told.push_str(&format!(", on {}", device.label)),
        Some(Turn::OtherThan(device)) => told.push_str(&format!(", on another device than {}", device.label)),
        None => {}
    }
    if !next.except.is_empty() {
        told.push_str(&format!(", not by {}", next.except.join(", ")));
    }
    let reasons = next.reasons.iter().map(|reason| reason.code().to_owned());
    let loggers = next.loggers.iter().map(|logger| format!("logger {}", named(*logger)));
    let lots = next.lots.iter().map(|lot| format!("lot {lot}"));
    let open: Vec<String> = reasons.chain(loggers).chain(lots).collect();
    if !open.is_empty() {
        told.push_str(&format!(": {}", open.join(", ")));
    }
    if let Some(manufacturer) = &next.manufacturer {
        let case = next.case_number.as_ref().map(|number| format!(" (case {number})")).unwrap_or_default();
        told.push_str(&format!(", asked of {manufacturer}{case}"));
    }
    if next.step == Step::ReleaseInPart {
        told.push_str(&format!(": {}", lines(&next.lines)));
    }
    if !next.barred.is_empty() {
        told.push_str(&format!(" (not {})", lines(&next.barred)));
    }
    told
}

/// `lot A1`, `lots A1, B2`.
fn lots(lots: &[String]) -> String {
    format!("{} {}", if lots.len() == 1 { "lot" } else { "lots" }, lots.join(", "))
}

/// That evidence of another organisation was taken in.
pub fn taken(
    partner: &PartnerNamed,
    evidence: &Address,
    recognition: Recognition,
    custody: TakenCustody,
) -> String {
    let says = match custody {
        TakenCustody::None => "took in the evidence of",
        TakenCustody::Taken => "took the shipment over from",
        TakenCustody::Given => "took in the receipt of",
    };
    let unknown = match recognition {
        Recognition::Pinned => "",
        Recognition::Unknown => ", organisation unknown",
    };
    let digest: String = evidence.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{says} {}{unknown}; SHA-256 {digest}", partner.words())
}

/// An earlier leg in another organisation.
pub fn foreign_leg(leg: &ForeignLegShown) -> String {
    let unknown = match leg.recognition {
        Recognition::Pinned => "",
        Recognition::Unknown => ": intact, organisation unknown",
    };
    let line = leg.leg_line.saturating_add(1);
    let ahead = leg.clock_difference.as_ref().map(|one| one.difference_s);
    let ahead = ahead.map(|seconds| format!(", dated {seconds} s after it was taken")).unwrap_or_default();
    let apart = leg.histories.map(|count| {
        format!("; of one of its logs they handed over {count} histories that contradict each other, and each counts")
    });
    let apart = apart.unwrap_or_default();
    format!(
        "came by line {line} of {}, shipment {}{unknown}{ahead}{apart}",
        leg.partner.words(),
        leg.shipment
    )
}

/// Lines as people count them, from 1.
pub fn lines(lines: &[u32]) -> String {
    let counted: Vec<String> = lines.iter().map(|line| line.saturating_add(1).to_string()).collect();
    match counted.len() {
        0 => "no lines".into(),
        1 => format!("line {}", counted.concat()),
        _ => format!("lines {}", counted.join(", ")),
    }
}

/// What was checked at a receipt, behind the word for it.
pub fn checklist(checklist: &Checklist, named: &dyn Fn(Id) -> String) -> String {
    let mut told = format!("; seal {}", name(&checklist.seal));
    if !checklist.counts.is_empty() {
        let counts: Vec<String> = checklist.counts.iter().map(u32::to_string).collect();
        told.push_str(&format!(", counted {}", counts.join(", ")));
    }
    if !checklist.expired.is_empty() {
        told.push_str(&format!(", expired {}", lines(&checklist.expired)));
    }
    for one in &checklist.unread {
        told.push_str(&format!(", {} not read ({})", named(one.logger), one.reason));
    }
    told
}

/// What an entry about the stock says.
pub fn occurrence(occurrence: &Occurrence) -> String {
    match occurrence {
        Occurrence::Quarantined { reason } => format!("held, DO NOT USE: {reason}"),
        Occurrence::Reviewed { review } => {
            let action =
                review.action.as_ref().map(|action| format!("; action: {action}")).unwrap_or_default();
            let asked = review.asked.as_ref().map(|asked| {
                let case =
                    asked.case_number.as_ref().map(|case| format!(", case {case}")).unwrap_or_default();
                format!("; asked {}{case} about {}, due {}", asked.manufacturer, lots(&asked.lots), asked.due)
            });
            format!("looked into, cause: {}{action}{}", review.cause, asked.unwrap_or_default())
        }
        Occurrence::Acknowledged { reasons } => {
            let told: Vec<String> =
                reasons.iter().map(|one| format!("{}: {}", one.reason.code(), one.explanation)).collect();
            format!("explained {}", told.join("; "))
        }
        Occurrence::Replied { lots, advice, words } => {
            format!("manufacturer answered for {} alone: {} ({words})", self::lots(lots), name(advice))
        }
        Occurrence::ArrivalMoved { at, reason } => {
            format!("corrected the arrival to {at}, once approved ({reason})")
        }
        Occurrence::PickUpMoved { at, reason } => {
            format!("corrected the pick-up to {at}; a later time counts once approved ({reason})")
        }
        Occurrence::Approved => "approved the corrected arrival".into(),
        Occurrence::PickUpApproved => "approved the corrected pick-up".into(),
        Occurrence::Found { lines: released, words } => {
            format!("finding after the release of {}: {words}", lines(released))
        }
        Occurrence::ExcursionRecorded { record } => super::task::recorded(record),
        other => name(other),
    }
}

/// A query pack for a person: minutes per band, proven and in the worst case.
pub fn query_pack(pack: &QueryPack) -> String {
    let pack = &super::seen(pack);
    let to = pack.manufacturer.as_deref().unwrap_or("the manufacturer");
    let case = pack.case_number.as_ref().map(|number| format!(", case {number}")).unwrap_or_default();
    let due = pack.due.map(|due| format!(", answer due {due}")).unwrap_or_default();
    let mut told = format!("to {to}, lot {}{case}{due}\n", pack.lot);
    for line in &pack.lines {
        told.push_str(&format!("  {} ({}), judged by {}\n", line.product, line.quantity, line.profile));
        if line.known == Some(BudgetKnown::LegMissing) {
            told.push_str("    a leg is not held here or was not watched throughout: it may be more\n");
        }
        told.push_str(&format!("    all that it went through: {}\n", extremes(line.min_c, line.max_c)));
        told.push_str(&bands(&line.bands));
        for series in &line.series {
            let leg = series.leg.as_ref().map(|leg| format!("earlier leg {}, ", leg.reference));
            let serial = series.serial.as_ref().map(|serial| format!(", serial number {serial}"));
            let label =
                if series.label.is_empty() { series.logger.to_string() } else { series.label.clone() };
            let (leg, serial) = (leg.unwrap_or_default(), serial.unwrap_or_default());
            let (measured, every) = (extremes(series.min_c, series.max_c), series.interval_s);
            told.push_str(&format!("    {leg}{label}{serial}, one reading every {every} s: {measured}\n"));
            told.push_str(&(bands(&series.bands) + &stretches(&series.excursions)));
        }
    }
    told
}

fn extremes(min: Option<MilliCelsius>, max: Option<MilliCelsius>) -> String {
    min.zip(max).map_or_else(|| "no readings".into(), |(min, max)| format!("{min} to {max} °C"))
}

fn bands(bands: &[Band]) -> String {
    let row = |band: &Band| {
        let (proven, worst) = (minutes(band.proven_s), minutes(band.worst_case_s));
        format!("      {}: {proven} min proven, {worst} min at worst\n", band.id)
    };
    bands.iter().map(row).collect()
}

/// When it was out of range, stretch by stretch.
fn stretches(stretches: &[Stretch]) -> String {
    let row = |one: &Stretch| {
        let until = one.end.map_or_else(|| "at the last reading still".into(), |end| format!("until {end}"));
        format!("      out of range from {} {until}, at the furthest {} °C\n", one.begin, one.extreme_c)
    };
    stretches.iter().map(row).collect()
}

/// Whole minutes, a begun one counted.
pub(super) fn minutes(time: Milliseconds) -> u64 {
    time.0.div_ceil(60_000)
}
