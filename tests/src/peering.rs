//! Homes that find each other over loopback: invited, joined, synced.

use crate::command::TestHome;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

/// A process that serves, stopped by its id when dropped.
pub struct Serving {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Serving {
    /// Starts it and reads its first line.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(home: &TestHome, arguments: &[&str]) -> (Self, Value) {
        let mut command = home.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut serving = Self { child, lines };
        let first = serving.line();
        (serving, first)
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// Its end and its last line.
    ///
    /// # Panics
    /// When it says nothing.
    pub fn finish(mut self) -> (std::process::ExitStatus, Value) {
        let last = self.line();
        (self.child.wait().unwrap(), last)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().unwrap_or_default();
        self.child.wait().unwrap();
    }
}

/// Where tests listen.
pub const LOOPBACK: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// An invitation that is being served.
///
/// # Panics
/// When it is refused.
pub fn invited(home: &TestHome, role: &str) -> (Serving, String) {
    let (serving, first) = Serving::start(home, &["invite", "--role", role, LOOPBACK[0], LOOPBACK[1]]);
    let text = first["invitation"].as_str().unwrap().to_owned();
    assert!(text.starts_with("firn-invite:"), "{first}");
    (serving, text)
}

/// A home that has joined `home` as a courier's phone.
///
/// # Panics
/// When the joining is refused.
pub fn courier_of(home: &TestHome) -> TestHome {
    joined(home, "courier", "Van phone")
}

/// A home that has joined `home` in a role under a name.
///
/// # Panics
/// When the joining is refused.
pub fn joined(home: &TestHome, role: &str, device: &str) -> TestHome {
    let (serving, text) = invited(home, role);
    let joined = TestHome::unmade();
    let who = joined.answer(&["join", &text, "--device", device]);
    assert_eq!((&who["role"], &who["device"]), (&json!(role), &json!(device)));
    let (status, last) = serving.finish();
    assert!(status.success());
    assert_eq!(last["joined"], device);
    joined
}

/// One sync of `home` with `peer`, which serves meanwhile.
///
/// # Panics
/// When it fails.
pub fn sync(home: &TestHome, peer: &TestHome) -> Value {
    let (_serving, node) = Serving::start(peer, &["node", LOOPBACK[0], LOOPBACK[1]]);
    home.answer(&["sync", node["address"].as_str().unwrap()])
}
