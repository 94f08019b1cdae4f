//! The house as it is drawn: who imports whom, what stays in its one room, how sources are kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// What a room may import.
enum Imports {
    /// These rooms and no other.
    Only(&'static [&'static str]),
    /// Any room.
    Any,
}

/// Every package of the workspace and the arrows that ARCHITECTURE.md draws from it.
const ROOMS: &[(&str, Imports)] = &[
    ("firn-model", Imports::Only(&[])),
    ("firn-ledger", Imports::Only(&[])),
    ("firn-ble", Imports::Only(&["firn-model"])),
    ("firn-report", Imports::Only(&["firn-model", "firn-ledger"])),
    ("firn-peer", Imports::Only(&["firn-ledger"])),
    ("firn-app", Imports::Only(&["firn-model", "firn-ble", "firn-ledger", "firn-report"])),
    ("firn-host", Imports::Only(&["firn-app", "firn-ble", "firn-ledger", "firn-peer", "firn-model"])),
    ("firn-shell", Imports::Only(&["firn-host", "firn-app", "firn-model"])),
    (
        "firn-cli",
        Imports::Only(&[
            "firn-app",
            "firn-ble",
            "firn-host",
            "firn-ledger",
            "firn-model",
            "firn-peer",
            "firn-report",
        ]),
    ),
    ("firn-ui", Imports::Only(&["firn-model"])),
    ("firn-tests", Imports::Any),
    ("firn-fuzz", Imports::Any),
    ("firn-same-bits", Imports::Only(&["firn-model"])),
    ("xtask", Imports::Only(&[])),
    ("firn-bindgen", Imports::Only(&[])),
];

/// A crate, or a family of crates with the same beginning, and the only rooms that may name it.
struct Heavy {
    family: &'static str,
    rooms: &'static [&'static str],
    /// Behind a feature, so that the room can be built for wasm without it.
    optional: bool,
}

const HEAVY: &[Heavy] = &[
    Heavy { family: "rusqlite", rooms: &["firn-ledger"], optional: true },
    Heavy { family: "btleplug", rooms: &["firn-ble"], optional: true },
    Heavy { family: "jiff", rooms: &["firn-ble"], optional: false },
    Heavy { family: "typst", rooms: &["firn-report"], optional: true },
    Heavy { family: "iroh", rooms: &["firn-peer"], optional: false },
    Heavy { family: "tauri", rooms: &["firn-shell"], optional: false },
    Heavy { family: "leptos", rooms: &["firn-ui"], optional: false },
    Heavy { family: "zbus", rooms: &["firn-tests"], optional: false },
    Heavy { family: "clap", rooms: &["firn-cli", "xtask"], optional: false },
];

/// The rooms whose whole library is safe Rust.
const SAFE: &[&str] = &["core/model", "ble", "ledger", "core/report", "core/app"];

/// What the pure rules never name (design: model never touches I/O, async or the clock).
const IMPURE: &[&str] = &[
    "SystemTime",
    "std::time::Instant",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "tokio",
    "async fn",
    "thread_local!",
];

const LONGEST_SOURCE: usize = 500;
const LONGEST_TEST: usize = 800;

/// One package and the crates its manifest names, dev- and build-dependencies included.
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    optional: bool,
}

/// One Rust source: its path from the root, with slashes, and its text.
struct Source {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn packages() -> Vec<Package> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    let dependency = |value: &Value| Dependency {
        name: text(&value["name"]),
        optional: value["optional"].as_bool().expect("a truth"),
    };
    let package = |value: &Value| Package {
        name: text(&value["name"]),
        dependencies: value["dependencies"].as_array().expect("a list").iter().map(dependency).collect(),
    };
    metadata["packages"].as_array().expect("a list").iter().map(package).collect()
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for room in ["ble", "cli", "core", "ledger", "src-tauri", "tests", "ui", "xtask"] {
        collect(&root().join(room), &mut found);
    }
    found
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if entry.is_dir() {
            if !["target", "dist", "gen", "node_modules"].contains(&name.as_str()) {
                collect(&entry, found);
            }
        } else if name.ends_with(".rs") {
            let path = entry.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push(Source { path, text: fs::read_to_string(&entry).expect("UTF-8") });
        }
    }
}

