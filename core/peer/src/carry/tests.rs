use super::header::Header;
use super::*;
use crate::endpoint::EndpointSeed;
use firn_ledger::bytes::PublicKey;
use zeroize::Zeroizing;

fn seed(number: u8) -> EndpointSeed {
    EndpointSeed::new([number; 32])
}

fn key(number: u8) -> PublicKey {
    PublicKey(*seed(number).id().as_bytes())
}

fn entropy(number: u8) -> Entropy {
    Zeroizing::new([number; 64])
}

fn opened(bytes: &[u8], number: u8) -> Result<[u8; 32], &'static str> {
    let mut from = bytes;
    Header::open(&mut from, &seed(number)).map(|header| *header.key).map_err(|error| error.code())
}

#[test]
fn each_addressee_opens_the_same_key_and_nobody_else_any() {
    let header = Header::seal(&[key(1), key(2), key(3)], &entropy(9)).unwrap();
    for number in 1..=3 {
        assert_eq!(opened(&header.bytes, number), Ok(*header.key));
    }
    assert_eq!(opened(&header.bytes, 4), Err("peer/file-not-for-this-device"));
    let other = Header::seal(&[key(1), key(2), key(3)], &entropy(8)).unwrap();
    assert_ne!(*other.key, *header.key);
}

#[test]
fn the_beginning_of_a_file_its_key_and_its_writer_have_these_bytes_for_ever() {
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let header = Header::seal(&[key(1), key(2)], &entropy(9)).unwrap();
    let signer = firn_ledger::key::SecretKey::from_seed(&[3; 32]);
    let writer = Writer::sign(firn_ledger::bytes::LogId([4; 32]), 5, &header.bytes, &signer).unwrap();
    insta::assert_snapshot!([hex(&header.bytes), hex(&*header.key), hex(&writer.encode())].join("\n"));
}

#[test]
fn a_header_names_nobody_and_does_not_tell_how_many_it_is_for() {
    let few = Header::seal(&[key(1)], &entropy(9)).unwrap().bytes;
    let more: Vec<PublicKey> = (1..=16).map(key).collect();
    let more = Header::seal(&more, &entropy(9)).unwrap().bytes;
    assert_eq!(few.len(), more.len());
    let named = |bytes: &[u8], key: PublicKey| bytes.windows(32).any(|window| window == key.0);
    assert!((1..=16).all(|number| !named(&few, key(number)) && !named(&more, key(number))));
}

#[test]
fn a_file_for_nobody_or_for_too_many_is_not_written() {
    let code = |endpoints: &[PublicKey]| Header::seal(endpoints, &entropy(9)).err().map(|error| error.code());
    assert_eq!(code(&[]), Some("peer/file-nobody"));
    // What is no point of the curve is nobody's key.
    assert_eq!(code(&[PublicKey([2; 32])]), Some("peer/file-nobody"));
    assert_eq!(code(&vec![key(1); super::header::MAX_STANZAS + 1]), Some("peer/file-too-many"));
}

#[test]
fn a_header_that_was_cut_changed_or_is_of_another_file_is_told_by_its_code() {
    let header = Header::seal(&[key(1)], &entropy(9)).unwrap().bytes;
    for (bytes, code) in [
        (&b""[..], "peer/file-not-one"),
        (b"%PDF-1.7 and so on", "peer/file-not-one"),
        (b"firn carried v2\nand something new", "peer/file-newer-version"),
        (b"firn carried v0\nand what the preview wrote", "peer/file-preview"),
        (&header[..20], "peer/file-truncated"),
        (&header[..49], "peer/file-truncated"),
        (&header[..header.len() - 1], "peer/file-truncated"),
    ] {
        assert_eq!(opened(bytes, 1), Err(code), "{} bytes", bytes.len());
    }
    for count in [[0, 0], [0, 5], [0xff, 0xf0]] {
        let mut changed = header.clone();
        changed[48..50].copy_from_slice(&count);
        assert_eq!(opened(&changed, 1), Err("peer/file-damaged"));
    }
    // A point of small order shares no secret.
    let mut small = header.clone();
    small[16..48].fill(0);
    assert_eq!(opened(&small, 1), Err("peer/file-not-for-this-device"));
}

/// RFC 7748 §6.1: the keys are those that its private keys give, whichever way they were made.
#[test]
fn the_key_that_seals_is_the_endpoints_own_by_the_map_of_rfc_7748() {
    for number in [1, 7, 200] {
        let edwards = curve25519_dalek::edwards::CompressedEdwardsY(key(number).0).decompress().unwrap();
        assert_eq!(seed(number).exchange_key(), edwards.to_montgomery().0);
    }
}
