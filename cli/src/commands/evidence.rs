//! `firn export` and `firn verify`: what leaves a device, and whether it holds.

use crate::arguments::{Export, Global};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::{opened, words};
use chrono::{Local, Offset};
use firn_app::{App, Exported, Host};
use firn_host::LocalHost;
use firn_ledger::bytes::OrganisationId;
use firn_model::record::Address;
use firn_model::time::UtcOffset;
use firn_report::verify::{Issuer, Status};
use firn_report::{Anchor, Printing, Verification, parse_fingerprint};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Writes a shipment's report, readings and evidence.
pub fn export(output: &mut Output, global: &Global, export: &Export) -> Result<Exit, Failure> {
    if export.pdf.is_none() && export.csv.is_none() && export.evidence.is_none() {
        return Err(Failure::new(
            "cli/no-output",
            "no file was named",
            "name one with --pdf, --csv or --evidence",
        ));
    }
    let app = opened::to_write(global)?;
    let exported = opened::wait(async {
        let shipment = app.shipment_named(&export.shipment).await?;
        match export.with_positions {
            true => app.export_with_positions(shipment).await,
            false => app.export(shipment).await,
        }
    })??;
    let mut files = Vec::new();
    if let Some(path) = &export.evidence {
        files.push((path, exported.evidence()));
    }
    if let Some(path) = &export.csv {
        files.push((path, exported.csv(printing(&app).offset).into_bytes()));
    }
    if let Some(path) = &export.pdf {
        files.push((path, pdf(&app, &exported)?));
    }
    for (path, bytes) in &files {
        write_whole(path, bytes)?;
    }
    let written: Vec<_> = files
        .iter()
        .map(|(path, bytes)| serde_json::json!({ "file": path.display().to_string(), "bytes": bytes.len() }))
        .collect();
    let do_not_use = exported.detail.summary.do_not_use;
    let mut answer = serde_json::json!({ "ok": true, "files": written, "do_not_use": do_not_use });
    let held = &exported.detail.summary.do_not_use_lines;
    if let Some(fields) = answer.as_object_mut().filter(|_| !held.is_empty()) {
        fields.insert("do_not_use_lines".into(), serde_json::json!(held));
    }
    output.answer(&answer, || {
        let told = files.iter().map(|(path, bytes)| format!("{}  {} bytes\n", path.display(), bytes.len()));
        let warning = do_not_use.then(|| format!("{}\n", words::state(&exported.detail.summary)));
        told.chain(warning).collect()
    })?;
    Ok(Exit::Success)
}

/// The report of an export, sealed by this device, in this machine's time zone.
pub fn pdf(app: &App<LocalHost>, exported: &Exported) -> Result<Vec<u8>, Failure> {
    let signer = app.host().signer()?;
    Ok(exported.pdf(&printing(app), signer.as_ref())?)
}

fn printing(app: &App<LocalHost>) -> Printing {
    let created = app.host().now().utc;
    let utc = chrono::DateTime::from_timestamp_millis(created.0).unwrap_or_default();
    let offset = UtcOffset(utc.with_timezone(&Local).offset().fix().local_minus_utc());
    let zone = std::env::var("TZ").ok().filter(|zone| !zone.is_empty() && zone.len() <= 64);
    let zone = zone.unwrap_or_else(|| if offset.0 == 0 { "UTC".into() } else { "local time".into() });
    Printing { created, offset, zone, log: app.host().identity().log }
}

/// Writes a file whole or not at all: a reader never sees half of it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| {
        Failure::new(
            "cli/unwritable-file",
            format!("{}: {error}", path.display()),
            "check the folder and its space",
        )
    })
}

/// Verifies a file by itself; exit status 1 where a check failed.
pub fn verify(
    output: &mut Output,
    global: &Global,
    file: &Path,
    organisation: Option<&str>,
    photos: &[PathBuf],
) -> Result<Exit, Failure> {
    let anchor = organisation.map(parse_fingerprint).transpose()?;
    let bytes = read(file)?;
    let photos: Vec<Address> =
        photos.iter().map(|photo| Ok(Address::of(&read(photo)?))).collect::<Result<_, Failure>>()?;
    let known = if anchor.is_none() { known(global)? } else { None };
    let by = match (&anchor, &known) {
        (Some(anchor), _) => Anchor::Only(anchor),
        (None, Some(known)) => Anchor::Known(known),
        (None, None) => Anchor::Nobody,
    };
    let verification = firn_report::verify_by(&bytes, by, &photos);
    output.answer(&verification, || checks(&verification, by))?;
    Ok(if verification.ok { Exit::Success } else { Exit::Wanting })
}

/// The organisations that the home knows, where there is one: the named one, which must open, else this user's.
fn known(global: &Global) -> Result<Option<BTreeMap<OrganisationId, String>>, Failure> {
    let is_named = global.home.is_some();
    let there = opened::folder(global).is_ok_and(|folder| folder.join("format").exists());
    if !there && !is_named {
        return Ok(None);
    }
    let known = opened::to_read(global).and_then(|app| Ok(opened::wait(app.known_organisations())??));
    match known {
        Ok(known) => Ok(Some(known)),
        Err(failure) if is_named && there => Err(failure),
        Err(failure) => {
            eprintln!("firn: no partners are known: {} [{}]", words::visible(&failure.cause), failure.code);
            Ok(None)
        }
    }
}

/// A file whole.
pub fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::unreadable(file, &error))
}

fn checks(verification: &Verification, by: Anchor<'_>) -> String {
    let mut told = String::new();
    let name = verification.issuer_name.as_deref().map(words::visible);
    if !matches!(by, Anchor::Only(_)) {
        let name = name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        told.push_str(&format!("organisation by this file: {}{name}\n", verification.fingerprint));
    }
    for check in &verification.checks {
        let mark = match check.status {
            Status::Proved => "proved",
            Status::Failed => "FAILED",
            Status::Cannot => "cannot",
        };
        let id = serde_json::to_value(check.id).ok();
        let id = id.as_ref().and_then(|id| id.as_str()).unwrap_or_default();
        told.push_str(&format!("{mark}  {id:<13} {}\n", check.why));
    }
    for refused in &verification.refused {
        let log: String = refused.log.chars().take(8).collect();
        told.push_str(&format!(
            "does not count: entry {} of log {log}, {}\n",
            refused.sequence, refused.code
        ));
    }
    if let Some(stock) = verification.stock {
        let held = words::do_not_use(&verification.do_not_use_lines);
        told.push_str(&format!("stock by this file: {}{held}\n", words::stock(stock)));
    }
    told.push_str(&match (verification.ok, verification.issuer, by) {
        (true, Issuer::Pinned, Anchor::Known(_)) => {
            format!("it holds, and comes from {}, which is known here", name.unwrap_or_default())
        }
        (true, Issuer::Pinned, _) => "it holds, and comes from the organisation that was named".to_owned(),
        (true, Issuer::Unconfirmed, _) => {
            "intact, organisation unknown; compare the fingerprint with one learned elsewhere".to_owned()
        }
        (false, ..) => match &verification.unreadable {
            Some(why) => format!("it cannot be read; {} [{}]", why.next_step, why.code),
            None => "it does not hold".to_owned(),
        },
    });
    told
}
