//! `firn shipment`: a shipment's life, each step one signed entry.

use crate::arguments::{AdviceArgument, DecisionArgument, Global, SealArgument, Shipment, Steps};
use crate::commands::{calibration, corrections, evidence, excursion, profile};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::written::instant_if;
use crate::{item, opened, words};
use firn_app::{Answer, App, AppError, Appended, Disposing, Host, NewShipment, Receipt, Start};
use firn_host::LocalHost;
use firn_model::api::{CustodyStep, HistoryEvent, Occurrence};
use firn_model::assess::Reason;
use firn_model::id::Id;
use firn_model::record::{
    Advice, Asked, Checklist, Decision, Explained, LoggerReason, Placement, Position, Review, SealFound,
};
use firn_model::shipment::QuestionNamed;
use firn_model::vault::PositionKnown;
use serde::Serialize;
use std::path::Path;

/// What a step of a shipment's life answers.
#[derive(Serialize)]
struct Step {
    ok: bool,
    shipment: Id,
    entries: Vec<EntryLine>,
}

/// A step of a hand-over, and whether it is of stock in quarantine.
#[derive(Serialize)]
struct HandOverStep {
    #[serde(flatten)]
    step: Step,
    do_not_use: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    do_not_use_lines: Vec<u32>,
}

#[derive(Serialize)]
pub struct EntryLine {
    log: String,
    sequence: u64,
    leaf: String,
}

impl From<&Appended> for EntryLine {
    fn from(entry: &Appended) -> Self {
        let hexadecimal = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        Self {
            log: hexadecimal(&entry.reference.log),
            sequence: entry.sequence,
            leaf: hexadecimal(&entry.reference.leaf),
        }
    }
}

/// In which home a step is signed, and where on earth.
pub struct Place<'a> {
    global: &'a Global,
    position: Option<Position>,
}

impl Place<'_> {
    /// The home, opened for a step at that position.
    pub fn opened(&self) -> Result<App<LocalHost>, Failure> {
        let app = opened::to_write(self.global)?;
        Ok(self.position.map_or(app.clone(), |position| app.at(position)))
    }
}

/// One step of a shipment's life, a list, or one shipment.
pub fn run(output: &mut Output, global: &Global, steps: &Steps) -> Result<Exit, Failure> {
    let place = Place { global, position: steps.position };
    match &steps.step {
        Shipment::New { reference, profile, from, to, items, packages } => {
            let items = items.iter().map(|text| item::parse(text)).collect::<Result<Vec<_>, _>>()?;
            let packages = packages.iter().map(|text| item::package(text)).collect::<Result<_, _>>()?;
            let app = opened::to_write(global)?;
            let new = NewShipment {
                reference: reference.clone(),
                profile: profile::of_home(&app, profile)?,
                from: from.clone(),
                to: to.clone(),
                items: items.into_iter().map(|item| item.look_up(&app)).collect::<Result<_, _>>()?,
                packages,
            };
            let app = place.position.map_or(app.clone(), |position| app.at(position));
            create(output, &app, new)?;
        }
        Shipment::List => list(output, global)?,
        Shipment::ExcursionRecord(given) => return excursion::run(output, global, given),
        Shipment::Show { shipment } => show(output, global, shipment)?,
        Shipment::QueryPack { shipment, manufacturer, lot } => {
            let app = opened::to_read(global)?;
            let id = opened::wait(app.shipment_named(shipment))??;
            let packs = opened::wait(app.query_packs(id, manufacturer.clone(), lot.clone()))??;
            output.answer(&packs, || packs.iter().map(words::query_pack).collect())?;
        }
        Shipment::Handover { shipment, partner: Some(partner), bundle: Some(bundle), .. } => {
            to_partner(output, &place, shipment, partner, bundle)?;
        }
        Shipment::Handover { shipment, offer, .. } => {
            let app = place.opened()?;
            let id = opened::wait(app.shipment_named(shipment))??;
            let asked = offer.then_some(CustodyStep::Offered);
            let (step, entries) = opened::wait(app.hand_over(id, asked))??;
            let again = entries.is_empty();
            let custody = if again { words::custody_again(step) } else { words::custody(step) };
            let summary = opened::wait(app.shipment(id))??.summary;
            let held = words::handed_over_held(&summary);
            let step = HandOverStep {
                step: Step { ok: true, shipment: id, entries: entries.iter().map(EntryLine::from).collect() },
                do_not_use: summary.do_not_use,
                do_not_use_lines: summary.do_not_use_lines,
            };
            output.answer(&step, || format!("{id}  {custody}{held}"))?;
        }
        Shipment::Start { .. } | Shipment::Receive { .. } => travel(output, &place, &steps.step)?,
        Shipment::MoveArrival { .. }
        | Shipment::MovePickUp { .. }
        | Shipment::Approve { .. }
        | Shipment::ApprovePickUp { .. } => corrections::run(output, &place, &steps.step)?,
        command => decide(output, &place, command)?,
    }
    Ok(Exit::Success)
}

