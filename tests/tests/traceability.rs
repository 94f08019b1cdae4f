//! Each thing that is asked of Firn is shown by a test that exists, or is said not to be claimed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::repository;
use matrix::{Line, MISTAKES, REGULATIONS};
use std::collections::BTreeSet;
use std::path::Path;

#[path = "traceability/matrix.rs"]
mod matrix;

/// The sections that must each have a line.
const SECTIONS: &[&str] = &[
    "11.10(a)",
    "11.10(b)",
    "11.10(c)",
    "11.10(d), (g)",
    "11.10(e)",
    "11.10(f)",
    "11.10(h)",
    "11.10(i)",
    "11.10(j)",
    "11.10(k)",
    "11.50",
    "11.70",
    "11.100",
    "11.200",
    "11.300",
    "Annex 11 (draft 2025)",
    "ALCOA+",
    "GDPR; EDPB 02/2025",
    "DSCSA; EU FMD",
];

fn lines() -> impl Iterator<Item = &'static Line> {
    REGULATIONS.iter().chain(MISTAKES)
}

fn source(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The functions of a source that a run of the default lane takes as tests.
fn tests_in(source: &str) -> BTreeSet<&str> {
    let mut tests = BTreeSet::new();
    let mut attributes = Vec::new();
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push(line);
        } else if let Some(rest) = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ") {
            let is = |begin: &str| attributes.iter().any(|attribute| attribute.starts_with(begin));
            if (is("#[test]") || is("#[tokio::test")) && !is("#[ignore") {
                tests.extend(rest.split_once('(').map(|(name, _)| name));
            }
            attributes.clear();
        } else if !line.starts_with("//") {
            attributes.clear();
        }
    }
    tests
}

/// What is wrong with a line.
fn faults(line: &Line) -> Vec<String> {
    let mut faults = Vec::new();
    if line.shown.is_empty() && line.not_claimed.is_empty() {
        faults.push(format!(
            "{}: no test shows “{}”, and it is not said to be unclaimed",
            line.place, line.asks
        ));
    }
    for name in line.shown {
        let Some((path, function)) = name.split_once("::") else {
            faults.push(format!("{name} names no file and function"));
            continue;
        };
        if !Path::new(&repository(path)).is_file() {
            faults.push(format!("{path} is not there"));
        } else if !tests_in(&source(path)).contains(function) {
            faults.push(format!("{path} has no test {function}"));
        }
    }
    faults
}

fn table(lines: &[Line]) -> String {
    let mut text = String::from("| where | what | shown by | not claimed |\n|---|---|---|---|\n");
    for line in lines {
        let shown: Vec<String> = line.shown.iter().map(|name| format!("`{name}`")).collect();
        let not_claimed = if line.not_claimed.is_empty() { "–" } else { line.not_claimed };
        text += &format!("| {} | {} | {} | {not_claimed} |\n", line.place, line.asks, shown.join("<br>"));
    }
    text
}

#[test]
fn every_line_is_shown_by_tests_that_exist_or_says_why_it_is_not_claimed() {
    let faults: Vec<String> = lines().flat_map(faults).collect();
    assert!(faults.is_empty(), "\n  {}\n", faults.join("\n  "));
    let places: Vec<&str> = REGULATIONS.iter().map(|line| line.place).collect();
    assert_eq!(places, SECTIONS);
    assert_eq!(MISTAKES.len(), 16, "one for each mistake that was seen");
}

#[test]
fn a_test_that_is_missing_ignored_or_none_is_noticed() {
    let source = "#[test]\nfn is() {}\n#[test]\n#[ignore = \"long\"]\nfn rests() {}\nfn helps() {}\n\
        #[tokio::test]\nasync fn waits() {}\nproptest! {\n    #[test]\n    fn holds(x in any()) {}\n}\n";
    assert_eq!(tests_in(source), BTreeSet::from(["is", "waits", "holds"]));
    const WRONG: [&[&str]; 4] =
        [&[], &["tests/tests/none.rs::x"], &["tests/tests/traceability.rs::no_such"], &["nothing"]];
    for shown in WRONG {
        assert_eq!(faults(&Line { place: "x", asks: "y", shown, not_claimed: "" }).len(), 1, "{shown:?}");
    }
}

/// Rewritten by `FIRN_WRITE_DOCS=1 cargo test -p firn-tests --test traceability`.
#[test]
fn the_page_of_traceability_holds_the_matrix_that_is_checked() {
    let path = repository("docs/traceability.md");
    let mut page = std::fs::read_to_string(&path).unwrap();
    for (name, lines) in [("regulations", REGULATIONS), ("mistakes", MISTAKES)] {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (head, rest) = page.split_once(&begin).unwrap();
        let (_, tail) = rest.split_once(&end).unwrap();
        page = format!("{head}{begin}{}{end}{tail}", table(lines));
    }
    if std::env::var_os("FIRN_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), page, "run with FIRN_WRITE_DOCS=1");
}

/// The words of a text, in lower case.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase).collect()
}

/// What is shown on screen, printed and stored, by file.
fn told() -> Vec<(String, String)> {
    let mut told = vec![("docs/firn.cddl".to_owned(), source("docs/firn.cddl"))];
    let folders = [
        "ui/src/i18n",
        "cli/src",
        "cli/src/words",
        "core/report/src/print",
        "core/model/src/record",
        "core/model/src/api",
    ];
    for folder in folders {
        for file in std::fs::read_dir(repository(folder)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "rs") {
                told.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    told
}

#[track_caller]
fn assert_no_word(forbidden: &[&str]) {
    let told = told();
    assert!(told.len() > 20);
    for (path, text) in told {
        let words = words(&text);
        for word in forbidden {
            assert!(!words.contains(*word), "{path} says {word}");
        }
    }
}

#[test]
fn no_record_and_no_screen_has_a_place_for_a_patient() {
    assert_no_word(&[
        "patient",
        "patients",
        "patiente",
        "paciente",
        "pacientes",
        "مريض",
        "المريض",
        "birthdate",
        "diagnosis",
        "insurance",
    ]);
}

#[test]
fn no_text_claims_a_check_against_a_national_system() {
    assert_no_word(&["dscsa", "fmd", "nmvs", "emvo", "emvs", "securpharm", "vrs"]);
}
