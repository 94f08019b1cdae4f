//! The organisation's people: enrolled, changed, ended; and their keys on this device.

use crate::append::{Happened, SignVerdict};
use crate::host::random_array;
use crate::signing::{locked_until, tries_left};
use crate::{App, AppError, Host, Pin, names, read_model};
use firn_ledger::store::View;
use firn_model::api::PersonShown;
use firn_model::id::Id;
use firn_model::people::accountability;
use firn_model::record::{Person, PersonKey, PersonStanding};
use firn_model::role::Role;
use firn_model::time::UtcMillis;

/// A person to be enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// The id, where the organisation gives its own; a random one otherwise.
    pub id: Option<Id>,
    /// The name as it is printed with a signature.
    pub name: String,
    /// The title.
    pub title: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// When the person was trained.
    pub trained: Option<UtcMillis>,
}

/// What changes about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The person was trained then.
    Trained(UtcMillis),
    /// The person no longer signs, for good.
    Ended,
    /// The person has another role or title from now on.
    Duty(Role, Option<String>),
}

impl<H: Host> App<H> {
    /// Enrols a person; an id that anybody ever had is not given again (21 CFR 11.100(a)).
    ///
    /// # Errors
    /// `app/role-may-not` on a device that is not an admin's, `app/person-id-taken`, and the ledger's.
    pub async fn enrol_person(&self, new: NewPerson) -> Result<Person, AppError> {
        let id = match new.id {
            Some(id) => id,
            None => Id(random_array(self.host())?),
        };
        let NewPerson { name, title, role, trained, .. } = new;
        let person = Person { id, name, title, role, trained, standing: PersonStanding::Active };
        self.sign(vec![Happened::new(None, &person)], SignVerdict::Never, move |view| {
            // Of entries that do not count, too: somebody was called by it.
            let had = read_model::people_records(view)?;
            let taken = had.iter().any(|record| firn_report::bundle::about_person(record) == Some(id));
            if taken { Err(AppError::PersonIdTaken) } else { Ok(()) }
        })
        .await?;
        Ok(person)
    }

    /// Signs what changes about a person.
    ///
    /// # Errors
    /// `app/not-found`, `app/out-of-order` for a person who has ended, `app/role-may-not`, the ledger's.
    pub async fn change_person(&self, id: Id, change: Change) -> Result<Person, AppError> {
        let before = self.person_of(id).await?;
        let person = match change {
            Change::Trained(at) => Person { trained: Some(at), ..before.clone() },
            Change::Ended => Person { standing: PersonStanding::Ended, ..before.clone() },
            Change::Duty(role, title) => Person { role, title, ..before.clone() },
        };
        let organisation = self.host.identity().organisation;
        self.sign(vec![Happened::new(None, &person)], SignVerdict::Never, move |view| {
            let now = read_model::people(view, &organisation)?.person(&id);
            match now {
                Some(now) if now != before => Err(AppError::OutOfOrder("the person changed in the meantime")),
                _ if before.standing == PersonStanding::Ended => {
                    Err(AppError::OutOfOrder("the person has ended; enrol them under a new id"))
                }
                _ => Ok(()),
            }
        })
        .await?;
        Ok(person)
    }

    /// Makes the person's key on this device, who has accepted to be accountable for it, and binds it.
    ///
    /// # Errors
    /// `app/pin-too-short`, `app/person-key-exists`, `app/not-found`, `app/out-of-order` for a person who
    /// has ended, and the ledger's.
    pub async fn make_person_key(&self, person: Id, pin: Pin) -> Result<(), AppError> {
        pin.check()?;
        if self.person_of(person).await?.standing == PersonStanding::Ended {
            return Err(AppError::OutOfOrder("the person has ended"));
        }
        let own = self.host.identity();
        let bound = move |view: &mut View<'_>| {
            Ok(read_model::people(view, &own.organisation)?.key(&own.log.0, &person).is_some())
        };
        if self.host.with_store(move |store| store.read(bound)).await? {
            return Err(AppError::PersonKeyExists);
        }
        let key = self.host.make_person_key(person, pin).await?.public_key();
        let body = PersonKey { person, key: key.0, accountability: accountability() };
        self.sign(vec![Happened::new(None, &body)], SignVerdict::Never, move |view| match bound(view)? {
            true => Err(AppError::PersonKeyExists),
            false => Ok(()),
        })
        .await
        .map(drop)
    }

    /// Everybody, by id.
    ///
    /// # Errors
    /// The store's.
    pub async fn people(&self) -> Result<Vec<Person>, AppError> {
        let organisation = self.host.identity().organisation;
        let all = move |view: &mut View<'_>| Ok(read_model::people(view, &organisation)?.all());
        self.host.with_store(move |store| store.read(all)).await
    }

    /// Everybody, by id, with whether they can sign on this device.
    ///
    /// # Errors
    /// The store's.
    pub async fn people_shown(&self) -> Result<Vec<PersonShown>, AppError> {
        let (own, now) = (self.host.identity(), self.host.now());
        let shown = move |view: &mut View<'_>| {
            let people = read_model::people(view, &own.organisation)?;
            let of = |person: Person| {
                let has_key = people.key(&own.log.0, &person.id).is_some();
                let locked_until = locked_until(view, &person.id, now)?;
                let tries_left = tries_left(view, &person.id)?;
                Ok(PersonShown { tries_left, ..PersonShown::of(person, has_key, locked_until) })
            };
            people.all().into_iter().map(of).collect()
        };
        self.host.with_store(move |store| store.read(shown)).await
    }

    /// Whether this device's log has bound a key to the person.
    ///
    /// # Errors
    /// The store's.
    pub async fn has_person_key(&self, person: Id) -> Result<bool, AppError> {
        let own = self.host.identity();
        let key = move |view: &mut View<'_>| {
            Ok(read_model::people(view, &own.organisation)?.key(&own.log.0, &person).is_some())
        };
        self.host.with_store(move |store| store.read(key)).await
    }

    /// The person of this id, unique prefix or exact name.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, and the store's.
    pub async fn person(&self, name: &str) -> Result<Person, AppError> {
        names::person(name, &self.people().await?).cloned()
    }

    pub(crate) async fn person_of(&self, id: Id) -> Result<Person, AppError> {
        let missing = || AppError::NotFound { what: "person", name: id.to_string() };
        self.people().await?.into_iter().find(|person| person.id == id).ok_or_else(missing)
    }
}
