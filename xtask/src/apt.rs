//! Finds which packages an apt system lacks and installs them, with the person's consent.
use std::{
    env,
    io::{self, BufRead, IsTerminal, Write},
    process::Command,
};

use crate::{error::Error, machine, needs::Package, process, setup::Consent};

/// Whether any of the package's names is installed.
fn is_installed(package: &Package) -> bool {
    package.names.iter().any(|name| has(name))
}

/// Whether the package of this name is installed.
pub fn has(name: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", name]).stderr(std::process::Stdio::null());
    query.output().is_ok_and(|output| output.status.success() && output.stdout == b"installed")
}

/// Whether the release's lists know an installable package of this name.
pub fn offers(name: &str) -> bool {
    let mut policy = Command::new("apt-cache");
    policy.env("LC_ALL", "C").args(["policy", name]);
    process::output(&mut policy).is_ok_and(|text| has_candidate(&text))
}

/// Reads `apt-cache policy`: a package that can be installed has a candidate version.
fn has_candidate(policy: &str) -> bool {
    policy
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Candidate:"))
        .any(|version| !matches!(version.trim(), "" | "(none)"))
}

/// The packages of these that are not installed.
pub fn missing(packages: &[Package]) -> Vec<Package> {
    packages.iter().copied().filter(|package| !is_installed(package)).collect()
}

/// Refreshes the package lists; an unreachable archive is not an error, the lists may do.
pub fn refresh(consent: Consent) -> Result<(), Error> {
    if let Err(error) = privileged(&["update", "-qq"], consent) {
        println!("The package lists could not be refreshed ({error}); going on with those that are there.");
    }
    Ok(())
}

/// The first name of each package that this release knows.
///
/// # Errors
/// [`Error::Missing`] for a package that is needed and that the release does not have.
pub fn names_here(packages: &[Package]) -> Result<Vec<&'static str>, Error> {
    let mut names = Vec::new();
    for package in packages {
        match package.names.iter().find(|name| offers(name)) {
            Some(name) => names.push(*name),
            None if package.optional => {
                println!("This release has no package {}; going on without it.", package.names.join(" or "));
            }
            None => {
                return Err(Error::Missing {
                    what: format!("the package {}", package.names.join(" or ")),
                    remedy: "Firn needs Debian 12 or Ubuntu 22.04, or later; `apt-get update` refreshes old lists."
                        .into(),
                });
            }
        }
    }
    Ok(names)
}

/// Installs packages by name.
pub fn install(names: &[&str], consent: Consent) -> Result<(), Error> {
    if names.is_empty() {
        return Ok(());
    }
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(names);
    privileged(&arguments, consent)
}

/// Asks the person, when they can be asked and must be, whether these may be installed.
///
/// # Errors
/// [`Error::Missing`] with the command to type, when the answer is no or nobody can answer.
pub fn ask(names: &[&str], consent: Consent) -> Result<(), Error> {
    if names.is_empty() || consent == Consent::Given || is_root() {
        return Ok(());
    }
    let remedy = format!("sudo apt-get install --no-install-recommends {}", names.join(" "));
    let refused =
        |why: &str| Error::Missing { what: format!("{} ({why})", names.join(", ")), remedy: remedy.clone() };
    if !io::stdin().is_terminal() {
        return Err(refused("and nobody is at the terminal to allow sudo; `--yes` allows it"));
    }
    println!("This machine lacks: {}", names.join(" "));
    print!("Install them with `{remedy}`? [y/N] ");
    let answer = io::stdout().flush().and_then(|()| {
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).map(|_| answer)
    });
    match answer.unwrap_or_default().trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(refused("not allowed")),
    }
}

/// Runs apt-get as root: directly, or through sudo once that is allowed.
fn privileged(arguments: &[&str], consent: Consent) -> Result<(), Error> {
    let mut command = if is_root() {
        Command::new("apt-get")
    } else if machine::has_program("sudo") {
        let mut sudo = Command::new("sudo");
        if consent == Consent::Given && !io::stdin().is_terminal() {
            sudo.arg("--non-interactive");
        }
        sudo.arg("apt-get");
        sudo
    } else {
        return Err(Error::Missing {
            what: "sudo, and this is not root".into(),
            remedy: format!("As root: apt-get {}", arguments.join(" ")),
        });
    };
    process::run(command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn is_root() -> bool {
    let mut id = Command::new("id");
    env::consts::OS == "linux" && process::output(id.arg("-u")).is_ok_and(|text| text.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_offered_only_with_a_candidate_version() {
        assert!(has_candidate("lld-22:\n  Installed: (none)\n  Candidate: 1:22.1.8-1~deb12u1\n"));
        assert!(!has_candidate("rustc-web:\n  Installed: (none)\n  Candidate: (none)\n"));
        assert!(!has_candidate(""));
    }

    #[test]
    fn nothing_to_install_asks_nobody() {
        assert!(ask(&[], Consent::Ask).is_ok());
        assert!(install(&[], Consent::Ask).is_ok());
    }
}