/// Arrows that are not drawn.
fn undrawn_imports(packages: &[Package]) -> Vec<String> {
    let is_room = |name: &str| ROOMS.iter().any(|(room, _)| *room == name);
    let mut findings = Vec::new();
    for package in packages {
        let Some((_, imports)) = ROOMS.iter().find(|(room, _)| *room == package.name) else {
            findings.push(format!("{} is in the workspace and in no drawing", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| is_room(&dependency.name)) {
            let drawn = match imports {
                Imports::Any => true,
                Imports::Only(rooms) => rooms.contains(&dependency.name.as_str()),
            };
            if !drawn {
                findings.push(format!("{} imports {}", package.name, dependency.name));
            }
        }
    }
    findings
}

/// Heavy crates outside their one room, or not behind a feature where wasm needs that.
fn strayed_crates(packages: &[Package]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in packages {
        for dependency in &package.dependencies {
            for heavy in HEAVY.iter().filter(|heavy| is_of_family(&dependency.name, heavy.family)) {
                if !heavy.rooms.contains(&package.name.as_str()) {
                    findings.push(format!("{} names {}", package.name, dependency.name));
                } else if heavy.optional && !dependency.optional {
                    findings.push(format!("{} cannot be built without {}", package.name, dependency.name));
                }
            }
        }
    }
    findings
}

fn is_of_family(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// The source without its inline test module: what is compiled into the library.
fn without_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod tests {").map_or(text, |(before, _)| before)
}

/// The code alone. A `//` inside a string ends the line early, which no check here minds.
fn code(text: &str) -> String {
    let bare = |line: &str| line.split("//").next().unwrap_or_default().to_owned() + "\n";
    without_tests(text).lines().map(bare).collect()
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/tests/")
        || path.contains("/benches/")
        || path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
}

fn impurities(source: &Source) -> Vec<String> {
    let code = code(&source.text);
    let mut findings: Vec<String> = IMPURE
        .iter()
        .filter(|word| code.contains(*word))
        .map(|word| format!("{} names {word}", source.path))
        .collect();
    for group in code.split("use std::{").skip(1).filter_map(|rest| rest.split(';').next()) {
        for module in ["fs", "net", "env", "thread", "process"] {
            if group.split([',', '{', '}']).any(|part| part.trim().split("::").next() == Some(module)) {
                findings.push(format!("{} names std::{module}", source.path));
            }
        }
    }
    findings
}

fn untidy(source: &Source) -> Vec<String> {
    let mut findings = Vec::new();
    // A `tests.rs` shows what the file beside it promises; its name says so.
    if !source.text.starts_with("//! ") && !source.path.ends_with("/tests.rs") {
        findings.push(format!("{} does not say in its first line why it exists", source.path));
    }
    let limit = if is_test(&source.path) { LONGEST_TEST } else { LONGEST_SOURCE };
    let lines = without_tests(&source.text).lines().count();
    if lines > limit {
        findings.push(format!("{} has {lines} lines; {limit} are the most", source.path));
    }
    findings
}

/// The profiles of a manifest that end the process on a panic.
fn aborting_profiles(manifest: &str) -> Vec<String> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
        } else if line.replace(' ', "").starts_with("panic=\"abort\"") {
            found.push(section.clone());
        }
    }
    found
}

fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "\n  {}\n", findings.join("\n  "));
}

#[test]
fn imports_run_as_drawn() {
    assert_none(&undrawn_imports(&packages()));
}

#[test]
fn every_room_that_is_drawn_exists() {
    let packages = packages();
    for (room, _) in ROOMS {
        assert!(packages.iter().any(|package| package.name == *room), "{room} is drawn and not there");
    }
}

#[test]
fn heavy_crates_stay_in_their_one_room() {
    assert_none(&strayed_crates(&packages()));
}

