//! Runs the measurements of `tests/bench`, a crate outside the workspace with its own lock file.
use crate::{error::Error, process, tree::Tree};
use std::path::{Path, PathBuf};

/// Builds and runs them; the table goes to the terminal.
pub fn run(tree: &Tree) -> Result<(), Error> {
    let target = tree.target().join("bench");
    let mut cargo = tree.cargo();
    // p2panda-core asks for a newer compiler than it needs.
    cargo.args(["run", "--release", "--locked", "--ignore-rust-version", "--manifest-path"]);
    cargo.arg(tree.path("tests/bench/Cargo.toml"));
    if cfg!(target_os = "linux") {
        listeners(tree, &target)?;
        cargo.env("FIRN_LISTENING_COST", built(&target, "listening-cost"));
        cargo.env("FIRN_BARE_LISTENER", built(&target, "examples/bare_listener"));
    }
    process::run(cargo.arg("--target-dir").arg(target))
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
    target.join("release").join(program)
}
