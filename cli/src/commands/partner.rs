//! `firn partner`: cards, pins, and evidence that is taken in from another organisation.

use crate::arguments::{Global, Partner};
use crate::commands::evidence;
use crate::commands::shipment::EntryLine;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::words::visible;
use crate::{opened, words};
use firn_app::{AppError, CardRead, PartnerSaid, TookIn};
use firn_ledger::statement::PartnerCard;
use firn_model::api::{PartnerKnown, PartnerShown, TakenCustody};
use firn_peer::qr::{Background, QrMatrix};
use firn_report::{News, parse_fingerprint};
use serde_json::{Value, json};
use std::path::Path;

pub fn run(output: &mut Output, global: &Global, command: &Partner) -> Result<Exit, Failure> {
    match command {
        Partner::Card { gln } => card(output, global, gln.clone())?,
        Partner::Accept { card, fingerprint: None } => look(output, global, card)?,
        Partner::Accept { card, fingerprint: Some(fingerprint) } => pin(output, global, card, fingerprint)?,
        Partner::List => list(output, global)?,
        Partner::Revoke { organisation } => {
            let app = opened::to_write(global)?;
            let said = opened::wait(app.revoke_partner(organisation))??;
            told(output, &said, "revoked: what it signs is intact, organisation unknown")?;
        }
        Partner::Take { file, receipt } => take(output, global, file, receipt.as_deref())?,
    }
    Ok(Exit::Success)
}

/// What was checked and found wanting, told by its exit status.
fn wanting(error: AppError) -> Failure {
    let is_wanting = matches!(error, AppError::PartnerFingerprint { .. } | AppError::PartnerEvidence(_));
    let failure = Failure::from(error);
    if is_wanting { Failure { exit: Exit::Wanting, ..failure } } else { failure }
}

fn card(output: &mut Output, global: &Global, gln: Option<String>) -> Result<(), Failure> {
    let app = opened::to_read(global)?;
    let card = opened::wait(app.partner_card(gln))??;
    let text = card.text();
    // In upper case a QR code packs letters and digits closer.
    let picture = QrMatrix::of(&text.to_ascii_uppercase())?.to_terminal(Background::Dark);
    let answer = json!({ "ok": true, "card": text, "organisation": told_card(&card) });
    output.answer(&answer, || {
        format!(
            "{text}\n\n{picture}\n{}\nOn the other side: firn partner accept CARD --fingerprint F, with the \
             fingerprint told on another way\n",
            in_words(&card)
        )
    })
}

fn told_card(card: &PartnerCard) -> Value {
    json!({
        "fingerprint": card.organisation().to_string(),
        "name": card.name,
        "gln": card.gln,
        "admin": card.admin.map(|head| json!({ "log": head.log.to_string(), "size": head.size })),
    })
}

fn in_words(card: &PartnerCard) -> String {
    let gln = card.gln.as_ref().map(|gln| format!("\nGLN          {gln}")).unwrap_or_default();
    format!("name         {}{gln}\nfingerprint  {}", visible(&card.name), card.organisation())
}

/// What stands on a card, before anybody says that it is the right one.
fn look(output: &mut Output, global: &Global, text: &str) -> Result<(), Failure> {
    let app = opened::to_read(global)?;
    let CardRead { card, known } = opened::wait(app.read_card(text))??;
    let answer = json!({ "ok": true, "signed": false, "organisation": told_card(&card), "known": known });
    output.answer(&answer, || {
        let stands = match known.as_ref().map(|known| known.standing) {
            Some(PartnerKnown::Pinned) => "it is pinned here",
            Some(PartnerKnown::Revoked) => "it was pinned here, and revoked",
            None => "it is not known here",
        };
        format!(
            "{}\n{stands}; nothing was signed. Ask them for their fingerprint on another way, and give it with \
             --fingerprint",
            in_words(&card)
        )
    })
}

fn pin(output: &mut Output, global: &Global, text: &str, fingerprint: &str) -> Result<(), Failure> {
    let fingerprint = parse_fingerprint(fingerprint)?;
    let app = opened::to_write(global)?;
    let said = opened::wait(app.pin_partner(text, &fingerprint))?.map_err(wanting)?;
    told(output, &said, "pinned: what it signs is confirmed here")
}

fn told(output: &mut Output, said: &PartnerSaid, words: &str) -> Result<(), Failure> {
    let answer = json!({
        "ok": true,
        "signed": said.entry.is_some(),
        "partner": said.partner,
        "entries": said.entry.iter().map(EntryLine::from).collect::<Vec<_>>(),
    });
    output.answer(&answer, || {
        let again = if said.entry.is_none() { " (as before)" } else { "" };
        format!("{}\n{words}{again}", line(&said.partner))
    })
}

