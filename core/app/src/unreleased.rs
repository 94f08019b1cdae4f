//! Why stock may not be released yet, each line, logger and reason by name.

use firn_model::assess::Reason;
use firn_model::authority;
use firn_model::shipment::{BarCause, LineBar};
use std::fmt;

/// What has to be settled before a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// The loggers that are unread, by their labels.
    pub unread: Vec<String>,
    /// The reasons that nobody has explained as they stand now.
    pub unexplained: Vec<Reason>,
    /// Nobody has looked into the excursion as it stands now.
    pub unreviewed: bool,
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<&str> = self.unexplained.iter().map(|reason| reason.code()).collect();
        let listed = |words: &str, names: &[&str]| {
            (!names.is_empty()).then(|| format!("{words} {}", names.join(", ")))
        };
        let unread: Vec<&str> = self.unread.iter().map(String::as_str).collect();
        let open = [
            listed("unread:", &unread),
            listed("unexplained:", &reasons),
            self.unreviewed.then(|| "nobody has looked into the excursion as it stands now".to_owned()),
        ];
        let open: Vec<String> = open.into_iter().flatten().collect();
        match open.is_empty() {
            // The device that decides holds more than who signs.
            true => f.write_str(crate::error::would_not_count(authority::Refusal::NotSettled)),
            false => f.write_str(&open.join("; ")),
        }
    }
}

/// Each barred line, from 1, with its cause.
pub(crate) fn barred(bars: &[LineBar]) -> String {
    let told = |bar: &LineBar| {
        let line = bar.line.saturating_add(1);
        match &bar.cause {
            BarCause::Expired => format!("line {line} is expired"),
            BarCause::Unanswered(who) => {
                format!("line {line}: {who} was asked about its lot and has not answered")
            }
            BarCause::Discard(who) => format!("line {line}: {who} says that its lot is to be discarded"),
        }
    };
    bars.iter().map(told).collect::<Vec<_>>().join("; ")
}

/// What to do about them.
pub(crate) fn after_bars(bars: &[LineBar]) -> &'static str {
    match bars.iter().any(|bar| matches!(bar.cause, BarCause::Unanswered(_))) {
        true => {
            "record each answer when it comes, or release the other lines in part: `--decision release-in-part`"
        }
        false => "release the other lines in part, `--decision release-in-part`, and reject these",
    }
}
