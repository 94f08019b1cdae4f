//! `firn root`: the recovery sheet of the organisation's root key, and restoring the key from it.

use crate::arguments::{Global, Root};
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use firn_host::{RecoverySheet, Share};
use firn_model::api::Organisation;
use serde_json::json;
use std::io::{BufRead, IsTerminal};
use std::path::Path;

pub fn run(output: &mut Output, global: &Global, command: &Root) -> Result<Exit, Failure> {
    match command {
        Root::Shares { root_passphrase_file } => shares(output, global, root_passphrase_file.as_deref()),
        Root::Restore { shares, root_passphrase_file } => {
            restore(output, global, shares, root_passphrase_file.as_deref())
        }
    }
}

fn shares(output: &mut Output, global: &Global, passphrase: Option<&Path>) -> Result<Exit, Failure> {
    let app = opened::to_read(global)?;
    let who = opened::wait(app.organisation())??;
    let passphrase = opened::passphrase_of_root(global, passphrase)?;
    let sheet = firn_host::recovery_sheet(app.host().path(), &passphrase)?;
    let share = |share: &Share| json!({ "number": share.number, "rows": *share.rows() });
    let answer = json!({
        "ok": true,
        "organisation": who.name,
        "fingerprint": who.fingerprint,
        "sheet": sheet.name(),
        "shares": sheet.shares.iter().map(share).collect::<Vec<_>>(),
    });
    output.answer(&answer, || in_words(&who, &sheet))?;
    Ok(Exit::Success)
}

/// The sheet as it is printed: cut apart along the dashes, one share for each place.
fn in_words(who: &Organisation, sheet: &RecoverySheet) -> String {
    let mut text = String::from(
        "Print this, cut it along the dashed lines and keep the three shares in three places. Any two of them\n\
         restore the organisation's root key; one alone tells nothing. Whoever has two can name admins.\n\n",
    );
    for share in &sheet.shares {
        text.push_str(&format!(
            "- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -\n\
             Firn recovery sheet {}: share {} of 3\n\
             organisation  {}\n\
             fingerprint   {}\n\n",
            sheet.name(),
            share.number,
            who.name,
            who.fingerprint,
        ));
        for (row, letters) in share.rows().iter().enumerate() {
            text.push_str(&format!("    {}   {letters}\n", row + 1));
        }
        text.push_str(
            "\nTo restore: firn root restore, then type the rows of two shares without their numbers.\n",
        );
    }
    text.push_str("- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -\n");
    text
}

fn restore(
    output: &mut Output,
    global: &Global,
    shares: &[String],
    passphrase: Option<&Path>,
) -> Result<Exit, Failure> {
    let path = opened::folder(global)?;
    let app = opened::to_read(global)?;
    let who = opened::wait(app.organisation())??;
    drop(app);
    let typed;
    let shares = match shares {
        [first, second] => [first.as_str(), second.as_str()],
        _ => {
            typed = [typed_share("first")?, typed_share("second")?];
            [typed[0].as_str(), typed[1].as_str()]
        }
    };
    let sealing = opened::sealing_of_root(global, passphrase)?;
    firn_host::restore_root(&path, shares, &sealing.passphrase, sealing.cost)?;
    let answer = json!({ "ok": true, "organisation": who.name, "fingerprint": who.fingerprint });
    output.answer(&answer, || {
        format!("the root key of {} is back in this home, under its new passphrase", who.name)
    })?;
    Ok(Exit::Success)
}

/// Reads one share from standard input, up to an empty line after it.
fn typed_share(which: &str) -> Result<String, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprintln!("Type the six rows of the {which} share, then an empty line:");
    }
    let mut text = String::new();
    for line in stdin.lock().lines() {
        let line = line.map_err(|error| Failure::stream(&error))?;
        match (line.trim().is_empty(), text.is_empty()) {
            (true, true) => {}
            (true, false) => break,
            (false, _) => text.push_str(&line),
        }
    }
    Ok(text)
}
