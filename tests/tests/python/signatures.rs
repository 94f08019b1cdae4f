//! Signatures that lenient verifiers take and strict ones refuse, and the few that look hostile and hold.
//!
//! After "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020): the same classes, with keys of our own.

use super::suite::{Suite, hex};
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as BASE, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use firn_ledger::bytes::{PublicKey, Signature};
use serde_json::json;
use sha2::{Digest, Sha512};

/// The order of the base point, little-endian (RFC 8032 §5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn scalar(seed: &str) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(seed).into())
}

/// The k of RFC 8032 §5.1.7.
fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let digest = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

struct Signatures(Suite);

impl Signatures {
    fn ask(&mut self, name: impl Into<String>, key: [u8; 32], message: &[u8], r: [u8; 32], s: [u8; 32]) {
        let signature: [u8; 64] = [r, s].concat().try_into().unwrap();
        let says = PublicKey(key).verify(message, &Signature(signature)).is_ok();
        let case = json!({"name": name.into(), "key": hex(key), "message": hex(message),
            "signature": hex(signature), "says": says});
        self.0.cases.push(case);
    }

    /// A signature whose S fits R and the key but for the torsion in them.
    fn sign(&mut self, name: String, key: [u8; 32], r: [u8; 32], secrets: (Scalar, Scalar), message: &[u8]) {
        let s = secrets.1 + challenge(&r, &key, message) * secrets.0;
        self.ask(name, key, message, r, s.to_bytes());
    }
}

/// S + L, where it fits into 32 bytes.
fn unreduced(s: &Scalar) -> [u8; 32] {
    let mut carry = 0_u16;
    let mut sum = [0_u8; 32];
    for ((sum, a), b) in sum.iter_mut().zip(s.to_bytes()).zip(ORDER) {
        carry += u16::from(a) + u16::from(b);
        *sum = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    sum
}

fn point(scalar: &Scalar) -> EdwardsPoint {
    BASE * scalar
}

fn bytes(point: &EdwardsPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

/// All classes.
pub fn hostile() -> Suite {
    let mut cases = Signatures(Suite::new("signatures", "signature"));
    let (a, r) = (scalar("key"), scalar("nonce"));
    let (key, nonce) = (bytes(&point(&a)), bytes(&point(&r)));
    for message in [&b""[..], b"8.0 degrees", &[0xff; 200]] {
        let name = format!("honest, {} bytes", message.len());
        cases.sign(name, key, nonce, (a, r), message);
    }
    malleable(&mut cases, a, r);
    torsion(&mut cases, a, r);
    encodings(&mut cases, a, r);
    cases.0
}

/// Other numbers that are the same modulo L, and other bits.
fn malleable(cases: &mut Signatures, a: Scalar, r: Scalar) {
    let (key, nonce, message) = (bytes(&point(&a)), bytes(&point(&r)), b"malleable");
    let s = r + challenge(&nonce, &key, message) * a;
    cases.ask("S + L", key, message, nonce, unreduced(&s));
    cases.ask("-S", key, message, nonce, (-s).to_bytes());
    cases.ask("S = L", key, message, nonce, ORDER);
    cases.ask("S = 0", key, message, nonce, [0; 32]);
    cases.ask("another message", key, b"Malleable", nonce, s.to_bytes());
    cases.ask("-R", key, message, bytes(&-point(&r)), s.to_bytes());
    cases.ask("under -A", bytes(&-point(&a)), message, nonce, s.to_bytes());
    for bit in (0..256).step_by(17) {
        let (mut changed_r, mut changed_s) = (nonce, s.to_bytes());
        changed_r[bit / 8] ^= 1 << (bit % 8);
        changed_s[bit / 8] ^= 1 << (bit % 8);
        cases.ask(format!("bit {bit} of R"), key, message, changed_r, s.to_bytes());
        cases.ask(format!("bit {bit} of S"), key, message, nonce, changed_s);
    }
}

/// Points of small order, and points with a part of small order, as A and as R.
fn torsion(cases: &mut Signatures, a: Scalar, r: Scalar) {
    let (key, nonce) = (point(&a), point(&r));
    for (n, small) in EIGHT_TORSION.iter().enumerate() {
        let message = format!("torsion {n}");
        let message = message.as_bytes();
        cases.sign(format!("A of small order {n}"), bytes(small), bytes(&nonce), (Scalar::ZERO, r), message);
        cases.sign(format!("R of small order {n}"), bytes(&key), bytes(small), (a, Scalar::ZERO), message);
        cases.ask(format!("both of small order {n}"), bytes(small), message, bytes(small), [0; 32]);
        cases.sign(
            format!("R with a part of small order {n}"),
            bytes(&key),
            bytes(&(nonce + small)),
            (a, r),
            message,
        );
        // The part of A vanishes in [k]A for one message in as many as its order has.
        for turn in 0..8_u8 {
            let name = format!("A with a part of small order {n}, message {turn}");
            cases.sign(name, bytes(&(key + small)), bytes(&nonce), (a, r), &[turn]);
            let name = format!("both with a part of small order {n}, message {turn}");
            cases.sign(name, bytes(&(key + small)), bytes(&(nonce - small)), (a, r), &[turn]);
        }
    }
}

/// Encodings that are not canonical, and bytes that encode no point.
fn encodings(cases: &mut Signatures, a: Scalar, r: Scalar) {
    let (key, nonce, message) = (bytes(&point(&a)), bytes(&point(&r)), b"encodings");
    let prime = |add: u8, sign: u8| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xed + add, 0x7f | sign);
        bytes
    };
    let mut negative_zero = [0; 32];
    (negative_zero[0], negative_zero[31]) = (1, 0x80);
    let mut negative_minus = prime(0, 0x80);
    negative_minus[0] = 0xec;
    let mut odd: Vec<(String, [u8; 32])> =
        vec![("x = -0, y = 1".into(), negative_zero), ("x = -0, y = -1".into(), negative_minus)];
    for add in 0..19 - 1 {
        odd.push((format!("y = p + {add}"), prime(add, 0)));
        odd.push((format!("y = p + {add}, x odd"), prime(add, 0x80)));
    }
    for y in [2_u8, 7] {
        let mut none = [0; 32];
        none[0] = y;
        odd.push((format!("y = {y}"), none));
    }
    for (name, odd) in odd {
        cases.ask(format!("A with {name}"), odd, message, nonce, r.to_bytes());
        let s = challenge(&odd, &key, message) * a;
        cases.ask(format!("R with {name}"), key, message, odd, s.to_bytes());
    }
}
