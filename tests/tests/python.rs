//! A second reader of the format, in Python and written from the documents alone, says what Firn says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{program, repository};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

#[path = "python/encoding.rs"]
mod encoding;
#[path = "python/forged.rs"]
mod forged;
#[path = "python/heads.rs"]
mod heads;
#[path = "python/histories.rs"]
mod histories;
#[path = "python/live.rs"]
mod live;
#[path = "python/logs.rs"]
mod logs;
#[path = "python/membership.rs"]
mod membership;
#[path = "python/partners.rs"]
mod partners;
#[path = "python/proofs.rs"]
mod proofs;
#[path = "python/signatures.rs"]
mod signatures;
#[path = "python/suite.rs"]
mod suite;
#[path = "python/world.rs"]
mod world;

/// Far more than a run takes; what still runs then hangs.
const LIMIT: Duration = Duration::from_mins(10);

/// Says something past the harness, which keeps what passing tests print to itself.
fn say(line: &str) {
    std::io::stdout().write_all(format!("{}\n", line.trim_end()).as_bytes()).unwrap();
}

/// The Python that `cargo xtask` has prepared; none where it has not, outside continuous integration.
fn python() -> Option<PathBuf> {
    let told = std::env::var_os("FIRN_PYTHON").map(PathBuf::from);
    let kept = || {
        let target = std::env::current_exe().ok()?.ancestors().nth(3)?.join("python");
        let program = target.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        program.is_file().then_some(program)
    };
    let python = told.or_else(kept);
    if python.is_none() {
        let why = "the second reader has no Python here; `cargo xtask test` prepares it";
        assert!(std::env::var_os("CI").is_none(), "{why}");
        say(&format!("skipped: {why}"));
    }
    python
}

/// Runs to the end, or is stopped at the limit.
fn finish(mut child: Child) -> std::process::Output {
    const PAUSE: Duration = Duration::from_millis(50);
    let mut waited = Duration::ZERO;
    while child.try_wait().unwrap().is_none() {
        if waited > LIMIT {
            child.kill().unwrap();
            panic!("the second reader was stopped after {} s", LIMIT.as_secs());
        }
        std::thread::sleep(PAUSE);
        waited += PAUSE;
    }
    child.wait_with_output().unwrap()
}

/// What the reader says of these arguments; its last line is the summary.
fn run(python: &Path, arguments: &[PathBuf]) -> String {
    let child = Command::new(python)
        .args(["-B", "-m", "firn_verifier"])
        .args(arguments)
        .current_dir(repository("tests/python"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let output = finish(child);
    let said = String::from_utf8(output.stdout).unwrap();
    say(&said);
    assert!(output.status.success(), "the second reader disagrees: its lines are above");
    said
}

/// Every evidence file that a release has written and that must stay readable.
fn frozen_evidence() -> Vec<PathBuf> {
    let folder = repository("core/report/fixtures").canonicalize().unwrap();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|kind| kind == "firn")).collect();
    files.sort();
    files
}

/// Every suite of vectors that is frozen in the project.
fn suites() -> Vec<suite::Suite> {
    vec![
        encoding::items(),
        signatures::hostile(),
        logs::changed(),
        logs::forged(),
        logs::long(),
        membership::worlds("membership", 0..4),
        proofs::trees(),
        proofs::inclusion(),
        proofs::consistency(),
        heads::notes(),
        heads::forks(),
        heads::indexes(),
        histories::multiproofs(),
        histories::histories(),
        heads::cards(),
        partners::worlds(),
    ]
}

fn vectors() -> PathBuf {
    repository("tests/python/vectors").canonicalize().unwrap()
}

#[test]
fn the_ledger_makes_the_frozen_vectors_and_says_of_each_what_it_said() {
    suites().iter().for_each(|suite| suite.compare(&vectors()));
}

/// Frozen files and files that the command writes now, as they are and changed.
fn evidence(live: &live::Live, amount: &[&str]) -> Vec<PathBuf> {
    let mut arguments: Vec<PathBuf> = amount.iter().map(PathBuf::from).collect();
    arguments.extend(["--firn".into(), program()]);
    arguments.extend(frozen_evidence());
    arguments.extend(live.files.iter().cloned());
    arguments
}

#[test]
fn a_second_reader_says_of_vectors_and_evidence_what_firn_says_whatever_was_changed_in_them() {
    let Some(python) = python() else { return };
    let played = tempfile::tempdir().unwrap();
    membership::worlds("played", 4..30).write(played.path());
    let mut arguments: Vec<PathBuf> =
        vec!["--vectors".into(), vectors(), "--vectors".into(), played.path().into()];
    // The public suites, where they lie beside the project.
    if let Ok(public) = repository("../shared/vectors").canonicalize() {
        arguments.extend(["--public".into(), public]);
    }
    let live = live::evidence();
    arguments.extend(evidence(&live, &["--flips", "40", "--most", "110"]));
    let said = run(&python, &arguments);
    let files = live.files.len() + frozen_evidence().len();
    assert!(said.contains(&format!("{files} of {files} evidence files")), "{said}");
}

#[test]
#[ignore = "long: thousands of mutations"]
fn a_second_reader_says_of_evidence_what_firn_says_whichever_of_a_thousand_bits_was_changed_in_it() {
    let Some(python) = python() else { return };
    run(&python, &evidence(&live::evidence(), &["--flips", "1000"]));
}
