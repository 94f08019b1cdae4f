//! The organisation's own profiles, version by version, as its entries published them.

use super::order::in_order;
use super::story::{Placed, SignedEntry, judged, placed};
use crate::api::{ChangedBy, KnownProfile, OtherProfile, VersionPublished};
use crate::profile::{Profile, built_in, built_in_alike, builtin};
use crate::record::{EntryReference, Shipment, Statement};
use std::collections::BTreeMap;

/// Every version of every own profile that counts.
///
/// The first record of a name gives the version that it begins at, so that a profile that comes from
/// elsewhere keeps its number; after that only the next version counts. Of two devices that published the
/// same version, or first versions of one name under other numbers, without knowing of each other the one that the order
/// of the story puts first counts, and the other is set aside: it stays readable, and is told of until somebody who knows
/// both goes on from there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnProfiles {
    published: BTreeMap<String, Vec<Placed<Profile>>>,
    aside: Vec<SetAside>,
}

/// A version that was published by whoever did not know of the one that counts, and says something else.
#[derive(Clone, Debug, PartialEq)]
pub struct SetAside {
    /// The profile, with who published it and when.
    pub published: Placed<Profile>,
    /// The version that counts by which somebody who knew both went on; absent while nobody has.
    pub settled_by: Option<u32>,
}

/// Why a profile cannot be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unpublishable {
    /// It has no name, or one with white space at an end, or that of a built-in profile.
    Name,
    /// Its name is read as that of a built-in profile, and it says something else.
    BuiltIn {
        /// The key of that one.
        key: &'static str,
    },
    /// The name stands at another version.
    Version {
        /// The newest that is there.
        newest: u32,
        /// The one that comes next.
        next: u32,
    },
}

impl OwnProfiles {
    /// From the entries that published them; those that do not count are left out.
    pub fn of(entries: impl Iterator<Item = SignedEntry>) -> Self {
        let mut profiles = Self::default();
        let (mut counting, mut aside) = (Vec::new(), Vec::new());
        for told in in_order(entries.collect()).into_iter().map(judged) {
            let (Some(Statement::Profile(profile)), None) = (told.statement, told.refused) else { continue };
            match profiles.counts(&profile) {
                Ok(()) => {
                    let versions = profiles.published.entry(profile.name.clone()).or_default();
                    versions.push(placed(&told.entry, profile));
                    counting.push(told.entry);
                }
                Err(Unpublishable::Version { newest, .. }) => {
                    let counts = profiles.version(&profile.name, profile.version);
                    let counts = counts.or_else(|| profiles.version(&profile.name, newest));
                    let counts = counts.map(|one| one.reference);
                    aside.push((placed(&told.entry, profile), told.entry, counts));
                }
                Err(_) => {}
            }
        }
        let set_aside = |(published, entry, counts): (Placed<Profile>, SignedEntry, _)| SetAside {
            settled_by: profiles.settled_by(&published.says.name, (&entry, counts), &counting),
            published,
        };
        let differs = |one: &SetAside| {
            let says = &one.published.says;
            profiles.version(&says.name, says.version).is_none_or(|counts| counts.says != *says)
        };
        let aside = aside.into_iter().map(set_aside).filter(differs).collect();
        Self { aside, ..profiles }
    }

    /// The first version of that name whose signer held the entry that was set aside and the one that counted in its
    /// place then: that of its number, or the newest there was.
    fn settled_by(
        &self,
        name: &str,
        (aside, counts): (&SignedEntry, Option<EntryReference>),
        counting: &[SignedEntry],
    ) -> Option<u32> {
        let of = |reference| counting.iter().find(|one| one.reference == reference);
        let counts = counts.and_then(of);
        let knew_both = |one: &SignedEntry| {
            one.holds(aside)
                && counts.is_none_or(|other| other.reference == one.reference || one.holds(other))
        };
        let mut versions = self.published.get(name)?.iter();
        let later = versions.find(|one| of(one.reference).is_some_and(knew_both));
        later.map(|one| one.says.version)
    }

    /// Every version of that name that counts, ascending, with who published it, when and why.
    pub fn history(&self, name: &str) -> Vec<VersionPublished> {
        let versions = self.published.get(name).into_iter().flatten();
        let published =
            |one: &Placed<Profile>| VersionPublished { version: one.says.version, by: ChangedBy::from(one) };
        versions.map(published).collect()
    }

