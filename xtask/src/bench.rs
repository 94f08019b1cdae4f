//! Runs the measurements of `tests/bench`, a crate outside the workspace with its own lock file, as is the one that appends
//! to p2panda-store.
use crate::{error::Error, process, tree::Tree};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds and runs them; the table goes to the terminal.
pub fn run(tree: &Tree) -> Result<(), Error> {
    let target = tree.target().join("bench");
    process::run(apart(tree, "build", "tests/bench/panda/Cargo.toml").arg("--target-dir").arg(&target))?;
    let mut cargo = apart(tree, "run", "tests/bench/Cargo.toml");
    cargo.env("FIRN_PANDA_STORE", built(&target, "firn-bench-panda"));
    if cfg!(target_os = "linux") {
        listeners(tree, &target)?;
        cargo.env("FIRN_LISTENING_COST", built(&target, "listening-cost"));
        cargo.env("FIRN_BARE_LISTENER", built(&target, "examples/bare_listener"));
    }
    process::run(cargo.arg("--target-dir").arg(target))
}

/// Cargo over a crate outside the workspace.
fn apart(tree: &Tree, command: &str, manifest: &str) -> Command {
    let mut cargo = tree.cargo();
    // p2panda-core and its store ask for a newer compiler than they need.
    cargo.args([command, "--release", "--locked", "--ignore-rust-version", "--manifest-path"]);
    cargo.arg(tree.path(manifest));
    cargo
}

/// Builds the programs that listen, and the one that measures them: they are of the workspace, for nothing
/// else may name btleplug or D-Bus.
fn listeners(tree: &Tree, target: &Path) -> Result<(), Error> {
    let mut cargo = tree.cargo();
    cargo.args(["build", "--release", "--locked", "-p", "firn-tests", "-p", "firn-ble"]);
    cargo.args(["--features", "firn-ble/radio", "--example", "bare_listener"]);
    cargo.args(["--bin", "listening-cost", "--bin", "radio-client"]);
    process::run(cargo.arg("--target-dir").arg(target))
}

fn built(target: &Path, program: &str) -> PathBuf {
    target.join("release").join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}
