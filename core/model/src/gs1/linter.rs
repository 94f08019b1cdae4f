//! The checks of a value's parts, by their names in the GS1 Barcode Syntax Dictionary.

use super::date::{is_day, is_month_or_day, is_time};
use super::error::Fault;
use super::{check, codes, coupon};

/// One check of one part of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linter {
    CheckDigit,
    CheckPair,
    CompanyPrefix,
    CompanyPrefixAfterOne,
    ShortDate,
    ShortDateOrMonth,
    LongDate,
    Hour,
    Minute,
    Second,
    HourMinute,
    Country,
    CountryOr999,
    CountryAlpha2,
    Currency,
    Iban,
    PercentEncoded,
    Latitude,
    Longitude,
    YesNo,
    Hyphen,
    Zero,
    NonZero,
    NoLeadingZero,
    HasNonDigit,
    Winding,
    PieceOfTotal,
    PositionSlash,
    ImporterIndex,
    PackageType,
    MediaType,
    Sex,
    Coupon,
    PositiveOffer,
}

/// The fewest digits of a GS1 Company Prefix.
const SHORTEST_COMPANY_PREFIX: usize = 4;

impl Linter {
    /// The check of a name in the table.
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "csum" => Self::CheckDigit,
            "csumalpha" => Self::CheckPair,
            "gcppos1" => Self::CompanyPrefix,
            "gcppos2" => Self::CompanyPrefixAfterOne,
            "yymmdd" => Self::ShortDate,
            "yymmd0" => Self::ShortDateOrMonth,
            "yyyymmdd" => Self::LongDate,
            "hh" => Self::Hour,
            "mi" => Self::Minute,
            "ss" => Self::Second,
            "hhmi" => Self::HourMinute,
            "iso3166" => Self::Country,
            "iso3166999" => Self::CountryOr999,
            "iso3166alpha2" => Self::CountryAlpha2,
            "iso4217" => Self::Currency,
            "iso5218" => Self::Sex,
            "iban" => Self::Iban,
            "pcenc" => Self::PercentEncoded,
            "latitude" => Self::Latitude,
            "longitude" => Self::Longitude,
            "yesno" => Self::YesNo,
            "hyphen" => Self::Hyphen,
            "zero" => Self::Zero,
            "nonzero" => Self::NonZero,
            "nozeroprefix" => Self::NoLeadingZero,
            "hasnondigit" => Self::HasNonDigit,
            "winding" => Self::Winding,
            "pieceoftotal" => Self::PieceOfTotal,
            "posinseqslash" => Self::PositionSlash,
            "importeridx" => Self::ImporterIndex,
            "packagetype" => Self::PackageType,
            "mediatype" => Self::MediaType,
            "couponcode" => Self::Coupon,
            "couponposoffer" => Self::PositiveOffer,
            _ => return None,
        })
    }

    /// Whether it holds that a part is a calendar date.
    pub fn is_date(self) -> bool {
        matches!(self, Self::ShortDate | Self::ShortDateOrMonth | Self::LongDate)
    }

    /// Whether it checks a coupon, whose digits follow a grammar of their own.
    pub fn is_coupon(self) -> bool {
        matches!(self, Self::Coupon | Self::PositiveOffer)
    }

    /// Checks `part`, whose characters and length are right already; says what is wrong with it.
    pub fn check(self, part: &str) -> Result<(), (Fault, &'static str)> {
        match self {
            Self::CheckDigit => held(check::digit_holds(part), Fault::CheckDigit, "its check digit is wrong"),
            Self::CheckPair => check_pair(part),
            Self::ShortDate => is_day(2, part),
            Self::ShortDateOrMonth => is_month_or_day(part),
            Self::LongDate => is_day(4, part),
            Self::Hour | Self::HourMinute => {
                held(is_time(part), Fault::Time, "it has a time of day that does not exist")
            }
            Self::Minute | Self::Second => held(
                number(part).is_some_and(|value| value < 60),
                Fault::Time,
                "it has a time of day that does not exist",
            ),
            Self::Iban => iban(part),
            Self::Coupon => held(coupon::is_coupon(part), Fault::Format, "it is no coupon code"),
            Self::PositiveOffer => {
                held(coupon::is_positive_offer(part), Fault::Format, "it is no positive offer coupon")
            }
            _ => self.form(part),
        }
    }

    /// The checks whose breach is one of form.
    fn form(self, part: &str) -> Result<(), (Fault, &'static str)> {
        let (holds, wrong) = match self {
            Self::CompanyPrefix => (begins_with_prefix(part), "it does not start with a company prefix"),
            Self::CompanyPrefixAfterOne => {
                (part.get(1..).is_some_and(begins_with_prefix), "it does not hold a company prefix")
            }
            Self::Country => (codes::is_country(part), "it has a country code that does not exist"),
            Self::CountryOr999 => {
                (part == "999" || codes::is_country(part), "it has a country code that does not exist")
            }
            Self::CountryAlpha2 => {
                (codes::is_country_alpha2(part), "it has a country code that does not exist")
            }
            Self::Currency => (codes::is_currency(part), "it has a currency code that does not exist"),
            Self::PackageType => (codes::is_package_type(part), "it has a package type that does not exist"),
            Self::PercentEncoded => (is_percent_encoded(part), "it has a broken percent escape"),
            Self::Latitude => (at_most(part, 1_800_000_000), "it has a coordinate out of range"),
            Self::Longitude => (at_most(part, 3_600_000_000), "it has a coordinate out of range"),
            Self::YesNo => (matches!(part, "0" | "1"), "it is neither 0 for no nor 1 for yes"),
            Self::Hyphen => (part == "-", "after the digits only a minus sign may follow"),
            Self::Zero => (part.bytes().all(|digit| digit == b'0'), "it has a part that must be zero"),
            Self::NonZero => (part.bytes().any(|digit| digit != b'0'), "it has a part that must not be zero"),
            Self::NoLeadingZero => (part == "0" || !part.starts_with('0'), "it must not begin with a zero"),
            Self::HasNonDigit => {
                (part.bytes().any(|byte| !byte.is_ascii_digit()), "it must not be of digits alone")
            }
            Self::Winding => (matches!(part, "0" | "1" | "9"), "it has a wrong winding direction"),
            Self::PieceOfTotal => (is_piece_of_total(part), "piece number and total do not fit"),
            Self::PositionSlash => return position(part),
            Self::ImporterIndex => (
                part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')),
                "it has an importer index that does not exist",
            ),
            Self::MediaType => (
                number(part).is_some_and(|code| matches!(code, 1..=10 | 80..=99)),
                "it has a media type that does not exist",
            ),
            Self::Sex => (matches!(part, "0" | "1" | "2" | "9"), "it is no code of ISO 5218"),
            // Those with a fault of their own are checked above.
            _ => (true, ""),
        };
        held(holds, Fault::Format, wrong)
    }
}