    /// What was set aside of that name, in the order of the story.
    pub fn aside(&self, name: &str) -> Vec<&SetAside> {
        self.aside.iter().filter(|one| one.published.says.name == name).collect()
    }

    /// What was set aside and nobody who knew both has gone on from, of every name.
    pub fn unsettled(&self) -> impl Iterator<Item = &SetAside> {
        self.aside.iter().filter(|one| one.settled_by.is_none())
    }

    /// The profiles of a shipment that are not those that count under their name and version: its own, then those of
    /// its lines.
    pub fn others_than(&self, shipment: &Shipment) -> Vec<OtherProfile> {
        let own = std::iter::once((None, &shipment.profile));
        let lines = (0_u32..).zip(&shipment.items);
        let lines = lines.filter_map(|(line, item)| Some((Some(line), item.profile.as_ref()?)));
        let other = |(line, judges): (Option<u32>, &Profile)| {
            let counts = self.version(&judges.name, judges.version).filter(|one| one.says != *judges)?;
            Some(OtherProfile::new(line, judges, counts))
        };
        own.chain(lines).filter_map(other).collect()
    }

    /// Whether a profile may be published now, and why not: its name is not read as a built-in one's either.
    pub fn takes(&self, profile: &Profile) -> Result<(), Unpublishable> {
        match built_in_alike(&profile.name) {
            Some(preset)
                if preset.profile != (Profile { name: preset.profile.name.clone(), ..profile.clone() }) =>
            {
                Err(Unpublishable::BuiltIn { key: preset.key })
            }
            Some(_) => Err(Unpublishable::Name),
            None => self.counts(profile),
        }
    }

    /// Whether a profile counts where its entry comes next. Earlier releases published names that differ from a
    /// built-in one's by a letter's case alone; what they judge stays as it was.
    fn counts(&self, profile: &Profile) -> Result<(), Unpublishable> {
        let name = profile.name.as_str();
        if name.is_empty() || name.trim() != name || built_in(name).is_some() {
            return Err(Unpublishable::Name);
        }
        let Some(newest) = self.newest(name).map(|newest| newest.says.version) else { return Ok(()) };
        match newest.checked_add(1) {
            Some(next) if next == profile.version => Ok(()),
            next => Err(Unpublishable::Version { newest, next: next.unwrap_or(newest) }),
        }
    }

    /// Whether goods may be judged by a profile under its name, and why not: one whose name is read as a built-in
    /// one's, or with the name and version of one's own, has to say what that says. A report prints the name and the
    /// version, and nobody sees white space at their ends there.
    pub fn stands(&self, profile: &Profile) -> Result<(), Unpublishable> {
        let name = profile.name.trim();
        let published = self.version(name, profile.version);
        let is_published = published.is_some_and(|published| published.says == *profile);
        match built_in_alike(name) {
            Some(preset) if preset.profile != *profile && !is_published => {
                return Err(Unpublishable::BuiltIn { key: preset.key });
            }
            _ => {}
        }
        match (published, self.newest(name).map(|newest| newest.says.version)) {
            (Some(_), Some(newest)) if !is_published => {
                Err(Unpublishable::Version { newest, next: newest.saturating_add(1) })
            }
            _ => Ok(()),
        }
    }

    /// The newest version of that name.
    pub fn newest(&self, name: &str) -> Option<&Placed<Profile>> {
        self.published.get(name)?.last()
    }

    /// That version of that name.
    pub fn version(&self, name: &str, version: u32) -> Option<&Placed<Profile>> {
        self.published.get(name)?.iter().find(|published| published.says.version == version)
    }

    /// The versions of that name that are there, ascending.
    pub fn versions(&self, name: &str) -> Vec<u32> {
        let published = self.published.get(name).map(Vec::as_slice).unwrap_or_default();
        published.iter().map(|published| published.says.version).collect()
    }

