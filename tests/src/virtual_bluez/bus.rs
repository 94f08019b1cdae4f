//! A D-Bus daemon of its own, in a folder of its own.

use std::io::{BufRead, BufReader, Read, Seek};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Runs until it is dropped.
pub(super) struct PrivateBus {
    daemon: Child,
    address: String,
    _folder: TempDir,
}

/// Everyone may do everything, and a slow reader may lag far behind.
pub(crate) fn bus_configuration(socket: &str) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_type="method_call"/><allow send_type="signal"/>
    <allow send_type="method_return"/><allow send_type="error"/>
    <allow receive_type="method_call"/><allow receive_type="signal"/>
    <allow receive_type="method_return"/><allow receive_type="error"/>
    <allow send_destination="*" eavesdrop="true"/>
  </policy>
  <limit name="max_outgoing_bytes">1000000000</limit>
</busconfig>
"#
    )
}

impl PrivateBus {
    /// Starts the daemon and waits until it listens.
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the bus");
        let configuration_file = folder.path().join("bus.conf");
        let socket = folder.path().join("socket");
        let text = bus_configuration(socket.to_str().expect("a path in Unicode"));
        std::fs::write(&configuration_file, text).expect("the configuration of the bus");
        // It always complains that it may not raise its limit of open files; that is of interest only if
        // it does not start.
        let mut complaints = tempfile::tempfile().expect("a file for the daemon's complaints");
        let mut daemon = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg("--nopidfile")
            .arg("--print-address=1")
            .arg(format!("--config-file={}", configuration_file.display()))
            .stdout(Stdio::piped())
            .stderr(complaints.try_clone().expect("a second handle of the daemon's complaints"))
            .spawn()
            .expect("dbus-daemon (Debian and Ubuntu: package dbus-daemon)");
        let mut address = String::new();
        let output = daemon.stdout.take().expect("the daemon's output");
        BufReader::new(output).read_line(&mut address).expect("the address of the bus");
        if address.trim().is_empty() {
            let mut why = String::new();
            complaints.rewind().and_then(|()| complaints.read_to_string(&mut why)).expect("the complaints");
            panic!("dbus-daemon has not started: {why}");
        }
        Self { daemon, address: address.trim().to_owned(), _folder: folder }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Ends the daemon at once; ending it twice does nothing.
    pub(super) fn kill(&mut self) {
        if let (Ok(None), Err(error)) = (self.daemon.try_wait(), self.daemon.kill()) {
            eprintln!("the private bus could not be ended: {error}");
        }
        if let Err(error) = self.daemon.wait() {
            eprintln!("the private bus has not ended: {error}");
        }
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        self.kill();
    }
}
