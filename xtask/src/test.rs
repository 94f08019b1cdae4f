//! Every test, after whatever they need has been set up and built.
use std::process::Command;

use crate::{
    error::Error,
    fuzz,
    needs::Need,
    page, process,
    setup::{self, Consent},
    steps::Steps,
    tree::Tree,
};

/// Which tests are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// What every commit must pass.
    Default,
    /// That, and what is marked `#[ignore = "long: …"]`.
    Long,
}

/// Runs the tests of a lane. Tests that drive a whole program find it by `FIRN_BIN` (the
/// command) and `FIRN_DESKTOP_BIN` (the window).
pub fn all(tree: &Tree, steps: &mut Steps, consent: Consent, lane: Lane) -> Result<(), Error> {
    steps.take("set up", || setup::install(tree, Need::ALL, consent))?;
    steps.take("build the page", || page::build(tree))?;
    // One build with the tests' features, so that the programs under test share its crates.
    steps.take("build programs and tests", || {
        process::run(workspace(tree, "build").args(["--lib", "--bins", "--tests"]))
    })?;
    steps.take("test", || {
        let mut cargo = workspace(tree, "test");
        cargo.env("FIRN_BIN", tree.program("firn")).env("FIRN_DESKTOP_BIN", tree.program("firn-desktop"));
        if lane == Lane::Long {
            cargo.args(["--", "--include-ignored"]);
        }
        process::run(&mut cargo)
    })?;
    fuzz::all(tree, steps, fuzz::Amount::default(), None)
}

/// Cargo over the workspace, but for the tool that builds the page and has no tests.
fn workspace(tree: &Tree, command: &str) -> Command {
    let mut cargo = tree.cargo();
    cargo.args([command, "--workspace", "--exclude", "firn-bindgen"]);
    cargo
}
