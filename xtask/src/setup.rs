//! Brings a machine to where a task can run, or says to the letter what it lacks.
use std::process::Command;

use crate::{
    apt,
    error::Error,
    machine::{self, System},
    needs::{self, Need, Package},
    process, python,
    tree::Tree,
    wasm,
};

/// Whether system packages may be installed without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The person has said yes beforehand (`--yes`).
    Given,
    /// The person is asked, unless they are root.
    Ask,
}

/// Installs what of `needs` is missing.
///
/// # Errors
/// [`Error::Missing`] when something cannot be installed here, with the words to type.
pub fn install(tree: &Tree, needs: &[Need], consent: Consent) -> Result<(), Error> {
    let system = System::here();
    let is_fresh = needs.contains(&Need::Wasm) && wasm::Toolchain::present(tree).is_none();
    if is_fresh && matches!(system, System::Mac | System::Windows | System::Other) {
        println!("{}", describe(&system));
    }
    match system {
        System::Apt { .. } => install_by_apt(&wanted(needs), consent)?,
        System::OtherLinux { name } => require_on_other_linux(&name, needs)?,
        System::Mac => require_on_mac()?,
        System::Windows | System::Other => {}
    }
    if needs.contains(&Need::Wasm) {
        wasm::Toolchain::prepare(tree, consent)?;
    }
    if needs.contains(&Need::Python) {
        python::prepare(tree)?;
    }
    Ok(())
}

/// Prints what of `needs` is missing and changes nothing.
///
/// # Errors
/// [`Error::Missing`] when anything that is not optional is missing.
pub fn check(tree: &Tree, needs: &[Need]) -> Result<(), Error> {
    let system = System::here();
    println!("{}", describe(&system));
    let mut lacking = match &system {
        System::Apt { .. } => {
            let (optional, required): (Vec<_>, Vec<_>) =
                apt::missing(&wanted(needs)).into_iter().partition(|package| package.optional);
            for package in optional {
                println!("optional, not installed: {}", first_name(&package));
            }
            required.iter().map(|package| first_name(package).to_owned()).collect()
        }
        System::OtherLinux { .. } => needs
            .iter()
            .filter(|need| !is_shown(**need))
            .map(|need| need.on_other_linux().to_owned())
            .collect(),
        System::Mac => require_on_mac().err().map(|error| error.to_string()).into_iter().collect(),
        System::Windows | System::Other => Vec::new(),
    };
    if needs.contains(&Need::Wasm) && wasm::Toolchain::present(tree).is_none() {
        lacking.push(format!("the target {}", wasm::TARGET));
    }
    if needs.contains(&Need::Python) && !python::is_ready(tree) {
        lacking.push("the Python of the second reader".into());
    }
    if lacking.is_empty() {
        println!("{}", all_well(&system));
        return Ok(());
    }
    Err(Error::Missing {
        what: lacking.join(", "),
        remedy: "`cargo xtask setup` installs it, or says how.".into(),
    })
}

fn describe(system: &System) -> String {
    match system {
        System::Apt { name } => format!("{name}: packages come by apt."),
        System::OtherLinux { name } => format!("{name}: install by hand what is named below."),
        System::Mac => format!("macOS needs:\n{}", needs::MAC),
        System::Windows => format!("Windows needs:\n{}", needs::WINDOWS),
        System::Other => "Firn is built on Linux, macOS and Windows; this system is none of them.".into(),
    }
}

fn all_well(system: &System) -> &'static str {
    match system {
        System::Windows | System::Other => "Whether these are installed cannot be seen from here.",
        System::Apt { .. } | System::OtherLinux { .. } | System::Mac => "Nothing is missing.",
    }
}

fn wanted(needs: &[Need]) -> Vec<Package> {
    needs.iter().flat_map(|need| need.packages()).copied().collect()
}

fn first_name(package: &Package) -> &'static str {
    package.names.first().copied().unwrap_or_default()
}

fn install_by_apt(wanted: &[Package], consent: Consent) -> Result<(), Error> {
    let missing = apt::missing(wanted);
    if missing.iter().all(|package| package.optional) {
        for package in &missing {
            println!("Optional, not installed: {}.", first_name(package));
        }
        return Ok(());
    }
    apt::ask(&missing.iter().map(first_name).collect::<Vec<_>>(), consent)?;
    apt::refresh(consent)?;
    apt::install(&apt::names_here(&missing)?, consent)
}

fn require_on_other_linux(name: &str, needs: &[Need]) -> Result<(), Error> {
    let lacking: Vec<_> =
        needs.iter().filter(|need| !is_shown(**need)).map(|need| need.on_other_linux()).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Error::Missing {
        what: lacking.join("; "),
        remedy: format!("Install them by {name}'s own means, then try again."),
    })
}

fn is_shown(need: Need) -> bool {
    let (programs, libraries) = need.shown_by();
    programs.iter().all(|program| machine::has_program(program))
        && libraries
            .iter()
            .all(|library| process::succeeds(Command::new("pkg-config").args(["--exists", library])))
}

fn require_on_mac() -> Result<(), Error> {
    if process::succeeds(Command::new("xcode-select").arg("-p")) {
        return Ok(());
    }
    Err(Error::Missing {
        what: "Xcode's command line tools".into(),
        remedy: format!("Type:\n{}", needs::MAC),
    })
}
