//! Machines of their own on this one: network namespaces, joined by virtual cables, gone when dropped.

use crate::command::{TestHome, program};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Tells apart what several tests of one process make.
static MADE: AtomicU32 = AtomicU32::new(0);

fn next() -> u32 {
    MADE.fetch_add(1, Ordering::Relaxed)
}

/// A network namespace, in which programs see no network but the cables laid to it.
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// None where this user may make none, or the system has no iproute2.
    pub fn make(name: &str) -> Option<Self> {
        let made = Self { name: format!("firn-{}-{}-{name}", std::process::id(), next()) };
        ip(&["netns", "add", &made.name]).then_some(())?;
        assert!(ip(&["-n", &made.name, "link", "set", "lo", "up"]), "every namespace has a loopback");
        Some(made)
    }

    /// Gives its loopback another address, such as `10.78.0.1/32`.
    pub fn address(&self, address: &str) {
        assert!(ip(&["-n", &self.name, "addr", "add", address, "dev", "lo"]), "{address}");
    }

    /// Lets nothing through from one cable to another.
    pub fn forward_nothing(&self) {
        let set = self.command("sysctl").args(["-qw", "net.ipv4.ip_forward=0"]).status();
        assert!(set.is_ok_and(|status| status.success()), "sysctl, of the package procps");
    }

    /// A program in it.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(program);
        command
    }

    /// The command in it, at a home.
    pub fn firn(&self, home: &TestHome, arguments: &[&str]) -> Command {
        let mut command = self.command(program());
        home.prepare(&mut command);
        command.args(arguments);
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&["netns", "delete", &self.name]);
    }
}

/// Joins two namespaces by a cable of this number, 0 to 255: 10.77.NUMBER.1 and 10.77.NUMBER.2, each end the way
/// to everywhere for a namespace that has no other. False where the system refuses.
pub fn lay_cable(number: u8, first: &Namespace, second: &Namespace) -> bool {
    let cable = next();
    let ends = ["a", "b"].map(|end| format!("f{end}{cable}x{}", std::process::id()));
    let veth = ["type", "veth", "peer", "name", &ends[1], "netns", &second.name];
    if !ip(&[&["link", "add", &ends[0], "netns", &first.name], &veth[..]].concat()) {
        return false;
    }
    for (host, (namespace, end)) in [first, second].into_iter().zip(&ends).enumerate() {
        let address = format!("10.77.{number}.{}/24", host + 1);
        assert!(ip(&["-n", &namespace.name, "addr", "add", &address, "dev", end]));
        assert!(ip(&["-n", &namespace.name, "link", "set", end, "up"]));
        // One that has a way already keeps it.
        ip(&["-n", &namespace.name, "route", "add", "default", "dev", end]);
    }
    true
}

fn ip(arguments: &[&str]) -> bool {
    let ran = Command::new("ip").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    ran.is_ok_and(|status| status.success())
}

/// A program that runs until dropped.
pub struct Running {
    child: Child,
    /// The first line that it printed; empty for one that was not waited for.
    pub first_line: String,
}

impl Running {
    /// Starts it and waits for its first line.
    pub fn start(mut command: Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a program that starts");
        let mut first_line = String::new();
        let out = child.stdout.take().expect("its output is read here");
        BufReader::new(out).read_line(&mut first_line).expect("text");
        Self { child, first_line }
    }

    /// Starts it; whoever needs it asks it.
    pub fn start_quietly(mut command: Command) -> Self {
        let child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a program that starts");
        Self { child, first_line: String::new() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(|_| ()).unwrap_or_default();
    }
}
