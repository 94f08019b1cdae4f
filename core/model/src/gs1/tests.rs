//! The whole reader: what it takes, what it refuses, and that printing undoes reading.

use super::*;
use proptest::prelude::*;

fn pairs(scan: &Scan) -> Vec<(&str, &str)> {
    scan.elements.iter().map(|element| (element.ai.as_str(), element.value.as_str())).collect()
}

fn code(text: &str) -> &'static str {
    read(text).map_or_else(|error| error.code(), |_| "ok")
}

#[test]
fn a_scan_serialises_to_the_shape_of_the_command() {
    let scan = read("0109521234543213310300125010A1").unwrap();
    insta::assert_json_snapshot!(scan);
    insta::assert_json_snapshot!(read("]Q1TESTING").unwrap());
    insta::assert_json_snapshot!(read("(01)09521234543213(17)271100").unwrap().meanings(2026));
}

#[test]
fn a_text_is_read_alike_with_an_identifier_with_a_leading_fnc1_and_with_neither() {
    let wanted = [("01", "09521234543213"), ("10", "A1"), ("21", "S9")];
    for text in [
        "]d2010952123454321310A1\u{1D}21S9",
        "\u{1D}010952123454321310A1\u{1D}21S9",
        "010952123454321310A1\u{1D}21S9",
        "^010952123454321310A1^21S9",
        "(01)09521234543213(10)A1(21)S9",
        "https://id.gs1.org/01/09521234543213/10/A1/21/S9",
    ] {
        assert_eq!(pairs(&read(text).unwrap()), wanted, "{text:?}");
    }
}

#[test]
fn a_separator_right_behind_an_identifier_is_refused_with_what_to_set_on_the_scanner() {
    for text in ["]d2\u{1D}0109521234543213", "]C1<GS>0109521234543213", "]Q3{FNC1}10A1", "]e0\u{1D}10A1"] {
        let refused = read(text).unwrap_err();
        assert_eq!(refused.code(), "gs1/unknown-ai", "{text:?}");
        assert!(refused.to_string().contains("FNC1 between values only"), "{refused}");
    }
    assert!(read("\u{1D}0109521234543213").is_ok(), "where nothing else announces it");
}

#[test]
fn separators_count_however_a_keyboard_wedge_types_them() {
    let wanted = [("01", "09521234543213"), ("10", "A1"), ("21", "S9")];
    for mark in ["^]", "\u{241D}", "\u{2194}", "{GS}", "[GS]", "<GS>", "{FNC1}", "<F8>", "\\x1D", "\\u001d"] {
        for text in
            [format!("]C1010952123454321310A1{mark}21S9"), format!("010952123454321310A1{mark}21S9\r\n")]
        {
            assert_eq!(pairs(&read(&text).unwrap()), wanted, "{text:?}");
        }
    }
    let text = "]d2010952123454321310A<GS>1\u{1D}21S9";
    assert_eq!(read(text).unwrap().value("10"), Some("A<GS>1"), "data where real separators came");
}

#[test]
fn line_ends_and_tabs_behind_a_scan_are_passed_over() {
    for end in ["\r", "\n", "\r\n", "\t", "\u{1D}\r\n"] {
        assert_eq!(
            read(&format!("]d2010952123454321310A1{end}")).unwrap().value("10"),
            Some("A1"),
            "{end:?}"
        );
    }
}

#[test]
fn spaces_between_bracketed_elements_and_before_a_scan_are_passed_over_and_none_is_taken_from_inside_a_value()
{
    let tight = read("(01)09521234543213(17)271231(10)A1").unwrap();
    for text in [
        "(01)09521234543213 (17)271231 (10)A1",
        "(01)09521234543213  (17)271231\t(10)A1 ",
        "(01)09521234543213\n(17)271231\r\n(10)A1\n",
        " (01)09521234543213 (17)271231 (10)A1",
    ] {
        assert_eq!(read(text).unwrap().elements, tight.elements, "{text:?}");
    }
    for text in [" ]d2010952123454321310A1", "\t]d2010952123454321310A1\r", "\t 010952123454321310A1"] {
        assert_eq!(read(text).unwrap().value("10"), Some("A1"), "{text:?}");
    }
    assert_eq!(code("(01)09521234543213 (10)A 1"), "gs1/charset");
    assert_eq!(code("(01)0952123 4543213"), "gs1/length");
    assert_eq!(code("(01) 09521234543213"), "gs1/length", "as GS1's own reader has it");
    assert_eq!(code("(10) "), "gs1/charset", "nothing but white space is no value");
}

