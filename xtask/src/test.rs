//! Every test, after whatever they need has been set up and built.
use crate::{
    error::Error,
    fuzz,
    needs::Need,
    page, process, python, relay, rig, same_bits,
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
/// command) and `FIRN_DESKTOP_BIN` (the window), the second reader its Python by `FIRN_PYTHON`.
pub fn all(tree: &Tree, steps: &mut Steps, consent: Consent, lane: Lane) -> Result<(), Error> {
    steps.take("set up", || setup::install(tree, Need::ALL, consent))?;
    steps.take("build the page", || page::build(tree))?;
    // One build with the tests' features, so that the programs under test share its crates.
    steps.take("build programs and tests", || {
        process::run(tree.workspace("build").args(["--lib", "--bins", "--tests"]))
    })?;
    let mut answers = None;
    steps.take("build the rules for wasm", || same_bits::build(tree).map(|built| answers = Some(built)))?;
    let mut kept = None;
    if lane == Lane::Default {
        steps.take("rig", || rig::for_default_lane(tree, consent).map(|found| kept = found))?;
    }
    if lane == Lane::Long {
        steps.take("build the relay", || relay::install(tree))?;
    }
    steps.take("test", || {
        let mut cargo = tree.workspace("test");
        cargo.env("FIRN_BIN", tree.program("firn")).env("FIRN_DESKTOP_BIN", tree.program("firn-desktop"));
        cargo.env("FIRN_PYTHON", python::program(tree));
        relay::tell(tree, &mut cargo);
        if let Some(module) = &answers {
            cargo.env("FIRN_ANSWERS_WASM", module);
        }
        if lane == Lane::Long {
            cargo.args(["--", "--include-ignored"]);
        }
        if let Some(rig) = &kept {
            rig.tell(&mut cargo);
        }
        process::run(&mut cargo)
    })?;
    // The long lane runs every scenario of the rig by itself, so that each tells its time.
    if lane == Lane::Long {
        rig::for_long_lane(tree, steps, consent)?;
    }
    fuzz::all(tree, steps, fuzz::Amount::default(), None)
}
