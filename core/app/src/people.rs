//! The organisation's people: enrolled, changed, ended; and their keys on this device.

use crate::append::{Happened, SignVerdict};
use crate::host::random_array;
use crate::signing::{locked_until, tries_left};
use crate::{Acting, App, AppError, EnrolmentCode, Host, PersonKeyFile, Pin, names, read_model};
use firn_ledger::bytes::LogId;
use firn_ledger::store::View;
use firn_model::api::{Changed, PersonShown};
use firn_model::authority::Refusal;
use firn_model::id::Id;
use firn_model::people::accountability;
use firn_model::record::{ChangeReason, Person, PersonKey, PersonStanding, WithdrawnKey};
use firn_model::role::Role;
use firn_model::time::UtcMillis;
use std::sync::Arc;

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
#[derive(Debug)]
pub enum Change {
    /// The person was trained then.
    Trained(UtcMillis),
    /// The person no longer signs, for good.
    Ended,
    /// The person has another role or title from now on.
    Duty(Role, Option<String>),
    /// The person makes keys with this code from now on, and with no earlier one.
    Code(EnrolmentCode),
    /// The key that the person signs with in this log no longer counts, for this reason: its PIN was lost, or
    /// somebody else may know it (21 CFR 11.300(c)).
    KeyWithdrawn(LogId, String),
}

impl<H: Host> App<H> {
    /// Enrols a person; an id that anybody ever had is not given again (21 CFR 11.100(a)). The code is for the
    /// person alone, who makes their keys with it.
    ///
    /// # Errors
    /// `app/role-may-not` on a device that is not an admin's, `app/person-id-taken`, `app/time-impossible` for a
    /// training that is still to come, and the ledger's.
    pub async fn enrol_person(&self, new: NewPerson) -> Result<(Person, EnrolmentCode), AppError> {
        let id = match new.id {
            Some(id) => id,
            None => Id(random_array(self.host())?),
        };
        let NewPerson { name, title, role, trained, .. } = new;
        trained.map_or(Ok(()), |at| self.has_been(at))?;
        let standing = PersonStanding::Active;
        let code = EnrolmentCode::new(random_array(self.host())?);
        let enrolment_key = Some(code.public_key(&id));
        let person = Person { id, name, title, role, trained, standing, withdrawn: None, enrolment_key };
        self.sign(vec![Happened::new(None, &person)], SignVerdict::Never, move |view| {
            // Of entries that do not count, too: somebody was called by it.
            let had = read_model::people_records(view)?;
            let taken = had.iter().any(|record| firn_report::bundle::about_person(record) == Some(id));
            if taken { Err(AppError::PersonIdTaken) } else { Ok(()) }
        })
        .await?;
        Ok((person, code))
    }

