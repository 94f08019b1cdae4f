//! The `firn` command: the headless peer, the verifier, and every capability from a terminal.
//!
//! stdout carries the answer (JSON with `--json`), stderr the diagnostics. Exit status 0: done;
//! 1: checked and found wanting; 2: bad usage or input.
#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod failure;
mod item;
mod node;
mod opened;
mod output;
mod words;
mod written;

use arguments::{Arguments, Command};
use clap::Parser;
use failure::{Exit, Failure};
use output::Output;
use std::process::ExitCode;

fn main() -> ExitCode {
    survive_size_limits();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() && asks_for_json() => {
            let failure = Failure::arguments(&error);
            return ExitCode::from(Output::new(true).finish(Err(failure)) as u8);
        }
        Err(error) => error.exit(),
    };
    let mut output = Output::new(arguments.global.json);
    let result = run(&arguments, &mut output);
    ExitCode::from(output.finish(result) as u8)
}

/// Whether the answer is to be JSON, where the arguments themselves cannot be read.
fn asks_for_json() -> bool {
    std::env::args_os().skip(1).take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// Makes a write past a limit on file sizes (RLIMIT_FSIZE) an error of that write, not the end of the
/// process: SIGXFSZ ends it unless it is handled.
fn survive_size_limits() {
    #[cfg(unix)]
    if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default()) {
        eprintln!("firn: a limit on file sizes would end this command: {error}");
    }
}

fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    use commands::{
        assess, carry, decode, demo, doctor, evidence, gs1, home, import, ingest, listen, log, observe,
        peers, person, policy, profile, radio, replay, root, shipment, tasks, vault,
    };
    let global = &arguments.global;
    match &arguments.command {
        Command::Decode { keys } => decode::run(output, keys.as_deref()),
        Command::Replay { device } => replay::run(output, device),
        Command::Import(arguments) => import::run(output, global, arguments),
        Command::Assess(arguments) => assess::run(output, global, arguments),
        Command::Profile(command) => profile::run(output, global, command),
        Command::Gs1(arguments) => gs1::run(output, arguments),
        Command::Init(init) => home::init(output, global, init),
        Command::Id => home::id(output, global),
        Command::Backup { file, backup_passphrase_file } => {
            commands::backup::backup(output, global, file, backup_passphrase_file.as_deref())
        }
        Command::Restore { file, backup_passphrase_file } => {
            commands::backup::restore(output, global, file, backup_passphrase_file.as_deref())
        }
        Command::Home(command) => commands::own_log::home(output, global, command),
        Command::Logger(command) => home::logger(output, global, command),
        Command::Person(command) => person::run(output, global, command),
        Command::Shipment(steps) => shipment::run(output, global, steps),
        Command::Observe(observe) => observe::run(output, global, observe),
        Command::Tasks { at } => tasks::run(output, global, at.as_deref()),
        Command::Ingest(arguments) => ingest::run(output, global, arguments),
        Command::Listen { seconds, record } => listen::run(output, global, *seconds, *record),
        Command::Download(download) => radio::download(output, global, download),
        Command::Invite { role, listen, relay, minutes, root_passphrase_file, compare } => {
            let listen = peers::listen(*listen, relay.as_deref())?;
            let wanted = peers::Inviting { role: *role, listen, minutes: *minutes, compare: *compare };
            peers::invite(output, global, wanted, root_passphrase_file.as_deref())
        }
        Command::Join { invitation, device } => peers::join(output, global, invitation, device),
        Command::Sync(sync) => carry::sync(output, global, sync),
        Command::Node { listen, monitor, lan, relay } => {
            node::run(output, global, peers::listen(*listen, relay.as_deref())?, *monitor, *lan)
        }
        Command::Export(export) => evidence::export(output, global, export),
        Command::Verify { file, organisation, photos } => {
            evidence::verify(output, global, file, organisation.as_deref(), photos)
        }
        Command::Demo { seed, start } => demo::run(output, global, *seed, start.as_deref()),
        Command::Doctor { seconds } => doctor::run(output, global, *seconds),
        Command::Device(device) => commands::device::run(output, global, device),
        Command::Partner(command) => commands::partner::run(output, global, command),
        Command::Root(command) => root::run(output, global, command),
        Command::Position(command) => vault::position(output, global, command),
        Command::Vault(command) => vault::run(output, global, command),
        Command::Policy(command) => policy::run(output, global, command),
        Command::Log(command) => log::run(output, global, command),
    }
}
