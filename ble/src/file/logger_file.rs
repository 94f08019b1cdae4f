//! What a logger's file says, as data: readings, the device's own numbers, and how it was set.

use super::text::Line;
use super::zone::Zone;
use firn_model::profile::{
    ActivationEnergy, AlarmRule, Bound, KineticRule, Limits, Profile, ProfileError, Scale,
};
use firn_model::reading::{ClockQuality, Measurement, Provenance, Reading, Source};
use firn_model::time::{LocalInstant, UtcMillis, UtcOffset};
use firn_model::units::{ABSOLUTE_ZERO, MilliCelsius, RelativeHumidity};
use std::collections::BTreeMap;

/// Warmer than any logger measures: the upper limit where a device has none.
const NO_UPPER_LIMIT: MilliCelsius = MilliCelsius(1_000_000);
/// How much of a skipped line is shown.
const SHOWN: usize = 80;

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Berlinger Q-tag CLm doc: samples and results of one trip.
    QTag,
    /// Berlinger Fridge-tag 2 and 2 L: a summary of each day, and samples in the L.
    FridgeTag,
    /// The export of the Ruuvi apps.
    Ruuvi,
    /// The export of the Govee Home app.
    Govee,
    /// The export of the ThermoPro app.
    ThermoPro,
    /// A table with `time` and `temperature_c`.
    FirnCsv,
    /// A table whose columns were told.
    MappedCsv,
}

/// A logger's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggerFile {
    /// Whose file it is.
    pub format: FileFormat,
    /// What it says of the device.
    pub device: DeviceFacts,
    /// The zone that its local times were read in; absent where each row names its offset.
    pub zone: Option<Zone>,
    /// The readings in the order of their lines.
    pub rows: Vec<Row>,
    /// The logging interval in seconds, where the file tells it.
    pub interval_s: Option<u32>,
    /// How often the device measures, in seconds, where that is more often than it logs.
    pub measures_every_s: Option<u32>,
    /// The alarms that the device was set to.
    pub alarms: Vec<AlarmRule>,
    /// The activation energy of the device's own mean kinetic temperature.
    pub delta_h: Option<ActivationEnergy>,
    /// The device's own numbers over the whole time.
    pub reported: Reported,
    /// The device's own numbers of each day, oldest first.
    pub days: Vec<Day>,
    /// What stands in the file and is no reading.
    pub skipped: Vec<Skipped>,
    /// How many temperatures are written finer than a thousandth of a degree ([`MilliCelsius::measured`]).
    pub finer: usize,
    /// How many temperatures are whole with digits in the cell behind, where decimals were said to stand behind commas
    /// and the cells of the table do as well.
    pub maybe_split: usize,
    /// The columns of a table that nothing is taken from.
    pub not_taken: Vec<String>,
    /// Whether it carries a signature.
    pub signature: Signature,
}

/// What a file says of the device that wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceFacts {
    /// Who made it or its app.
    pub maker: Option<String>,
    /// The model, as the file names it.
    pub model: Option<String>,
    /// The serial number.
    pub serial: Option<String>,
    /// The firmware's version.
    pub firmware: Option<String>,
    /// The correction that the device was set to add.
    pub temperature_offset: Option<MilliCelsius>,
    /// Every other statement of its head, by its path.
    pub settings: BTreeMap<String, String>,
}

/// One reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its line, counted from one.
    pub line: u32,
    /// When, with the offset of its zone.
    pub time: LocalInstant,
    /// What the logger's clock showed, in milliseconds since 1970 there.
    pub wall_ms: i64,
    /// How warm it was.
    pub temperature: MilliCelsius,
    /// How humid it was.
    pub humidity: Option<RelativeHumidity>,
    /// What else it measured.
    pub beside: Measurement,
    /// Whether the device marked it as out of its limits, where it marks any.
    pub flagged: Option<bool>,
    /// The line's bytes.
    pub raw: Vec<u8>,
}

