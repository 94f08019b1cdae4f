//! p2panda-store, asked for one append at a time: a program of its own, for it brings an SQLite that cannot be in this one.
//!
//! `cargo xtask bench` builds it and names it. It times each append itself, so that asking is not counted.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// How an append finds the head that it follows.
#[derive(Clone, Copy)]
pub enum Head {
    /// Looked up in the transaction, as the store's documentation has it.
    LookedUp,
    /// Kept by the caller since the last append.
    AtHand,
}

/// The program while it runs; it ends when nobody can ask it any more.
pub struct Panda {
    child: Child,
    asked: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Panda {
    /// With new logs in this folder; nothing where the program was not built.
    pub fn start(folder: &Path) -> Option<Self> {
        let program = std::env::var_os("FIRN_PANDA_STORE").filter(|path| !path.is_empty())?;
        std::fs::create_dir_all(folder).expect("a folder");
        let (input, output) = (Stdio::piped(), Stdio::piped());
        let child = Command::new(program).arg(folder).stdin(input).stdout(output).spawn();
        let mut child = child.expect("the program of p2panda-store");
        let asked = child.stdin.take().expect("its input");
        let answers = BufReader::new(child.stdout.take().expect("its output"));
        let mut panda = Self { child, asked, answers };
        assert_eq!(panda.answer(), "ready", "p2panda-store has made its logs");
        Some(panda)
    }

    /// The time of one durable append.
    pub fn append(&mut self, head: Head) -> Duration {
        let way = match head {
            Head::LookedUp => "documented",
            Head::AtHand => "at hand",
        };
        writeln!(self.asked, "{way}").expect("a program that is asked");
        Duration::from_nanos(self.answer().parse().expect("nanoseconds"))
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer");
        line.trim_end().to_owned()
    }

    /// Ends it, once it has found everything in its logs that it appended.
    pub fn finish(self) {
        let Self { mut child, asked, .. } = self;
        drop(asked);
        assert!(child.wait().expect("an end").success(), "p2panda-store keeps what was appended");
    }
}
