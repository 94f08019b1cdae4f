//! `firn tasks`: what people have to do, the gravest first.

use crate::arguments::Global;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::written::instant_if;
use crate::{opened, words};
use firn_model::id::Id;

/// Prints the queue as it stands at an instant, or now.
pub fn run(output: &mut Output, global: &Global, at: Option<&str>) -> Result<Exit, Failure> {
    let at = instant_if(at)?;
    let app = opened::to_read(global)?;
    let tasks = opened::wait(app.tasks(at))??;
    let loggers = opened::wait(app.loggers())??;
    let named = |id: Id| {
        let known = loggers.iter().find(|logger| logger.id == id);
        known.map_or_else(|| id.to_string(), |logger| words::visible(&logger.label))
    };
    output.answer(&tasks, || match tasks.is_empty() {
        true => "nothing to do".into(),
        false => tasks.iter().map(|task| words::task(task, &named)).collect(),
    })?;
    Ok(Exit::Success)
}