/// The device's own numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// The lowest temperature.
    pub min: Option<MilliCelsius>,
    /// When it was lowest; absent where the file does not say, or not so that it can be placed.
    pub min_at: Option<LocalInstant>,
    /// The highest temperature.
    pub max: Option<MilliCelsius>,
    /// When it was highest, likewise.
    pub max_at: Option<LocalInstant>,
    /// The mean.
    pub mean: Option<MilliCelsius>,
    /// The mean kinetic temperature.
    pub mkt: Option<MilliCelsius>,
    /// The alarms that it gave, by rule and time.
    pub alarms: Vec<AlarmEvent>,
}

/// One time that an alarm of the device went off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmEvent {
    /// The identifier of its rule.
    pub id: String,
    /// When it went off.
    pub triggered_at: LocalInstant,
    /// When the temperature went beyond the limit.
    pub begin: Option<LocalInstant>,
    /// When it came back; absent while it lasts, and where the file does not say.
    pub end: Option<LocalInstant>,
    /// How long it was beyond the limit.
    pub accumulated_s: Option<u32>,
    /// The temperature furthest beyond.
    pub extreme: Option<MilliCelsius>,
}

/// The device's own numbers of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The date, as the file writes it.
    pub date: String,
    /// The begin of the day and of the next, by the clock on the wall.
    pub wall_ms: (i64, i64),
    /// The lowest temperature and when.
    pub min: Option<(MilliCelsius, Option<LocalInstant>)>,
    /// The highest temperature and when.
    pub max: Option<(MilliCelsius, Option<LocalInstant>)>,
    /// The mean.
    pub mean: Option<MilliCelsius>,
    /// Each alarm of the device on this day.
    pub alarms: Vec<DayAlarm>,
    /// How long the sensor could not be read.
    pub sensor_timeout_s: u32,
    /// How many events the device counted.
    pub events: u32,
}

/// One alarm on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayAlarm {
    /// The identifier of its rule.
    pub id: String,
    /// How long the day was beyond the limit.
    pub accumulated_s: u32,
    /// When the alarm went off; the day's begin where it lasted from the day before.
    pub triggered_at: Option<LocalInstant>,
}

/// A line that gives no reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Where, counted from one.
    pub line: u32,
    /// Its beginning.
    pub text: String,
    /// Why it gives none.
    pub why: String,
}

/// Whether a file carries a signature. None of them is verified: how they are made is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// It does not.
    Absent,
    /// It does, and nobody has verified it.
    PresentNotVerified,
}

/// The offset in force at any instant of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offsets {
    /// That of a zone.
    Zone(Zone),
    /// Those of the rows, each from the row on at which it changed.
    Rows(Vec<(UtcMillis, UtcOffset)>),
}

impl Offsets {
    /// The offset at an instant; before the first row the first one's, `Z` without any.
    pub fn at(&self, at: UtcMillis) -> UtcOffset {
        match self {
            Self::Zone(zone) => zone.offset_at(at),
            Self::Rows(changes) => {
                let after = changes.partition_point(|(from, _)| *from <= at);
                changes.get(after.saturating_sub(1)).map_or(UtcOffset(0), |(_, offset)| *offset)
            }
        }
    }
}

impl FileFormat {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QTag => "berlinger-q-tag",
            Self::FridgeTag => "berlinger-fridge-tag",
            Self::Ruuvi => "ruuvi-csv",
            Self::Govee => "govee-csv",
            Self::ThermoPro => "thermopro-csv",
            Self::FirnCsv => "firn-csv",
            Self::MappedCsv => "mapped-csv",
        }
    }

    /// What the times of its readings rest on. A RuuviTag has no clock: its app counts back from the phone's.
    fn clock(self) -> ClockQuality {
        match self {
            Self::Ruuvi => ClockQuality::ComputedFromPhone,
            _ => ClockQuality::LoggerOwn,
        }
    }
}

impl Signature {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::PresentNotVerified => "present-not-verified",
        }
    }
}

