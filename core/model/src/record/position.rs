//! Where a step was signed: the position, and the entry that commits to it without telling it.

use super::EntryReference;
use crate::id::Id;
use crate::vault::Commitment;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A place on the earth (WGS 84) with its accuracy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", rename_all = "kebab-case")]
pub struct Position {
    /// Latitude in millionths of a degree, north positive, at most 90 degrees.
    latitude_udeg: i32,
    /// Longitude in millionths of a degree, east positive, at most 180 degrees.
    longitude_udeg: i32,
    /// The radius in metres within which it lies with 68 %, as phones tell it.
    accuracy_m: u32,
}

/// The numbers are no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a position: LATITUDE,LONGITUDE,ACCURACY as whole numbers, in millionths of a degree up to 90 and 180 \
     degrees, and metres"
)]
pub struct PositionError;

/// A position as it comes from outside.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Unchecked {
    latitude_udeg: i32,
    longitude_udeg: i32,
    accuracy_m: u32,
}

/// Where a step was signed (kind 45); the position itself is a document of the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Located {
    /// The step, in the same log.
    #[n(1)]
    pub step: EntryReference,
    /// The commitment to the document.
    #[n(2)]
    pub commitment: Commitment,
    /// The subject whose key seals it.
    #[n(3)]
    pub subject: Id,
}

impl Position {
    /// A position, checked.
    ///
    /// # Errors
    /// [`PositionError`] beyond 90 or 180 degrees.
    pub fn new(latitude_udeg: i32, longitude_udeg: i32, accuracy_m: u32) -> Result<Self, PositionError> {
        let within = |value: i32, most: i32| (-most..=most).contains(&value);
        match within(latitude_udeg, 90_000_000) && within(longitude_udeg, 180_000_000) {
            true => Ok(Self { latitude_udeg, longitude_udeg, accuracy_m }),
            false => Err(PositionError),
        }
    }

    /// Reads `48856613,2352222,12`: millionths of a degree, then metres.
    ///
    /// # Errors
    /// [`PositionError`].
    pub fn parse(text: &str) -> Result<Self, PositionError> {
        let mut parts = text.split(',').map(str::trim);
        let (Some(latitude), Some(longitude), Some(accuracy), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(PositionError);
        };
        let number = |text: &str| text.parse::<i32>().map_err(|_| PositionError);
        let accuracy = accuracy.parse().map_err(|_| PositionError)?;
        Self::new(number(latitude)?, number(longitude)?, accuracy)
    }

    /// Latitude in millionths of a degree, north positive.
    pub fn latitude_udeg(&self) -> i32 {
        self.latitude_udeg
    }

    /// Longitude in millionths of a degree, east positive.
    pub fn longitude_udeg(&self) -> i32 {
        self.longitude_udeg
    }

    /// The radius in metres within which it lies with 68 %.
    pub fn accuracy_m(&self) -> u32 {
        self.accuracy_m
    }
}

impl TryFrom<Unchecked> for Position {
    type Error = PositionError;

    fn try_from(from: Unchecked) -> Result<Self, PositionError> {
        Self::new(from.latitude_udeg, from.longitude_udeg, from.accuracy_m)
    }
}

impl fmt::Display for Position {
    /// In degrees with all six decimals: `48.856613, 2.352222 ± 12 m`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let degrees = |value: i32| {
            let (sign, value) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
            format!("{sign}{}.{:06}", value / 1_000_000, value % 1_000_000)
        };
        let (latitude, longitude) = (degrees(self.latitude_udeg), degrees(self.longitude_udeg));
        write!(f, "{latitude}, {longitude} ± {} m", self.accuracy_m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_from_whole_numbers_and_nothing_beyond_the_poles_is_one() {
        let here = Position::parse("48856613, -2352222,12").unwrap();
        assert_eq!(here, Position::new(48_856_613, -2_352_222, 12).unwrap());
        assert_eq!(here.to_string(), "48.856613, -2.352222 ± 12 m");
        assert_eq!(
            Position::new(-90_000_000, 180_000_000, 0).unwrap().to_string(),
            "-90.000000, 180.000000 ± 0 m"
        );
        for bad in ["", "1,2", "1,2,3,4", "48.85,2.35,12", "90000001,0,1", "0,-180000001,1", "0,0,-1"] {
            assert_eq!(Position::parse(bad), Err(PositionError), "{bad}");
        }
    }

    #[test]
    fn a_front_end_cannot_send_a_position_that_is_none() {
        let json =
            |latitude: i64| format!(r#"{{"latitude-udeg":{latitude},"longitude-udeg":7,"accuracy-m":5}}"#);
        assert_eq!(serde_json::from_str::<Position>(&json(-9)).unwrap(), Position::new(-9, 7, 5).unwrap());
        assert!(serde_json::from_str::<Position>(&json(90_000_001)).is_err());
    }
}
