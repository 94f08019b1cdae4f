//! The registry of families: which codec reads which company's or service's data.
//!
//! A family is one file that ends in one `FAMILY`, and one line in [`FAMILIES`].

mod acconeer;
mod air_mentor;
mod amphiro;
mod april;
mod aranet;
mod blue_maestro;
mod blusensor;
mod blustream;
mod bparasite;
mod bthome;
mod bthome_v1;
mod chefiq;
mod eddystone;
mod efento;
mod ela;
mod enocean;
mod ess;
mod eye;
mod fields;
mod float;
mod govee;
mod govee_probes;
mod grundfos;
mod hibouair;
mod holyiot;
mod index;
mod inkbird;
mod inode;
mod jaalee;
mod kkm;
mod laird;
mod michelin;
mod mikrotik;
mod minew;
mod moat;
mod mocreo;
mod moko;
mod mopeka;
mod oria;
mod pvvx;
mod qingping;
mod radioland;
mod relsib;
pub(crate) mod ruuvi;
mod sealed;
mod sensirion;
mod sensorpush;
mod smartdry;
mod switchbot;
mod thermobeacon;
mod thermopro;
mod tilt;
mod tpms;
mod value;
mod xiaomi;
mod xiaomi_body;

use crate::address::BluetoothUuid;
use crate::advert::Advert;
use crate::decode::{DecodeError, Decoded};
use crate::keys::Keys;
use crate::readings::Readings;
use firn_model::reading::Provenance;

pub(crate) use index::decode;

/// Every family, in the order of its title.
pub(crate) const FAMILIES: &[Family] = &[
    acconeer::FAMILY,
    air_mentor::FAMILY,
    april::FAMILY,
    aranet::FAMILY,
    bparasite::FAMILY,
    blue_maestro::FAMILY,
    ess::FAMILY,
    blusensor::FAMILY,
    blustream::FAMILY,
    bthome::FAMILY,
    chefiq::FAMILY,
    eddystone::FAMILY,
    efento::FAMILY,
    ela::FAMILY,
    enocean::FAMILY,
    govee::FAMILY,
    grundfos::FAMILY,
    hibouair::FAMILY,
    holyiot::FAMILY,
    inkbird::FAMILY,
    inode::FAMILY,
    jaalee::FAMILY,
    kkm::FAMILY,
    laird::FAMILY,
    michelin::FAMILY,
    mikrotik::FAMILY,
    minew::FAMILY,
    moat::FAMILY,
    mocreo::FAMILY,
    moko::FAMILY,
    mopeka::FAMILY,
    amphiro::FAMILY,
    oria::FAMILY,
    pvvx::FAMILY,
    qingping::FAMILY,
    radioland::FAMILY,
    relsib::FAMILY,
    ruuvi::FAMILY,
    sensirion::FAMILY,
    sensorpush::FAMILY,
    smartdry::FAMILY,
    switchbot::FAMILY,
    eye::FAMILY,
    thermobeacon::FAMILY,
    thermopro::FAMILY,
    tilt::FAMILY,
    tpms::FAMILY,
    xiaomi::FAMILY,
];

/// What a family of loggers may be called when a cold chain is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its maker certifies models of it to EN 12830.
    Qualified,
    /// Nothing in reach says that it is certified: it may watch beside a qualified logger.
    Supplementary,
}

impl Standing {
    /// As it is printed beside the family.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Qualified => "qualified",
            Self::Supplementary => "supplementary monitoring",
        }
    }
}

/// One family of loggers and the places in an advert where its data stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    /// The stable name, as `firn decode` prints it.
    pub(crate) name: &'static str,
    /// The maker and the models, for people.
    pub(crate) title: &'static str,
    /// The stable names of its formats.
    pub(crate) formats: &'static [&'static str],
    /// What it may be called.
    pub(crate) standing: Standing,
    /// Where its data stand, best first.
    pub(crate) carriers: &'static [Carrier],
}

/// A place in an advert, and the codec of what stands there.
///
/// A codec answers [`DecodeError::UnknownFormat`] where the bytes are another's.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Carrier {
    /// Service data under this UUID (Bluetooth SIG Assigned Numbers §3, or the maker's own).
    Service(BluetoothUuid, Decode),
    /// Manufacturer data under this company identifier (Bluetooth SIG Assigned Numbers §7).
    Company(u16, Decode),
    /// Manufacturer data under any company identifier like this, asked after those that are known: for
    /// loggers that put their state or their address into it. The codec must know its own by their shape.
    /// The payload has the two bytes of the identifier (least significant first) before it.
    CompanyLike(MatchesCompany, Decode),
    /// The same under any company identifier at all; asked last.
    AnyCompany(Decode),
    /// Whatever a device with a local name like this sends: for loggers that put measured bits into
    /// the company identifier. The payload is the newest manufacturer data, the two bytes of the
    /// identifier (least significant first) before it.
    Name(MatchesName, Decode),
}

/// Whether a company identifier is one of a family's.
pub(crate) type MatchesCompany = fn(u16) -> bool;
/// Whether a local name is one of a family's.
pub(crate) type MatchesName = fn(&str) -> bool;

/// Turns a payload into readings.
pub(crate) type Decode = fn(&Frame<'_>) -> Result<Decoded, DecodeError>;

/// What a codec is given: the payload it asked for, and the advert around it.
pub(crate) struct Frame<'a> {
    /// The whole advert.
    pub(crate) advert: &'a Advert,
    /// The bytes behind the company identifier or service UUID.
    pub(crate) payload: &'a [u8],
    /// The keys of enrolled loggers.
    pub(crate) keys: &'a Keys,
}

/// The readings of an unauthenticated advert; an error if no measurement holds a value.
// Inlined, so that a reading is built where it is wanted: moving it thrice costs more than decoding it.
#[inline(always)]
pub(crate) fn heard(
    device: &'static str,
    format: &'static str,
    address: Option<crate::address::Address>,
    readings: impl Into<Readings>,
) -> Result<Decoded, DecodeError> {
    let Some(readings) = readings.into().measured() else {
        return Err(DecodeError::NoMeasurement { format });
    };
    Ok(Decoded {
        device,
        format,
        address,
        encrypted: false,
        counter: None,
        provenance: Provenance::P0,
        readings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_and_every_format_has_a_name_of_its_own() {
        let mut names: Vec<_> = FAMILIES.iter().map(|family| family.name).collect();
        let mut formats: Vec<_> = FAMILIES.iter().flat_map(|family| family.formats).collect();
        assert!(FAMILIES.is_sorted_by_key(|family| family.title.to_lowercase()));
        for family in FAMILIES {
            assert!(!family.carriers.is_empty() && !family.formats.is_empty(), "{}", family.name);
        }
        let (families, all) = (names.len(), formats.len());
        names.sort_unstable();
        names.dedup();
        formats.sort_unstable();
        formats.dedup();
        assert_eq!((names.len(), formats.len()), (families, all));
    }
}