impl Skipped {
    pub(super) fn new(line: &Line<'_>, why: &str) -> Self {
        let text = line.text.trim().chars().take(SHOWN).collect();
        Self { line: line.number, text, why: why.to_owned() }
    }
}

impl LoggerFile {
    /// The readings for a shipment, each with the bytes of its line.
    pub fn readings(&self, received: UtcMillis) -> Vec<Reading> {
        let reading = |row: &Row| Reading {
            time: row.time.at,
            clock: self.format.clock(),
            logger_time_ms: Some(row.wall_ms),
            received,
            source: Source::Import,
            provenance: Provenance::P0,
            measurement: Measurement {
                temperature: Some(row.temperature),
                humidity: row.humidity,
                ..row.beside.clone()
            },
            raw: row.raw.clone(),
        };
        self.rows.iter().map(reading).collect()
    }

    /// What was not taken as it stands in the file, in words.
    pub fn reservations(&self) -> Vec<String> {
        let finer = (self.finer > 0).then(|| {
            format!(
                "written finer than a thousandth of a degree: {} temperature{}, each taken to the next thousandth, \
                 none onto a hundredth that it does not have",
                self.finer,
                if self.finer == 1 { "" } else { "s" }
            )
        });
        let split = (self.maybe_split > 0).then(|| {
            format!(
                "--decimal-comma, and commas stand between the cells: {} temperature{} read as whole though digits stand in \
                 the cell behind; if 8,9 means 8.9 here, save the file with another delimiter or its numbers in quotes",
                self.maybe_split,
                if self.maybe_split == 1 { " was" } else { "s were" }
            )
        });
        let not_taken = (!self.not_taken.is_empty())
            .then(|| format!("nothing is taken from these columns: {}", self.not_taken.join(", ")));
        [finer, split, not_taken].into_iter().flatten().collect()
    }

    /// Whether it holds the device's own summaries of days, and no samples.
    pub fn is_only_days(&self) -> bool {
        self.rows.is_empty() && !self.days.is_empty()
    }

    /// The offsets that instants are printed in: those of the zone, else of the row in force, else `Z`.
    pub fn offsets(&self) -> Offsets {
        if let Some(zone) = &self.zone {
            return Offsets::Zone(zone.clone());
        }
        let mut changes: Vec<_> = self.rows.iter().map(|row| (row.time.at, row.time.offset)).collect();
        changes.sort_unstable();
        changes.dedup_by_key(|(_, offset)| *offset);
        Offsets::Rows(changes)
    }

    /// The profile that the device judged by: its alarms, and as limits the narrowest of them.
    ///
    /// Absent where the file names no alarm.
    ///
    /// # Errors
    /// Where the device's settings are no sound profile, as when they leave no range.
    pub fn profile(&self) -> Result<Option<Profile>, ProfileError> {
        if self.alarms.is_empty() {
            return Ok(None);
        }
        let limits = |bound| self.alarms.iter().filter(move |alarm| alarm.bound == bound).map(|a| a.limit);
        let name = [&self.device.model, &self.device.serial].map(|text| text.clone().unwrap_or_default());
        let profile = Profile {
            name: name.join(" ").trim().to_owned(),
            version: 1,
            limits: Limits {
                min: limits(Bound::Below).max().unwrap_or(ABSOLUTE_ZERO),
                max: limits(Bound::Above).min().unwrap_or(NO_UPPER_LIMIT),
            },
            interval_s: self.interval_s.or(self.measures_every_s).unwrap_or(60),
            alarms: self.alarms.clone(),
            budgets: Vec::new(),
            freeze: None,
            mkt: self.delta_h.map(|delta_h| KineticRule { delta_h, limit: None, window_h: None }),
            guard_band: MilliCelsius(0),
            scale: Scale::Celsius,
            programme: None,
            adjuvant: None,
            conditions: Vec::new(),
        };
        profile.check()?;
        Ok(Some(profile))
    }
}
