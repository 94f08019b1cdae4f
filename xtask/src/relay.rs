//! The relay that an organisation runs for itself, as its makers publish it, for the test that goes through one.
use crate::{
    error::Error,
    process,
    setup::{self, Consent},
    steps::Steps,
    tree::Tree,
};
use std::{env, fs, path::PathBuf, process::Command};

/// The crate, whose program has the same name.
const RELAY: &str = "iroh-relay";

/// Builds the relay and runs the tests that go through it.
///
/// # Errors
/// Where it cannot be had, and of a test that fails.
pub fn all(tree: &Tree, steps: &mut Steps, consent: Consent) -> Result<(), Error> {
    steps.take("set up", || setup::install(tree, &[crate::needs::Need::Compiler], consent))?;
    steps.take("build the relay", || install(tree))?;
    steps.take("build the program", || process::run(tree.workspace("build").args(["--lib", "--bins"])))?;
    steps.take("test", || {
        let mut cargo = tree.workspace("test");
        tell(tree, &mut cargo);
        process::run(cargo.args(["--test", "relay"]))
    })
}

/// Builds the relay of the version that the peers are built with, unless it is there.
///
/// # Errors
/// Where it cannot be had.
pub fn install(tree: &Tree) -> Result<(), Error> {
    let version = version(tree)?;
    if is_of(tree, &version) {
        return Ok(());
    }
    let mut cargo = tree.cargo();
    cargo.args(["install", RELAY, "--locked", "--features", "server", "--force", "--version"]);
    cargo.arg(format!("={version}")).arg("--root").arg(folder(tree));
    // A build of its own: its features are not for the programs that people run.
    process::run(cargo.arg("--target-dir").arg(tree.target().join("relay-build")))
}

/// Names the relay to the tests, by `FIRN_RELAY_BIN`, where one is kept.
pub fn tell(tree: &Tree, cargo: &mut Command) {
    if version(tree).is_ok_and(|version| is_of(tree, &version)) {
        cargo.env("FIRN_RELAY_BIN", program(tree));
    }
}

fn folder(tree: &Tree) -> PathBuf {
    tree.target().join("relay")
}

fn program(tree: &Tree) -> PathBuf {
    folder(tree).join("bin").join(format!("{RELAY}{}", env::consts::EXE_SUFFIX))
}

fn is_of(tree: &Tree, version: &str) -> bool {
    let told = Command::new(program(tree)).arg("--version").output();
    told.is_ok_and(|told| String::from_utf8_lossy(&told.stdout).trim() == format!("{RELAY} {version}"))
}

/// The version in the lock file: a relay and its clients are of one.
fn version(tree: &Tree) -> Result<String, Error> {
    let path = tree.path("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(Error::at(path))?;
    locked(&lock).ok_or_else(|| Error::Missing {
        what: format!("`{RELAY}` in Cargo.lock"),
        remedy: "Run `cargo update --workspace`.".into(),
    })
}

fn locked(lock: &str) -> Option<String> {
    let mut lines = lock.lines().skip_while(|line| *line != format!("name = \"{RELAY}\""));
    let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relay_is_of_the_version_that_the_peers_are_built_with() {
        let version = version(&Tree::find().unwrap()).unwrap();
        assert!(version.split('.').count() == 3, "{version}");
        assert_eq!(locked("[[package]]\nname = \"other\"\nversion = \"1.0.0\"\n"), None);
    }
}