#[test]
fn the_rooms_of_rules_and_records_forbid_unsafe_code() {
    for room in SAFE {
        let library = fs::read_to_string(root().join(room).join("src/lib.rs")).expect("a library");
        assert!(code(&library).contains("#![forbid(unsafe_code)]"), "{room} does not forbid unsafe code");
    }
}

#[test]
fn the_model_names_no_clock_file_or_socket() {
    let findings: Vec<String> = sources()
        .iter()
        .filter(|source| source.path.starts_with("core/model/src/") && !is_test(&source.path))
        .flat_map(impurities)
        .collect();
    assert_none(&findings);
}

#[test]
fn the_page_knows_of_tauri_in_one_file_only() {
    let findings: Vec<String> = sources()
        .iter()
        .filter(|source| source.path.starts_with("ui/") && source.path != "ui/src/backend.rs")
        .filter(|source| code(&source.text).to_lowercase().contains("tauri"))
        .map(|source| format!("{} names Tauri", source.path))
        .collect();
    assert_none(&findings);
}

#[test]
fn a_panic_in_a_task_never_ends_the_app() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    assert_eq!(aborting_profiles(&manifest), ["profile.wasm"]);
}

#[test]
fn every_source_says_why_it_exists_and_is_short() {
    assert_none(&sources().iter().flat_map(untidy).collect::<Vec<_>>());
}

/// Each check is shown a house that breaks its rule.
mod a_check_can_fail {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, bool)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|(name, optional)| Dependency { name: (*name).to_owned(), optional: *optional })
            .collect();
        Package { name: name.to_owned(), dependencies }
    }

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn on_an_arrow_that_is_not_drawn() {
        let house = [
            package("firn-ui", &[("firn-model", false), ("firn-app", false)]),
            package("firn-tests", &[("firn-host", false), ("firn-peer", false)]),
            package("firn-attic", &[]),
        ];
        assert_eq!(
            undrawn_imports(&house),
            ["firn-ui imports firn-app", "firn-attic is in the workspace and in no drawing"]
        );
    }

    #[test]
    fn on_a_heavy_crate_outside_its_room() {
        let house = [
            package("firn-app", &[("rusqlite", true), ("iroh-base", false), ("claptrap", false)]),
            package("firn-ledger", &[("rusqlite", false)]),
            package("firn-ble", &[("btleplug", true)]),
        ];
        assert_eq!(
            strayed_crates(&house),
            [
                "firn-app names rusqlite",
                "firn-app names iroh-base",
                "firn-ledger cannot be built without rusqlite"
            ]
        );
    }

    #[test]
    fn on_a_rule_that_reads_the_clock_or_a_file() {
        let rule = "//! A rule.\nuse std::{collections::BTreeMap, fs};\nfn f() { SystemTime::now(); }\n";
        assert_eq!(
            impurities(&source("core/model/src/a.rs", rule)),
            ["core/model/src/a.rs names SystemTime", "core/model/src/a.rs names std::fs"]
        );
        let told = "//! Never std::fs.\n// nor SystemTime\n#[cfg(test)]\nmod tests {\n use std::fs;\n}\n";
        assert!(impurities(&source("core/model/src/b.rs", told)).is_empty());
    }

    #[test]
    fn on_a_source_without_a_reason_or_an_end() {
        let long = format!("//! Long.\n{}", "fn f() {}\n".repeat(LONGEST_SOURCE));
        assert_eq!(untidy(&source("ble/src/long.rs", &long)).len(), 1);
        assert!(untidy(&source("ble/tests/long.rs", &long)).is_empty());
        assert_eq!(untidy(&source("ble/src/mute.rs", "fn f() {}\n")).len(), 1);
        assert!(untidy(&source("ble/src/mute/tests.rs", "use super::*;\n")).is_empty());
    }

    #[test]
    fn on_a_profile_that_aborts() {
        let manifest = "[profile.release]\npanic = \"abort\"\n[profile.wasm]\npanic=\"abort\"\n";
        assert_eq!(aborting_profiles(manifest), ["profile.release", "profile.wasm"]);
    }
}
