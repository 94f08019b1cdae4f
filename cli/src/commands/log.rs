//! `firn log`: the chain of signed entries, shown and verified.

use crate::arguments::{Global, Log};
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use crate::words::{counted, visible};
use firn_app::{EntryHistory, ListFault, LogEntry};
use firn_ledger::store::Ahead;
use firn_model::time::UtcMillis;
use serde::Serialize;

/// How the logs stand.
#[derive(Serialize)]
struct Verified {
    ok: bool,
    logs: Vec<LogLine>,
    first_bad: Option<BadLine>,
    /// Entries that name more of another log than is held.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ahead: Vec<AheadLine>,
    /// What differs between the lists and what the entries give.
    #[serde(skip_serializing_if = "Option::is_none")]
    lists: Option<Lists>,
    /// What of the store itself is damaged, where it cannot be read on.
    #[serde(skip_serializing_if = "Option::is_none")]
    damaged: Option<Damaged>,
}

/// Damage outside the entries: a list, an index, the state.
#[derive(Serialize)]
struct Damaged {
    code: String,
    what: String,
    next_step: &'static str,
}

/// Documents of lists that the entries do not give as they are.
#[derive(Serialize)]
struct Lists {
    code: &'static str,
    differ: Vec<ListFault>,
    next_step: &'static str,
}

/// Every entry is as it was signed; the lists tell otherwise of them.
const LIST_DIFFERS: &str = "store/list";
const REBUILD: &str = "run `firn log rebuild`: the lists are made anew from the signed entries; where they differ again \
                       without an update of Firn, somebody edits the files of this home";

const AFTER_DAMAGE: &str = "keep a copy of the folder; restore a backup, or found a new home, join anew and sync: \
                            what other devices hold comes back";

#[derive(Serialize)]
struct LogLine {
    log: String,
    size: u64,
}

#[derive(Serialize)]
struct BadLine {
    log: String,
    sequence: u64,
    code: &'static str,
}

#[derive(Serialize)]
struct AheadLine {
    log: String,
    sequence: u64,
    names: String,
    size: u64,
    held: u64,
}

/// Shows or verifies the logs; exit status 1 where an entry is not as it was signed.
pub fn run(output: &mut Output, global: &Global, command: &Log) -> Result<Exit, Failure> {
    match command {
        Log::Show { log: Some(log), note: true } => note(output, global, log),
        Log::Show { log, .. } => show(output, global, log.as_deref()),
        Log::Verify { deep } => verify(output, global, *deep),
        Log::Rebuild => rebuild(output, global),
    }
}

fn show(output: &mut Output, global: &Global, log: Option<&str>) -> Result<Exit, Failure> {
    let app = opened::to_read(global)?;
    let entries = opened::wait(app.log_entries(log))??;
    output.answer(&entries, || {
        let line = |entry: &LogEntry| {
            let about = entry.shipment.map(|id| format!("  {id}")).unwrap_or_default();
            let short = entry.log.get(..12).unwrap_or(&entry.log);
            let by = entry.person.as_ref().map(|name| format!("  by {}", visible(name))).unwrap_or_default();
            let waits = if entry.standing.is_enrolled() { "" } else { "  (provisional)" };
            let seen = entry
                .seen
                .iter()
                .map(|seen| format!("  seen by {} {}", visible(&seen.device), shown(seen.at)));
            let seen: String = seen.collect();
            let forked = entry.history.map(forked).unwrap_or_default();
            let leads_to =
                entry.leads_to.iter().map(|head| format!("  leads to head {head}")).collect::<String>();
            let disputed = entry.disputed.map(disputed).unwrap_or_default();
            let (number, at, what) = (entry.sequence, entry.at, &entry.what);
            format!("{short} {number:>5}  {at}  {what}{about}{by}{waits}{seen}{forked}{leads_to}{disputed}\n")
        };
        entries.iter().map(line).collect()
    })?;
    Ok(Exit::Success)
}

/// When a witness had seen something, by its own clock.
fn shown(at: UtcMillis) -> String {
    at.to_rfc3339_if_any().unwrap_or_else(|| "at a time outside the calendar".to_owned())
}

fn disputed(lost: UtcMillis) -> String {
    format!("  DISPUTED: its device was revoked, lost {lost}; not counted unless somebody upholds it")
}

/// What there is to say of an entry whose log has two histories.
fn forked(history: EntryHistory) -> &'static str {
    match history {
        EntryHistory::Undecided => "  FORKED: its log has two histories",
        EntryHistory::Holds => "  (FORKED, and this is the history that holds)",
        EntryHistory::Awaited => "  FORKED: the history that holds is still to come; sync with who has it",
        EntryHistory::Aside => "  (FORKED, and of the history that does not hold: kept, not counted)",
    }
}

