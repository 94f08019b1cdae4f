//! Two machines on one cable, each a network namespace of its own: they find each other without an address.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, program};
use firn_tests::peering::courier_of;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Two namespaces joined by a virtual cable, gone when dropped.
struct Cable {
    names: [String; 2],
}

impl Cable {
    /// None where this user may make none.
    fn lay() -> Option<Self> {
        let names = ["a", "b"].map(|end| format!("firn-{}-{end}", std::process::id()));
        let cable = Self { names };
        let [a, b] = &cable.names;
        let ends = [format!("fa{}", std::process::id()), format!("fb{}", std::process::id())];
        ip(&["netns", "add", a]).then_some(())?;
        ip(&["netns", "add", b]).then_some(())?;
        ip(&["link", "add", &ends[0], "netns", a, "type", "veth", "peer", "name", &ends[1], "netns", b])
            .then_some(())?;
        for (number, (name, end)) in cable.names.iter().zip(&ends).enumerate() {
            let address = format!("10.77.0.{}/24", number + 1);
            assert!(ip(&["-n", name, "addr", "add", &address, "dev", end]));
            assert!(ip(&["-n", name, "link", "set", end, "up"]));
            assert!(ip(&["-n", name, "link", "set", "lo", "up"]));
            assert!(ip(&["-n", name, "route", "add", "default", "dev", end]));
        }
        Some(cable)
    }

    fn command(&self, end: usize, home: &TestHome, arguments: &[&str]) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.names[end]]).arg(program());
        home.prepare(&mut command);
        command.args(arguments);
        command
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        for name in &self.names {
            ip(&["netns", "delete", name]);
        }
    }
}

fn ip(arguments: &[&str]) -> bool {
    let ran = Command::new("ip").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    ran.is_ok_and(|status| status.success())
}

/// A node that serves until dropped.
struct Node(Child);

impl Node {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("listening"), "{line}");
        Self(child)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_device_is_found_on_the_local_network_by_members_while_it_wants_to_be() {
    let Some(cable) = Cable::lay() else {
        eprintln!("skipped: network namespaces need root and iproute2");
        return;
    };
    let pharmacy = TestHome::found();
    let courier = courier_of(&pharmacy);
    pharmacy.shipment("DN-LAN", "cdc-refrigerator");
    let search = ["sync", "--lan", "--seconds", "4"];
    {
        let _silent = Node::start(cable.command(0, &pharmacy, &["node"]));
        let output = cable.command(1, &courier, &search).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "a node that was not asked to be found is not");
        assert_eq!(json(&output)["peers"].as_array().unwrap().len(), 0);
    }
    let _node = Node::start(cable.command(0, &pharmacy, &["node", "--lan"]));
    let outsider = TestHome::found();
    let output = cable.command(1, &outsider, &search).output().unwrap();
    assert_eq!((output.status.code(), json(&output)["peers"].as_array().unwrap().len()), (Some(1), 0));
    let output = cable.command(1, &courier, &search).output().unwrap();
    let answer = json(&output);
    assert!(output.status.success(), "{answer} {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!((&answer["peers"][0]["agreed"], &answer["peers"][0]["received"]), (&true.into(), &1.into()));
    assert_eq!(courier.answer(&["shipment", "list"])[0]["reference"], "DN-LAN");
}
