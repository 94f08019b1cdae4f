//! What a logger is warned of: that it measures too seldom or too coarsely for vaccines.

use crate::record::Logger;
use serde::Serialize;

/// The longest logging interval in seconds, and the largest permissible error in milli-degrees, that CDC asks of a
/// vaccine's logger (Vaccine Storage and Handling Toolkit, digital data loggers: at least every 30 minutes, ±0.5 °C).
const CDC_INTERVAL_S: u32 = 1800;
const CDC_ACCURACY_MC: u32 = 500;

/// Something to think over before a logger travels; it is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoggerWarning {
    /// It measures too seldom.
    #[error(
        "an interval of {interval_s} s is longer than the 30 minutes that CDC asks of a vaccine's logger"
    )]
    LongInterval {
        /// Its interval.
        interval_s: u32,
    },
    /// It measures too coarsely.
    #[error(
        "an accuracy of {accuracy_mc} thousandths of a °C is worse than the ±0.5 °C that CDC asks of a vaccine's logger"
    )]
    Inaccurate {
        /// Its largest permissible error.
        accuracy_mc: u32,
    },
}

/// A warning in JSON: its code, and what is so in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggerWarningView {
    /// The stable code.
    pub code: &'static str,
    /// What is so.
    pub why: String,
}

impl LoggerWarning {
    /// What to think over about a logger as it is known.
    pub fn of(logger: &Logger) -> Vec<Self> {
        let long = logger.interval_s.filter(|interval_s| *interval_s > CDC_INTERVAL_S);
        let coarse = logger.accuracy_mc.filter(|accuracy_mc| *accuracy_mc > CDC_ACCURACY_MC);
        let long = long.map(|interval_s| Self::LongInterval { interval_s });
        long.into_iter().chain(coarse.map(|accuracy_mc| Self::Inaccurate { accuracy_mc })).collect()
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::LongInterval { .. } => "logger/long-interval",
            Self::Inaccurate { .. } => "logger/inaccurate",
        }
    }

    /// The JSON shape.
    pub fn view(self) -> LoggerWarningView {
        LoggerWarningView { code: self.code(), why: self.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;

    #[test]
    fn a_logger_slower_than_half_an_hour_or_worse_than_half_a_degree_is_warned_of() {
        let codes = |interval_s, accuracy_mc| -> Vec<&str> {
            let logger = Logger {
                id: Id([1; 16]),
                family: "file".into(),
                label: "Box 7".into(),
                address: None,
                serial: None,
                interval_s,
                accuracy_mc,
                certificate: None,
                offset_mc: None,
            };
            LoggerWarning::of(&logger).into_iter().map(LoggerWarning::code).collect()
        };
        assert!(codes(None, None).is_empty() && codes(Some(1800), Some(500)).is_empty());
        assert_eq!(codes(Some(1801), None), ["logger/long-interval"]);
        assert_eq!(codes(Some(3600), Some(501)), ["logger/long-interval", "logger/inaccurate"]);
    }
}
