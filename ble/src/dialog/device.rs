//! The loggers whose log dialog is known, by stable names.

use super::{Dialog, DialogOptions};
use super::{
    blue_maestro, ela, ela_en12830, govee_h5075, govee_h5179, pvvx, ruuvi, ruuvi_air, sensirion, thermopro,
};
use crate::address::BluetoothUuid;
use crate::replay::ReplayError;
use std::fmt;
use std::str::FromStr;

/// A kind of logger whose log dialog is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceName {
    /// RuuviTag.
    RuuviTag,
    /// Ruuvi Air.
    RuuviAir,
    /// Xiaomi and other thermometers with pvvx firmware.
    Pvvx,
    /// ELA Innovation's Blue loggers.
    Ela,
    /// ELA Innovation's EN 12830 loggers.
    ElaEn12830,
    /// Blue Maestro's Tempo Discs.
    BlueMaestro,
    /// Sensirion's gadgets.
    Sensirion,
    /// Govee H5072, H5075 and their kin.
    GoveeH5075,
    /// Govee H5179.
    GoveeH5179,
    /// ThermoPro TP357S.
    ThermoPro,
}

impl DeviceName {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::RuuviTag,
        Self::RuuviAir,
        Self::Pvvx,
        Self::Ela,
        Self::ElaEn12830,
        Self::BlueMaestro,
        Self::Sensirion,
        Self::GoveeH5075,
        Self::GoveeH5179,
        Self::ThermoPro,
    ];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RuuviTag => "ruuvitag",
            Self::RuuviAir => "ruuvi-air",
            Self::Pvvx => "pvvx",
            Self::Ela => "ela",
            Self::ElaEn12830 => "ela-en12830",
            Self::BlueMaestro => "blue-maestro",
            Self::Sensirion => "sensirion",
            Self::GoveeH5075 => "govee-h5075",
            Self::GoveeH5179 => "govee-h5179",
            Self::ThermoPro => "thermopro-tp357s",
        }
    }

    /// The family whose log this is, as [`crate::families()`] names it.
    pub fn family(self) -> &'static str {
        match self {
            Self::RuuviTag | Self::RuuviAir => "ruuvitag",
            Self::Pvvx => "pvvx",
            Self::Ela | Self::ElaEn12830 => "ela",
            Self::BlueMaestro => "blue-maestro",
            Self::Sensirion => "sensirion",
            Self::GoveeH5075 | Self::GoveeH5179 => "govee",
            Self::ThermoPro => "thermopro",
        }
    }

    /// The dialog for an enrolled logger: by the stable name, or by family and the name it advertises.
    ///
    /// Where a family has several dialogs the advertised name decides; without one the first is taken.
    pub fn of_logger(family: &str, advertised: &str) -> Option<Self> {
        if let Some(named) = Self::ALL.into_iter().find(|name| name.as_str() == family) {
            let marks_en12830 = named == Self::Ela && advertised.starts_with("P T EN");
            return Some(if marks_en12830 { Self::ElaEn12830 } else { named });
        }
        let of_family = || Self::ALL.into_iter().filter(|name| name.family() == family);
        let marked = of_family().find(|name| name.mark().is_some_and(|mark| advertised.contains(mark)));
        marked.or_else(|| of_family().next())
    }

    /// What the advertised name of this kind contains, where that tells it from others of its family.
    fn mark(self) -> Option<&'static str> {
        match self {
            Self::GoveeH5179 => Some("H5179"),
            Self::ElaEn12830 => Some("P T EN"),
            _ => None,
        }
    }

    /// A download that has not begun.
    pub fn dialog(self) -> Box<dyn Dialog + Send> {
        self.dialog_with(&DialogOptions::default())
    }

    /// A download that has not begun, with what the logger itself does not tell.
    pub fn dialog_with(self, options: &DialogOptions) -> Box<dyn Dialog + Send> {
        match self {
            Self::RuuviTag => Box::new(ruuvi::RuuviTag::new()),
            Self::RuuviAir => Box::new(ruuvi_air::RuuviAir::new()),
            Self::Pvvx => Box::new(pvvx::Pvvx::new()),
            Self::Ela => Box::new(ela::Ela::new(options)),
            Self::ElaEn12830 => Box::new(ela_en12830::ElaEn12830::new(options)),
            Self::BlueMaestro => Box::new(blue_maestro::BlueMaestro::new(options)),
            Self::Sensirion => Box::new(sensirion::Sensirion::new()),
            Self::GoveeH5075 => Box::new(govee_h5075::GoveeH5075::new()),
            Self::GoveeH5179 => Box::new(govee_h5179::GoveeH5179::new()),
            Self::ThermoPro => Box::new(thermopro::ThermoPro::new(options)),
        }
    }

    /// The characteristics of the log; the first is the one on which the records arrive.
    pub fn characteristics(self) -> &'static [BluetoothUuid] {
        match self {
            Self::RuuviTag | Self::RuuviAir | Self::Ela | Self::ElaEn12830 | Self::BlueMaestro => {
                &[ruuvi::NOTIFY, ruuvi::WRITE]
            }
            Self::Pvvx => &[pvvx::COMMANDS],
            Self::Sensirion => &[sensirion::DATA],
            Self::GoveeH5075 | Self::GoveeH5179 => &[govee_h5075::RECORDS, govee_h5075::REQUESTS],
            Self::ThermoPro => &[thermopro::NOTIFY, thermopro::WRITE],
        }
    }

    /// The characteristic on which the log arrives.
    pub(crate) fn notifies_on(self) -> BluetoothUuid {
        self.characteristics().first().copied().unwrap_or(ruuvi::NOTIFY)
    }

    /// Whether the times of its log count back from the phone's request, so that one sample may come with
    /// times up to an interval apart in two downloads: its log tells no age of the newest record.
    pub fn counts_back_from_request(self) -> bool {
        matches!(self, Self::Ela | Self::BlueMaestro | Self::GoveeH5075 | Self::ThermoPro)
    }

    /// Whether it hands over its log only after its clock has been set.
    pub fn needs_clock_write(self) -> bool {
        self == Self::ThermoPro
    }

    /// Whether the log starts with the subscription, and no request is written.
    pub(crate) fn starts_by_subscribing(self) -> bool {
        self == Self::Sensirion
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeviceName {
    type Err = ReplayError;
    fn from_str(text: &str) -> Result<Self, ReplayError> {
        let known = Self::ALL.into_iter().find(|name| name.as_str() == text);
        known.ok_or_else(|| ReplayError::UnknownDevice { name: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_no_two_are_alike() {
        for name in DeviceName::ALL {
            assert_eq!(name.as_str().parse::<DeviceName>().ok(), Some(name));
        }
    }

    #[test]
    fn an_enrolled_logger_is_read_by_the_dialog_of_its_kind() {
        let of = |family, name| DeviceName::of_logger(family, name);
        assert_eq!(of("ruuvi-air", ""), Some(DeviceName::RuuviAir));
        assert_eq!(of("govee", "GVH5075_1234"), Some(DeviceName::GoveeH5075));
        assert_eq!(of("govee", "Govee_H5179_5E0A"), Some(DeviceName::GoveeH5179));
        assert_eq!(of("ela", "P T EN 80906F"), Some(DeviceName::ElaEn12830));
        assert_eq!(of("ela", "P RHT 900321"), Some(DeviceName::Ela));
        assert_eq!(of("bthome", "SBHT-003C"), None);
    }
}
