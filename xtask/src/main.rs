//! `cargo xtask`: set-up, build, run, test, lint and ci, one command each.

mod apt;
mod bench;
mod ci;
mod error;
mod fuzz;
mod lint;
mod machine;
mod needs;
mod page;
mod process;
mod python;
mod relay;
mod rig;
mod run;
mod same_bits;
mod setup;
mod steps;
mod test;
mod tree;
mod wasm;

use std::{process::ExitCode, time::Duration};

use error::Error;
use needs::Need;
use setup::Consent;
use steps::Steps;
use tree::Tree;

const USAGE: &str = "\
cargo xtask setup [--yes] [--check]   install what this machine lacks (asks before it uses sudo)
cargo xtask run [--headless-demo]     set up, build and open the app; without a display, `firn demo`
cargo xtask build-ui                  compile the page to wasm, into ui/dist
cargo xtask test [--yes] [--long]     set up, then every test; --long adds the ones marked as long
cargo xtask fuzz [--seconds N | --runs N] [GROUP]   hostile bytes for every parser, or for one group
cargo xtask rig [--yes]               the real Bluetooth stack in a guest, with virtual loggers
cargo xtask relay [--yes]             syncs through a relay of one's own, built from its makers' crate
cargo xtask bench                     speed against limits and peers, in one table
cargo xtask lint                      rustfmt, clippy, rustdoc, cargo-deny
cargo xtask ci [--long]               lint and test, with the time of each step";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Tree::find().and_then(|tree| dispatch(&tree, &arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{}: {error}", error.code());
            eprintln!("{}", error.next_step());
            ExitCode::FAILURE
        }
    }
}

fn dispatch(tree: &Tree, arguments: &[String]) -> Result<(), Error> {
    let Some((command, flags)) = arguments.split_first() else {
        println!("{USAGE}");
        return Ok(());
    };
    let flags = Flags::parse(command, flags)?;
    match command.as_str() {
        "setup" if flags.check => setup::check(tree, Need::ALL),
        "setup" => setup::install(tree, Need::ALL, flags.consent()),
        "run" => run::open(tree, flags.headless_demo),
        "build-ui" => {
            setup::install(tree, &[Need::Compiler, Need::Wasm], flags.consent())?;
            page::build(tree)
        }
        "test" => Steps::timed(|steps| test::all(tree, steps, flags.consent(), flags.lane())),
        "rig" => Steps::timed(|steps| rig::all(tree, steps, flags.consent())),
        "relay" => Steps::timed(|steps| relay::all(tree, steps, flags.consent())),
        "bench" => bench::run(tree),
        "fuzz" => Steps::timed(|steps| fuzz::all(tree, steps, flags.amount, flags.group.as_deref())),
        "lint" => Steps::timed(|steps| lint::all(tree, steps)),
        "ci" => Steps::timed(|steps| ci::all(tree, steps, flags.lane())),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(Error::Usage(format!("there is no command `{command}`"))),
    }
}

/// The flags of a command, as given.
#[derive(Debug, Default, PartialEq, Eq)]
struct Flags {
    yes: bool,
    check: bool,
    long: bool,
    headless_demo: bool,
    amount: fuzz::Amount,
    group: Option<String>,
}

impl Flags {
    fn parse(command: &str, given: &[String]) -> Result<Self, Error> {
        let mut flags = Self::default();
        let mut given = given.iter();
        while let Some(flag) = given.next() {
            match (command, flag.as_str()) {
                ("setup" | "test" | "build-ui" | "rig" | "relay", "--yes") => flags.yes = true,
                ("setup", "--check") => flags.check = true,
                ("test" | "ci", "--long") => flags.long = true,
                ("run", "--headless-demo") => flags.headless_demo = true,
                ("fuzz", "--seconds") => {
                    flags.amount = fuzz::Amount::Time(Duration::from_secs(number(flag, given.next())?));
                }
                ("fuzz", "--runs") => flags.amount = fuzz::Amount::Runs(number(flag, given.next())?),
                ("fuzz", group) if !group.starts_with('-') => flags.group = Some(group.to_owned()),
                _ => return Err(Error::Usage(format!("`{command}` has no flag `{flag}`"))),
            }
        }
        Ok(flags)
    }

    fn consent(&self) -> Consent {
        if self.yes { Consent::Given } else { Consent::Ask }
    }

    fn lane(&self) -> test::Lane {
        if self.long { test::Lane::Long } else { test::Lane::Default }
    }
}

fn number(flag: &str, text: Option<&String>) -> Result<u64, Error> {
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or_else(|| Error::Usage(format!("`{flag}` wants a whole number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_flag_counts_only_for_the_command_that_has_it() {
        assert_eq!(Flags::parse("test", &words("--long")).unwrap().lane(), test::Lane::Long);
        assert!(matches!(Flags::parse("lint", &words("--long")), Err(Error::Usage(_))));
        assert!(matches!(Flags::parse("run", &words("--yes")), Err(Error::Usage(_))));
    }

    #[test]
    fn every_command_that_is_told_of_is_known() {
        for line in USAGE.lines() {
            let command = line.split_whitespace().nth(2).unwrap();
            assert!(
                ["setup", "run", "build-ui", "test", "fuzz", "rig", "relay", "bench", "lint", "ci"]
                    .contains(&command),
                "{command} is in the usage and nowhere else"
            );
        }
    }
}
