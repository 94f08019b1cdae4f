//! Which organisations are known, whatever the order in which the admins' words about them arrive.

use super::*;
use crate::entry::Head;
use crate::statement::{PartnerCard, PartnerStanding};
use PartnerStanding::{Pinned, Revoked};

fn card(of: u8, name: &str) -> PartnerCard {
    let root = SecretKey::from_seed(&[of; 32]).public_key();
    PartnerCard { name: name.into(), gln: None, root, admin: None }
}

/// What 1 or 2, or whoever it is, says of another organisation at a place of its log, with what it held.
fn pin(by: u8, sequence: u64, card: PartnerCard, standing: PartnerStanding, held: &[(u8, u64)]) -> Record {
    let head = |(n, size): &(u8, u64)| Head { log: log(*n), size: *size, root: Hash([7; 32]) };
    let mut heads: Vec<Head> = held.iter().map(head).collect();
    heads.sort_by_key(|head| head.log);
    let clocks = Clocks { wall_ms: 0, monotonic_ms: 0, boot: Id([0; 16]) };
    let draft = EntryDraft {
        kind: PARTNER,
        subject: None,
        clocks,
        heads,
        body: Partner { card, standing }.encode(),
        salt: Salt([0; 32]),
        person: None,
        batches: vec![],
    };
    let position = Position { log: log(by), sequence, previous: Hash([0; 32]), in_subject: None };
    sign(draft, &position, Signers { device: &device(by), person: None }).unwrap().0
}

fn known<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<(String, PartnerStanding)> {
    let mut statements = Statements::default();
    records.into_iter().for_each(|record| statements.add(record).unwrap());
    let known = statements.partners(&organisation());
    known.into_iter().map(|partner| (partner.card.name, partner.standing)).collect()
}

/// The members of [`story`] and what these say besides.
fn with(pins: &[Record]) -> Vec<Record> {
    story().into_iter().chain(pins.iter().cloned()).collect()
}

fn told(name: &str, standing: PartnerStanding) -> Vec<(String, PartnerStanding)> {
    vec![(name.to_owned(), standing)]
}

#[test]
fn a_partner_is_known_by_an_admins_word_and_by_nobody_elses() {
    assert_eq!(known(&with(&[pin(2, 9, card(90, "North"), Pinned, &[])])), told("North", Pinned));
    // 3 is a courier; 5 belongs to nobody; 4 was enrolled by the courier.
    for by in [3, 4, 5] {
        assert_eq!(known(&with(&[pin(by, 9, card(90, "North"), Pinned, &[])])), [], "{by}");
    }
}

#[test]
fn a_later_word_of_the_same_log_renames_and_revokes() {
    let first = pin(1, 9, card(90, "North"), Pinned, &[]);
    let renamed = pin(1, 10, card(90, "North Clinic"), Pinned, &[]);
    assert_eq!(known(&with(&[renamed.clone(), first.clone()])), told("North Clinic", Pinned));
    let revoked = pin(1, 11, card(90, "North Clinic"), Revoked, &[]);
    assert_eq!(known(&with(&[revoked.clone(), renamed, first])), told("North Clinic", Revoked));
    let again = pin(1, 12, card(90, "North"), Pinned, &[]);
    assert_eq!(known(&with(&[again, revoked])), told("North", Pinned));
}

#[test]
fn of_two_admins_who_knew_nothing_of_each_other_the_one_who_revokes_is_heard() {
    let pinned = pin(1, 9, card(90, "North"), Pinned, &[]);
    let revoked = pin(2, 9, card(90, "North"), Revoked, &[]);
    assert_eq!(known(&with(&[pinned, revoked.clone()])), told("North", Revoked));
    let knowing = pin(1, 9, card(90, "North"), Pinned, &[(2, 10)]);
    assert_eq!(known(&with(&[knowing, revoked])), told("North", Pinned));
}

#[test]
fn what_a_revoked_admin_pins_later_does_not_count_and_takes_nothing_back() {
    let before = pin(2, 9, card(90, "North"), Pinned, &[]);
    let after = [pin(2, 10, card(91, "South"), Pinned, &[]), pin(2, 11, card(90, "North"), Revoked, &[])];
    let cut = says(1, 2, RootSays::Revokes(revocation(2, 10)));
    let [south, gone] = after;
    assert_eq!(known(&with(&[before.clone(), south.clone(), gone.clone()])).len(), 2);
    assert_eq!(known(&with(&[before, south, gone, cut])), told("North", Pinned));
}

#[test]
fn a_pin_that_the_root_overruled_does_not_count() {
    let pinned = pin(2, 9, card(90, "North"), Pinned, &[]);
    let overruled = says(1, 2, RootSays::Overrules(reference(&pinned)));
    assert_eq!(known(&with(&[pinned, overruled])), []);
}

#[test]
fn ones_own_organisation_is_no_partner_and_an_unreadable_pin_says_nothing() {
    let own = PartnerCard { root: root().public_key(), ..card(90, "Ourselves") };
    let unreadable = record(1, 9, PARTNER, vec![0xa0]);
    assert_eq!(known(&with(&[pin(1, 10, own, Pinned, &[]), unreadable])), []);
}

/// Words of the admins 1 and 2 about two organisations, as chance has it.
fn any_pins() -> impl Strategy<Value = Vec<Record>> {
    let one = (1u8..=2, 90u8..=91, "[NS][a-z]{1,4}", any::<bool>(), 0u64..14);
    prop::collection::vec(one, 0..8).prop_map(|all| {
        let place = |(n, (by, of, name, pinned, held)): (usize, (u8, u8, String, bool, u64))| {
            let standing = if pinned { Pinned } else { Revoked };
            pin(by, 9 + n as u64, card(of, &name), standing, &[(3 - by, held)])
        };
        all.into_iter().enumerate().map(place).collect()
    })
}

proptest! {
    #[test]
    fn any_order_of_arrival_gives_the_same_partners(
        (pins, order, cut) in any_pins().prop_flat_map(|pins| {
            (Just(pins.clone()), Just(with(&pins)).prop_shuffle(), prop::option::of(8u64..18))
        }),
    ) {
        let cut = cut.map(|size| says(1, 2, RootSays::Revokes(revocation(2, size))));
        let first = with(&pins);
        let all: Vec<&Record> = first.iter().chain(&cut).collect();
        let otherwise: Vec<&Record> = cut.iter().chain(&order).collect();
        prop_assert_eq!(known(all), known(otherwise));
    }
}
