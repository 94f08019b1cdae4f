//! `firn tasks`: what people have to do, the gravest first.

use crate::arguments::Global;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::written::instant_if;
use crate::{opened, words};

/// Prints the queue as it stands at an instant, or now.
pub fn run(output: &mut Output, global: &Global, at: Option<&str>) -> Result<Exit, Failure> {
    let at = instant_if(at)?;
    let app = opened::to_read(global)?;
    let tasks = opened::wait(app.tasks(at))??;
    output.answer(&tasks, || match tasks.is_empty() {
        true => "nothing to do".into(),
        false => tasks.iter().map(words::task).collect(),
    })?;
    Ok(Exit::Success)
}
