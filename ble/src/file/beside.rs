//! What an app's export measured beside temperature and humidity: told by the units in its header.
//!
//! Source of the columns and units: Ruuvi's own exporters (Ruuvi Station for Android and iOS). Names are
//! translated, units are not; the counter of movements has no unit and is known by its English name alone.

use super::FileError;
use firn_model::reading::Measurement;
use firn_model::units::parse_scaled;

/// Which columns hold what, by the names in the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    columns: Vec<(String, Value)>,
}

/// What a column holds, and in which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Air pressure, in so many thousandths of a pascal.
    Pressure(i64),
    /// Acceleration along an axis in standard gravities.
    Acceleration(usize),
    /// Battery voltage in volts.
    Voltage,
    /// The logger's counter of movements.
    Movement,
}

impl Beside {
    /// The columns of a header of Ruuvi's.
    pub(super) fn of_ruuvi(names: &[String]) -> Self {
        let lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
        let with_unit = |unit: &str| lower.iter().filter(|name| name.ends_with(unit)).count();
        let axes = with_unit("(g)") == 3;
        let mut axis = 0;
        let mut columns = Vec::new();
        for (name, lower) in names.iter().zip(&lower) {
            let value = match lower.rsplit('(').next().filter(|_| lower.ends_with(')')) {
                Some("pa)") => Some(Value::Pressure(1000)),
                Some("hpa)") => Some(Value::Pressure(100_000)),
                // 1 mmHg = 133.322 Pa, 1 inHg = 25.4 mmHg (ISO 80000-4, conventional values).
                Some("mmhg)") => Some(Value::Pressure(133_322)),
                Some("inhg)") => Some(Value::Pressure(3_386_389)),
                Some("v)") if with_unit("(v)") == 1 => Some(Value::Voltage),
                Some("g)") if axes => {
                    let value = Value::Acceleration(axis);
                    axis = axis.saturating_add(1);
                    Some(value)
                }
                _ if lower.starts_with("movement") => Some(Value::Movement),
                _ => None,
            };
            columns.extend(value.map(|value| (name.clone(), value)));
        }
        Self { columns }
    }

    /// Where they stand among these names.
    pub(super) fn places(&self, names: &[String]) -> Vec<(usize, Value)> {
        let place =
            |(column, value): &(String, Value)| Some((names.iter().position(|name| name == column)?, *value));
        self.columns.iter().filter_map(place).collect()
    }
}

impl Value {
    /// Puts a decimal of its unit into a measurement; none for what no logger measures.
    pub(super) fn take(self, text: &str, measured: &mut Measurement) -> Option<()> {
        let whole = |scale| parse_scaled(text, scale).ok();
        match self {
            Self::Pressure(unit) => {
                // Thousandths of the unit times thousandths of a pascal, to whole pascals.
                let pascals = whole(3)?.checked_mul(unit)?.checked_add(500_000)?.checked_div(1_000_000)?;
                measured.pressure_pa = Some(u32::try_from(pascals).ok().filter(|pascals| *pascals > 0)?);
            }
            Self::Acceleration(axis) => {
                let milli = i16::try_from(whole(3)?).ok()?;
                *measured.acceleration_mg.get_or_insert([0; 3]).get_mut(axis)? = milli;
            }
            Self::Voltage => measured.battery_mv = Some(u32::try_from(whole(3)?).ok()?),
            Self::Movement => measured.movement = Some(u32::try_from(whole(0)?).ok()?),
        }
        Some(())
    }

    /// That a cell cannot be read.
    pub(super) fn refused(self, line: u32, text: &str) -> FileError {
        let quantity = match self {
            Self::Pressure(_) => "pressure",
            Self::Acceleration(_) => "acceleration",
            Self::Voltage => "battery voltage",
            Self::Movement => "count of movements",
        };
        FileError::Value { line, text: text.chars().take(64).collect(), quantity }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Date,Temperature (°C),Relative humidity (%),Air pressure (Pa),RSSI (dBm),Acceleration X (g),\
                          Acceleration Y (g),Acceleration Z (g),Voltage (V),Movement counter,Measurement sequence number";

    fn read(rows: &str) -> Result<super::super::LoggerFile, FileError> {
        super::super::read(
            format!("{HEADER}\n{rows}\n").as_bytes(),
            &super::super::Options {
                zone: Some(super::super::Zone::parse("Z")?),
                ..super::super::Options::default()
            },
        )
    }

    #[test]
    fn what_ruuvis_own_file_measured_beside_the_temperature_is_read_and_the_rest_is_named() {
        let file = read("2026-11-28 08:00:00,5.00,45.00,65000,-70,0.5,-3.5,1.016,2.301,7,812").unwrap();
        let measured = &file.readings(firn_model::time::UtcMillis(0))[0].measurement;
        assert_eq!((measured.pressure_pa, measured.battery_mv), (Some(65_000), Some(2301)));
        assert_eq!(measured.acceleration_mg, Some([500, -3500, 1016]));
        assert_eq!(measured.movement, Some(7));
        assert_eq!(file.not_taken, ["RSSI (dBm)", "Measurement sequence number"]);
    }

    #[test]
    fn a_cell_without_a_value_measured_nothing_and_one_that_cannot_be_read_refuses_the_file() {
        let file = read("2026-11-28 08:00:00,5.00,45.00,,-70,0,0,1,-,,").unwrap();
        let measured = &file.rows[0].beside;
        assert_eq!((measured.pressure_pa, measured.battery_mv, measured.movement), (None, None, None));
        for cell in ["high", "-5"] {
            let error = read(&format!("2026-11-28 08:00:00,5,45,{cell},-70,0,0,1,3,0,0")).unwrap_err();
            assert_eq!((error.code(), error.to_string().contains("pressure")), ("file/bad-value", true));
        }
    }

    #[test]
    fn pressures_of_every_unit_become_pascals() {
        for (unit, text, pascals) in
            [("hPa", "1003.2", 100_320), ("mmHg", "760", 101_325), ("inHg", "29.92", 101_321), ("Pa", "1", 1)]
        {
            let beside = Beside::of_ruuvi(&[format!("Ilmanpaine ({unit})")]);
            let mut measured = Measurement::default();
            beside.columns[0].1.take(text, &mut measured).unwrap();
            assert_eq!(measured.pressure_pa, Some(pascals), "{unit}");
        }
    }
}
