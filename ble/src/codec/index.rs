//! Which codecs an advert is shown to, and in which order.

use super::{Carrier, Decode, FAMILIES, Frame, MatchesCompany, MatchesName};
use crate::address::BluetoothUuid;
use crate::advert::Advert;
use crate::decode::{DecodeError, Decoded};
use crate::keys::Keys;
use std::sync::LazyLock;

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
#[allow(clippy::indexing_slicing, reason = "the compiler works it out, and refuses what lies outside")]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_of_one_family_looks_like_no_other_familys() {
        let index: &Index = &INDEX;
        for (company, decode) in &index.companies {
            let place = SOLE.place[usize::from(*company)];
            let alone = with_key(&index.companies, company).len() == 1;
            assert_eq!(place != SEVERAL, alone, "{company:04X}");
            if alone {
                assert!(std::ptr::fn_addr_eq(SOLE.decode[usize::from(place)].unwrap(), *decode));
                let like = index.companies_like.iter().filter(|(matches, _)| matches(*company));
                // Those that ask for any identifier.
                assert_eq!(like.count(), 2, "{company:04X}");
            }
        }
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
