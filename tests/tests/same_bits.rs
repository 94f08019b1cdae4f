//! The rules give the same bits natively and in wasm: both over the same inputs, compared line by line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::Command;

/// Runs a module without imports and prints what it hands out.
const RUNNER: &str = "\
    const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));\
    const { firn_answers, firn_answers_length, memory } = new WebAssembly.Instance(module, {}).exports;\
    const [at, length] = [firn_answers(), firn_answers_length()];\
    process.stdout.write(Buffer.from(memory.buffer, at, length));";

/// What wasm answers; none where the module or its engine is not here, which is said aloud.
fn in_wasm() -> Option<String> {
    let Some(module) = std::env::var_os("FIRN_ANSWERS_WASM") else {
        println!("\nsame bits: skipped, no module is built here (`cargo xtask test` builds it)");
        return None;
    };
    assert!(Path::new(&module).is_file(), "{} is not there", module.display());
    let output = match Command::new("node").arg("-e").arg(RUNNER).arg(&module).output() {
        Ok(output) => output,
        Err(error) => {
            println!("\nsame bits: skipped, no node here to run wasm ({error})");
            return None;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn every_profile_over_every_series_has_the_same_bits_natively_and_in_wasm() {
    let native = firn_same_bits::answers();
    assert!(native.lines().count() > 60, "{native}");
    let Some(wasm) = in_wasm() else { return };
    for (native, wasm) in native.lines().zip(wasm.lines()) {
        assert_eq!(native, wasm);
    }
    assert_eq!(native, wasm);
}

#[test]
fn the_answers_that_are_compared_tell_profiles_series_and_energies_apart() {
    let native = firn_same_bits::answers();
    let hashes: std::collections::BTreeSet<&str> =
        native.lines().map(|line| line.split(' ').nth(2).unwrap()).collect();
    // Two profiles that differ in nothing but what a series never reached give the same assessment.
    assert!(hashes.len() + 5 > native.lines().count(), "{native}");
    let measured = |line: &&str| !line.contains("windows=0/") && !line.contains("/0 near");
    assert!(native.lines().filter(measured).count() > 5, "windows of mean kinetic temperature: {native}");
}