fn line(partner: &PartnerShown) -> String {
    let gln = partner.gln.as_ref().map(|gln| format!("  GLN {gln}")).unwrap_or_default();
    let standing = match partner.standing {
        PartnerKnown::Pinned => "pinned",
        PartnerKnown::Revoked => "REVOKED",
    };
    format!("{}  {}{gln}  {standing} {}", partner.organisation, visible(&partner.name), partner.since)
}

fn list(output: &mut Output, global: &Global) -> Result<(), Failure> {
    let app = opened::to_read(global)?;
    let partners = opened::wait(app.partners())??;
    output.answer(&partners, || match partners.is_empty() {
        true => "no partners yet; pin one with `firn partner accept CARD`".into(),
        false => partners.iter().map(|partner| format!("{}\n", line(partner))).collect(),
    })
}

fn take(output: &mut Output, global: &Global, file: &Path, receipt: Option<&Path>) -> Result<(), Failure> {
    let bytes = evidence::read(file)?;
    let app = opened::to_write(global)?;
    let took = opened::wait(app.take_in_evidence(bytes))?.map_err(wanting)?;
    let written = match (receipt, &took.receipt) {
        (Some(path), Some(bytes)) => {
            evidence::write_whole(path, bytes)?;
            Some(path.display().to_string())
        }
        (Some(_), None) => {
            eprintln!("firn: nothing was taken over, so that there is no receipt to write");
            None
        }
        (None, _) => None,
    };
    let mut answer = json!({
        "ok": true,
        "shipment": took.shipment,
        "reference": took.reference,
        "items": took.items,
        "partner": took.partner,
        "issuer": took.verification.issuer,
        "verdict": took.verification.verdict,
        "evidence": took.evidence,
        "custody": took.custody,
        "do_not_use": took.do_not_use,
        "older": took.news == News::Older,
        "entries": took.entries.iter().map(EntryLine::from).collect::<Vec<_>>(),
        "receipt": written,
    });
    if let (Some(seconds), Some(answer)) = (took.clock_difference_s, answer.as_object_mut()) {
        answer.insert("clock_difference_s".into(), seconds.into());
    }
    if let (2.., Some(answer)) = (took.histories, answer.as_object_mut()) {
        answer.insert("histories".into(), took.histories.into());
    }
    output.answer(&answer, || taken(&took, written.as_deref()))
}

fn taken(took: &TookIn, receipt: Option<&str>) -> String {
    let who = match &took.partner.name {
        Some(name) => format!("it holds, and comes from the pinned partner {}", visible(name)),
        None => format!("intact, organisation unknown: {}", took.partner.organisation),
    };
    let custody = match took.custody {
        TakenCustody::Taken => "this organisation has taken the shipment over",
        TakenCustody::Given => "they have taken the shipment over",
        TakenCustody::None => {
            "kept; it offers nothing to this organisation, so that custody stays where it is"
        }
    };
    let again = match (took.entries.is_empty(), took.news) {
        (true, News::Older) => " (older than what you have; nothing was signed)",
        (true, News::New | News::Same) => " (as before)",
        (false, _) => "",
    };
    let reference = took.reference.as_deref().map(|reference| format!("  {}", visible(reference)));
    let mut told = format!("{}{}\n{who}\n{custody}{again}\n", took.shipment, reference.unwrap_or_default());
    if let Some(seconds) = took.clock_difference_s {
        told.push_str(&format!("what they signed is dated {seconds} s after this device's clock\n"));
    }
    if took.histories > 1 {
        told.push_str(&format!(
            "of one of their logs you have {} histories that contradict each other: each counts\n",
            took.histories
        ));
    }
    if took.do_not_use {
        told.push_str(
            "DO NOT USE: they held it and have not decided; who has the goods decides about them\n",
        );
    }
    if took.custody != TakenCustody::Given {
        for (place, item) in (1_usize..).zip(&took.items) {
            let lot = item.lot.as_ref().map(|lot| format!(", lot {}", visible(lot))).unwrap_or_default();
            told.push_str(&format!(
                "line {place}: {}{lot}, {}: go on from it with leg={}/{place}\n",
                visible(&item.product),
                words::counted(u64::from(item.quantity), "piece", "pieces"),
                took.shipment
            ));
        }
    }
    told.push_str(&receipt.map(|file| format!("{file}: give them this receipt\n")).unwrap_or_default());
    told
}
