use super::*;
use firn_ledger::key::{SecretKey, Signer};
use proptest::prelude::*;

fn organisation(seed: &Seed) -> OrganisationId {
    OrganisationId::of(&SecretKey::from_seed(seed).public_key())
}

fn sheet(seed: [u8; 32], sheet: [u8; 6], slope: [u8; 32]) -> RecoverySheet {
    let seed = Zeroizing::new(seed);
    split(&seed, organisation(&seed), sheet, &Zeroizing::new(slope))
}

fn text(share: &Share) -> String {
    share.rows().join("\n")
}

fn counting() -> RecoverySheet {
    sheet(std::array::from_fn(|i| i as u8), [0xa5; 6], std::array::from_fn(|i| 0xff - i as u8))
}

/// The three shares of the key 00 01 … 1f on sheet a5a5a5a5a5a5 with the slopes ff fe … e0.
#[test]
fn a_share_on_paper_has_this_form_for_ever() {
    let printed: Vec<String> = counting().shares.iter().map(text).collect();
    let frozen = [
        "AEA2 LJNF UWS2 KLPM\n75LN FWIQ GVBN MHL3\n7777 7777 7777 6KKF\n7777 7777 7777 6CFX\n7777 7777 7777 63I2\n7777 7777 7777 6SIC",
        "AEBK LJNF UWS2 LI3X\n75LN FWIQ GVBN MDZI\n4XTO HYHJ 5LX6 ZZMO\n7X7P X6HR 6L37 JEP4\n2XLN HUGZ 3LP5 ZFWO\nZXHM XSGB YLD4 J7KO",
        "AEB2 LJNF UWS2 LFL4\n75LN FWIQ GVBN MUAH\nDIMB 4HAS CALB I6WE\nBIEA 4DAC AADA INGS\nHI4D 4PBS GA3D JLF2\nFIUC 4LBC EATC IDBZ",
    ];
    assert_eq!(printed, frozen);
}

#[test]
fn one_share_tells_nothing_of_the_key() {
    // Of every byte of a key, each share has every value once, as the slope takes each of its values.
    for secret in 0..=u8::MAX {
        let mut seen = [[0_u16; 256]; 3];
        for slope in 0..=u8::MAX {
            for share in &sheet([secret; 32], [0; 6], [slope; 32]).shares {
                seen[usize::from(share.number - 1)][usize::from(share.value[0])] += 1;
            }
        }
        assert!(seen.iter().flatten().all(|count| *count == 1), "{secret}");
    }
}

#[test]
fn what_looks_like_a_letter_of_the_sheet_is_taken_for_it() {
    let sheet = counting();
    let [first, second, _] = &sheet.shares;
    let (first, second) = (text(first), text(second).to_lowercase().replace(' ', "").replace('\n', "-"));
    let worn = first.replace('O', "0").replace('I', "1").replace('B', "8");
    let seed = join([&worn, &second], &sheet.organisation).unwrap();
    assert_eq!(seed[..4], [0, 1, 2, 3]);
}

#[test]
fn what_is_wrong_with_which_share_is_told() {
    let sheet_a = counting();
    let sheet_b = sheet(std::array::from_fn(|i| i as u8), [7; 6], [9; 32]);
    let other = sheet([8; 32], [7; 6], [9; 32]);
    let [one, two, _] = &sheet_a.shares;
    let (one, two) = (text(one), text(two));
    let refused = |first: &str, second: &str| join([first, second], &sheet_a.organisation).unwrap_err();
    assert_eq!(refused(&one, &one), ShareError::Equal(1));
    assert_eq!(refused(&one, &text(&sheet_b.shares[1])), ShareError::Mixed("a5".repeat(6), "07".repeat(6)));
    assert!(matches!(refused(&one, &text(&other.shares[1])), ShareError::Foreign(Typed::Second, _)));
    assert!(matches!(refused(one.trim_start_matches('A'), &two), ShareError::Malformed(Typed::First, _)));
    assert!(matches!(refused(&one, &two.replace(' ', "!")), ShareError::Malformed(Typed::Second, _)));
    let changed = |text: &str, at: usize| {
        let swap = |(place, letter): (usize, char)| match (place == at, letter) {
            (true, 'A') => 'C',
            (true, _) => 'A',
            (false, letter) => letter,
        };
        text.chars().enumerate().map(swap).collect::<String>()
    };
    // A row is nineteen letters and blanks and its end.
    assert_eq!(refused(&changed(&one, 0), &two), ShareError::Damaged(Typed::First, 1));
    assert_eq!(refused(&one, &changed(&two, 4 * 20 + 7)), ShareError::Damaged(Typed::Second, 5));
}