#[test]
fn a_lost_separator_asks_for_a_rescan_and_brackets_settle_it() {
    for text in ["]d2010952123454321310A117260930", "010952123454321321SER0110LOT917270131"] {
        let error = read(text).unwrap_err();
        assert_eq!(error.code(), "gs1/ambiguous", "{text}");
        assert!(error.why.contains("scan again") && error.next_step().contains("Scan again"));
        assert_eq!(error.read.len(), 2, "the letter of the standard is told");
    }
    let other_date = read("]d20109521234543213172711301036171231").unwrap();
    assert_eq!(other_date.value("10"), Some("36171231"), "a second expiry could not be meant");
    let typed = read("(01)09521234543213(10)A117260930").unwrap();
    assert_eq!(typed.value("10"), Some("A117260930"));
    let separated = read("]d2010952123454321310A117260930\u{1D}21S9").unwrap();
    assert_eq!(separated.value("10"), Some("A117260930"));
}

#[test]
fn a_text_that_nothing_proves_to_be_gs1_data_is_refused() {
    for text in
        ["10ABC123", "9912345", "9521234543213", "09521234543213", "095212345432100010", "TESTING", "", "]"]
    {
        assert_eq!(code(text), "gs1/no-aim-id", "{text:?}");
    }
    for text in ["12345", "[01]09521234543213", "x(01)09521234543213"] {
        assert_eq!(code(text), "gs1/structure", "{text:?}");
    }
    assert_eq!(code("0109521234543214"), "gs1/check-digit");
    let scan = read("0109521234543213").unwrap();
    assert_eq!(scan.warnings.len(), 1);
    assert_eq!(scan.warnings[0].kind, WarningKind::NoSymbologyIdentifier);
}

#[test]
fn a_scanner_that_types_for_another_keyboard_is_told_so() {
    for text in ["+d20109521234543213", "+C10109521234543213", "à&àç(é&é\"'('\"é&\"", "$déà&"] {
        assert_eq!(code(text), "gs1/keyboard-layout", "{text}");
    }
    let error = read("]D20109521234543213").unwrap_err();
    assert_eq!(error.code(), "gs1/unknown-aim-id");
    assert!(error.why.contains("Caps Lock"));
}

#[test]
fn an_ean_upc_or_itf_carrier_gives_a_gtin_of_fourteen_digits() {
    for (text, gtin) in [
        ("]E09521234543213", "09521234543213"),
        ("]E00416000336108", "00416000336108"),
        ("]E402345680", "00000002345680"),
        ("]I109521234543213", "09521234543213"),
    ] {
        assert_eq!(pairs(&read(text).unwrap()), [("01", gtin)], "{text}");
    }
    let composite = read("]E09521234543213]e0172711301012").unwrap();
    assert_eq!(composite.value("10"), Some("12"));
    assert_eq!(code("]E09521234543213|"), "gs1/length");
    assert_eq!(code("]E09521234543213|]e0"), "gs1/empty");
    assert_eq!(code("]E095212345432130"), "gs1/length");
    assert_eq!(code("]E0952123454321A"), "gs1/charset");
}

#[test]
fn what_does_not_go_together_warns_and_what_contradicts_is_refused() {
    let kinds = |text: &str| read(text).unwrap().warnings.iter().map(|one| one.kind).collect::<Vec<_>>();
    assert_eq!(kinds("(10)A1"), [WarningKind::Missing]);
    assert_eq!(kinds("(01)09521234543213(37)12"), [WarningKind::Excluded, WarningKind::Missing]);
    assert_eq!(kinds("(01)09521234543213(3102)000125(3103)001250").len(), 2);
    assert_eq!(kinds("(00)095212345432100010(02)09521234543213(37)12"), []);
    let error = read("(400)ABC(400)AB").unwrap_err();
    assert_eq!((error.code(), error.read.len()), ("gs1/repeat", 2));
}

#[test]
fn a_link_is_read_and_printed_with_key_qualifiers_and_attributes_in_their_places() {
    let link = "https://example.com/shop/01/09521234543213/10/A%2F1?17=271130&99=x%2Bb";
    let scan = read(link).unwrap();
    assert_eq!(pairs(&scan), [("01", "09521234543213"), ("10", "A/1"), ("17", "271130"), ("99", "x+b")]);
    assert_eq!(scan.digital_link("https://example.com/shop/").as_deref(), Some(link));
    for (refused, why) in [
        ("https://a/01/09521234543213/21/S1/10/L1", "gs1/dl-structure"),
        ("https://a/01/09521234543213?10=L1", "gs1/dl-structure"),
        ("https://a/01/09521234543213?99=1&99=1", "gs1/dl-structure"),
        ("https://a/01/09521234543213?22=1", "gs1/dl-structure"),
        ("https://a/01/09521234543213?18=1", "gs1/unknown-ai"),
        ("https://a/01/09521234543213/10/", "gs1/empty"),
        ("https://a/01/9521234543213", "gs1/length"),
        ("https://a/01/09521234543213/10/%C3%A9", "gs1/charset"),
        ("https://a/ARHOGc5iMMQ", "gs1/dl-structure"),
        ("https://a/gtin/09521234543213", "gs1/dl-structure"),
        ("https://me@a/01/09521234543213", "gs1/uri"),
        ("ftp://a/01/09521234543213", "gs1/uri"),
        ("https:///01/09521234543213", "gs1/uri"),
    ] {
        assert_eq!(code(refused), why, "{refused}");
    }
    let short = read_with("https://a/01/9521234543213", ShortGtins::Filled).unwrap();
    assert_eq!(short.value("01"), Some("09521234543213"));
}

