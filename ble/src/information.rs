//! What a connected device tells of itself: its Device Information and its battery.
//!
//! Source: Bluetooth SIG, Device Information Service 1.1 (0x180A) and Battery Service 1.0 (0x180F).

use crate::address::BluetoothUuid;
use crate::gatt;
use crate::radio::{Access, Characteristic};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a device says of itself; what it does not say is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceInformation {
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Which model it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The revision of its firmware.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
    /// The revision of its hardware.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hardware: Option<String>,
    /// The revision of its software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
    /// The charge of its battery in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub battery_pct: Option<u8>,
}

impl DeviceInformation {
    /// What is worth reading of a device that offers these characteristics.
    pub fn asked_of(offered: &[Characteristic]) -> Vec<Characteristic> {
        let asked = |one: &&Characteristic| {
            let of_battery = one.service == gatt::BATTERY && one.uuid == gatt::BATTERY_LEVEL;
            let of_device =
                one.service == gatt::DEVICE_INFORMATION && Self::default().text(one.uuid).is_some();
            one.allows(Access::Read) && (of_battery || of_device)
        };
        offered.iter().filter(asked).cloned().collect()
    }

    /// Takes the value of one of these characteristics; one that says nothing leaves what is known.
    pub fn note(&mut self, characteristic: BluetoothUuid, value: &[u8]) {
        if characteristic == gatt::BATTERY_LEVEL {
            self.battery_pct = gatt::battery_pct(value).or(self.battery_pct);
        } else if let (Some(told), Some(text)) = (self.text(characteristic), gatt::device_text(value)) {
            *told = Some(text);
        }
    }

    /// Whether the device has said nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it tells another serial number than this one. What is written on a case and what is told
    /// may differ in spaces, hyphens and case; a device that tells none is not another.
    pub fn is_another_than(&self, serial: &str) -> bool {
        self.serial.as_deref().is_some_and(|told| !is_same_serial(told, serial))
    }

    /// The text that this characteristic of Device Information tells.
    fn text(&mut self, characteristic: BluetoothUuid) -> Option<&mut Option<String>> {
        match characteristic {
            gatt::MANUFACTURER_NAME => Some(&mut self.manufacturer),
            gatt::MODEL_NUMBER => Some(&mut self.model),
            gatt::SERIAL_NUMBER => Some(&mut self.serial),
            gatt::FIRMWARE_REVISION => Some(&mut self.firmware),
            gatt::HARDWARE_REVISION => Some(&mut self.hardware),
            gatt::SOFTWARE_REVISION => Some(&mut self.software),
            _ => None,
        }
    }
}

impl fmt::Display for DeviceInformation {
    /// In words, on one line; nothing where the device has said nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let battery = self.battery_pct.map(|percent| format!("{percent} %"));
        let parts = [
            ("", &self.manufacturer),
            ("", &self.model),
            ("serial ", &self.serial),
            ("firmware ", &self.firmware),
            ("hardware ", &self.hardware),
            ("software ", &self.software),
            ("battery ", &battery),
        ];
        let mut separator = "";
        for (what, told) in parts {
            if let Some(told) = told {
                write!(f, "{separator}{what}{told}")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

/// Whether two writings are of one serial number: they may differ in spaces, hyphens and case.
pub fn is_same_serial(one: &str, other: &str) -> bool {
    let bare = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
    };
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_offered_for_reading_is_asked() {
        let offered = [
            Characteristic::new(gatt::DEVICE_INFORMATION, gatt::SERIAL_NUMBER, [Access::Read]),
            Characteristic::new(gatt::DEVICE_INFORMATION, gatt::MODEL_NUMBER, [Access::Write]),
            Characteristic::new(gatt::BATTERY, gatt::BATTERY_LEVEL, [Access::Read, Access::Notify]),
            Characteristic::new(gatt::ENVIRONMENTAL_SENSING, gatt::TEMPERATURE, [Access::Read]),
            // A maker's own service may use the assigned numbers for something else.
            Characteristic::new(BluetoothUuid::Long(7), gatt::SERIAL_NUMBER, [Access::Read]),
        ];
        let asked: Vec<_> = DeviceInformation::asked_of(&offered).iter().map(|one| one.uuid).collect();
        assert_eq!(asked, [gatt::SERIAL_NUMBER, gatt::BATTERY_LEVEL]);
    }

    #[test]
    fn what_a_device_says_is_told_in_words_and_json_and_what_it_does_not_say_is_absent() {
        let mut told = DeviceInformation::default();
        assert!(told.is_empty() && told.to_string().is_empty());
        told.note(gatt::SERIAL_NUMBER, b"SN-0007\0");
        told.note(gatt::FIRMWARE_REVISION, b"2.1.0");
        told.note(gatt::HARDWARE_REVISION, b"");
        told.note(gatt::BATTERY_LEVEL, &[87]);
        told.note(gatt::BATTERY_LEVEL, &[255]);
        told.note(gatt::TEMPERATURE, &[1, 2]);
        assert_eq!(told.to_string(), "serial SN-0007, firmware 2.1.0, battery 87 %");
        insta::assert_json_snapshot!(told, @r#"
        {
          "serial": "SN-0007",
          "firmware": "2.1.0",
          "battery_pct": 87
        }
        "#);
    }

    #[test]
    fn a_serial_number_is_the_same_with_and_without_hyphens_and_another_is_another() {
        let told = DeviceInformation { serial: Some("sn 0007".into()), ..DeviceInformation::default() };
        assert!(!told.is_another_than("SN-0007"));
        assert!(told.is_another_than("SN-0008"));
        assert!(!DeviceInformation::default().is_another_than("SN-0008"));
    }
}
