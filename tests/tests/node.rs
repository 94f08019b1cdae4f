//! The headless peer as a service: watched on a loopback port, told about to systemd, stopped in peace.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg(unix)]

use firn_tests::command::{TestHome, json, repository};
use firn_tests::peering::{LOOPBACK, courier_of};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

const MONITOR: [&str; 2] = ["--monitor", "127.0.0.1:0"];
/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What comes within a minute.
fn soon<T>(mut asked: impl FnMut() -> Option<T>) -> T {
    let pause = Duration::from_millis(20);
    let tries = PATIENCE.as_millis() / pause.as_millis();
    for _ in 0..tries {
        if let Some(come) = asked() {
            return come;
        }
        std::thread::sleep(pause);
    }
    panic!("it does not come within {PATIENCE:?}");
}

/// A node that is watched.
struct Node {
    child: Child,
    started: Value,
}

impl Node {
    fn start(home: &TestHome, environment: &[(&str, &str)]) -> Self {
        let mut command = home.command(&["node", LOOPBACK[0], LOOPBACK[1], MONITOR[0], MONITOR[1]]);
        command.envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Self { child, started }
    }

    fn monitor(&self) -> SocketAddr {
        self.started["monitor"].as_str().unwrap().parse().unwrap()
    }

    /// Status and body of what the monitor answers.
    fn ask(&self, path: &str) -> (u16, String) {
        self.request(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    fn request(&self, head: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.monitor()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    /// The value of a metric.
    fn metric(&self, name: &str) -> f64 {
        let (status, text) = self.ask("/metrics");
        assert_eq!((status, text.ends_with("# EOF\n")), (200, true), "{text}");
        let line =
            text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {text}"));
        line.trim().parse().unwrap()
    }

    /// Asks it to end, as the system does, and waits until it has.
    fn stop(&mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        soon(|| self.child.try_wait().unwrap())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().unwrap_or_default();
        self.child.wait().unwrap();
    }
}

#[test]
fn a_node_tells_this_machine_how_it_is_and_what_crossed_and_ends_in_peace_when_asked() {
    let pharmacy = TestHome::found();
    let van = courier_of(&pharmacy);
    van.shipment("DN-1", "cdc-refrigerator");
    let mut node = Node::start(&pharmacy, &[]);
    let (status, health) = node.ask("/health");
    let health: Value = serde_json::from_str(&health).unwrap();
    assert_eq!((status, &health["ok"], &health["logs"]), (200, &true.into(), &2.into()), "{health}");
    let before = node.metric("firn_held_entries");
    assert_eq!(health["entries"].as_f64(), Some(before));

    van.answer(&["sync", node.started["address"].as_str().unwrap()]);
    // The van may know the end of the exchange before the node has counted it.
    let agreed = || node.metric("firn_exchanges_total{outcome=\"Agreed\"}");
    assert_eq!(soon(|| Some(agreed()).filter(|agreed| *agreed > 0.0)), 1.0);
    assert_eq!(node.metric("firn_entries_total{direction=\"Received\"}"), 1.0);
    assert_eq!(node.metric("firn_held_entries"), before + 1.0);
    assert_eq!((node.metric("firn_forked_logs"), node.metric("firn_healthy")), (0.0, 1.0));
    assert!(node.stop().success());
    assert_eq!(pharmacy.answer(&["log", "verify", "--deep"])["ok"], true);
}

#[test]
fn a_node_whose_store_is_deleted_replaced_or_emptied_under_it_is_not_well() {
    type Harm = fn(&Path);
    let harms: [(&str, Harm); 4] = [
        ("store/missing", |file| std::fs::remove_file(file).unwrap()),
        ("store/corrupt", |file| {
            let copy = file.with_extension("copy");
            std::fs::copy(file, &copy).unwrap();
            std::fs::rename(copy, file).unwrap();
        }),
        ("store/corrupt", |file| File::options().write(true).open(file).unwrap().set_len(0).unwrap()),
        ("store/not-a-store", |file| {
            let length = std::fs::metadata(file).unwrap().len().try_into().unwrap();
            File::options().write(true).open(file).unwrap().write_all(&vec![0; length]).unwrap();
        }),
    ];
    for (code, harm) in harms {
        let pharmacy = TestHome::found();
        let node = Node::start(&pharmacy, &[]);
        assert_eq!((node.ask("/health").0, node.metric("firn_healthy")), (200, 1.0));
        harm(&pharmacy.path().join("firn.db"));
        let (status, health) = node.ask("/health");
        let health: Value = serde_json::from_str(&health).unwrap();
        assert_eq!((status, &health["ok"], &health["error"]), (503, &false.into(), &code.into()), "{health}");
        assert_eq!(node.metric("firn_healthy"), 0.0);
    }
}

#[test]
fn the_monitor_answers_nobody_but_this_machine_and_nothing_but_what_it_has() {
    let pharmacy = TestHome::found();
    for open in ["0.0.0.0:0", "[::]:0", "192.0.2.1:9780"] {
        assert_eq!(pharmacy.refusal(&["node", "--monitor", open]), "cli/not-loopback");
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_eq!(
        pharmacy.refusal(&["node", LOOPBACK[0], LOOPBACK[1], "--monitor", &address]),
        "cli/port-taken"
    );

    let node = Node::start(&pharmacy, &[]);
    // A page of another site whose name leads here.
    assert_eq!(node.request("GET /health HTTP/1.1\r\nHost: pharmacy.example\r\n\r\n").0, 421);
    assert_eq!(node.request("POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").0, 405);
    assert_eq!(node.ask("/").0, 404);
    assert_eq!(
        node.request(&format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(100_000))).0,
        431
    );
    assert_eq!(node.ask("/health").0, 200);
}

#[test]
fn the_monitor_answers_while_hundreds_of_connections_ask_nothing() {
    let pharmacy = TestHome::found();
    let node = Node::start(&pharmacy, &[]);
    let half_open = |_| {
        let mut stream = TcpStream::connect(node.monitor()).unwrap();
        stream.write_all(b"G").unwrap();
        stream
    };
    let waiting: Vec<TcpStream> = (0..300).map(half_open).collect();
    assert_eq!(node.ask("/health").0, 200);
    drop(waiting);
}

#[test]
fn a_stranger_that_is_sent_away_is_counted_by_the_reason() {
    let pharmacy = TestHome::found();
    // What the pharmacy held before the van joined knows no van.
    let before = pharmacy.copied();
    let van = courier_of(&pharmacy);
    let node = Node::start(&before, &[]);
    let refused =
        |reason: &str| node.metric(&format!("firn_refused_connections_total{{reason=\"{reason}\"}}"));
    let all = ["NoHandshake", "NotAMember", "NotInvited", "Revoked", "Busy"];
    assert_eq!(all.map(refused), [0.0; 5], "each is there from the start");
    let sent_away = van.run(&["sync", node.started["address"].as_str().unwrap()]);
    assert_eq!(json(&sent_away)["error"], "peer/not-a-member");
    soon(|| (refused("NotAMember") > 0.0).then_some(()));
    assert_eq!(all.map(refused), [0.0, 1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_node_tells_systemd_when_it_serves_that_it_lives_and_that_it_ends() {
    let pharmacy = TestHome::found();
    let path = pharmacy.file("notify", "").with_extension("socket");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut news = [0; 512];
        let length = manager.recv(&mut news).unwrap();
        String::from_utf8(news[..length].to_vec()).unwrap()
    };
    let mut node =
        Node::start(&pharmacy, &[("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "400000")]);
    let address = node.started["address"].as_str().unwrap().to_owned();
    let ready = told();
    assert!(ready.contains("READY=1") && ready.contains(&address), "{ready}");
    assert!(told().contains("WATCHDOG=1"));
    assert!(node.stop().success());
    let last = std::iter::repeat_with(told).find(|news| !news.contains("WATCHDOG=1")).unwrap();
    assert!(last.contains("STOPPING=1"), "{last}");
}

#[test]
fn the_unit_that_is_given_away_is_one_that_systemd_understands() {
    let unit = repository("packaging/firn-node.service");
    let text = std::fs::read_to_string(&unit).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/firn ")).unwrap();
    let arguments: Vec<&str> = line.split(' ').collect();
    // With a home that is not there the arguments are read and nothing is served.
    assert_eq!(TestHome::unmade().refusal(&arguments), "home/missing");

    let pharmacy = TestHome::found();
    // The same, with a program that is there.
    let here = pharmacy.file("firn-node.service", text.replace("/usr/bin/firn", "/bin/true"));
    match Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&here).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let ours: Vec<&str> = said.lines().filter(|line| line.contains("firn-node")).collect();
            assert!(output.status.success() && ours.is_empty(), "{said}");
        }
        Err(error) => println!("skipped: systemd-analyze: {error}"),
    }
}
