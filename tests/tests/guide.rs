//! The guide's story of a shipment, run as it is written.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, program, repository};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

/// The lines of the one block of commands in a section of the guide.
fn block(heading: &str) -> String {
    let guide = std::fs::read_to_string(repository("docs/guide.md")).unwrap();
    let (_, section) = guide.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks: Vec<&str> = section.split("```sh\n").skip(1).collect();
    assert_eq!(blocks.len(), 1, "the section tells one story");
    blocks[0].split("```").next().unwrap().to_owned()
}

#[test]
fn the_guides_story_of_a_shipments_whole_life_runs_as_it_is_written() {
    let home = TestHome::unmade();
    let story = home.file("story.sh", block("A shipment's whole life"));
    // The same command; its keys are only derived more quickly.
    let shim = format!("#!/bin/sh\nexec '{}' --kdf-cost low \"$@\"\n", program().display());
    let shim = home.file("firn", shim);
    std::fs::set_permissions(&shim, std::fs::Permissions::from_mode(0o755)).unwrap();
    let folder = story.parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let told = Command::new("sh")
        .args(["-e", "story.sh"])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("FIRN_HOME", home.path())
        .env("FIRN_PASSPHRASE_FILE", folder.join("passphrase"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (said, refused) = (
        String::from_utf8_lossy(&told.stdout).into_owned(),
        String::from_utf8_lossy(&told.stderr).into_owned(),
    );
    assert!(told.status.success(), "{said}\n{refused}");
    let shown = home.answer(&["shipment", "show", "DN-4712"]);
    let summary = &shown["summary"];
    assert_eq!((summary["phase"].as_str(), summary["verdict"].as_str()), (Some("closed"), Some("excursion")));
    let stock: Vec<&str> =
        shown["lines"].as_array().unwrap().iter().map(|line| line["stock"].as_str().unwrap()).collect();
    assert_eq!(stock, ["released", "rejected"]);
    assert!(said.contains("budget room: 1 h of 3 d used, 0 s by earlier legs, 2 d 23 h left"), "{said}");
}
