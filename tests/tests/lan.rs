//! Two machines on one cable, each a network namespace of its own: they find each other without an address.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json};
use firn_tests::namespaces::{Namespace, Running, lay_cable};
use firn_tests::peering::courier_of;

#[test]
fn a_device_is_found_on_the_local_network_by_members_while_it_wants_to_be() {
    let (Some(dock), Some(van)) = (Namespace::make("dock"), Namespace::make("van")) else {
        eprintln!("skipped: network namespaces need root and iproute2");
        return;
    };
    if !lay_cable(0, &dock, &van) {
        eprintln!("skipped: this system lays no virtual cables");
        return;
    }
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    pharmacy.shipment("DN-LAN", "cdc-refrigerator");
    let search = ["sync", "--lan", "--seconds", "4"];
    {
        let _silent = Running::start(dock.firn(&pharmacy, &["node"]));
        let output = van.firn(&courier, &search).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "a node that was not asked to be found is not");
        assert_eq!(json(&output)["peers"].as_array().unwrap().len(), 0);
    }
    let node = Running::start(dock.firn(&pharmacy, &["node", "--lan"]));
    assert!(node.first_line.contains("listening"), "{}", node.first_line);
    let outsider = TestHome::found();
    let output = van.firn(&outsider, &search).output().unwrap();
    assert_eq!((output.status.code(), json(&output)["peers"].as_array().unwrap().len()), (Some(1), 0));
    let output = van.firn(&courier, &search).output().unwrap();
    let answer = json(&output);
    assert!(output.status.success(), "{answer} {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!((&answer["peers"][0]["agreed"], &answer["peers"][0]["received"]), (&true.into(), &1.into()));
    assert_eq!(courier.answer(&["shipment", "list"])[0]["reference"], "DN-LAN");
}
