//! The linters: the lock file, formatting, clippy, the docs, licences and sources.
use std::process::Stdio;

use crate::{error::Error, process, steps::Steps, tree::Tree};

/// Runs every linter and stops at the first that finds something.
pub fn all(tree: &Tree, steps: &mut Steps) -> Result<(), Error> {
    steps.take("lock file", || lock_file(tree))?;
    steps.take("rustfmt", || process::run(tree.cargo().args(["fmt", "--all", "--check"])))?;
    steps.take("clippy", || {
        process::run(tree.cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    // The libraries alone: a program's doc comments are the text of its `--help`.
    steps.take("rustdoc", || {
        let mut cargo = tree.cargo();
        cargo.args(["doc", "--workspace", "--no-deps", "--lib"]).env("RUSTDOCFLAGS", "-D warnings");
        process::run(&mut cargo)
    })?;
    steps.take("cargo-deny", || deny(tree))
}

/// A manifest that was changed without the lock file would build something else elsewhere.
fn lock_file(tree: &Tree) -> Result<(), Error> {
    for manifest in ["Cargo.toml", "tests/bench/Cargo.toml", "tests/bench/panda/Cargo.toml"] {
        let mut cargo = tree.cargo();
        cargo
            .args(["metadata", "--locked", "--format-version", "1", "--manifest-path"])
            .arg(tree.path(manifest));
        process::output(&mut cargo).map_err(|_| {
            let told =
                format!("the lock file beside {manifest} does not agree with it: commit it as cargo left it");
            Error::Unclean(told)
        })?;
    }
    Ok(())
}

/// Licences, bans and sources by `deny.toml`, where cargo-deny is installed.
fn deny(tree: &Tree) -> Result<(), Error> {
    if !is_deny_installed(tree) {
        println!("cargo-deny is not installed, so licences and sources were not checked here.");
        println!("`cargo install --locked cargo-deny` installs it (about four minutes of compiling).");
        return Ok(());
    }
    process::run(tree.cargo().args(["deny", "--workspace", "check", "licenses", "bans", "sources"]))
}

/// Installs cargo-deny where it is missing and asks it for everything, known vulnerabilities
/// included where their database can be reached.
pub fn deny_all(tree: &Tree) -> Result<(), Error> {
    if !is_deny_installed(tree) {
        process::run(tree.cargo().args(["install", "--locked", "cargo-deny"]))?;
    }
    deny(tree)?;
    if !process::succeeds(tree.cargo().args(["deny", "fetch", "db"])) {
        println!("The database of known vulnerabilities cannot be reached from here; they were not checked.");
        return Ok(());
    }
    process::run(tree.cargo().args(["deny", "--workspace", "check", "--disable-fetch", "advisories"]))
}

fn is_deny_installed(tree: &Tree) -> bool {
    tree.cargo()
        .args(["deny", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
