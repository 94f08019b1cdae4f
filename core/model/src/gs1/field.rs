//! What people type or scan into the fields of a shipment, and what is kept of it.

use super::error::{Fault, ScanError};
use super::key::LONGEST_LOT;
use super::{Expiry, Gsin, Gtin, LabelLimits, Lot, Scan, Sscc, read};

/// Goods as a package names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goods {
    /// What they are (AI 01; AI 02 on a package that holds others).
    pub gtin: Option<Gtin>,
    /// Of which lot (AI 10).
    pub lot: Option<Lot>,
    /// How long they hold (AI 17).
    pub expiry: Option<Expiry>,
    /// How many (AI 37 of a package that holds others, else AI 30).
    pub quantity: Option<u32>,
    /// Between which temperatures its label wants them (AIs 4330 to 4333).
    pub label: Option<LabelLimits>,
}

impl Scan {
    /// The goods that the scan names.
    pub fn goods(&self) -> Goods {
        let contents = || self.value("02").and_then(|digits| Gtin::parse(digits).ok());
        let count = self.value("37").or_else(|| self.value("30"));
        Goods {
            gtin: Gtin::of(self).or_else(contents),
            lot: Lot::of(self),
            expiry: Expiry::of(self),
            quantity: count.and_then(|digits| digits.parse().ok()),
            label: LabelLimits::of(self),
        }
    }
}

/// Whether `text` can only have come from a scanner, or was copied from beside a barcode.
fn is_scanned(text: &str) -> bool {
    let ai = |rest: &str| rest.split_once(')').is_some_and(|(ai, _)| super::dictionary::find(ai).is_some());
    text.starts_with(']')
        || text.contains(super::element::SEPARATOR)
        || text.strip_prefix('(').is_some_and(ai)
        || super::is_link(text)
}

/// What a text in a field holds, where it came from a scanner or was copied from beside a barcode; none for
/// what a person typed.
pub fn scanned(text: &str) -> Option<Result<Scan, ScanError>> {
    let text = text.trim();
    match read(text) {
        Ok(scan) if !scan.elements.is_empty() => Some(Ok(scan)),
        Err(error) if is_scanned(text) || is_about_scanner(&error) => Some(Err(error)),
        Ok(_) | Err(_) => None,
    }
}

/// Whether a refusal says that a scanner sent the text, though nothing in front of it does.
fn is_about_scanner(error: &ScanError) -> bool {
    matches!(error.fault, Fault::Ambiguous | Fault::KeyboardLayout)
}

/// The reference of a shipment: the GSIN of a scan as its 17 digits, any other text (a delivery note's number)
/// as it is.
///
/// # Errors
/// Those of [`read`] for a scan, and `gs1/structure` for one without a GSIN.
pub fn reference(text: &str) -> Result<String, ScanError> {
    let text = text.trim();
    if let Some(gsin) = read(text).ok().as_ref().and_then(Gsin::of) {
        return Ok(gsin.to_string());
    }
    if is_scanned(text) { Gsin::typed(text).map(|gsin| gsin.to_string()) } else { Ok(text.to_owned()) }
}

/// A package: its SSCC as 18 digits, scanned or typed, or any other text as it is.
///
/// # Errors
/// `gs1/check-digit` for 18 digits that are no SSCC, those of [`read`] for a scan, and `gs1/structure` for one
/// without an SSCC.
pub fn package(text: &str) -> Result<String, ScanError> {
    const SSCC_DIGITS: usize = 18;
    let text = text.trim();
    if let Some(sscc) = read(text).ok().as_ref().and_then(Sscc::of) {
        return Ok(sscc.to_string());
    }
    let digits = text.len() == SSCC_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits || is_scanned(text) {
        Sscc::typed(text).map(|sscc| sscc.to_string())
    } else {
        Ok(text.to_owned())
    }
}

