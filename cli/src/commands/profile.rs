//! `firn profile`: built-in profiles, the organisation's own, and checking one's file.

use crate::arguments::{Global, Profile as Command};
use crate::commands::shipment::EntryLine;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::{opened, words};
use firn_app::{App, check_name, check_own_name};
use firn_host::LocalHost;
use firn_model::api::{KnownProfile, ProfileOrigin, ProfileSetAside, VersionPublished};
use firn_model::profile::{Profile, built_in};
use firn_model::record::ChangeReason;
use firn_model::shipment::OwnProfiles;
use serde::Serialize;
use std::path::Path;

/// Lists, shows, checks, publishes or exports profiles.
pub fn run(output: &mut Output, global: &Global, command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::List => {
            let known = own(global)?.known();
            output.answer(&known, || known.iter().map(listed).collect())?;
        }
        Command::Show { name, version } => show(output, &own(global)?, name, *version)?,
        Command::Check { file } => check(output, global, file)?,
        Command::Add { file, reason } => add(output, global, file, reason.as_deref())?,
        Command::Export { name, version } => export(output, &own(global)?, name, *version)?,
    }
    Ok(Exit::Success)
}

/// What `firn profile show` answers: the profile, and what was published under its version without counting.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    profile: &'a Profile,
    /// False where it was set aside and no other counts under its version; absent where it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    set_aside: Vec<&'a ProfileSetAside>,
    /// Every version of one's own, with who published it, when and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    history: Vec<VersionPublished>,
}

/// Shows a version that counts, else what was published under its number and set aside.
fn show(output: &mut Output, own: &OwnProfiles, name: &str, version: Option<u32>) -> Result<(), Failure> {
    let found = find(own, name, version);
    let known = found.as_ref().ok();
    let aside: Vec<ProfileSetAside> = own.aside(name).into_iter().map(ProfileSetAside::from).collect();
    let number = version.or(known.map(|known| known.profile.version));
    let under: Vec<&ProfileSetAside> = aside.iter().filter(|one| Some(one.version) == number).collect();
    if let (None, Some(first)) = (known, under.first()) {
        eprintln!("firn: {}", set_aside(first));
        let history = own.history(name);
        return output.json(&Shown {
            profile: &first.profile,
            counts: Some(false),
            set_aside: under,
            history,
        });
    }
    let known = found?;
    let history = own.history(name);
    history.iter().for_each(|one| eprintln!("firn: {}", words::change::version(one)));
    output.json(&Shown { profile: &known.profile, counts: None, set_aside: under, history })?;
    eprintln!("firn: {}", about(&known));
    Ok(())
}

/// Writes a version that counts, else what was published under its number and set aside, for whoever goes on from both.
fn export(output: &mut Output, own: &OwnProfiles, name: &str, version: Option<u32>) -> Result<(), Failure> {
    let profile = match find(own, name, version) {
        Ok(known) => known.profile,
        Err(unknown) => {
            let aside = own.aside(name).into_iter().map(ProfileSetAside::from);
            let first = aside.into_iter().find(|one| Some(one.version) == version).ok_or(unknown)?;
            eprintln!("firn: {}", set_aside(&first));
            first.profile
        }
    };
    let text = serde_json::to_string_pretty(&profile)
        .map_err(|error| Failure::new("cli/output", error.to_string(), "report this as a mistake in Firn"))?;
    output.line(&text)
}

/// Says of each version that was set aside that it does not count, until somebody has gone on from both.
pub fn tell_set_aside(global: &Global) -> Result<(), Failure> {
    own(global)?
        .unsettled()
        .map(ProfileSetAside::from)
        .for_each(|one| eprintln!("firn: {}", set_aside(&one)));
    Ok(())
}

/// `Own version 2 with 2 to 12 °C … does not count, …`.
fn set_aside(one: &ProfileSetAside) -> String {
    let ProfileSetAside { name, version, published, by, settled_by, profile } = one;
    let limits = format!("{} to {} °C", profile.limits.min, profile.limits.max);
    let next = match settled_by {
        Some(settled) => format!("version {settled} went on from both"),
        None => format!(
            "publish the next version, which says what holds; this one is shown by `firn profile show \"{name}\" \
             --version {version}`"
        ),
    };
    format!(
        "{name} version {version} with {limits}, published {published} by {by}, does not count, for another {name} was \
         published by somebody who did not know of it, nor they of that: {next}"
    )
}

/// The organisation's own profiles; none where there is no home.
fn own(global: &Global) -> Result<OwnProfiles, Failure> {
    match opened::to_read(global) {
        Ok(app) => Ok(opened::wait(app.own_profiles())??),
        Err(failure) if ["home/missing", "cli/no-home"].contains(&failure.code.as_str()) => {
            Ok(OwnProfiles::default())
        }
        Err(failure) => Err(failure),
    }
}

/// One's own profile of this name, else the built-in one of this key or name.
fn find(own: &OwnProfiles, name: &str, version: Option<u32>) -> Result<KnownProfile, Failure> {
    let newest = own.newest(name);
    let Some(newest) = newest else {
        let preset = built_in(name).ok_or_else(|| unknown(own, name))?;
        return match version.filter(|version| *version != preset.profile.version) {
            Some(version) => Err(no_version(name, version, &[preset.profile.version])),
            None => Ok(preset.into()),
        };
    };
    let published = match version {
        Some(version) => own.version(name, version),
        None => Some(newest),
    };
    let versions = own.versions(name);
    let missing = || no_version(name, version.unwrap_or_default(), &versions);
    let published = published.ok_or_else(missing)?;
    Ok(KnownProfile::own(published, versions, &own.aside(name)))
}

