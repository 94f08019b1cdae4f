//! Runs the measurements of `tests/bench`, a crate outside the workspace with its own lock file.
use crate::{error::Error, process, tree::Tree};

/// Builds and runs them; the table goes to the terminal.
pub fn run(tree: &Tree) -> Result<(), Error> {
    let mut cargo = tree.cargo();
    cargo.args(["run", "--release", "--locked", "--manifest-path"]).arg(tree.path("tests/bench/Cargo.toml"));
    process::run(cargo.arg("--target-dir").arg(tree.target().join("bench")))
}
