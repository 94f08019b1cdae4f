//! What every commit must pass: the linters, then the tests.
use crate::{
    error::Error,
    lint,
    needs::Need,
    setup::{self, Consent},
    steps::Steps,
    test::{self, Lane},
    tree::Tree,
};

/// Sets up without asking, lints and tests.
pub fn all(tree: &Tree, steps: &mut Steps, lane: Lane) -> Result<(), Error> {
    steps.take("system packages", || setup::install(tree, Need::ALL, Consent::Given))?;
    lint::all(tree, steps)?;
    if lane == Lane::Long {
        steps.take("cargo-deny with advisories", || lint::deny_all(tree))?;
    }
    test::all(tree, steps, Consent::Given, lane)
}
