//! Names each step of a long task and tells at the end how long each took.
use std::time::{Duration, Instant};

use crate::error::Error;

/// The steps taken so far, in order.
#[derive(Debug, Default)]
pub struct Steps {
    taken: Vec<(String, Duration)>,
}

impl Steps {
    /// Runs a task of several steps and prints their times, also when one of them fails.
    pub fn timed(task: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let mut steps = Self::default();
        let outcome = task(&mut steps);
        println!("\n{}", steps.table());
        outcome
    }

    /// Takes one step.
    pub fn take(&mut self, name: &str, step: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
        println!("\n== {name}");
        #[expect(clippy::disallowed_methods, reason = "the time a step takes is what this module is for")]
        let begin = Instant::now();
        let outcome = step();
        let mark = if outcome.is_ok() { "" } else { " (failed)" };
        self.taken.push((format!("{name}{mark}"), begin.elapsed()));
        outcome
    }

    fn table(&self) -> String {
        let total: Duration = self.taken.iter().map(|(_, time)| *time).sum();
        let rows = self.taken.iter().map(|(name, time)| (name.as_str(), *time));
        rows.chain([("in all", total)])
            .map(|(name, time)| format!("{:>8.1} s  {name}", time.as_secs_f64()))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_every_step_and_their_sum() {
        let taken = vec![
            ("rustfmt".to_owned(), Duration::from_millis(1500)),
            ("clippy (failed)".to_owned(), Duration::from_secs(60)),
        ];
        let table = Steps { taken }.table();
        assert_eq!(table, "     1.5 s  rustfmt\n    60.0 s  clippy (failed)\n    61.5 s  in all");
    }

    #[test]
    fn a_failed_step_is_kept_and_ends_the_task() {
        let mut steps = Steps::default();
        let outcome = steps.take("setup", || Err(Error::Unclean("as made up".into())));
        assert!(outcome.is_err());
        assert!(steps.table().contains("setup (failed)"));
    }
}
