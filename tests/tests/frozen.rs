//! Format v1 is frozen: every signed and every stored form has a vector, and none of them changes.
//!
//! The vectors stand in the tests that make the bytes; `frozen/v1.txt` holds all of them once more, so that nobody
//! brings both a form and its vector up to date in one go.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use firn_model::record::Kind;
use firn_tests::command::repository;
use forms::FORMS;
use std::collections::BTreeSet;

#[path = "frozen/forms.rs"]
mod forms;
#[path = "frozen/literals.rs"]
mod literals;

/// The kinds that the ledger reads itself: genesis, enrol, revoke, index, fork, erasure, partner, root statement, upheld.
const OF_THE_LEDGER: std::ops::RangeInclusive<u16> = 1..=9;

/// Where all vectors stand together.
const TOGETHER: &str = "tests/tests/frozen/v1.txt";

/// The vectors in a test, and in the snapshots that it makes.
fn vectors(place: &str) -> BTreeSet<String> {
    let (file, test) = place.split_once("::").unwrap();
    let source = std::fs::read_to_string(repository(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let body = literals::body(&source, test).unwrap_or_else(|| panic!("there is no test {place}"));
    let texts: Vec<String> = literals::strings(body).collect();
    let mut found: BTreeSet<String> = texts.iter().filter_map(|text| literals::vector(text)).collect();
    let folder = repository(file).with_file_name("snapshots");
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some((_, named)) = name.strip_suffix(".snap").and_then(|name| name.rsplit_once("__")) else {
            continue;
        };
        // A second snapshot of a test has a number behind the name.
        let (first, number) = named.rsplit_once('-').unwrap_or((named, "0"));
        let of_it = first == test || texts.iter().any(|text| literals::names(text, first));
        if of_it && number.parse::<u8>().is_ok() {
            let text = std::fs::read_to_string(&path).unwrap().replace('\r', "");
            let content = text.splitn(3, "---\n").nth(2).unwrap().to_owned();
            found.extend(content.lines().filter_map(literals::vector));
        }
    }
    found
}

/// What is frozen, line by line: the test, and a vector in it.
fn together() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(repository(TOGETHER)).unwrap_or_default();
    let pair = |line: &str| line.split_once(' ').map(|(test, vector)| (test.to_owned(), vector.to_owned()));
    text.lines().filter_map(pair).collect()
}

/// `FIRN_WRITE_VECTORS=1` adds what is new; what stands there is never written over.
fn add(mut frozen: Vec<(String, String)>) -> Vec<(String, String)> {
    let places: BTreeSet<&str> = FORMS.iter().flat_map(|form| form.vectors).copied().collect();
    for place in places {
        for vector in vectors(place) {
            let line = (place.to_owned(), vector);
            if !frozen.contains(&line) {
                frozen.push(line);
            }
        }
    }
    frozen.sort();
    let lines: Vec<String> = frozen.iter().map(|(test, vector)| format!("{test} {vector}\n")).collect();
    std::fs::write(repository(TOGETHER), lines.concat()).unwrap();
    frozen
}

#[test]
fn no_vector_of_format_v1_has_changed_since_it_was_frozen() {
    let mut frozen = together();
    if std::env::var_os("FIRN_WRITE_VECTORS").is_some() {
        frozen = add(frozen);
    }
    for (place, vector) in &frozen {
        assert!(
            vectors(place).contains(vector),
            "FORMAT v1 IS FROZEN: bytes of v1 may not change, and {place} no longer holds\n{vector}\n\
             A new kind or map key gets a vector of its own beside it; whatever else is to change is v2, under another \
             content type, magic or version (docs/format.md, at its head)."
        );
    }
}

#[test]
fn every_form_that_is_signed_or_stored_has_a_vector_among_them() {
    let frozen = together();
    let cddl = std::fs::read_to_string(repository("docs/firn.cddl")).unwrap();
    for form in FORMS {
        assert!(!form.vectors.is_empty(), "{} has no vector", form.name);
        for place in form.vectors {
            assert!(
                frozen.iter().any(|(test, _)| test == place),
                "{}: no vector of {place} is frozen",
                form.name
            );
        }
        for rule in form.rules {
            let begins = |line: &str| line.strip_prefix(rule).is_some_and(|rest| rest.starts_with(" = "));
            assert!(cddl.lines().any(begins), "{}: docs/firn.cddl has no rule {rule}", form.name);
        }
    }
}

#[test]
fn every_kind_of_entry_has_a_vector_among_them() {
    let have: BTreeSet<u16> = FORMS.iter().flat_map(|form| form.kinds).copied().collect();
    let all: BTreeSet<u16> = OF_THE_LEDGER.chain(Kind::ALL.map(Kind::number)).collect();
    assert_eq!(all.difference(&have).collect::<Vec<_>>(), [] as [&u16; 0], "kinds without a vector");
    assert_eq!(have.difference(&all).collect::<Vec<_>>(), [] as [&u16; 0], "vectors of no kind");
}

#[test]
fn every_message_between_devices_and_every_message_of_a_join_has_a_vector_among_them() {
    let cddl = std::fs::read_to_string(repository("docs/firn.cddl")).unwrap();
    let begin = cddl.find("sync-message = ").unwrap();
    let choice: String = cddl[begin..].lines().take_while(|line| !line.starts_with("hello =")).collect();
    let named = choice.split(['=', '/']).skip(1).map(|name| name.trim().to_owned());
    let have: BTreeSet<&str> = FORMS.iter().flat_map(|form| form.rules).copied().collect();
    for message in
        named.chain(["join-request", "join-admitted", "join-refused", "join-comparison"].map(String::from))
    {
        assert!(have.contains(message.as_str()), "{message} has no vector");
    }
}