    /// Signs what changes about a person, and why.
    ///
    /// # Errors
    /// `app/reason-needed` for another role or title and for an end without a reason, `app/not-found`, `app/out-of-order` for a person who has ended, `app/no-person-key` where there is none
    /// to withdraw and `app/incomplete` without a reason, `app/time-impossible` for a training that is still to
    /// come, `app/role-may-not`, the ledger's.
    pub async fn change_person(
        &self,
        id: Id,
        change: Change,
        reason: Option<ChangeReason>,
    ) -> Result<Person, AppError> {
        if let (Change::Ended | Change::Duty(..), None) = (&change, &reason) {
            return Err(AppError::ReasonNeeded("how a person stands"));
        }
        let before = self.person_of(id).await?;
        let person = match change {
            Change::Trained(at) => {
                self.has_been(at)?;
                Person { trained: Some(at), ..before.clone() }
            }
            Change::Ended => Person { standing: PersonStanding::Ended, ..before.clone() },
            Change::Duty(role, title) => Person { role, title, ..before.clone() },
            Change::Code(code) => Person { enrolment_key: Some(code.public_key(&id)), ..before.clone() },
            Change::KeyWithdrawn(log, reason) => {
                if reason.trim().is_empty() {
                    return Err(AppError::Refused(Refusal::MalformedBody));
                }
                let key = self.person_key(log, id).await?.ok_or(AppError::NoPersonKey)?;
                let withdrawn = before.withdrawn.clone().into_iter().flatten();
                let withdrawn = withdrawn.chain([WithdrawnKey { key, reason }]).collect();
                Person { withdrawn: Some(withdrawn), ..before.clone() }
            }
        };
        let organisation = self.host.identity().organisation;
        let happened = Happened::because(&person, reason.as_ref())?;
        self.sign(vec![happened], SignVerdict::Never, move |view| {
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

    /// A training is recorded once it has been; a day begins up to a day earlier elsewhere.
    fn has_been(&self, trained: UtcMillis) -> Result<(), AppError> {
        match trained > self.host.now().utc.plus_seconds(86_400) {
            true => Err(AppError::TimeImpossible("a training that is still to come is not recorded")),
            false => Ok(()),
        }
    }

    /// A new code for a person, in place of every earlier one.
    ///
    /// # Errors
    /// As [`App::change_person`].
    pub async fn new_code(&self, person: Id) -> Result<EnrolmentCode, AppError> {
        let code = EnrolmentCode::new(random_array(self.host())?);
        self.change_person(person, Change::Code(code.clone()), None).await?;
        Ok(code)
    }

    /// Makes the person's key on this device, who has accepted to be accountable for it, and binds it; in
    /// place of one that was withdrawn, if there is such a one. The code shows that it is that person.
    ///
    /// # Errors
    /// `app/pin-too-short`, `app/person-key-exists`, `app/enrolment-code`, `app/not-found`, `app/out-of-order`
    /// for a person who has ended, and the ledger's.
    pub async fn make_person_key(&self, person: Id, pin: Pin, code: &EnrolmentCode) -> Result<(), AppError> {
        pin.check()?;
        let known = self.person_of(person).await?;
        if known.standing == PersonStanding::Ended {
            return Err(AppError::OutOfOrder("the person has ended"));
        }
        let own = self.host.identity();
        let bound = move |view: &mut View<'_>| {
            let people = read_model::people(view, &own.organisation)?;
            match people.key(&own.log.0, &person) {
                Some(_) => Err(AppError::PersonKeyExists),
                None => Ok(people.keys_bound(&own.log.0, &person)),
            }
        };
        let before = self.host.with_store(move |store| store.read(bound)).await?;
        if known.enrolment_key != Some(code.public_key(&person)) {
            return Err(AppError::EnrolmentCode);
        }
        let file = PersonKeyFile { person, before };
        let key = self.host.make_person_key(file, pin).await?.public_key();
        let body = PersonKey { person, key: key.0, accountability: accountability() };
        let enrolled = self.acting(Acting { person, key: Arc::new(code.key(&person)) });
        enrolled
            .sign(vec![Happened::new(None, &body)], SignVerdict::Never, move |view| {
                match bound(view)? == before {
                    true => Ok(()),
                    false => Err(AppError::PersonKeyExists),
                }
            })
            .await
            .map(drop)
    }

    /// The device in whose log a person signs with a key, by a unique prefix of the log's id or by its label.
    ///
    /// # Errors
    /// `app/not-found`, `app/ambiguous`, and the store's.
    pub async fn device_with_key(&self, person: Id, name: &str) -> Result<LogId, AppError> {
        let (own, name) = (self.host.identity(), name.to_owned());
        let find = move |view: &mut View<'_>| {
            let membership = read_model::membership(view, &own.organisation)?;
            let logs = read_model::people(view, &own.organisation)?.logs_with_key(&person);
            let devices = logs.into_iter().filter_map(|log| membership.member(&LogId(log)));
            names::device(&name, devices).map(|member| member.enrolment.log).map_err(|error| match error {
                AppError::NotFound { name, .. } => {
                    AppError::NotFound { what: "device with a key of this person", name }
                }
                other => other,
            })
        };
        self.host.with_store(move |store| store.read(find)).await
    }

    /// What was changed about a person: by whom, when, why, and what stood before.
    ///
    /// # Errors
    /// The store's.
    pub async fn person_changes(&self, person: Id) -> Result<Vec<Changed<Person>>, AppError> {
        let organisation = self.host.identity().organisation;
        let changes = move |view: &mut View<'_>| {
            Ok::<_, AppError>(read_model::people(view, &organisation)?.changes(&person))
        };
        self.host.with_store(move |store| store.read(changes)).await
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

    /// Whether the person signs with a key on this device.
    ///
    /// # Errors
    /// The store's.
    pub async fn has_person_key(&self, person: Id) -> Result<bool, AppError> {
        Ok(self.person_key(self.host.identity().log, person).await?.is_some())
    }

    /// The key that a person signs with in a log.
    async fn person_key(&self, log: LogId, person: Id) -> Result<Option<[u8; 32]>, AppError> {
        let organisation = self.host.identity().organisation;
        let key =
            move |view: &mut View<'_>| Ok(read_model::people(view, &organisation)?.key(&log.0, &person));
        self.host.with_store(move |store| store.read(key)).await
    }

    /// Where this device keeps the key that a person signs with.
    ///
    /// # Errors
    /// `app/no-person-key`, and the store's.
    pub(crate) async fn person_key_file(&self, person: Id) -> Result<PersonKeyFile, AppError> {
        let own = self.host.identity();
        let file = move |view: &mut View<'_>| {
            let people = read_model::people(view, &own.organisation)?;
            let bound = people.keys_bound(&own.log.0, &person);
            match (people.key(&own.log.0, &person), bound.checked_sub(1)) {
                (Some(_), Some(before)) => Ok(PersonKeyFile { person, before }),
                _ => Err(AppError::NoPersonKey),
            }
        };
        self.host.with_store(move |store| store.read(file)).await
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
