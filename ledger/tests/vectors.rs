//! Public test suites, where they lie beside the project: Wycheproof's ed25519 and transparency-dev's
//! Merkle proofs. A test whose vectors are not there says that it is skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use firn_ledger::bytes::{Hash, PublicKey, Signature};
use firn_ledger::error::Fault;
use firn_ledger::key::{KeyTable, Signed};
use firn_ledger::tree::{TreeHead, verify_consistency, verify_inclusion};
use serde_json::Value;

fn vectors(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors").join(name);
    let found = path.exists();
    if !found {
        println!("skipped: {name} is not beside the project");
    }
    found.then_some(path)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn wycheproofs_signatures_are_judged_as_it_says() {
    let Some(path) = vectors("ed25519/wycheproof-ed25519.json") else { return };
    let mut count = 0;
    for group in read(&path)["testGroups"].as_array().unwrap() {
        let hex = |value: &Value| HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap();
        let key = PublicKey::try_from(hex(&group["publicKey"]["pk"]).as_slice()).unwrap();
        for test in group["tests"].as_array().unwrap() {
            let valid = Signature::try_from(hex(&test["sig"]).as_slice())
                .is_ok_and(|signature| key.verify(&hex(&test["msg"]), &signature).is_ok());
            assert_eq!(valid, test["result"] == "valid", "{}", test["tcId"]);
            if let Ok(signature) = Signature::try_from(hex(&test["sig"]).as_slice()) {
                let signed = Signed { message: hex(&test["msg"]), signature };
                let verdicts = KeyTable::new(key).unwrap().verify(&[signed]);
                assert_eq!(
                    verdicts,
                    [if valid { Ok(()) } else { Err(Fault::Signature) }],
                    "{}",
                    test["tcId"]
                );
            }
            count += 1;
        }
    }
    println!("{count} signatures");
    assert!(count > 100);
}

/// A proof's hashes; none when one of them is no hash, which no proof of ours can hold.
fn hashes(value: &Value) -> Option<Vec<Hash>> {
    let Some(list) = value.as_array() else { return Some(Vec::new()) };
    list.iter().map(hash).collect()
}

fn hash(value: &Value) -> Option<Hash> {
    let bytes = value.as_str().map_or(Ok(Vec::new()), |text| BASE64.decode(text.as_bytes())).unwrap();
    match Hash::try_from(bytes.as_slice()) {
        Ok(hash) => Some(hash),
        // What the vector does not care for needs only to be itself.
        Err(_) => bytes.starts_with(b"don't care").then(|| Hash::of(&[&bytes])),
    }
}

fn judged(folder: &str, judge: impl Fn(&Value) -> Option<bool>) {
    let Some(path) = vectors(folder) else { return };
    let files = files(&path);
    for file in &files {
        let vector = read(file);
        let wrong = vector["wantErr"].as_bool().unwrap();
        assert_eq!(judge(&vector).unwrap_or(false), !wrong, "{}: {}", file.display(), vector["desc"]);
    }
    println!("{} proofs", files.len());
    assert!(!files.is_empty());
}

#[test]
fn inclusion_proofs_are_judged_as_the_public_vectors_say() {
    judged("merkle/inclusion", |vector| {
        let (leaf, root) = (hash(&vector["leafHash"])?, hash(&vector["root"])?);
        let (index, size) = (vector["leafIdx"].as_u64()?, vector["treeSize"].as_u64()?);
        Some(verify_inclusion(&leaf, index, size, &hashes(&vector["proof"])?, &root))
    });
}

#[test]
fn consistency_proofs_are_judged_as_the_public_vectors_say() {
    judged("merkle/consistency", |vector| {
        let head = |size: &str, root: &str| {
            Some(TreeHead { size: vector[size].as_u64()?, root: hash(&vector[root])? })
        };
        let (old, new) = (head("size1", "root1")?, head("size2", "root2")?);
        Some(verify_consistency(&old, &new, &hashes(&vector["proof"])?))
    });
}
