//! The real Bluetooth of Linux with virtual loggers around it: kernel, bluetoothd and btleplug, in a guest.
//!
//! The guest is a user-mode Linux: an ordinary process, without root and without virtualisation, that boots
//! in a second and whose clock jumps over every pause. `cargo xtask rig` builds it; see `docs/rig.md`.

pub mod fleet;
mod guest;

use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `cargo xtask` has prepared outside the clone.
#[derive(Clone, Debug)]
pub struct Rig {
    kernel: PathBuf,
    python: PathBuf,
}

/// What goes wrong, in the guest, once the client has printed so many lines.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The adapter is switched off.
    AdapterOff,
    /// The system's Bluetooth service is killed.
    ServiceKilled,
}

impl Fault {
    /// In the words of `tests/rig/guest.sh`.
    fn script(self) -> &'static str {
        match self {
            Self::AdapterOff => "adapter false",
            Self::ServiceKilled => "kill -KILL \"$bluetoothd\"",
        }
    }
}

/// One run of the guest.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// How many loggers are in the air.
    pub loggers: u8,
    /// How many samples each has recorded.
    pub samples: u32,
    /// How many of its thousand notifications a second a logger sends at once; too many get lost.
    pub burst: u32,
    /// After how many notifications the first connection is lost, for a while.
    pub vanish_after: Option<u32>,
    /// What happens once the client has printed so many lines.
    pub fault: Option<(usize, Fault)>,
    /// The program that uses Bluetooth, with its arguments.
    pub client: Vec<OsString>,
    /// How long the whole may take on the host.
    pub limit: Duration,
}

impl Scenario {
    /// One logger at a real one's pace, and nothing that goes wrong.
    pub fn of(samples: u32, client: &[&str]) -> Self {
        Self {
            loggers: 1,
            samples,
            burst: 10,
            vanish_after: None,
            fault: None,
            client: client.iter().map(OsString::from).collect(),
            limit: Duration::from_secs(240),
        }
    }
}

/// A write that reached a logger, and when.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The guest's time in milliseconds since 1970.
    pub at: i64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What a run has left behind.
#[derive(Debug)]
pub struct Told {
    /// The client's exit code.
    pub code: i32,
    /// Each line that the client printed.
    pub lines: Vec<Value>,
    /// What the client said on standard error.
    pub errors: String,
    /// Each write that reached a logger.
    pub asked: Vec<Asked>,
    /// What the virtual radio saw happen.
    pub radio: String,
    /// How long it took in the guest.
    pub guest: Duration,
    /// How long it took on the host.
    pub host: Duration,
}

impl Rig {
    /// The prepared rig, or none: then the test has nothing to run on, and says so.
    pub fn find() -> Option<Self> {
        let path = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_file());
        let found = Self { kernel: path("FIRN_RIG_KERNEL")?, python: path("FIRN_RIG_PYTHON")? };
        Some(found)
    }

    /// Boots the guest, runs the scenario, and takes what it left.
    ///
    /// # Panics
    /// When the guest does not come to the scenario's end, with what it printed until then.
    pub fn run(&self, scenario: &Scenario) -> Told {
        let folder = tempfile::tempdir().expect("a folder for the guest");
        write(folder.path(), scenario);
        let ended = guest::boot(self, folder.path(), scenario.limit);
        read(folder.path(), &ended)
    }
}

/// Puts the scenario where the guest looks for it.
fn write(job: &Path, scenario: &Scenario) {
    let put = |name: &str, text: String| fs::write(job.join(name), text).expect("a file for the guest");
    let mut radio = vec![format!("--burst {}", scenario.burst)];
    radio.extend(scenario.vanish_after.map(|count| format!("--vanish-after {count}")));
    let program = program("virtual-loggers");
    let (count, samples) = (scenario.loggers, scenario.samples);
    radio.push(format!("-- {} {count} {samples} /run/job/journal", program.display()));
    put("radio", radio.join("\n"));
    let client: Vec<String> = scenario.client.iter().map(|word| quoted(&word.to_string_lossy())).collect();
    put("client", format!("export FIRN_HOME=/run/home\nexec {}\n", client.join(" ")));
    put("bus.conf", crate::virtual_bluez::bus_configuration("/run/bus"));
    if let Some((lines, fault)) = scenario.fault {
        put("fault-after", lines.to_string());
        put("fault", format!("{}\n", fault.script()));
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A program of this package, built beside the test that runs.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.ancestors().nth(2).expect("the folder of the programs under test");
    folder.join(name)
}

fn read(job: &Path, ended: &guest::Ended) -> Told {
    let text = |name: &str| fs::read_to_string(job.join(name)).unwrap_or_default();
    let code = text("exit-code").trim().parse().unwrap_or(-1);
    assert!(
        (0..125).contains(&code),
        "the guest did not come to its end ({code})\n{}\n--- radio\n{}\n--- bluetoothd\n{}\n--- client\n{}",
        ended.console,
        text("radio.log"),
        text("bluetoothd.log"),
        text("errors"),
    );
    let lines =
        text("output").lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    Told {
        code,
        lines,
        errors: text("errors"),
        asked: text("journal").lines().map(asked).collect(),
        radio: text("radio.log"),
        guest: ended.guest,
        host: ended.host,
    }
}

fn asked(line: &str) -> Asked {
    let (at, bytes) = line.split_once(' ').expect("a time and bytes");
    Asked {
        at: at.parse().expect("a time"),
        bytes: data_encoding::HEXLOWER.decode(bytes.as_bytes()).expect("hexadecimal"),
    }
}