/// Offers it to another organisation, and writes its evidence for them.
fn to_partner(
    output: &mut Output,
    place: &Place<'_>,
    shipment: &str,
    partner: &str,
    bundle: &Path,
) -> Result<(), Failure> {
    let app = place.opened()?;
    let id = opened::wait(app.shipment_named(shipment))??;
    let handed = opened::wait(app.hand_over_to_partner(id, partner))??;
    evidence::write_whole(bundle, &handed.evidence)?;
    let summary = opened::wait(app.shipment(id))??.summary;
    let held = words::handed_over_held(&summary);
    let answer = serde_json::json!({
        "ok": true,
        "shipment": id,
        "entries": handed.entries.iter().map(EntryLine::from).collect::<Vec<_>>(),
        "partner": handed.partner,
        "file": bundle.display().to_string(),
        "bytes": handed.evidence.len(),
        "do_not_use": summary.do_not_use,
        "do_not_use_lines": summary.do_not_use_lines,
    });
    output.answer(&answer, || {
        format!(
            "{id}  offered to {} ({}); their receipt is awaited{held}\n{}  {} bytes: give them this file\n",
            words::visible(&handed.partner.name),
            handed.partner.organisation,
            bundle.display(),
            handed.evidence.len()
        )
    })
}

/// Creates it, and tells where a line's profile allows more than its label.
fn create(output: &mut Output, app: &App<LocalHost>, new: NewShipment) -> Result<(), Failure> {
    let id = opened::wait(app.create_shipment(new))??;
    let lines = opened::wait(app.shipment(id))??.lines;
    let warnings: Vec<_> = lines.iter().flat_map(|line| &line.warnings).collect();
    for warning in &warnings {
        eprintln!("firn: line {}: {warning} [{}]", warning.line.saturating_add(1), warning.code);
    }
    let legs: Vec<_> = lines.iter().flat_map(|line| &line.leg_warnings).collect();
    for warning in &legs {
        eprintln!("firn: line {}: {warning} [{}]", warning.line.saturating_add(1), warning.code);
    }
    let warnings = warnings.iter().map(|one| serde_json::json!(one));
    let warnings: Vec<_> = warnings.chain(legs.iter().map(|one| serde_json::json!(one))).collect();
    let answer = serde_json::json!({ "ok": true, "shipment": id, "warnings": warnings });
    output.answer(&answer, || id.to_string())
}

/// Pick-up and arrival.
fn travel(output: &mut Output, place: &Place<'_>, command: &Shipment) -> Result<(), Failure> {
    match command {
        Shipment::Start { shipment, loggers, packages, places, at, overrides, reason } => {
            let at = instant_if(at.as_deref())?;
            let places = places.iter().map(|text| item::place(text)).collect::<Result<Vec<_>, _>>()?;
            step(output, place, shipment, "picked up: readings count from here on", |app, shipment| {
                let mut placements = placements(app, loggers, packages)?;
                for place in places {
                    let logger = opened::wait(app.logger(&place.logger))??;
                    calibration::warn(&logger);
                    let logger = logger.id;
                    let item::TypedPlace { package, from, to, .. } = place;
                    placements.push(Placement { logger, package, from, to });
                }
                let overrides = reasons(app, overrides)?;
                let reason = reason.clone();
                opened::wait(app.start_shipment(Start { shipment, placements, at, overrides, reason }))
            })
        }
        Shipment::Receive { shipment, at, note, seal, counts, expired, unread, reason } => {
            let app = place.opened()?;
            let id = opened::wait(app.shipment_named(shipment))??;
            let (unread, expired) = (reasons(&app, unread)?, lines(expired)?);
            let checklist =
                seal.map(|seal| Checklist { seal: found(seal), counts: counts.clone(), expired, unread });
            let (note, reason, at) = (note.clone(), reason.clone(), instant_if(at.as_deref())?);
            let receipt = Receipt { shipment: id, at, note, checklist, reason };
            let entries = opened::wait(app.receive_shipment(receipt))??;
            let detail = opened::wait(app.shipment(id))??;
            told(output, id, &entries, &words::received(&detail))
        }
        _ => Ok(()),
    }
}

