//! An organisation's own relay: two machines that do not reach each other meet at it, and it reads nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, refusal};
use firn_tests::namespaces::{Namespace, Running, lay_cable};
use firn_tests::peering::courier_of;
use std::path::{Path, PathBuf};
use std::time::Duration;

const RELAY: &str = "http://10.78.0.1:3340";

/// The program of the relay, of its makers.
fn relay() -> Option<PathBuf> {
    let program = std::env::var_os("FIRN_RELAY_BIN").map(PathBuf::from);
    if program.is_none() {
        eprintln!("skipped: FIRN_RELAY_BIN names no relay; `cargo xtask relay` builds one");
    }
    program
}

/// An office and a van, each on a cable to a third machine, which passes nothing on.
struct Places {
    office: Namespace,
    van: Namespace,
    hub: Namespace,
}

impl Places {
    fn make() -> Option<Self> {
        let make = Namespace::make;
        let places = Self { office: make("office")?, van: make("far")?, hub: make("hub")? };
        let laid = lay_cable(1, &places.office, &places.hub) && lay_cable(2, &places.van, &places.hub);
        places.hub.address("10.78.0.1/32");
        places.hub.forward_nothing();
        laid.then_some(places)
    }

    /// Serves the relay, without a certificate: what passes is encrypted between the peers.
    fn serve(&self, program: &Path, folder: &Path) -> Running {
        let settings = folder.join("relay.toml");
        std::fs::write(&settings, "http_bind_addr = \"10.78.0.1:3340\"\nenable_metrics = false\n").unwrap();
        let mut command = self.hub.command(program);
        command.args(["--dev", "--config-path"]).arg(settings);
        let relay = Running::start_quietly(command);
        let mut asked = (0..300).map(|_| {
            let script = "import socket; socket.create_connection(('10.78.0.1', 3340), 1)";
            self.hub
                .command("python3")
                .args(["-c", script])
                .output()
                .is_ok_and(|output| output.status.success())
        });
        let answers = asked.any(|answers| {
            if !answers {
                std::thread::sleep(Duration::from_millis(100));
            }
            answers
        });
        assert!(answers, "the relay listens");
        relay
    }
}

#[test]
fn two_devices_that_do_not_reach_each_other_sync_through_a_relay_of_their_own() {
    let Some(program) = relay() else { return };
    let Some(places) = Places::make() else {
        eprintln!("skipped: network namespaces need root and iproute2");
        return;
    };
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    pharmacy.shipment("DN-FAR", "cdc-refrigerator");
    let folder = tempfile::tempdir().unwrap();
    let relay = places.serve(&program, folder.path());

    let node = Running::start(places.office.firn(&pharmacy, &["node", "--relay", RELAY]));
    let told: serde_json::Value = serde_json::from_str(&node.first_line).unwrap();
    let (id, address) = (told["id"].as_str().unwrap(), told["address"].as_str().unwrap());
    assert!(address.ends_with(&format!(",{RELAY}")), "{address}");

    // By its own addresses alone the office is not reached.
    let direct = address.trim_end_matches(&format!(",{RELAY}"));
    let output = places.van.firn(&courier, &["sync", direct]).output().unwrap();
    assert_eq!(refusal(&output), "peer/unreachable");

    for (at, received) in [(address.to_owned(), 1), (format!("{id}@{RELAY}"), 0)] {
        let output = places.van.firn(&courier, &["sync", &at]).output().unwrap();
        let answer = json(&output);
        assert!(output.status.success(), "{answer} {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!((&answer["agreed"], &answer["received"]), (&true.into(), &received.into()), "{at}");
    }
    assert_eq!(courier.answer(&["shipment", "list"])[0]["reference"], "DN-FAR");

    // A device of another organisation meets the node at the relay, and learns nothing.
    let stranger = TestHome::found();
    let output = places.van.firn(&stranger, &["sync", &format!("{id}@{RELAY}")]).output().unwrap();
    assert_eq!((output.status.code(), json(&output)["error"].as_str()), (Some(1), Some("peer/not-a-member")));

    // Without the relay there is no way, which is said in time.
    drop(relay);
    let output = places.van.firn(&courier, &["sync", &format!("{id}@{RELAY}")]).output().unwrap();
    assert!(
        ["peer/unreachable", "peer/timeout"].contains(&refusal(&output).as_str()),
        "{}",
        refusal(&output)
    );
}

#[test]
fn a_device_joins_by_an_invitation_that_names_the_relay() {
    let Some(program) = relay() else { return };
    let Some(places) = Places::make() else {
        eprintln!("skipped: network namespaces need root and iproute2");
        return;
    };
    let pharmacy = TestHome::found();
    let folder = tempfile::tempdir().unwrap();
    let _relay = places.serve(&program, folder.path());
    let invite = Running::start(places.office.firn(&pharmacy, &["invite", "--relay", RELAY]));
    let told: serde_json::Value = serde_json::from_str(&invite.first_line).unwrap();
    let courier = TestHome::unmade();
    let join = ["join", told["invitation"].as_str().unwrap(), "--device", "Van phone"];
    let output = places.van.firn(&courier, &join).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(courier.answer(&["device", "list"]).as_array().unwrap().len(), 1, "the device that joined");
}

#[test]
fn what_is_no_relay_is_refused_before_anything_listens() {
    let home = TestHome::found();
    for url in ["relay.example", "https://relay.example/path", "ftp://relay.example"] {
        assert_eq!(refusal(&home.run(&["node", "--relay", url])), "peer/relay-malformed", "{url}");
    }
}