fn held(holds: bool, fault: Fault, wrong: &'static str) -> Result<(), (Fault, &'static str)> {
    if holds { Ok(()) } else { Err((fault, wrong)) }
}

fn number(digits: &str) -> Option<u64> {
    digits.parse().ok()
}

fn at_most(digits: &str, greatest: u64) -> bool {
    number(digits).is_some_and(|value| value <= greatest)
}

fn begins_with_prefix(part: &str) -> bool {
    part.bytes().take_while(u8::is_ascii_digit).count() >= SHORTEST_COMPANY_PREFIX
}

fn check_pair(part: &str) -> Result<(), (Fault, &'static str)> {
    held(part.len() >= 2, Fault::Format, "it is too short for its check characters")?;
    held(check::pair_holds(part), Fault::CheckDigit, "its check characters are wrong")
}

/// RFC 3986, section 2.1: a percent sign and two hexadecimal digits.
fn is_percent_encoded(part: &str) -> bool {
    part.split('%').skip(1).all(|escape| {
        let digits = escape.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Two digits of the piece, two of how many there are.
fn is_piece_of_total(part: &str) -> bool {
    let pair = part.split_at_checked(2).and_then(|(piece, total)| Some((number(piece)?, number(total)?)));
    pair.is_some_and(|(piece, total)| piece > 0 && piece <= total)
}

/// `position/end`, neither zero.
fn position(part: &str) -> Result<(), (Fault, &'static str)> {
    let counted = |text: &str| {
        let digits = !text.is_empty() && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| number(text)).flatten()
    };
    let pair = part.split_once('/').and_then(|(at, end)| Some((counted(at)?, counted(end)?)));
    match pair {
        None => Err((Fault::Format, "it is not of the form n/m")),
        Some((at, end)) => held(at <= end, Fault::Format, "its position is beyond the end"),
    }
}

/// ISO 13616-1: country, check digits, account; the whole turned by four is 1 modulo 97.
fn iban(part: &str) -> Result<(), (Fault, &'static str)> {
    const SHORTEST: usize = 11;
    held(part.len() >= SHORTEST, Fault::Format, "it is too short for an IBAN")?;
    let country = part.get(..2).is_some_and(codes::is_country_alpha2);
    held(country, Fault::Format, "it has a country code that does not exist")?;
    let allowed = part.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    held(allowed, Fault::Format, "it has a character that no IBAN has")?;
    let turned = part.bytes().skip(4).chain(part.bytes().take(4));
    let remainder = turned.fold(0_u32, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    });
    held(remainder == 1, Fault::CheckDigit, "the check digits of its IBAN are wrong")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds `good` and refuses `bad`.
    fn judge(linter: Linter, good: &[&str], bad: &[&str]) {
        for part in good {
            assert_eq!(linter.check(part), Ok(()), "{linter:?} of {part:?}");
        }
        for part in bad {
            assert!(linter.check(part).is_err(), "{linter:?} of {part:?}");
        }
    }

    #[test]
    fn keys_have_their_check_digits_and_company_prefixes() {
        judge(Linter::CheckDigit, &["09521234543213", "395212340000000427"], &["09521234543214", "", "A"]);
        // GS1 General Specifications, 7.9.5, gives the first as its example.
        judge(
            Linter::CheckPair,
            &["1987654Ad4X4bL5ttr2310c2K", "22"],
            &["1987654Ad4X4bL5ttr2310cXK", "2", ""],
        );
        judge(Linter::CompanyPrefix, &["0123", "9521A"], &["012", "12A4", ""]);
        judge(Linter::CompanyPrefixAfterOne, &["01234", "95212"], &["0123", "0012A", ""]);
    }

    #[test]
    fn dates_and_times_exist() {
        judge(Linter::ShortDate, &["240229", "000229", "991231"], &["250229", "991200", "991301", "990001"]);
        judge(Linter::ShortDateOrMonth, &["240200", "991231"], &["990000", "991300", "990431"]);
        judge(Linter::LongDate, &["20240229", "20001231"], &["20250229", "19000229", "20240100"]);
        judge(Linter::HourMinute, &["0000", "2359"], &["2400", "0060"]);
        judge(Linter::Hour, &["00", "23"], &["24"]);
        judge(Linter::Minute, &["00", "59"], &["60"]);
        judge(Linter::Second, &["00", "59"], &["60"]);
    }

    #[test]
    fn codes_are_those_of_their_lists() {
        judge(Linter::Country, &["756"], &["999", "000"]);
        judge(Linter::CountryOr999, &["756", "999"], &["998"]);
        judge(Linter::CountryAlpha2, &["CH"], &["ch", "XX"]);
        judge(Linter::Currency, &["978", "756"], &["000"]);
        judge(Linter::Sex, &["0", "1", "2", "9"], &["3"]);
        judge(Linter::MediaType, &["01", "10", "80", "99"], &["00", "11", "79"]);
        judge(Linter::PackageType, &["APE", "8"], &["8Z", "ap"]);
        judge(Linter::ImporterIndex, &["A", "-", "_", "z", "0"], &["+", "/"]);
        judge(Linter::Winding, &["0", "1", "9"], &["2"]);
        judge(Linter::YesNo, &["0", "1"], &["2"]);
    }

    #[test]
    fn numbers_keep_their_bounds() {
        judge(Linter::Latitude, &["0000000000", "1800000000"], &["1800000001"]);
        judge(Linter::Longitude, &["3600000000"], &["3600000001"]);
        judge(Linter::Hyphen, &["-"], &["+", "0"]);
        judge(Linter::Zero, &["0"], &["1"]);
        judge(Linter::NonZero, &["0001"], &["0000"]);
        judge(Linter::NoLeadingZero, &["0", "10"], &["01", "00"]);
        judge(Linter::HasNonDigit, &["1A"], &["12"]);
        judge(Linter::PieceOfTotal, &["0102", "0202"], &["0001", "0302", "0000"]);
        judge(Linter::PositionSlash, &["1/2", "2/2"], &["2/1", "0/1", "111", "1/0", "/1", "1/"]);
        judge(Linter::PercentEncoded, &["A%20b", "ABC"], &["ABC%0g", "%", "A%2"]);
    }

    #[test]
    fn an_iban_has_a_country_and_check_digits() {
        let good = ["FR7630006000011234567890189", "CH5604835012345678009", "GB98MIDL07009312345678"];
        let bad = ["BE71096123456760", "XX361234567890", "BE71", "LC14BOSLxx3456789012345678901230", ""];
        judge(Linter::Iban, &good, &bad);
    }
}
