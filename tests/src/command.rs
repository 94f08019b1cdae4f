//! The `firn` command as its user runs it: a program, a home, and what it prints.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program: the one that `FIRN_BIN` names, else the one built beside this test.
///
/// # Panics
/// When neither is there: `cargo build -p firn-cli` makes it.
pub fn program() -> PathBuf {
    let name = format!("firn{}", std::env::consts::EXE_SUFFIX);
    let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join(&name));
    let program = std::env::var_os("FIRN_BIN").map(PathBuf::from).or_else(beside);
    program.filter(|path| path.is_file()).expect("no `firn` to test: run `cargo build -p firn-cli`")
}

/// A folder of one's own with a home in it, and the passphrase that opens it.
pub struct TestHome {
    folder: tempfile::TempDir,
    /// By how much its device's clock is wrong, as `faketime` writes it; nothing where it is right.
    clock: Option<String>,
}

impl TestHome {
    /// An organisation of one device, freshly founded.
    ///
    /// # Panics
    /// When `firn init` fails.
    pub fn found() -> Self {
        let home = Self::unmade();
        home.answer(&["init", "--organisation", "Nordvik Pharmacy", "--device", "Dock phone"]);
        home
    }

    /// The place for a home, without one.
    ///
    /// # Panics
    /// When the folder cannot be made.
    pub fn unmade() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("passphrase"), "correct horse battery staple\n").expect("a file");
        Self { folder, clock: None }
    }

    /// The same home in another folder, as a backup that was carried away or a cloned phone.
    ///
    /// # Panics
    /// When a file cannot be copied.
    pub fn copied(&self) -> Self {
        let copy = Self::unmade();
        copy_folder(&self.path(), &copy.path());
        copy
    }

    /// The home's folder.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A file beside the home.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// Sets the clock of the home's device wrong, by `-50m` say; [`clocks_can_be_wrong`] tells whether that is possible.
    pub fn set_clock_wrong(&mut self, by: &str) {
        self.clock = Some(by.to_owned());
    }

    /// Sets it right.
    pub fn set_clock_right(&mut self) {
        self.clock = None;
    }

    fn program(&self) -> Command {
        let Some(by) = &self.clock else { return Command::new(program()) };
        let mut command = Command::new("faketime");
        // What waits does so by the other clock, which is nobody's to set.
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
        command.args(["-f", by]).arg(program());
        command
    }

    /// The command on this home, its answer as JSON.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program();
        self.prepare(&mut command);
        command.args(arguments);
        command
    }

    /// Names this home and its secrets to any command.
    pub fn prepare(&self, command: &mut Command) {
        command
            .env_remove("FIRN_BIN")
            .env("FIRN_HOME", self.path())
            .env("FIRN_PASSPHRASE_FILE", self.folder.path().join("passphrase"))
            .arg("--json")
            .args(["--kdf-cost", "low"])
            .stdin(Stdio::null());
    }

    /// Runs to the end.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("firn starts")
    }

    /// The answer of a command that succeeds.
    ///
    /// # Panics
    /// When it does not, with what it said.
    pub fn answer(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        json(&output)
    }

    /// The code of a command that is refused with exit status 2.
    ///
    /// # Panics
    /// When it succeeds, or prints no code.
    pub fn refusal(&self, arguments: &[&str]) -> String {
        refusal(&self.run(arguments))
    }

    /// A new shipment of that reference, judged by a profile.
    ///
    /// # Panics
    /// When it is refused.
    pub fn shipment(&self, reference: &str, profile: &str) -> String {
        let answer = self.answer(&["shipment", "new", reference, "--profile", profile]);
        text(&answer, "shipment").to_owned()
    }
}

/// Whether a command can be run by a clock of its own here: `faketime` is installed.
pub fn clocks_can_be_wrong() -> bool {
    Command::new("faketime").args(["-f", "-1h", "true"]).status().is_ok_and(|status| status.success())
}

/// What a command printed on stdout, as JSON.
///
/// # Panics
/// When it is none.
pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
}

/// The code of a refusal, told on stdout with its cause and next step and on stderr in words.
///
/// # Panics
/// When it is no refusal.
pub fn refusal(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let answer = json(output);
    let code = text(&answer, "error").to_owned();
    assert!(!text(&answer, "why").is_empty() && !text(&answer, "next_step").is_empty(), "{answer}");
    assert!(said.contains(&code), "{said}");
    code
}

fn text<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer.get(field).and_then(Value::as_str).unwrap_or_else(|| panic!("no {field} in {answer}"))
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("a file");
        let (path, there) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy_folder(&path, &there),
            false => drop(std::fs::copy(&path, &there).expect("a copy")),
        }
    }
}
