//! Builds the rules for wasm, over inputs whose answers a test compares with the native ones.
use std::path::PathBuf;

use crate::{
    error::Error,
    machine, process,
    setup::Consent,
    tree::Tree,
    wasm::{TARGET, Toolchain},
};

/// Builds the module beside the page's, by the page's compiler and profile, and tells where it is.
///
/// # Errors
/// As building the page.
pub fn build(tree: &Tree) -> Result<PathBuf, Error> {
    if !machine::has_program("node") {
        println!("No node here: the same bits in wasm are NOT compared.");
    }
    let target = tree.target().join("wasm");
    let mut cargo = Toolchain::prepare(tree, Consent::Ask)?.cargo_build(tree);
    cargo.args(["--package", "firn-same-bits", "--example", "answers", "--profile", "wasm", "--target-dir"]);
    process::run(cargo.arg(&target))?;
    Ok(target.join(TARGET).join("wasm/examples/answers.wasm"))
}
