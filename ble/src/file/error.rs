//! Why a logger's file is refused: a stable code, the line, a cause and a next step.

use super::readings_csv::ReadingsCsvError;
use super::text::{LARGEST_FILE, LONGEST_LINE, MOST_READINGS};

/// Why a file gives no readings; lines count from one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file is larger than any logger's memory.
    #[error("the file has more than {LARGEST_FILE} bytes")]
    TooLarge,
    /// A line is longer than any logger writes.
    #[error("line {line}: longer than {LONGEST_LINE} bytes")]
    LineTooLong {
        /// Where.
        line: u32,
    },
    /// There are more readings than can be meant.
    #[error("line {line}: more than {MOST_READINGS} readings")]
    TooManyReadings {
        /// Where.
        line: u32,
    },
    /// The bytes are no text.
    #[error("no text: {cause}")]
    NotText {
        /// What was met.
        cause: &'static str,
    },
    /// A line has another form than its file's.
    #[error("line {line}: {cause}")]
    Line {
        /// Where.
        line: u32,
        /// What is wrong with it.
        cause: String,
    },
    /// No line of the file names the columns that were asked for.
    #[error("no line names the column `{column}`; the first line names: {found}")]
    Column {
        /// The column.
        column: String,
        /// What stands in the first line.
        found: String,
    },
    /// The header does not say whether its temperatures are °C or °F.
    #[error("line {line}: it is not certain whether the column `{column}` is in °C or in °F")]
    UnitUnknown {
        /// Where.
        line: u32,
        /// The column.
        column: String,
    },
    /// The header says another unit than the person who named the column.
    #[error("line {line}: the column `{column}` names another unit than --unit")]
    UnitContradicted {
        /// Where.
        line: u32,
        /// The column.
        column: String,
    },
    /// Two columns have the name that was asked for.
    #[error("line {line}: several columns are called `{column}`")]
    ColumnTwice {
        /// Where.
        line: u32,
        /// The column.
        column: String,
    },
    /// Times are read by a 12-hour clock, and nothing says which half of the day.
    #[error("the format `{format}` reads a 12-hour clock without am or pm, so that each time may be either")]
    HalfOfDay {
        /// The format.
        format: String,
    },
    /// A time cannot be read.
    #[error("line {line}: `{text}` is no time that exists and can be read here")]
    Time {
        /// Where.
        line: u32,
        /// What stands there.
        text: String,
    },
    /// A temperature or humidity cannot be read.
    #[error("line {line}: `{text}` is no {quantity} that a logger measures")]
    Value {
        /// Where.
        line: u32,
        /// What stands there.
        text: String,
        /// What should stand there.
        quantity: &'static str,
    },
    /// All dates of the file may have day, month and year in one order or another.
    #[error(
        "line {line}: the order of day, month and year in `{text}` is not certain, and no line decides it"
    )]
    DateOrder {
        /// Where.
        line: u32,
        /// What stands there.
        text: String,
        /// What a person can do: the formats that read every line, each with what it makes of the first.
        next_step: String,
    },
    /// A format was given for a file that writes its times in one form.
    #[error("the file writes its times as 2026-12-31 08:05, whatever --time-format says")]
    OwnForm,
    /// The times are local, and nothing says where.
    #[error("line {line}: the times are local, and the file does not say in which zone")]
    ZoneNeeded {
        /// The first such line.
        line: u32,
    },
    /// A zone has no such name.
    #[error("`{name}` is no time zone")]
    ZoneUnknown {
        /// What was given.
        name: String,
    },
    /// A row names a zone, and a zone has no such name.
    #[error("line {line}: `{name}` is no time zone")]
    ZoneOfRow {
        /// Where.
        line: u32,
        /// What stands there.
        name: String,
    },
    /// The clocks were put forward over this local time.
    #[error("line {line}: {text} did not exist in {zone}: the clocks were put forward over it")]
    TimeInGap {
        /// Where.
        line: u32,
        /// The local time.
        text: String,
        /// The zone.
        zone: String,
    },
    /// The clocks were put back, so that this local time came twice.
    #[error("line {line}: {text} came twice in {zone}: the clocks were put back, and no row decides which")]
    TimeAmbiguous {
        /// Where.
        line: u32,
        /// The local time.
        text: String,
        /// The zone.
        zone: String,
    },
    /// The table with `time` and `temperature_c` is not sound.
    #[error(transparent)]
    Csv(#[from] ReadingsCsvError),
}

