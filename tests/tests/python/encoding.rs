//! Bytes that are deterministic CBOR, and bytes that are not.

use super::suite::{Suite, flipped, hex};
use data_encoding::HEXLOWER;
use firn_ledger::canonical;
use serde_json::json;

/// Items by their bytes, each with what is special about it in its own name.
const ITEMS: &[(&str, &str)] = &[
    ("the largest integer", "1bffffffffffffffff"),
    ("the smallest integer", "3bffffffffffffffff"),
    ("24 in two bytes", "1818"),
    ("23 in two bytes", "1817"),
    ("255 in three bytes", "1900ff"),
    ("65535 in five bytes", "1a0000ffff"),
    ("4294967295 in nine bytes", "1b00000000ffffffff"),
    ("a long length in a longer form", "5818000102030405060708090a0b0c0d0e0f1011121314151617"),
    ("a short length in a longer form", "580100"),
    ("an array's length in a longer form", "980100"),
    ("a map's length in a longer form", "b8010000"),
    ("a tag in a longer form", "d81200"),
    ("bytes of an indefinite length", "5f4100ff"),
    ("text of an indefinite length", "7f6161ff"),
    ("an array of an indefinite length", "9f00ff"),
    ("a map of an indefinite length", "bf0000ff"),
    ("a break alone", "ff"),
    ("text in UTF-8", "62c3a9"),
    ("text that is cut within a letter", "61c3"),
    ("text with a surrogate", "63eda080"),
    ("text with an overlong letter", "62c080"),
    ("false", "f4"),
    ("true", "f5"),
    ("null", "f6"),
    ("undefined", "f7"),
    ("a simple value", "f0"),
    ("a simple value in two bytes", "f820"),
    ("a simple value in two bytes that fits in one", "f810"),
    ("half a float", "f93c00"),
    ("a float", "fa3f800000"),
    ("a double", "fb3ff0000000000000"),
    ("not a number", "f97e00"),
    ("a tag", "c06131"),
    ("a tag around nothing", "c0"),
    ("a tag in a tag", "c1c100"),
    ("a large tag", "dbffffffffffffffff00"),
    ("a big number", "c249010000000000000000"),
    ("a set", "d9010280"),
    ("a shared reference", "d81d00"),
    ("a reserved length", "1c"),
    ("nothing", ""),
    ("two items", "0000"),
    ("an array that ends too early", "8200"),
    ("a map that ends too early", "a100"),
    ("bytes that end too early", "4200"),
    ("an array of more than there is", "9bffffffffffffffff"),
    ("bytes of more than there is", "5bffffffffffffffff"),
    ("a map of more than there is", "bbffffffffffffffff"),
    ("keys that ascend by their first byte", "a30a001818002000"),
    ("keys that ascend by length alone", "a30a002000181800"),
    ("keys of several types", "a400002000410000616100"),
    ("keys that descend", "a201000000"),
    ("a key twice", "a200000000"),
    ("text keys by length", "a261620062616100"),
    ("text keys by letter", "a262616100616200"),
    ("an array as key", "a1810000"),
    ("a map as key", "a1a1000000"),
    ("an empty map and an empty array", "82a080"),
];

/// Those, every item of one byte, nesting, and each bit of a rich item flipped.
pub fn items() -> Suite {
    let mut suite = Suite::new("encoding", "cbor");
    let mut ask = |name: String, bytes: &[u8]| {
        let says = canonical::check(bytes).is_ok();
        suite.cases.push(json!({"name": name, "bytes": hex(bytes), "says": says}));
    };
    for (name, digits) in ITEMS {
        ask((*name).to_owned(), &HEXLOWER.decode(digits.as_bytes()).unwrap());
    }
    for byte in 0..=u8::MAX {
        ask(format!("byte {byte:02x}"), &[byte]);
    }
    for depth in 14..19 {
        ask(format!("{depth} arrays around an integer"), &[vec![0x81; depth], vec![0]].concat());
        ask(format!("{depth} arrays around an empty one"), &[vec![0x81; depth], vec![0x80]].concat());
        ask(format!("{depth} tags"), &[vec![0xc9; depth], vec![0]].concat());
        ask(format!("{depth} maps"), &[[0xa1, 0x00].repeat(depth), vec![0]].concat());
    }
    // {1: -8, 3: "é", 4: [h'0102', null, {24: 1000}], 25: 9(h'')}
    let rich = HEXLOWER.decode(b"a401270362c3a90483420102f6a118181903e81819c940").unwrap();
    ask("a rich item".to_owned(), &rich);
    for place in 0..rich.len() {
        for bit in 0..8 {
            let changed = flipped(&rich, isize::try_from(place).unwrap(), bit);
            ask(format!("the rich item with bit {bit} of byte {place} flipped"), &changed);
        }
    }
    suite
}