fn check(output: &mut Output, global: &Global, file: &Path) -> Result<(), Failure> {
    let profile = read(file)?;
    check_own_name(&own(global)?, &profile)?;
    let warnings: Vec<_> = profile.warnings();
    let told: Vec<_> = warnings
        .iter()
        .map(|warning| serde_json::json!({ "code": warning.code(), "why": warning.to_string() }))
        .collect();
    let answer = serde_json::json!({ "ok": true, "profile": profile, "warnings": told });
    output.answer(&answer, || {
        let warnings = warnings.iter().map(|warning| format!("\nthink over: {warning}"));
        format!("{} version {} holds together", profile.name, profile.version) + &warnings.collect::<String>()
    })
}

fn add(output: &mut Output, global: &Global, file: &Path, reason: Option<&str>) -> Result<(), Failure> {
    let (profile, reason) = (read(file)?, reason.and_then(ChangeReason::parse));
    let app = opened::to_write(global)?;
    let (name, version) = (profile.name.clone(), profile.version);
    let entries = opened::wait(app.add_profile(profile, reason))??;
    let entries: Vec<EntryLine> = entries.iter().map(EntryLine::from).collect();
    let own = opened::wait(app.own_profiles())??;
    let unsettled: Vec<ProfileSetAside> =
        own.unsettled().map(ProfileSetAside::from).filter(|one| one.name == name).collect();
    unsettled.iter().for_each(|one| eprintln!("firn: {}", set_aside(one)));
    let mut answer = serde_json::json!({ "ok": true, "name": name, "version": version, "entries": entries });
    if let (Some(answer), false) = (answer.as_object_mut(), unsettled.is_empty()) {
        answer.insert("set_aside".into(), serde_json::json!(unsettled));
    }
    output
        .answer(&answer, || format!("{name} version {version}: published; new shipments can be judged by it"))
}

/// As [`of_home`], also where there is no home; a built-in name needs none.
pub fn named(global: &Global, name: &Path) -> Result<Profile, Failure> {
    match name.to_str().and_then(built_in) {
        Some(preset) => Ok(preset.profile.clone()),
        None => chosen(&own(global)?, name),
    }
}

/// The built-in profile of this name, else one's own in its newest version, else the one in this file.
pub fn of_home(app: &App<LocalHost>, name: &Path) -> Result<Profile, Failure> {
    chosen(&opened::wait(app.own_profiles())??, name)
}

/// A name that is known means what is known by it, whatever lies in the folder.
fn chosen(own: &OwnProfiles, name: &Path) -> Result<Profile, Failure> {
    let is_there = name.exists() && !name.is_dir();
    let is_file = is_there || name.extension().is_some() || name.components().count() > 1;
    match name.to_str().map(|name| find(own, name, None)) {
        Some(Ok(known)) => Ok(known.profile),
        Some(Err(failure)) if !is_file => Err(failure),
        _ => {
            let profile = read(name)?;
            check_name(own, &profile)?;
            Ok(profile)
        }
    }
}

fn read(file: &Path) -> Result<Profile, Failure> {
    let text = std::fs::read(file).map_err(|error| Failure::unreadable(file, &error))?;
    let profile = Profile::from_json(&String::from_utf8_lossy(&text))?;
    profile.check_measured()?;
    Ok(profile)
}

fn listed(known: &KnownProfile) -> String {
    let KnownProfile { key, profile, .. } = known;
    match known.origin {
        ProfileOrigin::Preset => {
            let (source, confirm) = (said(&known.source), said(&known.confirm));
            format!("{key:<24}  {} ({source}; {confirm})\n", profile.name)
        }
        ProfileOrigin::Own => format!("{key:<24}  version {} ({})\n", profile.version, about(known)),
    }
}

fn said(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// Where it comes from, and what must be known before it is used.
fn about(known: &KnownProfile) -> String {
    match (known.origin, known.published) {
        (ProfileOrigin::Own, Some(published)) => {
            let versions: Vec<String> = known.versions.iter().map(u32::to_string).collect();
            let versions = versions.join(", ");
            let aside = known.set_aside.iter().map(|one| format!("; {}", set_aside(one))).collect::<String>();
            format!("one's own, published {published} by {}; versions {versions}{aside}", said(&known.by))
        }
        _ => format!("{}. {} ({})", said(&known.source), said(&known.note), said(&known.confirm)),
    }
}

fn unknown(own: &OwnProfiles, name: &str) -> Failure {
    let known: Vec<String> = own.known().into_iter().map(|known| known.key).collect();
    Failure::new(
        "profile/unknown",
        format!("there is no profile `{name}`"),
        &format!("name a file, or one of: {}", known.join(", ")),
    )
}

fn no_version(name: &str, version: u32, versions: &[u32]) -> Failure {
    let known: Vec<String> = versions.iter().map(u32::to_string).collect();
    Failure::new(
        "profile/no-such-version",
        format!("there is no version {version} of the profile `{name}`"),
        &format!("name one of: {}", known.join(", ")),
    )
}
