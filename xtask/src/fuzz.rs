//! Feeds hostile bytes to every group of parsers, by LLVM's fuzzer on the stable compiler.
use std::{env, fs, path::PathBuf, process::Command, time::Duration};

use crate::{error::Error, process, steps::Steps, tree::Tree};

/// The groups of `tests/fuzz`, and for how long each is fuzzed where nothing else is said: a minute in all.
const GROUPS: &[&str] = &["adverts", "dialogs", "files", "ledger", "documents", "carried"];

/// How long each group is fuzzed in the lane that every commit passes.
const BRIEF: Duration = Duration::from_secs(10);

/// What `-Zsanitizer` would ask of LLVM, without the sanitizers: coverage of edges and comparisons
/// (clang's SanitizerCoverage). It is all that the fuzzer needs, and the stable compiler has it.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// How much is fuzzed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Each group for so long.
    Time(Duration),
    /// Each group so often.
    Runs(u64),
}

impl Default for Amount {
    fn default() -> Self {
        Self::Time(BRIEF)
    }
}

/// Builds the fuzzer and runs it over every group, or over one.
pub fn all(tree: &Tree, steps: &mut Steps, amount: Amount, only: Option<&str>) -> Result<(), Error> {
    if !cfg!(target_os = "linux") {
        println!("The fuzzer runs on Linux; elsewhere its seeds are run as tests.");
        return Ok(());
    }
    if let Some(unknown) = only.filter(|name| !GROUPS.contains(name)) {
        return Err(Error::Usage(format!("no group `{unknown}`; there are {}", GROUPS.join(", "))));
    }
    let mut program = PathBuf::new();
    steps.take("build the fuzzer", || build(tree).map(|built| program = built))?;
    for group in GROUPS.iter().filter(|group| only.is_none_or(|only| only == **group)) {
        steps.take(&format!("fuzz {group}"), || fuzz(tree, &program, group, amount))?;
    }
    Ok(())
}

fn build(tree: &Tree) -> Result<PathBuf, Error> {
    let host = host(tree)?;
    let target = tree.target().join("fuzz");
    let mut cargo = tree.cargo();
    cargo.env("RUSTFLAGS", COVERAGE);
    // Named even though it is this machine: so build scripts and macros are left without coverage.
    cargo.args(["build", "--package", "firn-fuzz", "--profile", "fuzz", "--target", &host, "--target-dir"]);
    process::run(cargo.arg(&target))?;
    Ok(target.join(host).join("fuzz/firn-fuzz"))
}

fn host(tree: &Tree) -> Result<String, Error> {
    let mut rustc = tree.command(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let version = process::output(rustc.arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Error::Unclean("rustc -vV names no host".into()))
}

/// Runs one group; what it finds stays in `fuzz-corpus`, and what breaks a promise beside it.
fn fuzz(tree: &Tree, program: &PathBuf, group: &str, amount: Amount) -> Result<(), Error> {
    let corpus = tree.target().join("fuzz-corpus").join(group);
    let broken = tree.target().join("fuzz-broken");
    for folder in [&corpus, &broken] {
        fs::create_dir_all(folder).map_err(Error::at(folder))?;
    }
    let mut fuzzer = Command::new(program);
    fuzzer.env("FIRN_FUZZ", group).env("FIRN_SEEDS", &corpus).arg(&corpus);
    fuzzer.args([
        "-max_len=20000",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        "-verbosity=0",
    ]);
    fuzzer.arg(format!("-artifact_prefix={}/{group}-", broken.display()));
    match amount {
        Amount::Time(time) => fuzzer.arg(format!("-max_total_time={}", time.as_secs())),
        Amount::Runs(runs) => fuzzer.arg(format!("-runs={runs}")),
    };
    process::run(&mut fuzzer).inspect_err(|_| {
        println!("A promise was broken. The bytes lie in {}; to run them again:", broken.display());
        println!("FIRN_FUZZ={group} {} FILE", program.display());
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_are_those_of_the_fuzzer() {
        let tree = Tree::find().unwrap();
        let library = fs::read_to_string(tree.path("tests/fuzz/src/lib.rs")).unwrap();
        for group in GROUPS {
            assert!(library.contains(&format!("=> \"{group}\"")), "{group}");
        }
        assert_eq!(library.matches("=> \"").count(), GROUPS.len());
    }

    #[test]
    fn every_commit_fuzzes_for_a_minute_in_all() {
        assert_eq!(BRIEF * u32::try_from(GROUPS.len()).unwrap(), Duration::from_secs(60));
    }
}