/// The store is damaged where no entry stands: that is an answer, too.
fn damaged(output: &mut Output, failure: Failure) -> Result<Exit, Failure> {
    let damaged = Damaged { code: failure.code, what: failure.cause, next_step: AFTER_DAMAGE };
    let words = format!("{} [{}]\n  next: {AFTER_DAMAGE}", damaged.what, damaged.code);
    let (logs, ahead) = (Vec::new(), Vec::new());
    let verified = Verified { ok: false, logs, first_bad: None, ahead, lists: None, damaged: Some(damaged) };
    output.answer(&verified, || words)?;
    Ok(Exit::Wanting)
}

fn ahead(one: &Ahead) -> AheadLine {
    AheadLine {
        log: one.log.to_string(),
        sequence: one.sequence,
        names: one.names.log.to_string(),
        size: one.names.size,
        held: one.held,
    }
}

/// Makes the lists anew; nothing signed is read from them or changed.
fn rebuild(output: &mut Output, global: &Global) -> Result<Exit, Failure> {
    opened::wait(opened::to_write(global)?.rebuild_lists())??;
    output.answer(&serde_json::json!({ "ok": true }), || {
        "the lists are made anew from the entries".to_owned()
    })?;
    Ok(Exit::Success)
}

/// What an auditor's own tool for signed notes reads.
fn note(output: &mut Output, global: &Global, log: &str) -> Result<Exit, Failure> {
    let app = opened::to_read(global)?;
    let note = opened::wait(app.log_note(log))??;
    output.answer(&serde_json::json!({ "ok": true, "note": note }), || note.trim_end().to_owned())?;
    Ok(Exit::Success)
}

fn verify(output: &mut Output, global: &Global, deep: bool) -> Result<Exit, Failure> {
    let app = opened::to_read(global)?;
    let verified = || {
        let report = opened::wait(app.verify_logs(deep))??;
        let compares = deep && report.as_signed();
        let lists = if compares { opened::wait(app.list_faults())?? } else { Vec::new() };
        Ok::<_, Failure>((report, lists))
    };
    let (report, differ) = match verified() {
        Err(failure) if failure.code == "store/corrupt" => return damaged(output, failure),
        verified => verified?,
    };
    let lists = Lists { code: LIST_DIFFERS, differ, next_step: REBUILD };
    let lists = (!lists.differ.is_empty()).then_some(lists);
    let verified = Verified {
        damaged: None,
        ok: report.ok() && lists.is_none(),
        lists,
        logs: report.logs.iter().map(|log| LogLine { log: log.log.to_string(), size: log.size }).collect(),
        first_bad: report.first_bad().map(|bad| BadLine {
            log: bad.log.to_string(),
            sequence: bad.sequence,
            code: bad.fault.code(),
        }),
        ahead: report.ahead.iter().map(ahead).collect(),
    };
    output.answer(&verified, || {
        let mut words = String::new();
        for log in &verified.logs {
            words.push_str(&format!("{}  {}\n", log.log, counted(log.size, "entry", "entries")));
        }
        match report.first_bad() {
            None if deep => words.push_str("every link, body and batch holds, and every signature"),
            None => words.push_str("every link, body and batch holds, and the heads' signatures"),
            Some(bad) => words.push_str(&format!(
                "entry {} of log {} {}: {} [{}]",
                bad.sequence,
                bad.log,
                if report.as_signed() { "is as it was signed, and false" } else { "is not as it was signed" },
                bad.fault,
                bad.fault.code()
            )),
        }
        for one in &verified.ahead {
            words.push_str(&format!(
                "\nentry {} of log {} names {} of log {}, of which {} held here: sync; where it stays so on every \
                 device, they never were, and an admin revokes the device",
                one.sequence,
                one.log,
                counted(one.size, "entry", "entries"),
                one.names,
                if one.held == 1 { "1 is".to_owned() } else { format!("{} are", one.held) },
            ));
        }
        for one in verified.lists.iter().flat_map(|lists| &lists.differ) {
            words.push_str(&format!(
                "\nin the list {} the document {} is not what the entries give [{LIST_DIFFERS}]",
                one.list, one.key
            ));
        }
        if verified.lists.is_some() {
            words.push_str(&format!("\n  next: {REBUILD}"));
        }
        words
    })?;
    Ok(if verified.ok { Exit::Success } else { Exit::Wanting })
}
