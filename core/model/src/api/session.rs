//! People at the window: who there is, who is signed in, and the secrets that they type.

use crate::id::Id;
use crate::record::{Person, PersonStanding};
use crate::role::Role;
use crate::shipment::Signer;
use crate::time::UtcMillis;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use zeroize::Zeroizing;

/// A PIN on its way from the person to their key: shown nowhere, wiped from memory when dropped.
///
/// It is written as JSON on the one way from a page to the program around it, and in no event.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// What was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// What was typed, for who opens the key.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// The signing session of a window: within it a signature takes the PIN alone (21 CFR 11.200(a)(1)(i)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionShown {
    /// Who is signed in, as they stand now.
    pub person: Signer,
    /// When id and PIN were given.
    pub since: UtcMillis,
    /// When both are asked for again, unless the person signs before.
    pub ends: UtcMillis,
}

/// One of the organisation's people, and whether they can sign on this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonShown {
    /// The id.
    pub id: Id,
    /// The printed name.
    pub name: String,
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// Whether the person still signs.
    pub standing: PersonStanding,
    /// When the person was trained; nobody signs without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained: Option<UtcMillis>,
    /// Whether the person has a key on this device.
    #[serde(default)]
    pub has_key: bool,
    /// Until when nobody signs as this person here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<UtcMillis>,
    /// After a wrong PIN: how many more tries there are before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
}

impl PersonShown {
    /// A person as they stand now, with what only this device knows.
    pub fn of(person: Person, has_key: bool, locked_until: Option<UtcMillis>) -> Self {
        let Person { id, name, title, role, trained, standing, .. } = person;
        Self { id, name, title, role, standing, trained, has_key, locked_until, tries_left: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Change, Event, Request, Response, Snapshot};

    fn pin() -> Secret {
        Secret::new("eleven herons")
    }

    fn ana() -> SessionShown {
        let (name, title) = ("Ana Lima".into(), Some("Head pharmacist".into()));
        let person = Signer { id: Id([7; 16]), name, title, role: Role::Pharmacist };
        SessionShown { person, since: UtcMillis(1_790_000_000_000), ends: UtcMillis(1_790_000_900_000) }
    }

    fn people() -> Vec<PersonShown> {
        let shown = |byte, name: &str, locked| PersonShown {
            id: Id([byte; 16]),
            name: name.into(),
            title: None,
            role: Role::Courier,
            standing: PersonStanding::Active,
            trained: (byte == 7).then_some(UtcMillis(1_768_435_200_000)),
            has_key: byte == 7,
            locked_until: locked,
            tries_left: None,
        };
        vec![shown(7, "Ana Lima", Some(UtcMillis(1_790_000_900_000))), shown(8, "Carl Berg", None)]
    }

    #[test]
    fn what_a_window_asks_to_sign_has_a_stable_shape_and_comes_back_whole() {
        let approve = Request::ApproveArrival { shipment: Id([1; 16]) };
        let requests = [
            Request::Sign { person: Some("Ana Lima".into()), pin: pin(), request: Box::new(approve.clone()) },
            Request::Sign { person: None, pin: pin(), request: Box::new(approve) },
            Request::SignIn { person: "Ana Lima".into(), pin: pin() },
            Request::Lock,
            Request::ChangePin { person: None, old: pin(), new: Secret::new("twelve herons") },
            Request::AcceptAccountability {
                person: "Ana Lima".into(),
                pin: pin(),
                code: Secret::new("A4DQ-OBYH-A4DQ-OBYH"),
            },
            Request::WithdrawKey { person: "Ana Lima".into(), device: None, reason: "PIN lost".into() },
        ];
        let json = serde_json::to_string_pretty(&requests).unwrap();
        insta::assert_snapshot!(json);
        assert_eq!(serde_json::from_str::<Vec<Request>>(&json).unwrap(), requests);
    }

    #[test]
    fn what_a_window_is_told_of_people_has_a_stable_shape_and_comes_back_whole() {
        let changes = [
            Change::Session { session: Some(ana()) },
            Change::Session { session: None },
            Change::People { people: people() },
        ];
        let events: Vec<Event> =
            changes.into_iter().zip(1..).map(|(change, revision)| Event { revision, change }).collect();
        let json = serde_json::to_string_pretty(&events).unwrap();
        insta::assert_snapshot!(json);
        assert_eq!(serde_json::from_str::<Vec<Event>>(&json).unwrap(), events);
    }

    #[test]
    fn a_snapshot_from_before_there_were_people_reads_as_one_without_any() {
        let json = r#"{"response":"snapshot","revision":3,"organisation":null,"origin":"bluetooth",
            "shipments":[],"loggers":[],"nearby":[],"watching":{"state":"watching","since":"2026-11-22T09:00:00Z"},
            "peers":[]}"#;
        let Response::Snapshot(snapshot) = serde_json::from_str(json).unwrap() else { panic!("{json}") };
        let Snapshot { session, people, signing_needed, .. } = *snapshot;
        assert_eq!((session, people, signing_needed), (None, vec![], false));
    }

    #[test]
    fn a_secret_shows_in_no_debug_text() {
        let request = Request::SignIn { person: "Ana Lima".into(), pin: pin() };
        assert_eq!(format!("{request:?}"), "SignIn { person: \"Ana Lima\", pin: Secret }");
    }
}