#[test]
fn a_share_of_a_newer_layout_is_not_guessed_at() {
    let sheet = counting();
    let mut bytes = sheet.shares[0].bytes().to_vec();
    bytes[0] = 2;
    let rows: Vec<String> = (0..ROWS)
        .map(|row| {
            let checked = check(CHECKED, &bytes[..(row + 1) * ROW]);
            BASE32_NOPAD.encode(&[&bytes[row * ROW..(row + 1) * ROW], &checked].concat())
        })
        .collect();
    let refused = join([&rows.concat(), &text(&sheet.shares[1])], &sheet.organisation).unwrap_err();
    assert_eq!(refused, ShareError::NewerVersion(Typed::First));
}

#[test]
fn a_share_that_the_preview_printed_is_told_from_a_damaged_one() {
    // The same share as the first of those above, on a preview's paper.
    let printed = "AEA2 LJNF UWS2 LKVQ\n75LN FWIQ GVBN NJ7I\n7777 7777 7777 6DZQ\n7777 7777 7777 7GHS\n7777 7777 7777 7JVS\n7777 7777 7777 7C2Q";
    let sheet = counting();
    let refused = join([printed, &text(&sheet.shares[1])], &sheet.organisation).unwrap_err();
    assert_eq!((refused.code(), &refused), ("home/share-preview", &ShareError::Preview(Typed::First)));
    let damaged = printed.replace("6DZQ", "6DZA");
    let refused = join([&damaged, &text(&sheet.shares[1])], &sheet.organisation).unwrap_err();
    assert_eq!(refused, ShareError::Damaged(Typed::First, 3));
}

proptest! {
    #[test]
    fn any_two_shares_restore_the_key_in_any_order(seed: [u8; 32], name: [u8; 6], slope: [u8; 32]) {
        let sheet = sheet(seed, name, slope);
        for first in 0..3 {
            for second in (0..3).filter(|second| *second != first) {
                let texts = [text(&sheet.shares[first]), text(&sheet.shares[second])];
                let restored = join([&texts[0], &texts[1]], &sheet.organisation).unwrap();
                prop_assert_eq!(*restored, seed);
            }
        }
    }

    #[test]
    fn a_damaged_share_never_restores_another_key(
        seed: [u8; 32],
        slope: [u8; 32],
        damage in proptest::collection::vec((0_usize..96, 0_usize..32), 1..4),
    ) {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let sheet = sheet(seed, [1; 6], slope);
        let whole = text(&sheet.shares[0]).replace([' ', '\n'], "");
        let mut damaged = whole.clone().into_bytes();
        for (at, letter) in damage {
            damaged[at] = LETTERS[letter];
        }
        let damaged = String::from_utf8(damaged).unwrap();
        match join([&damaged, &text(&sheet.shares[2])], &sheet.organisation) {
            // Two bytes check each row; what slips through them is caught by the root's own hash.
            Ok(restored) if damaged != whole => prop_assert_ne!(organisation(&restored), sheet.organisation),
            Ok(restored) => prop_assert_eq!(*restored, seed),
            Err(error) => prop_assert!(damaged != whole && error.code().starts_with("home/share-")),
        }
    }
}
