//! A logger's own file as a front end hands it over, and what of it was taken.

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The bytes of a file; in JSON their base64 (RFC 4648, section 4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileContent(pub Vec<u8>);

impl Serialize for FileContent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for FileContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text.as_bytes()).map(Self).map_err(de::Error::custom)
    }
}

/// What of a logger's file was taken into a shipment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FileTaken {
    /// How many readings it gave.
    pub readings: u64,
    /// How many values were sealed, over all channels; none where all were held already.
    pub sealed: u64,
    /// The lines that give no reading, by their numbers, from 1.
    pub skipped: Vec<u32>,
    /// What was not taken as it stands in the file, in English.
    pub notes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_file_travel_as_base64_and_come_back_whole() {
        // RFC 4648, section 10.
        let content = FileContent(b"foob".to_vec());
        let json = serde_json::to_string(&content).unwrap();
        assert_eq!(json, r#""Zm9vYg==""#);
        assert_eq!(serde_json::from_str::<FileContent>(&json).unwrap(), content);
        assert!(serde_json::from_str::<FileContent>(r#""Zm9vYg""#).is_err(), "cut short");
    }
}
