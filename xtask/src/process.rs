//! Runs other programs: shown or silent, with or without a limit of time.
use std::{
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::error::Error;

/// Runs the command in the open: prints it, lets it use the terminal, wants success.
pub fn run(command: &mut Command) -> Result<(), Error> {
    println!("$ {}", shown(command));
    let status = command.status().map_err(|cause| not_started(command, cause))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: shown(command), status: status.to_string() })
}

/// What the command prints, when it succeeds; its standard error goes to the terminal.
pub fn output(command: &mut Command) -> Result<String, Error> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|cause| not_started(command, cause))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Error::Failed { command: shown(command), status: output.status.to_string() })
}

/// Whether the command exists and succeeds, in silence.
pub fn succeeds(command: &mut Command) -> bool {
    silence(command).status().is_ok_and(|status| status.success())
}

/// Runs the command in silence and stops it when `limit` is over.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<(), Error> {
    const PAUSE: Duration = Duration::from_millis(100);
    let mut child = silence(command).spawn().map_err(|cause| not_started(command, cause))?;
    let mut waited = Duration::ZERO;
    loop {
        let state = child.try_wait().map_err(|cause| not_started(command, cause))?;
        match state {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                return Err(Error::Failed { command: shown(command), status: status.to_string() });
            }
            None if waited >= limit => break,
            None => thread::sleep(PAUSE),
        }
        waited = waited.saturating_add(PAUSE);
    }
    child.kill().and_then(|()| child.wait()).map_err(|cause| not_started(command, cause))?;
    Err(Error::TooSlow { command: shown(command), given: limit })
}

fn silence(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

fn not_started(command: &Command, cause: std::io::Error) -> Error {
    Error::NotStarted { program: command.get_program().to_string_lossy().into_owned(), cause }
}

/// The command as one could type it: the program's bare name, then its arguments.
fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let mut words = vec![name.into_owned()];
    words.extend(command.get_args().map(|word| quoted(&word.to_string_lossy())));
    words.join(" ")
}

fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains([' ', '"', '\'', '$']) {
        format!("'{}'", word.replace('\'', "'\\''"))
    } else {
        word.to_owned()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_how_it_ended() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c 'exit 3'` ended with exit status: 3");
    }

    #[test]
    fn a_command_past_its_time_is_stopped() {
        let error = run_within(Command::new("sleep").arg("60"), Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.code(), "xtask/too-slow");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("no-such-program-of-firn")).unwrap_err();
        assert_eq!(error.code(), "xtask/not-started");
        assert!(error.to_string().contains("no-such-program-of-firn"));
    }

    #[test]
    fn what_is_captured_is_what_was_printed() {
        assert_eq!(output(Command::new("echo").arg("eight degrees")).unwrap(), "eight degrees\n");
    }
}