impl FileError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "file/too-large",
            Self::LineTooLong { .. } => "file/line-too-long",
            Self::TooManyReadings { .. } => "file/too-many-readings",
            Self::NotText { .. } => "file/not-text",
            Self::Line { .. } => "file/malformed-line",
            Self::Column { .. } => "file/missing-column",
            Self::ColumnTwice { .. } => "file/ambiguous-column",
            Self::HalfOfDay { .. } => "file/am-pm",
            Self::UnitUnknown { .. } => "file/unit-unknown",
            Self::UnitContradicted { .. } => "file/unit-contradicted",
            Self::Time { .. } | Self::OwnForm => "file/bad-time",
            Self::Value { .. } => "file/bad-value",
            Self::DateOrder { .. } => "file/date-order",
            Self::ZoneNeeded { .. } => "file/zone-needed",
            Self::ZoneUnknown { .. } | Self::ZoneOfRow { .. } => "file/zone-unknown",
            Self::TimeInGap { .. } => "file/time-in-gap",
            Self::TimeAmbiguous { .. } => "file/time-ambiguous",
            Self::Csv(error) => error.code(),
        }
    }

    /// What a person can do about it.
    pub fn next_step(&self) -> &str {
        match self {
            Self::TooLarge | Self::TooManyReadings { .. } => "export a shorter time, in several files",
            Self::LineTooLong { .. } | Self::NotText { .. } => {
                "check that it is the logger's text or CSV file, not its PDF or a spreadsheet"
            }
            Self::Line { .. } => "fetch the file from the logger or the app again",
            Self::Value { .. } => {
                "where nothing was measured leave the cell empty in a copy, else fetch the file from the logger or the \
                 app again; nothing of this file was taken"
            }
            Self::Column { .. } => {
                "name the columns as the file writes them, its delimiter, and with --unit f its unit where it is not °C"
            }
            Self::ColumnTwice { .. } => {
                "give each of them a name of its own in a copy of the file, so that it is certain which one is meant"
            }
            Self::HalfOfDay { .. } => {
                "add %p where the file says am or pm, or write %H where its clock has 24 hours; a file that lost its \
                 am and pm has to be exported again"
            }
            Self::UnitUnknown { .. } => "export again with the unit, or name the columns and --unit",
            Self::UnitContradicted { .. } => {
                "leave --unit out where the column's name is right, else put the name right in the file"
            }
            Self::DateOrder { next_step, .. } => next_step,
            Self::OwnForm => "leave --time-format out",
            Self::Time { .. } => {
                "say how the times are written, such as --time-format \"%d/%m/%Y %H:%M\", or %y where the year has two \
                 digits"
            }
            Self::ZoneNeeded { .. } | Self::ZoneUnknown { .. } => {
                "say where the clock stood: --zone Europe/Paris, or an offset such as --zone +01:00 or Z"
            }
            Self::ZoneOfRow { .. } => {
                "write it into --time-format as it stands in place of %Q, and say where the clock stood: --zone \
                 Europe/Paris, or an offset such as --zone +01:00 or Z"
            }
            Self::TimeInGap { .. } => {
                "the logger's clock did not follow that zone: give its fixed offset, such as --zone +01:00; where \
                 --time-format reads the zone by %Q write its name there instead"
            }
            Self::TimeAmbiguous { .. } => {
                "give the logger's fixed offset, such as --zone +02:00; where --time-format reads the zone by %Q write \
                 its name there instead"
            }
            Self::Csv(error) => error.next_step(),
        }
    }
}
