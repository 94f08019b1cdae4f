//! A second reader of the format, in Python and written from the documents alone, says what Firn says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{program, repository};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

#[path = "python/live.rs"]
mod live;

/// Far more than a run takes; what still runs then hangs.
const LIMIT: Duration = Duration::from_mins(10);

/// The Python that `cargo xtask` has prepared; none where it has not, outside continuous integration.
fn python() -> Option<PathBuf> {
    let told = std::env::var_os("FIRN_PYTHON").map(PathBuf::from);
    let kept = || {
        let target = std::env::current_exe().ok()?.ancestors().nth(3)?.join("python");
        let program = target.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        program.is_file().then_some(program)
    };
    let python = told.or_else(kept);
    assert!(
        python.is_some() || std::env::var_os("CI").is_none(),
        "the second reader has no Python: `cargo xtask test` prepares it"
    );
    if python.is_none() {
        println!("skipped: the second reader has no Python here; `cargo xtask test` prepares it");
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
    print!("{said}");
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

fn agree_on_evidence(python: &Path, amount: &[&str]) {
    let live = live::evidence();
    let mut arguments: Vec<PathBuf> = amount.iter().map(PathBuf::from).collect();
    arguments.extend(["--firn".into(), program()]);
    let files = [frozen_evidence(), live.files.clone()].concat();
    let agreed = format!("{0} of {0} evidence files", files.len());
    arguments.extend(files);
    let said = run(python, &arguments);
    assert!(said.contains(&agreed), "{said}");
}

#[test]
fn a_second_reader_says_of_evidence_what_firn_says_whatever_was_changed_in_it() {
    let Some(python) = python() else { return };
    agree_on_evidence(&python, &["--flips", "40", "--most", "110"]);
}

#[test]
#[ignore = "long: thousands of mutations"]
fn a_second_reader_says_of_evidence_what_firn_says_whichever_of_a_thousand_bits_was_changed_in_it() {
    let Some(python) = python() else { return };
    agree_on_evidence(&python, &["--flips", "1000"]);
}

/// What lies beside the project on a developer's machine; its own vectors are in `tests/python/vectors`.
#[test]
fn a_second_reader_judges_the_public_suites_as_they_say() {
    let folder = repository("../shared/vectors");
    if !folder.is_dir() {
        println!("skipped: the public suites are not beside the project");
        return;
    }
    let Some(python) = python() else { return };
    let said = run(&python, &["--public".into(), folder.canonicalize().unwrap()]);
    assert!(!said.contains(" 0 of 0 public cases"), "{said}");
}
