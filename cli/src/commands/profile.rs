//! `firn profile`: built-in profiles, and checking one's own.

use crate::arguments::Profile as Command;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use firn_model::profile::{Profile, builtin, preset};
use std::path::Path;

/// Lists, shows or checks profiles.
pub fn run(output: &mut Output, command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::List => output.answer(&builtin(), || {
            let line = |preset: &firn_model::profile::Preset| {
                format!(
                    "{:<24}  {} ({}; {})\n",
                    preset.key, preset.profile.name, preset.source, preset.confirm
                )
            };
            builtin().iter().map(line).collect()
        })?,
        Command::Show { name } => {
            let preset = preset(name).ok_or_else(|| unknown(name))?;
            output.json(&preset.profile)?;
            eprintln!("firn: {}. {} ({})", preset.source, preset.note, preset.confirm);
        }
        Command::Check { file } => {
            let profile = read(file)?;
            let warnings: Vec<_> = profile.warnings();
            let told: Vec<_> = warnings
                .iter()
                .map(|warning| serde_json::json!({ "code": warning.code(), "why": warning.to_string() }))
                .collect();
            let answer = serde_json::json!({ "ok": true, "profile": profile, "warnings": told });
            output.answer(&answer, || {
                let warnings = warnings.iter().map(|warning| format!("\nthink over: {warning}"));
                format!("{} version {} holds together", profile.name, profile.version)
                    + &warnings.collect::<String>()
            })?;
        }
    }
    Ok(Exit::Success)
}

/// The profile in a file of this name, else the built-in one of this name.
pub fn named(name: &Path) -> Result<Profile, Failure> {
    match name.to_str().and_then(preset) {
        Some(preset) if !name.exists() => Ok(preset.profile.clone()),
        _ => read(name),
    }
}

fn read(file: &Path) -> Result<Profile, Failure> {
    let text = std::fs::read(file).map_err(|error| Failure::unreadable(file, &error))?;
    Ok(Profile::from_json(&String::from_utf8_lossy(&text))?)
}

fn unknown(name: &str) -> Failure {
    let known: Vec<&str> = builtin().iter().map(|preset| preset.key).collect();
    Failure::new(
        "profile/unknown",
        format!("there is no built-in profile `{name}`"),
        &format!("name one of: {}", known.join(", ")),
    )
}
