//! `firn vault` and `firn position`: personal data that is kept apart and can be erased.

use crate::arguments::{Global, GroundArgument, PositionCommand, Vault};
use crate::commands::shipment::EntryLine;
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use firn_app::{App, AppError, NameKept, VaultSubject};
use firn_host::LocalHost;
use firn_model::id::Id;
use firn_model::retention::KeptUntil;
use firn_model::time::UtcMillis;
use firn_model::vault::{Ground, PositionSetting};
use serde::Serialize;

/// What an erasure answers.
#[derive(Serialize)]
struct Erased {
    ok: bool,
    subject: Id,
    ground: Ground,
    documents: usize,
    entry: EntryLine,
    /// What stays of a person, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<Kept>,
}

/// A printed name that stays.
#[derive(Serialize)]
struct Kept {
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<UtcMillis>,
    ground: String,
}

/// Lists the vault's subjects, or erases one.
pub fn run(output: &mut Output, global: &Global, command: &Vault) -> Result<Exit, Failure> {
    match command {
        Vault::List => {
            let app = opened::to_read(global)?;
            let subjects = opened::wait(app.vault_subjects())??;
            output.answer(&subjects, || match subjects.is_empty() {
                true => "the vault is empty".into(),
                false => subjects.iter().map(line).collect(),
            })?;
        }
        Vault::Erase { subject, ground, name } => erase(output, global, subject, ground_of(*ground), *name)?,
    }
    Ok(Exit::Success)
}

fn erase(
    output: &mut Output,
    global: &Global,
    subject: &str,
    ground: Ground,
    name: bool,
) -> Result<(), Failure> {
    let app = opened::to_write(global)?;
    let id = opened::wait(app.vault_subject(subject))??;
    let kept = name_kept(&app, id)?;
    if let (true, Some(kept)) = (name, kept) {
        return Err(AppError::NameKept(kept).into());
    }
    let erased = opened::wait(app.erase_from_vault(id, ground))??;
    let kept = kept.map(|kept| Kept {
        what: "printed-name",
        until: match kept {
            NameKept::Until(KeptUntil { until, .. }) => Some(until),
            NameKept::WithRecords => None,
        },
        ground: kept.to_string(),
    });
    let (documents, entry) = (erased.documents, EntryLine::from(&erased.entry));
    let answer = Erased { ok: true, subject: id, ground, documents, entry, kept };
    output.answer(&answer, || {
        let mut text = format!(
            "{id}  documents erased: {documents} ({}); other devices follow when they sync, older backups when they \
             are restored",
            ground.words()
        );
        if let Some(kept) = &answer.kept {
            text.push_str(&format!("\nthe printed name stays: {}", kept.ground));
        }
        text
    })
}

/// Why a printed name stays, where the subject is a person.
fn name_kept(app: &App<LocalHost>, subject: Id) -> Result<Option<NameKept>, Failure> {
    match opened::wait(app.name_kept(subject))? {
        Ok(kept) => Ok(Some(kept)),
        Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn line(one: &VaultSubject) -> String {
    let name = one.name.as_deref().unwrap_or("unknown");
    let VaultSubject { subject, kept, recorded, erased, .. } = one;
    let until = match &one.continued_by {
        Some(next) => format!(" (ended; goes on as {next})"),
        None => String::new(),
    };
    format!("{subject}  {name}{until}  {kept} kept here, {recorded} recorded, {erased} erased\n")
}

fn ground_of(ground: GroundArgument) -> Ground {
    match ground {
        GroundArgument::NotNeeded => Ground::NotNeeded,
        GroundArgument::ConsentWithdrawn => Ground::ConsentWithdrawn,
        GroundArgument::Objected => Ground::Objected,
        GroundArgument::Unlawful => Ground::Unlawful,
        GroundArgument::Obligation => Ground::Obligation,
    }
}

/// Turns the recording of positions on or off, or shows it.
pub fn position(output: &mut Output, global: &Global, command: &PositionCommand) -> Result<Exit, Failure> {
    let app = match command {
        PositionCommand::Show => opened::to_read(global)?,
        PositionCommand::On => set(global, PositionSetting::On)?,
        PositionCommand::Off => set(global, PositionSetting::Off)?,
    };
    let position = opened::wait(app.position_setting())??;
    output.answer(&serde_json::json!({ "ok": true, "position": position }), || match position {
        PositionSetting::On => "on: steps may be signed with a position, which is kept in the vault".into(),
        PositionSetting::Off => "off: a step with a position is refused".into(),
    })?;
    Ok(Exit::Success)
}

fn set(global: &Global, setting: PositionSetting) -> Result<App<LocalHost>, Failure> {
    let (app, _) = opened::by_device(global)?;
    opened::wait(app.set_position_setting(setting))??;
    Ok(app)
}