    /// Every profile that a shipment can be judged by: one's own in their newest version by name, then the
    /// built-in ones.
    pub fn known(&self) -> Vec<KnownProfile> {
        let own = self.published.iter().filter_map(|(name, published)| {
            Some(KnownProfile::own(published.last()?, self.versions(name), &self.aside(name)))
        });
        own.chain(builtin().iter().map(KnownProfile::from)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Device;
    use crate::profile::preset;
    use crate::record::{Body, Kind};
    use crate::role::Role;
    use crate::shipment::Held;
    use crate::time::UtcMillis;

    fn profile(name: &str, version: u32, max: &str) -> Profile {
        let limits = format!(r#""limits":{{"min_c":2.0,"max_c":{max}}}"#);
        let text = format!(r#"{{"name":"{name}","version":{version},{limits},"interval_s":600}}"#);
        Profile::from_json(&text).unwrap()
    }

    fn signed(log: u8, sequence: u64, at: i64, profile: &Profile) -> SignedEntry {
        SignedEntry {
            reference: EntryReference { log: [log; 32], leaf: [sequence as u8; 32] },
            sequence,
            at: UtcMillis(at),
            kind: u64::from(Kind::Profile.number()),
            body: profile.to_bytes(),
            batches: Vec::new(),
            heads: Vec::new(),
            device: Device {
                log: "01".repeat(32),
                label: "desk".into(),
                role: Some(Role::Quality),
                ..Device::default()
            },
            person: None,
            beyond: None,
            person_refused: None,
        }
    }

    fn told(entries: Vec<SignedEntry>) -> OwnProfiles {
        OwnProfiles::of(entries.into_iter())
    }

    #[test]
    fn a_name_goes_on_by_one_version_at_a_time_and_each_stays_readable() {
        let entries = vec![
            signed(1, 1, 10, &profile("Own", 3, "8.0")),
            signed(1, 2, 20, &profile("Own", 5, "8.5")),
            signed(1, 3, 30, &profile("Own", 4, "7.0")),
            signed(1, 4, 40, &profile("Own", 4, "9.0")),
        ];
        let own = told(entries);
        assert_eq!(own.versions("Own"), [3, 4]);
        assert_eq!(own.newest("Own").unwrap().says, profile("Own", 4, "7.0"));
        assert_eq!(own.version("Own", 3).unwrap().says, profile("Own", 3, "8.0"));
        assert_eq!((own.version("Own", 5), own.newest("Other")), (None, None));
        let refused = own.takes(&profile("Own", 4, "8.0"));
        assert_eq!(refused, Err(Unpublishable::Version { newest: 4, next: 5 }));
        assert_eq!(own.takes(&profile("Own", 5, "8.0")), Ok(()));
        assert_eq!(own.takes(&profile("Other", 7, "8.0")), Ok(()));
    }

    #[test]
    fn a_name_is_needed_and_is_none_of_the_built_in_ones() {
        let own = OwnProfiles::default();
        for name in ["", " Own", "Own "] {
            assert_eq!(own.takes(&profile(name, 1, "8.0")), Err(Unpublishable::Name), "{name:?}");
        }
        let named = Err(Unpublishable::BuiltIn { key: "cdc-refrigerator" });
        for name in [
            "cdc-refrigerator",
            "CDC refrigerator",
            "cdc Refrigerator",
            " CDC\u{a0} refrigerator",
            "CDC\u{200b} refriger\u{ad}ator\u{2060}",
            "\u{202d}CDC-Refrigerator",
        ] {
            let other = profile(name, 1, "9.0");
            assert_eq!((own.takes(&other), own.stands(&other)), (named.clone(), named.clone()), "{name:?}");
        }
        let same = preset("cdc-refrigerator").unwrap().profile.clone();
        assert_eq!((own.takes(&same), own.stands(&same)), (Err(Unpublishable::Name), Ok(())));
        assert_eq!(own.takes(&profile("CDC refrigerator 2", 1, "9.0")), Ok(()));
    }

    #[test]
    fn a_profile_that_was_published_under_a_name_like_a_built_in_one_still_judges_what_it_did() {
        let published = profile("CDC Refrigerator", 1, "9.0");
        let own = told(vec![signed(1, 1, 10, &published)]);
        assert_eq!((own.versions("CDC Refrigerator"), own.stands(&published)), (vec![1], Ok(())));
        let next = profile("CDC Refrigerator", 2, "9.0");
        let named = Err(Unpublishable::BuiltIn { key: "cdc-refrigerator" });
        assert_eq!((own.takes(&next), own.stands(&next)), (named.clone(), named));
    }

    #[test]
    fn goods_are_judged_under_a_name_only_by_what_stands_under_it() {
        let entries =
            vec![signed(1, 1, 10, &profile("Own", 1, "8.0")), signed(1, 2, 20, &profile("Own", 2, "7.0"))];
        let own = told(entries);
        for preset in builtin() {
            let exported = serde_json::to_string_pretty(&preset.profile).unwrap();
            assert_eq!(own.stands(&Profile::from_json(&exported).unwrap()), Ok(()), "{}", preset.key);
            let spaced = format!("{} ", preset.profile.name);
            for name in [preset.key, &preset.profile.name, &spaced] {
                let other = Profile { name: name.into(), interval_s: 77, ..preset.profile.clone() };
                let named = Err(Unpublishable::BuiltIn { key: preset.key });
                assert_eq!(own.stands(&other), named, "{name}");
                assert_eq!(own.stands(&Profile { version: 2, ..other }), named, "{name}");
            }
        }
        let changed = Err(Unpublishable::Version { newest: 2, next: 3 });
        for (version, max, stands) in
            [(1, "8.0", Ok(())), (1, "20.0", changed.clone()), (2, "8.0", changed), (3, "20.0", Ok(()))]
        {
            assert_eq!(own.stands(&profile("Own", version, max)), stands, "{version} {max}");
        }
        assert!(
            own.stands(&profile(" Own", 1, "8.0")).is_err(),
            "it would be printed as the one of that name"
        );
        assert_eq!(own.stands(&profile("Other", 1, "20.0")), Ok(()));
        assert_eq!(own.stands(&profile("", 1, "20.0")), Ok(()));
    }

    #[test]
    fn of_one_version_published_twice_the_one_whose_signer_knew_less_counts() {
        let first = signed(2, 1, 90, &profile("Own", 1, "8.0"));
        let unknowing = signed(1, 1, 50, &profile("Own", 1, "9.0"));
        let knowing = SignedEntry { heads: vec![Held { log: [2; 32], size: 2 }], ..unknowing.clone() };
        assert_eq!(told(vec![first.clone(), unknowing]).newest("Own").unwrap().says.limits.max.0, 9000);
        assert_eq!(told(vec![knowing, first]).newest("Own").unwrap().says.limits.max.0, 8000);
    }

    #[test]
    fn a_version_that_was_published_twice_is_told_of_until_somebody_who_knows_both_goes_on() {
        let first = signed(1, 1, 10, &profile("Own", 1, "8.0"));
        let knows = |log, size| Held { log: [log; 32], size };
        let at = |log, sequence, at, version, max, heads: &[Held]| SignedEntry {
            heads: heads.to_vec(),
            ..signed(log, sequence, at, &profile("Own", version, max))
        };
        let office = at(1, 2, 20, 2, "9.0", &[]);
        let dock = at(2, 1, 30, 2, "12.0", &[knows(1, 2)]);
        let both = [first, office, dock];
        let told_of = |more: &[SignedEntry]| {
            let forwards = told(both.iter().chain(more).cloned().collect());
            let backwards = told(both.iter().chain(more).rev().cloned().collect());
            assert_eq!(forwards, backwards, "in whatever order they arrive");
            forwards
        };
        let own = told_of(&[]);
        assert_eq!(own.version("Own", 2).unwrap().says.limits.max.0, 9000);
        let aside: Vec<_> = own.unsettled().map(|one| one.published.says.limits.max.0).collect();
        assert_eq!(aside, [12_000]);
        let listed = &own.known()[0].set_aside;
        assert_eq!((listed[0].version, listed[0].profile.limits.max.0), (2, 12_000));

        let unknowing = told_of(&[at(1, 3, 40, 3, "7.0", &[])]);
        assert_eq!(unknowing.unsettled().count(), 1, "whoever went on knew one of them");
        let settled = told_of(&[at(1, 3, 40, 3, "7.0", &[knows(2, 2)])]);
        assert_eq!((settled.unsettled().count(), settled.aside("Own")[0].settled_by), (0, Some(3)));

        let same = told([&both[..2], &[at(2, 1, 30, 2, "9.0", &[knows(1, 2)])]].concat());
        assert_eq!(same.aside("Own").len(), 0, "they say the same");
    }

    #[test]
    fn a_first_version_of_another_number_that_was_set_aside_ends_with_the_next_one_by_who_knows_both() {
        let knows = |log, size| Held { log: [log; 32], size };
        for big in [5, 20_261_210] {
            let office = signed(1, 1, 10, &profile("Own", 1, "8.0"));
            let dock = signed(2, 1, 20, &profile("Own", big, "12.0"));
            let next = signed(1, 2, 30, &profile("Own", 2, "8.5"));
            let knowing = SignedEntry { heads: vec![knows(2, 2)], ..next.clone() };
            let settled = |entries: [&SignedEntry; 3]| {
                let own = told(entries.into_iter().cloned().collect());
                assert_eq!(own.versions("Own"), [1, 2]);
                own.aside("Own")[0].settled_by
            };
            assert_eq!(settled([&office, &dock, &next]), None, "whoever went on knew one of them");
            assert_eq!(settled([&office, &dock, &knowing]), Some(2));
            assert_eq!(settled([&knowing, &dock, &office]), Some(2), "in whatever order they arrive");
            let own = told(vec![office, dock, knowing, signed(1, 3, 40, &profile("Own", 3, "8.6"))]);
            assert_eq!((own.unsettled().count(), own.aside("Own")[0].settled_by), (0, Some(2)));
        }
    }

    #[test]
    fn a_first_version_of_another_number_stays_settled_when_the_versions_reach_its_number() {
        let knows = |log, size| Held { log: [log; 32], size };
        let at = |sequence, version, max: &str, heads: Vec<Held>| SignedEntry {
            heads,
            ..signed(1, sequence, 10 * i64::try_from(sequence).unwrap(), &profile("Own", version, max))
        };
        let dock = signed(2, 1, 20, &profile("Own", 3, "12.0"));
        let own = told(vec![
            at(1, 1, "8.0", Vec::new()),
            dock,
            at(3, 2, "8.5", vec![knows(2, 2)]),
            at(4, 3, "8.6", vec![knows(2, 2)]),
        ]);
        assert_eq!((own.versions("Own"), own.aside("Own")[0].settled_by), (vec![1, 2, 3], Some(2)));
    }

    #[test]
    fn a_shipment_by_the_profile_that_does_not_count_says_so_and_one_by_the_other_does_not() {
        let entries =
            vec![signed(1, 1, 10, &profile("Own", 1, "8.0")), signed(2, 1, 20, &profile("Own", 1, "9.0"))];
        let own = told(entries);
        let shipment = |judges: Profile| Shipment {
            reference: "DN".into(),
            from: None,
            to: None,
            profile: judges,
            items: Vec::new(),
            packages: None,
        };
        let other = own.others_than(&shipment(profile("Own", 1, "9.0")));
        assert_eq!((other.len(), other[0].line, other[0].counts.limits.max.0), (1, None, 8000));
        let words = other[0].to_string();
        assert!(words.contains("2 to 9 °C") && words.contains("2 to 8 °C, published"), "{words}");
        for unlike in [profile("Own", 1, "8.0"), profile("Own", 2, "9.0"), profile("Other", 1, "9.0")] {
            assert_eq!(own.others_than(&shipment(unlike)), []);
        }
    }

    #[test]
    fn what_a_courier_publishes_does_not_count() {
        let mut entry = signed(1, 1, 10, &profile("Own", 1, "8.0"));
        entry.device.role = Some(Role::Courier);
        assert_eq!(told(vec![entry]), OwnProfiles::default());
    }

    #[test]
    fn own_profiles_are_listed_before_the_built_in_ones_with_their_versions() {
        let entries =
            vec![signed(1, 1, 10, &profile("Own", 1, "8.0")), signed(1, 2, 20, &profile("Own", 2, "7.0"))];
        let known = told(entries).known();
        assert_eq!(known.len(), builtin().len() + 1);
        assert_eq!((known[0].key.as_str(), known[0].profile.version), ("Own", 2));
        assert_eq!((known[0].versions.as_slice(), known[0].by.as_deref()), (&[1, 2][..], Some("desk")));
        assert_eq!(known[1].confirm.as_deref(), Some(crate::profile::CONFIRM_LABEL));
        assert!(known[1].source.is_some() && known[0].source.is_none());
    }
}
