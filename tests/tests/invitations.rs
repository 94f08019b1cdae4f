//! Two people compare six digits before a device joins that may decide or administer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, refusal};
use firn_tests::peering::{LOOPBACK, invited};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

/// A process whose words are read as they come, stopped by its id when dropped.
struct Talking {
    child: Child,
    says: BufReader<std::process::ChildStderr>,
    answers: BufReader<std::process::ChildStdout>,
}

impl Talking {
    fn start(mut command: Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let says = BufReader::new(child.stderr.take().unwrap());
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, says, answers }
    }

    /// The next six digits that it shows.
    fn digits(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.says.read_line(&mut line).unwrap() > 0, "it ended without digits");
            let shown = line.trim_end().rsplit_once(' ').and_then(|(before, last)| {
                let first = before.rsplit_once(' ').map_or(before, |(_, first)| first);
                let all = format!("{first}{last}");
                (all.len() == 6 && all.bytes().all(|byte| byte.is_ascii_digit())).then_some(all)
            });
            if let Some(shown) = shown {
                return shown;
            }
        }
    }

    fn say(&mut self, word: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{word}").unwrap();
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn end(mut self) -> (Option<i32>, Value) {
        let answer = self.answer();
        (self.child.wait().unwrap().code(), answer)
    }
}

impl Drop for Talking {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().unwrap_or_default();
        self.child.wait().unwrap();
    }
}

fn inviting(home: &TestHome, role: &str, compare: &str) -> (Talking, String) {
    let arguments = ["invite", "--role", role, "--compare", compare, LOOPBACK[0], LOOPBACK[1]];
    let mut inviting = Talking::start(home.command(&arguments));
    let text = inviting.answer()["invitation"].as_str().unwrap().to_owned();
    (inviting, text)
}

#[test]
fn a_quality_device_joins_when_a_person_says_that_both_show_the_same_digits() {
    let (pharmacy, quality) = (TestHome::found(), TestHome::unmade());
    let (mut inviting, text) = inviting(&pharmacy, "quality", "ask");
    let mut joining = Talking::start(quality.command(&["join", &text, "--device", "QA desk"]));
    let (here, there) = (inviting.digits(), joining.digits());
    assert_eq!(here, there);
    assert_eq!(
        pharmacy.answer(&["device", "list"]),
        json!([]),
        "nothing is enrolled before a person has looked"
    );
    inviting.say("perhaps");
    inviting.say("yes");
    let (status, who) = joining.end();
    assert_eq!((status, &who["role"]), (Some(0), &json!("quality")));
    let (status, ended) = inviting.end();
    assert_eq!((status, &ended["joined"], &ended["digits"]), (Some(0), &json!("QA desk"), &json!(here)));
}

#[test]
fn other_digits_enrol_nobody_and_leave_no_home() {
    let (pharmacy, thief) = (TestHome::found(), TestHome::unmade());
    let (mut inviting, text) = inviting(&pharmacy, "admin", "ask");
    let mut joining = Talking::start(thief.command(&["join", &text, "--device", "Somebody"]));
    assert_eq!(inviting.digits(), joining.digits());
    inviting.say("no");
    let (status, ended) = inviting.end();
    assert_eq!((status, &ended["compared"]), (Some(1), &json!("different")));
    let (status, refused) = joining.end();
    assert_eq!((status, &refused["error"]), (Some(2), &json!("peer/digits-differ")));
    assert_eq!(thief.refusal(&["id"]), "home/missing");
    assert_eq!(pharmacy.answer(&["device", "list"]), json!([]));
}

#[test]
fn while_one_device_waits_for_the_comparison_another_with_the_same_text_is_refused() {
    let (pharmacy, first, second) = (TestHome::found(), TestHome::unmade(), TestHome::unmade());
    let (mut inviting, text) = inviting(&pharmacy, "quality", "ask");
    let mut joining = Talking::start(first.command(&["join", &text, "--device", "QA desk"]));
    let shown = joining.digits();
    assert_eq!(inviting.digits(), shown);
    assert_eq!(second.refusal(&["join", &text, "--device", "Somebody"]), "peer/invitation-used");
    inviting.say("y");
    assert_eq!(joining.end().0, Some(0));
    assert_eq!(inviting.end().1["digits"], shown);
}

#[test]
fn silence_is_no_consent() {
    let (pharmacy, quality) = (TestHome::found(), TestHome::unmade());
    let (mut inviting, text) = inviting(&pharmacy, "quality", "ask");
    drop(inviting.child.stdin.take());
    assert_eq!(refusal(&quality.run(&["join", &text])), "peer/digits-differ");
    assert_eq!(inviting.end().1["ok"], false);
}

#[test]
fn a_script_invites_without_a_person_and_both_sides_still_show_the_digits() {
    let (pharmacy, quality) = (TestHome::found(), TestHome::unmade());
    let (mut inviting, text) = inviting(&pharmacy, "quality", "show");
    let joined = quality.run(&["join", &text, "--device", "QA desk"]);
    assert_eq!(json(&joined)["role"], "quality");
    let shown = inviting.digits();
    let (first, last) = shown.split_at(3);
    let said = String::from_utf8_lossy(&joined.stderr).into_owned();
    assert!(said.contains(&format!("{first} {last}")), "{said}");
    assert_eq!(inviting.end().1["digits"], shown);
}

/// The invitation with one bit changed, its check value made to fit.
fn changed(text: &str, place: impl Fn(usize) -> usize, bit: u8) -> String {
    let code = text.strip_prefix("firn-invite:").unwrap();
    let mut bytes = data_encoding::BASE32_NOPAD.decode(code.as_bytes()).unwrap();
    bytes.truncate(bytes.len() - 4);
    let place = place(bytes.len());
    bytes[place] ^= bit;
    let sum = Sha256::new().chain_update("firn invitation v1").chain_update(&bytes).finalize();
    bytes.extend(&sum[..4]);
    format!("firn-invite:{}", data_encoding::BASE32_NOPAD.encode(&bytes))
}

#[test]
fn an_invitation_whose_text_was_changed_enrols_nobody_and_leaves_the_place_as_it_was() {
    let (pharmacy, courier) = (TestHome::found(), TestHome::unmade());
    let (serving, text) = invited(&pharmacy, "courier");
    let join = |text: &str| courier.refusal(&["join", text, "--device", "Van phone"]);
    // The organisation's id, the role and the time, where docs/firn.cddl has them.
    for text in [
        changed(&text, |_| 4, 1),
        changed(&text, |length| length - 10, 3),
        changed(&text, |length| length - 1, 1),
    ] {
        assert_eq!(join(&text), "peer/invitation-refused");
        assert!(!courier.path().exists(), "a refused join leaves no folder");
    }
    assert_eq!(pharmacy.answer(&["device", "list"]), json!([]), "nobody was enrolled");
    // A folder that was there stays, and stays empty.
    std::fs::create_dir(courier.path()).unwrap();
    assert_eq!(join(&changed(&text, |_| 4, 1)), "peer/invitation-refused");
    assert_eq!(std::fs::read_dir(courier.path()).unwrap().count(), 0);
    assert_eq!(courier.answer(&["join", &text, "--device", "Van phone"])["role"], "courier");
    assert!(serving.finish().0.success(), "the invitation itself still stands");
    assert_eq!(pharmacy.answer(&["device", "list"]).as_array().unwrap().len(), 1);
}