#[test]
fn every_fault_has_a_code_of_its_own_and_a_next_step() {
    let codes: std::collections::BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.code()).collect();
    assert_eq!(codes.len(), Fault::ALL.len());
    for fault in Fault::ALL {
        assert!(fault.code().starts_with("gs1/") && fault.next_step().ends_with('.'), "{fault:?}");
    }
}

/// Elements that a package may carry, each right by itself.
fn elements() -> impl Strategy<Value = Vec<Element>> {
    let set_82 = "[!\"%&'()*+,./0-9:;<=>?A-Z_a-z-]{1,20}";
    let lot = set_82.prop_map(|value| Element { ai: "10".into(), value });
    let serial = set_82.prop_map(|value| Element { ai: "21".into(), value });
    let internal = (91..=99_u8, set_82).prop_map(|(ai, value)| Element { ai: ai.to_string(), value });
    let gtin = (0..10_000_000_000_000_u64).prop_map(|number| {
        let digits = format!("{number:013}");
        let check = char::from(check::digit(&digits).unwrap_or(b'0'));
        Element { ai: "01".into(), value: format!("{digits}{check}") }
    });
    let expiry = (0..100_u8, 1..=12_u8, 0..=28_u8).prop_map(|(year, month, day)| Element {
        ai: "17".into(),
        value: format!("{year:02}{month:02}{day:02}"),
    });
    let limit = (0..1_000_000_u32, any::<bool>()).prop_map(|(value, below)| Element {
        ai: "4331".into(),
        value: format!("{value:06}{}", if below { "-" } else { "" }),
    });
    (gtin, lot, serial, internal, expiry, limit)
        .prop_map(|(a, b, c, d, e, f)| vec![a, b, c, d, e, f])
        .prop_shuffle()
}

#[test]
fn a_text_longer_than_any_barcode_is_refused_by_its_length_and_asks_for_another_scan() {
    let longest = format!("]d2{}", "21A\u{1D}".repeat(1_771));
    assert_eq!(longest.chars().count(), 7_087);
    assert_eq!(read(&longest).unwrap().elements.len(), 1_771, "the same again is no contradiction");
    let error = read(&format!("{longest}21A")).unwrap_err();
    assert_eq!((error.code(), error.next_step().starts_with("Scan again")), ("gs1/length", true));
    for endless in ["(01)09521234543213", "https://id.gs1.org/01/09521234543213?", "\u{1D}", "^", "["] {
        assert_eq!(code(&endless.repeat(7_090)), "gs1/length");
    }
}

proptest! {
    #[test]
    fn what_is_printed_with_brackets_or_separators_is_read_again(elements in elements()) {
        let scan = Scan { elements, ..Scan::default() };
        prop_assert_eq!(&read(&scan.bracketed()).unwrap().elements, &scan.elements);
        let joined: String = scan.elements.iter().map(|one| format!("{}{}\u{1D}", one.ai, one.value)).collect();
        prop_assert_eq!(&read(&format!("]d2{joined}")).unwrap().elements, &scan.elements);
    }

    #[test]
    fn a_link_that_is_printed_is_read_as_the_same_elements(elements in elements()) {
        let scan = Scan { elements, ..Scan::default() };
        let link = scan.digital_link("https://id.gs1.org").unwrap();
        let mut read = read(&link).unwrap().elements;
        let mut wanted = scan.elements;
        for list in [&mut read, &mut wanted] {
            list.sort_by(|one, other| one.ai.cmp(&other.ai));
        }
        prop_assert_eq!(read, wanted);
    }

    #[test]
    fn any_text_gives_elements_that_print_and_read_alike_or_a_coded_refusal(text in "\\PC{0,60}|[0-9\u{1D}()A-Z^\\]]{0,60}") {
        match read(&text) {
            Ok(scan) if scan.plain.is_some() => prop_assert!(scan.elements.is_empty()),
            Ok(scan) => prop_assert_eq!(read(&scan.bracketed()).unwrap().elements, scan.elements),
            Err(error) => prop_assert!(error.code().starts_with("gs1/") && !error.why.is_empty()),
        }
    }

    #[test]
    fn one_wrong_digit_of_a_key_is_never_taken(at in 0..18_usize, by in 1..10_u8) {
        let mut digits = *b"395212340000000427";
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        let text = format!("]C100{}", String::from_utf8_lossy(&digits));
        prop_assert_eq!(code(&text), "gs1/check-digit");
    }
}
