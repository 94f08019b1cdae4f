//! Coupon codes of North America, which AI 8110 and AI 8112 carry.
//!
//! Sources: GS1 US, North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols;
//! GS1 US, GS1 AI (8112) Coupon Data Specification.

use super::date::is_day;

/// Digits that are taken from the left.
struct Digits<'a>(&'a str);

impl<'a> Digits<'a> {
    fn take(&mut self, count: usize) -> Option<&'a str> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// One digit, where it is one of `allowed`.
    fn one_of(&mut self, allowed: &str) -> Option<usize> {
        let digit = self.take(1)?;
        if allowed.contains(digit) { digit.parse().ok() } else { None }
    }

    /// A number that a digit out of `allowed` tells the length of, less `more`.
    fn counted(&mut self, allowed: &str, more: usize) -> Option<&'a str> {
        let length = self.one_of(allowed)?;
        self.take(length.checked_add(more)?)
    }

    /// Takes the mark of an optional field, where it comes next.
    fn is_marked(&mut self, mark: &str) -> bool {
        self.0.strip_prefix(mark).map(|rest| self.0 = rest).is_some()
    }

    /// A requirement, its code and its family of products.
    fn purchase(&mut self) -> Option<()> {
        self.counted("12345", 0)?;
        self.one_of("012349")?;
        self.take(3).map(drop)
    }

    /// The company of a second or third purchase; 9 stands for that of the first.
    fn company(&mut self) -> Option<()> {
        if self.is_marked("9") { Some(()) } else { self.counted("0123456", 6).map(drop) }
    }
}

/// Whether `text` is a coupon code as AI 8110 carries it.
pub(super) fn is_coupon(text: &str) -> bool {
    all_digits(text) && coupon(&mut Digits(text)).is_some()
}

fn coupon(digits: &mut Digits) -> Option<()> {
    digits.counted("0123456", 6)?;
    digits.take(6)?;
    digits.counted("12345", 0)?;
    digits.purchase()?;
    if digits.is_marked("1") {
        digits.one_of("0123")?;
        digits.purchase()?;
        digits.company()?;
    }
    if digits.is_marked("2") {
        digits.purchase()?;
        digits.company()?;
    }
    dates(digits)?;
    if digits.is_marked("5") {
        digits.counted("0123456789", 6)?;
    }
    if digits.is_marked("6") {
        digits.counted("1234567", 6)?;
    }
    if digits.is_marked("9") {
        digits.one_of("01256")?;
        digits.one_of("012")?;
        digits.take(1)?;
        digits.one_of("01")?;
    }
    digits.0.is_empty().then_some(())
}

/// When the offer ends and begins; it does not end before it begins.
fn dates(digits: &mut Digits) -> Option<()> {
    let mut date = |mark| {
        if !digits.is_marked(mark) {
            return Some(None);
        }
        let date = digits.take(6)?;
        is_day(2, date).ok().map(|()| Some(date))
    };
    let (end, begin) = (date("3")?, date("4")?);
    end.zip(begin).is_none_or(|(end, begin)| begin <= end).then_some(())
}

/// Whether `text` is a coupon code of the positive offer file as AI 8112 carries it.
pub(super) fn is_positive_offer(text: &str) -> bool {
    let offer = |digits: &mut Digits| {
        digits.one_of("01")?;
        digits.counted("0123456", 6)?;
        digits.take(6)?;
        digits.counted("0123456789", 6)?;
        digits.0.is_empty().then_some(())
    };
    all_digits(text) && offer(&mut Digits(text)).is_some()
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coupon_has_company_offer_value_and_purchase_and_marked_fields_in_their_order() {
        let base = "012345612345611110123";
        let fields = ["", "101101239", "21101239", "32612314260101", "50123456", "611234567", "90000"];
        for more in fields {
            assert!(is_coupon(&format!("{base}{more}")), "{more}");
        }
        assert!(is_coupon(&format!("{base}{}", fields.concat())), "all fields in their order");
        for bad in ["", "201234561234560123456", "07", "0012345612345601234567", "00123456123456012345a"] {
            assert!(!is_positive_offer(bad), "{bad:?}");
        }
    }
}
