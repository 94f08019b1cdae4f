//! Signed heads: notes with cosignatures, proofs of forks, indexes of subjects; and the cards of partners.

use super::suite::{Suite, flipped, hex};
use super::world::weak_key;
use firn_ledger::bytes::{Hash, Id, LogId};
use firn_ledger::checkpoint::{Checkpoint, Cosignature};
use firn_ledger::entry::Head;
use firn_ledger::fork::ForkProof;
use firn_ledger::index::{Index, IndexEntry, IndexProof, Placed};
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::statement::PartnerCard;
use firn_ledger::tree::Tree;
use serde_json::{Value, json};

fn device(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn head(value: &Head) -> Value {
    json!([hex(value.log.as_bytes()), value.size, hex(value.root.as_bytes())])
}

/// Checkpoints with a cosignature, and with what was signed for something else.
pub fn notes() -> Suite {
    let mut suite = Suite::new("notes", "note");
    let (device, witness) = (device(1), device(2));
    for (size, time) in [(0, 0), (1, 1_793_491_200), (1_000_000, 4_102_444_800)] {
        let one = Head { log: LogId([0x1f; 32]), size, root: Hash::of(&[&[7; 3]]) };
        let checkpoint = Checkpoint::sign(one, &device).unwrap();
        let by = LogId([0xe2; 32]);
        let cosignature = Cosignature::sign(&one, by, time, &witness).unwrap();
        let mut other = one;
        other.size += 1;
        let changed = |mut checkpoint: Checkpoint| {
            checkpoint.signature.0[40] ^= 4;
            checkpoint
        };
        let cases = [
            ("as it is", checkpoint, cosignature),
            ("of another size", Checkpoint { head: other, ..checkpoint }, cosignature),
            ("with another signature", changed(checkpoint), cosignature),
            ("cosigned a second later", checkpoint, Cosignature { time_s: time + 1, ..cosignature }),
            ("cosigned by the log itself", checkpoint, Cosignature::sign(&one, by, time, &device).unwrap()),
        ];
        for (name, checkpoint, cosignature) in cases {
            let (key, witness_key) = (device.public_key(), witness.public_key());
            let says = json!({
                "checkpoint": checkpoint.verify(&key).is_ok(),
                "cosignature": cosignature.verify(&checkpoint.head, &witness_key).is_ok(),
                "note": checkpoint.note(&key, &[(cosignature, witness_key)]),
            });
            suite.cases.push(json!({
                "name": format!("size {size} {name}"), "head": head(&checkpoint.head), "key": hex(key.as_bytes()),
                "signature": hex(checkpoint.signature.as_bytes()), "witness": hex(cosignature.witness.as_bytes()),
                "witness_key": hex(witness_key.as_bytes()), "time": cosignature.time_s,
                "cosignature": hex(cosignature.signature.as_bytes()), "says": says,
            }));
        }
    }
    suite
}

/// A history that is another's up to `same`, then its own.
fn history(size: u64, same: u64, branch: u8) -> Vec<Hash> {
    (0..size).map(|n| Hash::of(&[&n.to_be_bytes(), &[if n < same { 0 } else { branch }]])).collect()
}

fn checkpoint(leaves: &[Hash]) -> Checkpoint {
    let head = Head { log: LogId([9; 32]), size: leaves.len() as u64, root: Tree::over(leaves).root() };
    Checkpoint::sign(head, &device(1)).unwrap()
}

/// Proofs of forks, each as it is and with one bit flipped, under the right key and another.
pub fn forks() -> Suite {
    let mut suite = Suite::new("forks", "fork");
    let mut ask = |name: String, proof: &[u8], key: &SecretKey| {
        let decoded = ForkProof::decode(proof);
        let says = decoded.is_ok_and(|proof| proof.check(&key.public_key()).is_ok());
        let key = hex(key.public_key().as_bytes());
        suite.cases.push(json!({"name": name, "proof": hex(proof), "key": key, "says": says}));
    };
    for (one, other, same) in [(3, 3, 2), (3, 7, 2), (1, 2, 0), (4, 8, 3), (8, 13, 1), (6, 100, 5)] {
        let (ours, theirs) = (history(one, same, 1), history(other, same, 2));
        let proof = ForkProof::between(checkpoint(&ours), checkpoint(&theirs), &theirs).unwrap().encode();
        let name = format!("{one} and {other}, together up to {same}");
        ask(name.clone(), &proof, &device(1));
        ask(format!("{name}, under another key"), &proof, &device(2));
        for (bit, place) in (0..proof.len()).step_by(29).enumerate() {
            let bit = u8::try_from(bit % 8).unwrap();
            let changed = flipped(&proof, isize::try_from(place).unwrap(), bit);
            ask(format!("{name}, byte {place} changed"), &changed, &device(1));
        }
    }
    // Heads of one history, put into the form of a proof.
    let whole = history(7, 7, 1);
    let forged = |first: &[Hash], second: &[Hash], apart: Option<(Hash, Vec<Hash>)>| {
        let mut writer = firn_ledger::canonical::Writer::new();
        writer.map(if apart.is_some() { 5 } else { 3 }).uint(1).bytes(&[9; 32]);
        for (key, leaves) in [(2, first), (3, second)] {
            let one = checkpoint(leaves);
            writer.uint(key).array(3).uint(one.head.size).bytes(one.head.root.as_bytes());
            writer.bytes(one.signature.as_bytes());
        }
        if let Some((root, proof)) = apart {
            writer.uint(4).bytes(root.as_bytes()).uint(5).array(proof.len());
            for hash in proof {
                writer.bytes(hash.as_bytes());
            }
        }
        writer.into_bytes()
    };
    let consistent = firn_ledger::tree::consistency_proof(&whole, 3).unwrap();
    let then = Tree::over(&whole[..3]).root();
    let branch = history(7, 3, 2);
    let cases = [
        ("one history", forged(&whole[..3], &whole, Some((then, consistent.clone())))),
        ("one head twice", forged(&whole, &whole, None)),
        ("two sizes without a proof", forged(&whole[..3], &history(7, 0, 2), None)),
        ("equal sizes with a proof", forged(&whole, &branch, Some((then, consistent.clone())))),
        ("equal sizes", forged(&whole, &branch, None)),
        ("equal sizes the other way round", forged(&branch, &whole, None)),
        ("the larger first", forged(&whole, &history(3, 0, 2), Some((then, consistent)))),
        ("from nothing", forged(&[], &whole, Some((Tree::default().root(), Vec::new())))),
    ];
    for (name, proof) in cases {
        ask(name.to_owned(), &proof, &device(1));
    }
    suite
}

/// Indexes, and what they show of subjects.
pub fn indexes() -> Suite {
    let mut suite = Suite::new("indexes", "index");
    for subjects in [0_u8, 1, 2, 5, 8] {
        let mut index = Index::default();
        for n in 0..subjects * 2 {
            index.note(Id([(n % subjects) * 16 + 8; 16]), Hash::of(&[&[n]]));
        }
        let entry = index.entry(u64::from(subjects) * 3);
        let asked = (0..=subjects).flat_map(|n| [Id([n * 16; 16]), Id([n * 16 + 8; 16])]);
        for subject in asked {
            let proof = index.prove(&subject);
            indexed(
                &mut suite,
                format!("{subjects} subjects, {}", hex(&subject.as_bytes()[..1])),
                &entry,
                subject,
                &proof,
            );
        }
        wrong(&mut suite, subjects, &index, &entry);
    }
    suite
}

/// Proofs of another subject's place, of a hole that is none, and of a changed count.
fn wrong(suite: &mut Suite, subjects: u8, index: &Index, entry: &IndexEntry) {
    let present = |n: u8| match index.prove(&Id([n * 16 + 8; 16])) {
        IndexProof::Present(placed) => Some(placed),
        IndexProof::Absent { .. } => None,
    };
    let Some(first) = present(0) else { return };
    let (asked, next) = (Id([8; 16]), present(1));
    let mut name = |what: &str, subject: Id, proof: IndexProof| {
        indexed(suite, format!("{subjects} subjects, {what}"), entry, subject, &proof);
    };
    let mut counted = first.clone();
    counted.leaf.count += 1;
    name("another count", asked, IndexProof::Present(counted));
    name("another subject's leaf", Id([9; 16]), IndexProof::Present(first.clone()));
    name("absent beside itself", asked, IndexProof::Absent { before: None, after: Some(first.clone()) });
    name("absent with no neighbour", asked, IndexProof::Absent { before: None, after: None });
    name(
        "absent behind all",
        Id([0xff; 16]),
        IndexProof::Absent { before: Some(first.clone()), after: None },
    );
    name("absent before all", Id([0; 16]), IndexProof::Absent { before: None, after: next.clone() });
    name(
        "absent between two",
        Id([0x10; 16]),
        IndexProof::Absent { before: Some(first.clone()), after: next },
    );
    if let Some(third) = present(2) {
        name(
            "a hole over a neighbour",
            Id([0x18; 16]),
            IndexProof::Absent { before: Some(first), after: Some(third) },
        );
    }
}

fn indexed(suite: &mut Suite, name: String, entry: &IndexEntry, subject: Id, proof: &IndexProof) {
    let placed = |one: &Placed| {
        let path: Vec<String> = one.path.iter().map(|hash| hex(hash.as_bytes())).collect();
        json!({"subject": hex(one.leaf.subject.as_bytes()), "count": one.leaf.count,
            "last": hex(one.leaf.last.as_bytes()), "place": one.place, "path": path})
    };
    let says = match (entry.count(&subject, proof), proof) {
        (Some(count), IndexProof::Present(_)) => json!(count),
        (Some(_), IndexProof::Absent { .. }) => json!("none"),
        (None, _) => json!(false),
    };
    let mut case =
        json!({"name": name, "body": hex(entry.encode()), "subject": hex(subject.as_bytes()), "says": says});
    match proof {
        IndexProof::Present(one) => case["present"] = placed(one),
        IndexProof::Absent { before, after } => {
            case["before"] = json!(before.as_ref().map(placed));
            case["after"] = json!(after.as_ref().map(placed));
        }
    }
    suite.cases.push(case);
}

/// Partner cards, as people may type them.
pub fn cards() -> Suite {
    let mut suite = Suite::new("cards", "card");
    let admin = Head { log: LogId([3; 32]), size: 12, root: Hash([4; 32]) };
    let whole = PartnerCard {
        name: "Clínica São Bento".to_owned(),
        gln: Some("4012345000009".to_owned()),
        root: device(8).public_key(),
        admin: Some(admin),
    };
    let short = PartnerCard { name: String::new(), gln: None, admin: None, ..whole.clone() };
    let text = whole.text();
    let mut middle = text.clone();
    middle.insert_str(30, " \n\t");
    let cases = [
        ("whole", text.clone()),
        ("short", short.text()),
        ("in lower case", text.to_lowercase()),
        ("with white space", format!(" {middle}\u{a0}")),
        ("with a separator that is no white space", text.replacen(':', ":\u{1c}", 1)),
        ("with an i without its dot", text.replacen('i', "\u{131}", 1)),
        ("in another scheme", text.replace("partner", "invite")),
        ("without a scheme", text.trim_start_matches("firn-partner:").to_owned()),
        ("with padding", format!("{text}=")),
        ("cut", text.strip_suffix(|_: char| true).unwrap().to_owned()),
        ("longer", format!("{text}A")),
        ("with one letter changed", changed_letter(&text)),
        ("with a digit that base32 has not", text.replacen(['A', 'B', 'C'], "1", 1)),
        ("with nothing in it", "firn-partner:".to_owned()),
        ("with a weak root key", PartnerCard { root: weak_key(), ..whole.clone() }.text()),
        (
            "with a GLN of 12 digits",
            PartnerCard { gln: Some("401234500000".to_owned()), ..whole.clone() }.text(),
        ),
        (
            "with a GLN of letters",
            PartnerCard { gln: Some("40123450000AB".to_owned()), ..whole.clone() }.text(),
        ),
    ];
    for (name, text) in cases {
        let says = PartnerCard::from_text(&text).map_or(json!(false), |card| {
            json!({"organisation": hex(card.organisation().as_bytes()), "name": card.name, "gln": card.gln})
        });
        suite.cases.push(json!({"name": name, "text": text, "says": says}));
    }
    suite
}

fn changed_letter(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    letters[40] = if letters[40] == 'A' { 'B' } else { 'A' };
    letters.into_iter().collect()
}