/// Everything that is said and decided about its stock, and the end of its record.
fn decide(output: &mut Output, place: &Place<'_>, command: &Shipment) -> Result<(), Failure> {
    match command {
        Shipment::Dispose { shipment, decision, reason, lines: named } => {
            let (decision, reason) = (decided(*decision), reason.clone());
            let lines = if named.is_empty() { None } else { Some(lines(named)?) };
            step(output, place, shipment, "decided", |app, shipment| {
                opened::wait(app.dispose_shipment(Disposing { shipment, decision, reason, lines }))
            })
        }
        Shipment::Acknowledge { shipment, reasons } => {
            let reasons = reasons.iter().map(|text| explained(text)).collect::<Result<Vec<_>, _>>()?;
            step(output, place, shipment, "explained", |app, id| {
                opened::wait(app.acknowledge_shipment(id, reasons))
            })
        }
        Shipment::Review { shipment, cause, action, asked, case_number, lots, due } => {
            let due = instant_if(due.as_deref())?;
            step(output, place, shipment, "looked into", |app, id| {
                let asked = asked.as_ref().map(|manufacturer| Asked {
                    manufacturer: manufacturer.clone(),
                    case_number: case_number.clone(),
                    asked: app.host().now().utc,
                    due: due.unwrap_or_default(),
                    lots: lots.clone(),
                });
                let review = Review { cause: cause.clone(), action: action.clone(), asked };
                opened::wait(app.review_shipment(id, review))
            })
        }
        Shipment::Reply { shipment, lots, advice, words, asked, case_number } => {
            let question = QuestionNamed { manufacturer: asked.clone(), case_number: case_number.clone() };
            let advice = match advice {
                AdviceArgument::MayBeUsed => Advice::MayBeUsed,
                AdviceArgument::Discard => Advice::Discard,
            };
            let (lots, words) = (lots.clone(), words.clone());
            step(output, place, shipment, "answer recorded, for these lots alone", |app, shipment| {
                opened::wait(app.record_reply(Answer { shipment, question, lots, advice, words }))
            })
        }
        Shipment::Quarantine { shipment, reason } => {
            step(output, place, shipment, "quarantine: DO NOT USE", |app, id| {
                opened::wait(app.quarantine_shipment(id, reason.clone()))
            })
        }
        Shipment::Cancel { shipment, reason } => step(output, place, shipment, "cancelled", |app, id| {
            opened::wait(app.cancel_shipment(id, reason.clone()))
        }),
        Shipment::Close { shipment, reason } => step(output, place, shipment, "record closed", |app, id| {
            opened::wait(app.close_shipment(id, reason.clone()))
        }),
        _ => Ok(()),
    }
}

/// Signs one step of the shipment of that name and tells which entries it became.
pub fn step(
    output: &mut Output,
    place: &Place<'_>,
    shipment: &str,
    words: &str,
    take: impl FnOnce(&App<LocalHost>, Id) -> Result<Result<Vec<Appended>, AppError>, Failure>,
) -> Result<(), Failure> {
    let app = place.opened()?;
    let id = opened::wait(app.shipment_named(shipment))??;
    let entries = take(&app, id)??;
    told(output, id, &entries, words)
}

/// Tells which entries a step became.
pub fn told(output: &mut Output, shipment: Id, entries: &[Appended], words: &str) -> Result<(), Failure> {
    let step = Step { ok: true, shipment, entries: entries.iter().map(EntryLine::from).collect() };
    output.answer(&step, || format!("{shipment}  {words}"))
}

fn list(output: &mut Output, global: &Global) -> Result<(), Failure> {
    let app = opened::to_read(global)?;
    let shipments = opened::wait(app.shipments())??;
    output.answer(&shipments, || match shipments.is_empty() {
        true => "no shipments yet; create one with `firn shipment new REFERENCE`".into(),
        false => shipments.iter().map(words::shipment_line).collect(),
    })
}

