//! Exports of the Ruuvi, Govee Home and ThermoPro apps, told apart by their headers.
//!
//! Sources of the layouts: the exporters in Ruuvi's own apps (Android, iOS and web), whose names of columns
//! are translated while their units are not; for Govee Home and ThermoPro the files that public programs
//! read. Times are local in all of them, but for the first Ruuvi Station for Android.

use super::FileError;
use super::beside::Beside;
use super::logger_file::{DeviceFacts, FileFormat, LoggerFile, Reported, Signature};
use super::table::{Mapping, Table, TemperatureUnit, cells};
use super::text::Line;
use super::units::{unit_in_brackets, unit_of};
use super::zone::Zone;

/// How far down a header may stand.
const DEEPEST_HEADER: usize = 3;
/// What only Ruuvi's tables hold beside temperature and humidity.
const RUUVI_UNITS: [&str; 6] = ["(hpa)", "(pa)", "(mmhg)", "(inhg)", "(dbm)", "rssi"];

/// A known export.
pub(super) struct Export {
    pub format: FileFormat,
    pub mapping: Mapping,
    /// The unit that its header names.
    pub unit: TemperatureUnit,
    /// The line of its header.
    pub line: u32,
    /// The interval that the header names.
    pub interval_s: Option<u32>,
}

