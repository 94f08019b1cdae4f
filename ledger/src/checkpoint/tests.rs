use super::*;
use crate::key::SecretKey;

fn device(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

fn head(size: u64) -> Head {
    Head { log: LogId([0xab; 32]), size, root: Hash([7; 32]) }
}

fn cosigned() -> (Checkpoint, Cosignature) {
    let checkpoint = Checkpoint::sign(head(42), &device(1)).unwrap();
    let cosignature = Cosignature::sign(&head(42), LogId([0xcd; 32]), 1_793_000_000, &device(2)).unwrap();
    (checkpoint, cosignature)
}

#[test]
fn a_cosigned_checkpoint_has_these_bytes_and_this_note_for_ever() {
    let (checkpoint, cosignature) = cosigned();
    let mut writer = Writer::new();
    checkpoint.write(&mut writer);
    cosignature.write(&mut writer);
    let hex = data_encoding::HEXLOWER.encode(&writer.into_bytes());
    let note = checkpoint.note(&device(1).public_key(), &[(cosignature, device(2).public_key())]);
    insta::assert_snapshot!(format!("{hex}\n\n{note}"));
}

#[test]
fn a_checkpoint_reads_back_and_speaks_for_its_own_head_and_key_alone() {
    let (checkpoint, _) = cosigned();
    let mut writer = Writer::new();
    checkpoint.write(&mut writer);
    let bytes = writer.into_bytes();
    assert_eq!(Checkpoint::read(&mut Reader::new(&bytes)), Ok(checkpoint));
    assert_eq!(checkpoint.verify(&device(1).public_key()), Ok(()));
    assert_eq!(checkpoint.verify(&device(2).public_key()), Err(Fault::Signature));
    for head in [head(43), Head { root: Hash([8; 32]), ..head(42) }, Head { log: LogId([0; 32]), ..head(42) }]
    {
        assert_eq!(Checkpoint { head, ..checkpoint }.verify(&device(1).public_key()), Err(Fault::Signature));
    }
}

#[test]
fn a_cosignature_speaks_for_its_own_head_and_time_and_is_no_checkpoint() {
    let (checkpoint, cosignature) = cosigned();
    let key = device(2).public_key();
    assert_eq!(cosignature.verify(&head(42), &key), Ok(()));
    assert_eq!(cosignature.verify(&head(41), &key), Err(Fault::Signature));
    let later = Cosignature { time_s: cosignature.time_s + 1, ..cosignature };
    assert_eq!(later.verify(&head(42), &key), Err(Fault::Signature));
    let posing = Checkpoint { signature: cosignature.signature, ..checkpoint };
    assert_eq!(posing.verify(&key), Err(Fault::Signature));
}
