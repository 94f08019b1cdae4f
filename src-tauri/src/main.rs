//! The desktop program: it opens the window and nothing else.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match firn_shell::open() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}\n{}", error.code(), error.next_step());
            ExitCode::FAILURE
        }
    }
}
