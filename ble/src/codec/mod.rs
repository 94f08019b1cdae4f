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
use std::sync::LazyLock;

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

/// The carriers of all families by what they are looked up with.
struct Index {
    services: Vec<(BluetoothUuid, Decode)>,
    companies: Vec<(u16, Decode)>,
    companies_like: Vec<(MatchesCompany, Decode)>,
    names: Vec<(MatchesName, Decode)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let (mut services, mut companies, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let (mut companies_like, mut any_company) = (Vec::new(), Vec::new());
    for carrier in FAMILIES.iter().flat_map(|family| family.carriers) {
        match *carrier {
            Carrier::Service(uuid, decode) => services.push((uuid, decode)),
            Carrier::Company(company, decode) => companies.push((company, decode)),
            Carrier::CompanyLike(matches, decode) => companies_like.push((matches, decode)),
            Carrier::AnyCompany(decode) => any_company.push((any as MatchesCompany, decode)),
            Carrier::Name(matches, decode) => names.push((matches, decode)),
        }
    }
    // Stable sorts: codecs of one place keep the order of the registry.
    services.sort_by_key(|(uuid, _)| *uuid);
    companies.sort_by_key(|(company, _)| *company);
    companies_like.append(&mut any_company);
    Index { services, companies, companies_like, names }
});

const fn any(_: u16) -> bool {
    true
}

/// The codecs of company identifiers that one codec alone knows.
struct Sole {
    /// For each identifier the place of its codec.
    place: [u8; 1 << 16],
    /// Nobody's, then each codec.
    decode: [Option<Decode>; 1 << 8],
}

/// No codec's place: of identifiers that none knows.
const NONE: u8 = 0;
/// No codec's place: of identifiers that several know.
const SEVERAL: u8 = u8::MAX;

// Worked out when Firn is built, so that finding a codec is two look-ups.
static SOLE: Sole = {
    let mut sole = Sole { place: [NONE; 1 << 16], decode: [None; 1 << 8] };
    let (mut family, mut next) = (0, NONE);
    while family < FAMILIES.len() {
        let carriers = FAMILIES[family].carriers;
        let mut carrier = 0;
        while carrier < carriers.len() {
            if let Carrier::Company(company, decode) = carriers[carrier] {
                let company = company as usize;
                if sole.place[company] == NONE {
                    next += 1;
                    assert!(next < SEVERAL, "more identifiers than a byte counts");
                    sole.place[company] = next;
                    sole.decode[next as usize] = Some(decode);
                } else {
                    sole.place[company] = SEVERAL;
                }
            }
            carrier += 1;
        }
        family += 1;
    }
    sole
};

/// The usual case: manufacturer data of one company, no name, and one codec to ask.
#[inline]
fn only(advert: &Advert) -> Option<(Decode, &[u8])> {
    let alone =
        advert.manufacturer_data.len() == 1 && advert.service_data.is_empty() && advert.name.is_none();
    let (company, payload) = advert.manufacturer_data.first_key_value().filter(|_| alone)?;
    let place = SOLE.place.get(usize::from(*company))?;
    Some(((*SOLE.decode.get(usize::from(*place))?)?, payload))
}

/// Asks every codec that may know this advert, the most specific place first: name, service, company,
/// a company like it.
///
/// The first that gives readings counts; where none does, the error is that of the first codec that
/// knew the format. An identifier that one family alone claims is that family's where nothing else speaks.
pub(crate) fn decode(advert: &Advert, keys: &Keys) -> Result<Decoded, DecodeError> {
    match only(advert) {
        // Handed on as it comes: an answer is too large to be looked at and moved for nothing.
        Some((decode, payload)) => decode(&Frame { advert, payload, keys }),
        None => INDEX.decode(advert, keys),
    }
}

impl Index {
    #[inline(never)]
    fn decode(&self, advert: &Advert, keys: &Keys) -> Result<Decoded, DecodeError> {
        let mut refused = DecodeError::UnknownFormat;
        if let Some(name) = advert.name.as_deref() {
            for (_, decode) in self.names.iter().filter(|(matches, _)| matches(name)) {
                let Some(payload) = newest(advert) else { break };
                match decode(&Frame { advert, payload: &payload, keys }) {
                    Err(error) => note(&mut refused, error),
                    decoded => return decoded,
                }
            }
        }
        for (uuid, payload) in &advert.service_data {
            for (_, decode) in with_key(&self.services, uuid) {
                match decode(&Frame { advert, payload, keys }) {
                    Err(error) => note(&mut refused, error),
                    decoded => return decoded,
                }
            }
        }
        for (company, payload) in &advert.manufacturer_data {
            for (_, decode) in with_key(&self.companies, company) {
                match decode(&Frame { advert, payload, keys }) {
                    Err(error) => note(&mut refused, error),
                    decoded => return decoded,
                }
            }
        }
        for (company, payload) in &advert.manufacturer_data {
            for (_, decode) in self.companies_like.iter().filter(|(matches, _)| matches(*company)) {
                match decode(&Frame { advert, payload: &with_identifier(*company, payload), keys }) {
                    Err(error) => note(&mut refused, error),
                    decoded => return decoded,
                }
            }
        }
        Err(refused)
    }
}

/// Keeps the first error of a codec that knew the format.
#[cold]
fn note(refused: &mut DecodeError, error: DecodeError) {
    if *refused == DecodeError::UnknownFormat {
        *refused = error;
    }
}

fn with_key<'a, K: Ord>(entries: &'a [(K, Decode)], key: &K) -> &'a [(K, Decode)] {
    let from = entries.partition_point(|(known, _)| known < key);
    let rest = entries.get(from..).unwrap_or_default();
    let count = rest.iter().take_while(|(known, _)| known == key).count();
    rest.get(..count).unwrap_or_default()
}

/// The manufacturer data that are current, identifier first; none where several were gathered and
/// nothing tells which is the newest.
fn newest(advert: &Advert) -> Option<Vec<u8>> {
    let (company, payload) = match advert.newest_company {
        Some(company) => (company, advert.manufacturer_data.get(&company)?),
        None => {
            let mut all = advert.manufacturer_data.iter();
            let (company, payload) = all.next()?;
            if all.next().is_some() {
                return None;
            }
            (*company, payload)
        }
    };
    Some(with_identifier(company, payload))
}

fn with_identifier(company: u16, payload: &[u8]) -> Vec<u8> {
    [&company.to_le_bytes()[..], payload].concat()
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

    #[test]
    fn of_several_manufacturer_data_without_a_newest_none_is_taken_for_current() {
        let gathered = [(0x0898, vec![1]), (0x08C0, vec![2])].into();
        let mut advert = Advert { manufacturer_data: gathered, ..Advert::default() };
        assert_eq!(newest(&advert), None);
        advert.newest_company = Some(0x08C0);
        assert_eq!(newest(&advert), Some(vec![0xC0, 0x08, 2]));
        advert.manufacturer_data.remove(&0x0898);
        advert.newest_company = None;
        assert_eq!(newest(&advert), Some(vec![0xC0, 0x08, 2]));
    }
}
