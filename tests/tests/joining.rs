//! A join that is cut, by whatever ends a process or a network, goes on as its own words say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_host::{KdfCost, LocalHost, Passphrase, Sealing};
use firn_tests::command::{TestHome, json, refusal};
use firn_tests::peering::{LOOPBACK, Serving, invited, sync};
use serde_json::Value;
use std::process::{Child, Stdio};
use std::time::Duration;

/// A home that was enrolled and has exchanged nothing: the inviter's process ends before that.
fn cut_before_the_first_sync(inviter: &TestHome) -> (TestHome, String) {
    let (serving, text) = invited(inviter, "courier");
    let van = TestHome::unmade();
    let sealing =
        Sealing { passphrase: Passphrase::new("correct horse battery staple").unwrap(), cost: KdfCost::Low };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let invitation = text.parse().unwrap();
    let listen = "127.0.0.1:0".parse().unwrap();
    let path = van.path();
    let joining = LocalHost::join(&path, "Van phone", &sealing, &invitation, listen, &|_| ());
    drop(runtime.block_on(joining).unwrap());
    drop(serving);
    (van, text)
}

fn devices(home: &TestHome) -> usize {
    home.answer(&["device", "list"]).as_array().unwrap().len()
}

fn is_whole(home: &TestHome) {
    home.answer(&["log", "verify", "--deep"]);
    assert_eq!(home.answer(&["id"]).get("standing"), None);
    home.answer(&["shipment", "new", "DN-7", "--item", "MMR,lot=A1,quantity=4"]);
}

#[test]
fn a_join_without_its_first_sync_says_so_in_every_command_and_goes_on_by_an_ordinary_sync() {
    let pharmacy = TestHome::found();
    let (van, invitation) = cut_before_the_first_sync(&pharmacy);
    let who = van.answer(&["id"]);
    assert_eq!(
        (&who["standing"], &who["role"], &who["device"]),
        (&"joining".into(), &"courier".into(), &"Van phone".into())
    );
    let inviter = who["inviter"].as_str().unwrap();
    van.answer(&["log", "verify", "--deep"]);
    for command in [
        ["shipment", "new", "DN-7", "--item", "MMR,lot=A1,quantity=4"].as_slice(),
        &["invite", "--role", "courier"],
        &["device", "rotate"],
        &["logger", "add", "--label", "TAG 1", "--family", "file"],
    ] {
        let output = van.run(command);
        assert_eq!(refusal(&output), "app/join-unfinished", "{command:?}");
        let said = json(&output);
        assert!(said["why"].as_str().unwrap().contains(inviter), "{said}");
        assert!(said["next_step"].as_str().unwrap().contains("firn sync"), "{said}");
    }
    let (other_serving, other) = invited(&pharmacy, "courier");
    assert_eq!(van.refusal(&["join", &other, "--device", "Van phone"]), "app/join-unfinished");
    drop(other_serving);
    let synced = sync(&van, &pharmacy);
    assert_eq!((&synced["ok"], &synced["agreed"]), (&true.into(), &true.into()));
    is_whole(&van);
    assert_eq!(devices(&pharmacy), 1);
    assert_eq!(van.refusal(&["join", &invitation, "--device", "Van phone"]), "home/exists");
}

#[test]
fn the_inviter_may_dial_the_device_whose_join_was_cut_or_send_it_a_file() {
    let pharmacy = TestHome::found();
    let (van, _) = cut_before_the_first_sync(&pharmacy);
    let synced = sync(&pharmacy, &van);
    assert_eq!(synced["ok"], true);
    is_whole(&van);
    let (other, _) = cut_before_the_first_sync(&pharmacy);
    let file = pharmacy.file("carried", "");
    std::fs::remove_file(&file).unwrap();
    pharmacy.answer(&["sync", "--out", file.to_str().unwrap()]);
    other.answer(&["sync", "--in", file.to_str().unwrap()]);
    is_whole(&other);
}

#[test]
fn another_device_than_the_inviter_does_not_take_a_cut_join_up() {
    let pharmacy = TestHome::found();
    let office = firn_tests::peering::joined(&pharmacy, "quality", "Office");
    let (van, _) = cut_before_the_first_sync(&pharmacy);
    sync(&office, &pharmacy);
    let stranger = TestHome::found();
    for other in [&office, &stranger] {
        let (_serving, node) = Serving::start(other, &["node", LOOPBACK[0], LOOPBACK[1]]);
        let output = van.run(&["sync", node["address"].as_str().unwrap()]);
        assert_eq!((output.status.code(), &json(&output)["error"]), (Some(1), &"app/join-unfinished".into()));
    }
    sync(&van, &pharmacy);
    is_whole(&van);
}

/// Which process ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Killed {
    Joiner,
    Inviter,
}

/// A join of which one side is killed some milliseconds `after` this file has appeared in the joiner's folder.
fn killed(
    pharmacy: &TestHome,
    van: &TestHome,
    which: Killed,
    (file, after): (&str, u64),
) -> Option<(Serving, String)> {
    let (serving, text) = invited(pharmacy, "courier");
    let mut command = van.command(&["join", &text, "--device", "Van phone"]);
    let mut joining: Child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..20_000 {
        if van.path().join(file).exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(after));
    match which {
        Killed::Joiner => {
            // It may have ended by itself.
            joining.kill().unwrap_or_default();
            joining.wait().unwrap();
            Some((serving, text))
        }
        Killed::Inviter => {
            drop(serving);
            // It waits for an answer; a person gives up sooner.
            std::thread::sleep(Duration::from_millis(300));
            joining.kill().unwrap_or_default();
            joining.wait().unwrap();
            None
        }
    }
}

/// Follows what `firn id` says until the join is finished.
fn go_on(pharmacy: &TestHome, van: &TestHome, still_inviting: Option<(Serving, String)>) -> String {
    let who: Value = json(&van.run(&["id"]));
    match (who["standing"].as_str(), who["error"].as_str()) {
        (None, None) => "done".into(),
        (Some(standing), None) => {
            van.answer(&["log", "verify", "--deep"]);
            match still_inviting {
                Some(_serving) => van.answer(&["sync", who["inviter"].as_str().unwrap()]),
                None => sync(van, pharmacy),
            };
            standing.into()
        }
        (_, Some(error)) => {
            assert!(["home/missing", "home/join-begun"].contains(&error), "{who}");
            let (_serving, text) = still_inviting.unwrap_or_else(|| invited(pharmacy, "courier"));
            van.answer(&["join", &text, "--device", "Van phone"]);
            error.into()
        }
    }
}

#[test]
fn wherever_either_side_of_a_join_is_killed_it_goes_on_as_the_command_says() {
    let pharmacy = TestHome::found();
    for index in 0..40 {
        pharmacy.shipment(&format!("DN-{index}"), "cdc-refrigerator");
    }
    let mut seen = Vec::new();
    for which in [Killed::Joiner, Killed::Inviter] {
        for cut in [("keys/device", 0), ("keys/device", 40), ("firn.db", 0), ("format", 0), ("format", 30)] {
            let van = TestHome::unmade();
            let still_inviting = killed(&pharmacy, &van, which, cut);
            let state = go_on(&pharmacy, &van, still_inviting);
            is_whole(&van);
            seen.push((which, cut, state));
        }
    }
    assert!(seen.iter().any(|(_, _, state)| state != "done"), "nothing was cut: {seen:?}");
    eprintln!("{seen:?}");
}