fn show(output: &mut Output, global: &Global, shipment: &str) -> Result<(), Failure> {
    let app = opened::to_read(global)?;
    let id = opened::wait(app.shipment_named(shipment))??;
    let mut detail = opened::wait(app.shipment(id))??;
    if global.passphrase_file.is_some() && detail.history.iter().any(is_sealed) {
        detail = opened::wait(opened::to_look(global)?.shipment(id))??;
    }
    output.answer(&detail, || words::shipment(&detail))
}

/// A position that the passphrase would open.
fn is_sealed(event: &HistoryEvent) -> bool {
    matches!(&event.occurrence, Occurrence::Position { known: PositionKnown::Sealed, .. })
}

/// Every logger that was named, as `LOGGER[,package=P]` or as `LOGGER=PACKAGE`.
fn placements(
    app: &App<LocalHost>,
    loggers: &[String],
    packages: &[String],
) -> Result<Vec<Placement>, Failure> {
    let mut placements: Vec<Placement> = Vec::new();
    let named = loggers.iter().map(|text| match text.split_once(",package=") {
        Some((name, package)) => Ok((name, Some(package.to_owned()))),
        None => Ok((text.as_str(), None)),
    });
    for named in named.chain(packages.iter().map(|text| packed(text))) {
        let (name, package) = named?;
        let logger = opened::wait(app.logger(name))??;
        calibration::warn(&logger);
        let logger = logger.id;
        match placements.iter_mut().find(|placement| placement.logger == logger) {
            Some(known) => known.package = package.or_else(|| known.package.take()),
            None => placements.push(Placement { logger, package, from: None, to: None }),
        }
    }
    Ok(placements)
}

fn packed(text: &str) -> Result<(&str, Option<String>), Failure> {
    let (logger, package) = text.split_once('=').ok_or_else(|| {
        Failure::new("cli/package", format!("`{text}` is no LOGGER=PACKAGE"), "write LOGGER=PACKAGE")
    })?;
    Ok((logger.trim(), Some(package.to_owned())))
}

/// `LOGGER=REASON`, for each.
fn reasons(app: &App<LocalHost>, texts: &[String]) -> Result<Vec<LoggerReason>, Failure> {
    let reason = |text: &String| {
        let (name, reason) = pair(text)?;
        Ok(LoggerReason { logger: opened::wait(app.logger(name))??.id, reason: reason.to_owned() })
    };
    texts.iter().map(reason).collect()
}

/// `CODE=TEXT`.
fn explained(text: &str) -> Result<Explained, Failure> {
    let (code, explanation) = pair(text)?;
    let reason = Reason::from_code(code).ok_or_else(|| {
        let next = "write a code that `firn shipment show` lists among the reasons";
        Failure::new("cli/reason", format!("`{code}` is the code of no reason"), next)
    })?;
    Ok(Explained { reason, explanation: explanation.to_owned() })
}

fn pair(text: &str) -> Result<(&str, &str), Failure> {
    let (name, words) = text.split_once('=').unwrap_or((text, ""));
    if name.trim().is_empty() || words.trim().is_empty() {
        return Err(Failure::new("cli/pair", format!("`{text}` gives no reason"), "write NAME=REASON"));
    }
    Ok((name.trim(), words.trim()))
}

/// Lines as people count them, from 1, as records do, from 0.
fn lines(counted: &[u32]) -> Result<Vec<u32>, Failure> {
    let line = |line: &u32| {
        line.checked_sub(1)
            .ok_or_else(|| Failure::new("cli/line", "there is no line 0", "count the lines from 1"))
    };
    let mut lines = counted.iter().map(line).collect::<Result<Vec<u32>, _>>()?;
    lines.sort_unstable();
    lines.dedup();
    Ok(lines)
}

fn found(seal: SealArgument) -> SealFound {
    match seal {
        SealArgument::Intact => SealFound::Intact,
        SealArgument::Broken => SealFound::Broken,
        SealArgument::None => SealFound::None,
    }
}

fn decided(decision: DecisionArgument) -> Decision {
    match decision {
        DecisionArgument::Release => Decision::Release,
        DecisionArgument::ReleaseInPart => Decision::ReleaseInPart,
        DecisionArgument::Reject => Decision::Reject,
    }
}
