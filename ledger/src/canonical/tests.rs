use proptest::prelude::*;

use super::*;

fn refused(bytes: &[u8]) -> &'static str {
    check(bytes).expect_err("these bytes should be refused").reason
}

#[test]
fn each_value_has_one_encoding() {
    for good in [
        &b"\x00"[..],
        b"\x17",
        b"\x18\x18",
        b"\x19\x01\x00",
        b"\x1a\x00\x01\x00\x00",
        b"\x1b\x00\x00\x00\x01\x00\x00\x00\x00",
        b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x40",
        b"\x62\xc3\xa9",
        b"\x80",
        b"\xa0",
        b"\xa2\x01\x02\x03\x04",
        b"\xa2\x0a\x00\x18\x64\x00",
        b"\xd2\x80",
        b"\xf4",
        b"\xf6",
    ] {
        assert_eq!(check(good), Ok(()), "{good:02x?}");
    }
}

#[test]
fn every_other_encoding_is_refused() {
    assert_eq!(refused(b""), "the bytes end too early");
    assert_eq!(refused(b"\x18\x17"), "not the shortest form");
    assert_eq!(refused(b"\x19\x00\xff"), "not the shortest form");
    assert_eq!(refused(b"\x1a\x00\x00\xff\xff"), "not the shortest form");
    assert_eq!(refused(b"\x1b\x00\x00\x00\x00\xff\xff\xff\xff"), "not the shortest form");
    assert_eq!(refused(b"\x58\x01a"), "not the shortest form");
    assert_eq!(refused(b"\x9f\xff"), "an indefinite length or a reserved form");
    assert_eq!(refused(b"\x1c"), "an indefinite length or a reserved form");
    assert_eq!(refused(b"\xf9\x00\x00"), "a floating-point number");
    assert_eq!(refused(b"\xf7"), "a simple value other than false, true and null");
    assert_eq!(refused(b"\xf8\x20"), "a simple value other than false, true and null");
    assert_eq!(refused(b"\x61\xff"), "text that is not UTF-8");
    assert_eq!(refused(b"\xa2\x02\x00\x01\x00"), "map keys that do not ascend");
    assert_eq!(refused(b"\xa2\x01\x00\x01\x00"), "map keys that do not ascend");
    assert_eq!(refused(b"\xa1\x01"), "the bytes end too early");
    assert_eq!(refused(b"\x00\x00"), "bytes after the item");
}

#[test]
fn a_length_that_is_only_claimed_allocates_nothing() {
    assert_eq!(refused(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"), "the bytes end too early");
    assert_eq!(refused(b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff"), "the bytes end too early");
    assert_eq!(refused(b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff"), "the bytes end too early");
}

#[test]
fn sixteen_levels_are_allowed_and_seventeen_refused() {
    let nested = |levels: usize| [vec![0x81; levels], vec![0x00]].concat();
    assert_eq!(check(&nested(16)), Ok(()));
    assert_eq!(refused(&nested(17)), "nested too deeply");
    assert_eq!(refused(&vec![0xd2; 1_000_000]), "nested too deeply");
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let scalar = prop_oneof![
        any::<i64>().prop_map(|n| Writer::new().int(n).clone().into_bytes()),
        any::<Vec<u8>>().prop_map(|b| Writer::new().bytes(&b).clone().into_bytes()),
        "\\PC{0,8}".prop_map(|t| Writer::new().text(&t).clone().into_bytes()),
    ];
    scalar.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| {
                let mut writer = Writer::new();
                writer.array(items.len());
                items.iter().for_each(|item| {
                    writer.raw(item);
                });
                writer.into_bytes()
            }),
            prop::collection::btree_map(inner.clone(), inner, 0..6).prop_map(|pairs| {
                let mut writer = Writer::new();
                writer.map(pairs.len());
                pairs.iter().for_each(|(key, value)| {
                    writer.raw(key).raw(value);
                });
                writer.into_bytes()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let checked = check(&bytes);
        prop_assert_eq!(Reader::new(&bytes).skip().is_ok() , item_end(&bytes, 0, 0).is_ok());
        if checked.is_ok() {
            prop_assert!(!bytes.is_empty());
        }
    }

    #[test]
    fn what_is_written_is_canonical(bytes in value()) {
        prop_assert_eq!(check(&bytes), Ok(()));
        prop_assert!(check(&[bytes.as_slice(), &[0]].concat()).is_err());
        prop_assert!(check(&bytes[..bytes.len() - 1]).is_err());
    }
}