/// A lot: that of a scan, or the text as it is printed on the package.
///
/// # Errors
/// Those of [`read`] for a scan, `gs1/structure` for one without a lot, and `gs1/length` for a typed text of more
/// than 20 characters (GS1 General Specifications 3.4.1).
pub fn lot(text: &str) -> Result<String, ScanError> {
    let text = text.trim();
    if is_scanned(text) {
        return read(text).and_then(|scan| {
            Lot::of(&scan).map(|lot| lot.as_str().to_owned()).ok_or_else(|| super::key::absent("lot"))
        });
    }
    // An element string without its identifier is longer than any lot.
    let lot = read(text).ok().as_ref().and_then(Lot::of);
    match lot {
        Some(lot) => Ok(lot.as_str().to_owned()),
        None if text.chars().count() > LONGEST_LOT => {
            let why = format!(
                "{} characters; a lot has at most {LONGEST_LOT} (GS1 General Specifications 3.4.1, AI (10))",
                text.chars().count()
            );
            Err(ScanError::new(Fault::Length, why))
        }
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logistic_label_names_the_goods_that_its_package_holds() {
        let label = "]C100095212345432100010020952123454321337120\u{1D}10L7\u{1D}17271100";
        let goods = read(label).unwrap().goods();
        assert_eq!(goods.gtin.unwrap().as_str(), "09521234543213");
        assert_eq!((goods.lot.unwrap().as_str(), goods.expiry.unwrap().as_str()), ("L7", "271100"));
        assert_eq!(goods.quantity, Some(120));
        assert_eq!(package(label).unwrap(), "095212345432100010");
    }

    #[test]
    fn what_a_person_types_is_no_scan_and_a_bad_scan_is_told() {
        for text in ["", "MMR vaccine", "A1", "10A1", "09521234543213", "(urgent)", "270131", "40"] {
            assert_eq!(scanned(text), None, "{text:?}");
        }
        let gtin = |text: &str| scanned(text).unwrap().unwrap().goods().gtin.unwrap().to_string();
        assert_eq!(gtin("010952123454321310A1\r\n"), "09521234543213");
        let code = |text: &str| scanned(text).unwrap().unwrap_err().code();
        assert_eq!(code("]d20109521234543214"), "gs1/check-digit");
        assert_eq!(code("010952123454321310A117260930"), "gs1/ambiguous");
        assert_eq!(code("+d20109521234543213"), "gs1/keyboard-layout");
    }

    #[test]
    fn a_reference_is_a_scanned_gsin_or_any_text() {
        const GSIN: &str = "95212340000000426";
        for text in [format!("(402){GSIN}"), format!("]C1402{GSIN}"), format!("402{GSIN}"), GSIN.to_owned()] {
            assert_eq!(reference(&text).unwrap(), GSIN);
        }
        assert_eq!(reference("(402)95212340000000427").unwrap_err().code(), "gs1/check-digit");
        assert_eq!(reference(" DN-4711 ").unwrap(), "DN-4711");
        assert_eq!(reference("(urgent) DN 7").unwrap(), "(urgent) DN 7");
        assert_eq!(reference("(00)095212345432100010").unwrap_err().code(), "gs1/structure");
    }

    #[test]
    fn a_package_is_an_sscc_or_any_text() {
        for text in ["095212345432100010", "00095212345432100010", "https://id.gs1.org/00/095212345432100010"]
        {
            assert_eq!(package(text).unwrap(), "095212345432100010");
        }
        assert_eq!(package("Box 7").unwrap(), "Box 7");
        assert_eq!(package("095212345432100011").unwrap_err().code(), "gs1/check-digit");
    }

    #[test]
    fn a_lot_is_that_of_a_scan_or_what_is_printed() {
        assert_eq!(lot("(01)09521234543213(10)A1").unwrap(), "A1");
        assert_eq!(lot("010952123454321310A1").unwrap(), "A1");
        assert_eq!(lot("LOT 7").unwrap(), "LOT 7");
        let longest = "ABCDEFGHIJKLMNOPQRST";
        assert_eq!(lot(longest).unwrap(), longest);
        let refused = lot("ABCDEFGHIJKLMNOPQRSTU").unwrap_err();
        assert_eq!(refused.code(), "gs1/length");
        assert!(refused.to_string().contains("GS1 General Specifications 3.4.1"), "{refused}");
        assert_eq!(lot("10A1").unwrap(), "10A1");
        assert_eq!(lot("]d2010952123454321310A117260930").unwrap_err().code(), "gs1/ambiguous");
    }
}