/// The export whose header stands in the first lines, if it is a known one.
///
/// # Errors
/// Where the header is a known one and does not name the unit of its temperatures.
pub(super) fn recognise(lines: &[Line<'_>]) -> Result<Option<Export>, FileError> {
    for line in lines.iter().take(DEEPEST_HEADER) {
        for delimiter in [',', ';', '\t'] {
            let Ok(names) = cells(line, delimiter) else { continue };
            if names.len() < 2 {
                continue;
            }
            let header = Header { line: line.number, names, delimiter };
            if let Some(mut export) = header.of_an_app()? {
                export.interval_s = lines.iter().take(DEEPEST_HEADER).find_map(|line| interval(line.text));
                return Ok(Some(export));
            }
        }
    }
    Ok(None)
}

/// The file of a table without a device's own numbers.
pub(super) fn logger_file(format: FileFormat, table: Table, zone: Option<&Zone>) -> LoggerFile {
    let maker = match format {
        FileFormat::Ruuvi => Some("Ruuvi"),
        FileFormat::Govee => Some("Govee"),
        FileFormat::ThermoPro => Some("ThermoPro"),
        _ => None,
    };
    LoggerFile {
        format,
        device: DeviceFacts { maker: maker.map(str::to_owned), ..DeviceFacts::default() },
        zone: zone.filter(|_| table.is_local).cloned(),
        rows: table.rows,
        interval_s: None,
        measures_every_s: None,
        alarms: Vec::new(),
        delta_h: None,
        reported: Reported::default(),
        days: Vec::new(),
        skipped: table.skipped,
        finer: table.finer,
        maybe_split: table.maybe_split,
        not_taken: table.not_taken,
        signature: Signature::Absent,
    }
}

/// The names of the columns of one line.
struct Header {
    line: u32,
    names: Vec<String>,
    delimiter: char,
}

impl Header {
    fn of_an_app(&self) -> Result<Option<Export>, FileError> {
        let first = self.names.first().map(|name| name.to_lowercase()).unwrap_or_default();
        let second = self.names.get(1).map(|name| name.to_lowercase()).unwrap_or_default();
        if first == "date" && second == "time" {
            return self.export(FileFormat::ThermoPro, 2);
        }
        if first == "datetime" {
            return self.export(FileFormat::ThermoPro, 1);
        }
        if self.is_ruuvi() {
            return self.export(FileFormat::Ruuvi, 1);
        }
        if first.starts_with("timestamp") {
            return self.export(FileFormat::Govee, 1);
        }
        Ok(None)
    }

    /// A date, a temperature with its unit in brackets, and a pressure or signal strength somewhere.
    fn is_ruuvi(&self) -> bool {
        let names: Vec<String> = self.names.iter().map(|name| name.to_lowercase()).collect();
        let of_ruuvi = |name: &String| RUUVI_UNITS.iter().any(|unit| name.ends_with(unit));
        names.get(1).is_some_and(|name| unit_in_brackets(name).is_some()) && names.iter().any(of_ruuvi)
    }

    /// The export, when there is a column that calls itself a temperature after those of the time.
    fn export(&self, format: FileFormat, times: usize) -> Result<Option<Export>, FileError> {
        let is_temperature = |name: &&String| {
            let name = name.to_lowercase();
            name.starts_with("temp") || (format == FileFormat::Ruuvi && unit_in_brackets(&name).is_some())
        };
        let Some(temperature) = self.names.iter().skip(times).find(is_temperature) else { return Ok(None) };
        let unit = unit_of(temperature)
            .ok_or_else(|| FileError::UnitUnknown { line: self.line, column: temperature.clone() })?;
        let is_humidity = |name: &&String| {
            let lower = name.to_lowercase();
            *name != temperature && (lower.ends_with("(%)") || lower == "relative_humidity")
        };
        let mapping = Mapping {
            time: self.names.iter().take(times).cloned().collect(),
            time_format: None,
            temperature: temperature.clone(),
            humidity: self.names.iter().find(is_humidity).cloned(),
            beside: match format {
                FileFormat::Ruuvi => Beside::of_ruuvi(&self.names),
                _ => Beside::default(),
            },
            unit: Some(unit),
            delimiter: Some(self.delimiter),
            decimal_comma: false,
        };
        Ok(Some(Export { format, mapping, unit, line: self.line, interval_s: None }))
    }
}

/// The interval of `Timestamp for sample frequency every 15 min min`, in seconds.
fn interval(header: &str) -> Option<u32> {
    let (_, after) = header.split_once("frequency every ")?;
    let mut words = after.split([' ', ',']);
    let number: u32 = words.next()?.parse().ok()?;
    let unit = match words.next()? {
        "min" | "mins" | "minute" | "minutes" => 60,
        "s" | "sec" | "second" | "seconds" => 1,
        "h" | "hour" | "hours" => 3600,
        _ => return None,
    };
    number.checked_mul(unit).filter(|seconds| (1..=86_400).contains(seconds))
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Zone, read};
    use super::*;
    use firn_model::units::{MilliCelsius, RelativeHumidity};

    fn file(text: &str) -> Result<LoggerFile, FileError> {
        read(text.as_bytes(), &Options { zone: Some(Zone::parse("Europe/Helsinki")?), ..Options::default() })
    }

    #[test]
    fn an_export_of_ruuvi_is_known_in_any_language_and_unit() {
        for (header, value, milli) in [
            ("Date,Temperature (°C),Humidity (%),Pressure (hPa),RSSI (dBm)", "4.5,51.2,1003.2,-60", 4500),
            ("Date,Temperature (°F),Humidity (%),Pressure (inHg),RSSI (dBm)", "40.1,51.2,29.6,-60", 4500),
            ("Date,Temperature (K),Humidity (%),Pressure (Pa),RSSI (dBm)", "277.65,51.2,100320,-60", 4500),
            ("Päivämäärä,Lämpötila (°C),Ilmankosteus (%),Ilmanpaine (hPa)", "4.5,51.2,1003.2", 4500),
            ("timestamp,temperature (°C),humidity (%),pressure (hPa),rssi", "4.5,51.2,1003.2,-60", 4500),
            ("Datum;Temperatur (°C);Luftfeuchtigkeit (%);Luftdruck (hPa)", "4,5;51,2;1003,2", 4500),
        ] {
            let delimiter = if header.contains(';') { ';' } else { ',' };
            let read = file(&format!("{header}\n2026-11-22 09:30:00{delimiter}{value}\n")).unwrap();
            assert_eq!(read.format, FileFormat::Ruuvi, "{header}");
            assert_eq!(read.rows[0].temperature, MilliCelsius(milli), "{header}");
            assert_eq!(read.rows[0].humidity, Some(RelativeHumidity(512_000)), "{header}");
            assert_eq!(read.rows[0].time.at.to_rfc3339(), "2026-11-22T07:30:00Z", "{header}");
        }
        let first = "timestamp,temperature (°C),humidity (%),pressure (hPa),rssi\n2026-11-22T09:30:00+0200,4.5,5,1,-6";
        let read = read(first.as_bytes(), &Options::default()).unwrap();
        assert_eq!(read.rows[0].time.at.to_rfc3339(), "2026-11-22T07:30:00Z");
    }

    #[test]
    fn an_export_of_govee_names_its_unit_and_its_interval() {
        let text = "\u{FEFF}Timestamp for sample frequency every 15 min min, Temperature_Fahrenheit,Relative_Humidity\n\
                    2026-11-22 09:30:00,40.1,51.2\n2026-11-22 09:45:00,,\n";
        let read = file(text).unwrap();
        assert_eq!((read.format, read.interval_s), (FileFormat::Govee, Some(900)));
        assert_eq!(read.rows[0].temperature, MilliCelsius(4500));
        assert_eq!(read.skipped.len(), 1);
        let with_dust = "Timestamp for sample frequency every 1 min min,PM2.5(µg/m³),Temperature_Celsius,Relative_Humidity\n\
                         2026-11-22 09:30:00,3,4.5,51.2\n";
        assert_eq!(file(with_dust).unwrap().rows[0].temperature, MilliCelsius(4500));
        let unit = "Timestamp,Temperature,Relative_Humidity\n2026-11-22 09:30:00,40.1,51.2\n";
        assert_eq!(file(unit).unwrap_err().code(), "file/unit-unknown");
    }

    #[test]
    fn an_export_of_thermopro_has_its_header_in_the_second_line_and_its_date_in_two_orders() {
        for (row, next) in [("22/11/2026,09:30", "22/11/2026,09:31"), ("11/22/2026,9:30", "11/22/2026,9:31")]
        {
            let text = format!(
                "Timestamp for sample frequency every 1 min\nDate,Time,Temperature_Celsius,Relative_Humidity(%),\n\
                 {row},4.5,51.2,\n{next},-,-,\n"
            );
            let read = file(&text).unwrap();
            assert_eq!((read.format, read.interval_s), (FileFormat::ThermoPro, Some(60)));
            assert_eq!(read.rows.len(), 1);
            assert_eq!(read.rows[0].time.at.to_rfc3339(), "2026-11-22T07:30:00Z");
            assert_eq!(read.rows[0].humidity, Some(RelativeHumidity(512_000)));
        }
    }

    #[test]
    fn local_times_without_a_zone_ask_for_one() {
        let text = "Timestamp,Temperature_Celsius,Relative_Humidity\n2026-11-22 09:30:00,4.5,51.2\n";
        let error = read(text.as_bytes(), &Options::default()).unwrap_err();
        assert_eq!(error.code(), "file/zone-needed");
        assert!(error.next_step().contains("--zone"));
    }

    proptest::proptest! {
        #[test]
        fn no_rows_under_a_known_header_make_it_panic(
            header in "(Date,Temperature \\(°C\\),RSSI|Timestamp every 5 min,Temp_Celsius|Date;Time;Temp \\(F\\))",
            rows in proptest::collection::vec("(2026-10-25 02:[0-5]0|[0-9/:. -]{0,12})[,;][0-9.,;-]{0,9}", 0..9)
        ) {
            let text = format!("{header}\n{}", rows.join("\n"));
            if let Ok(file) = file(&text) {
                proptest::prop_assert!(file.rows.len() + file.skipped.len() <= rows.len());
            }
        }
    }
}
