//! Signing as a person: the PIN, how often it may be wrong, and the key that it opens.

use crate::append::{Happened, SignVerdict};
use crate::{App, AppError, DeviceKey, Host, Moment};
use firn_ledger::store::{Transaction, View};
use firn_model::authority::Refusal;
use firn_model::id::Id;
use firn_model::record::{PersonStanding, SigningFailed};
use firn_model::time::UtcMillis;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The fewest characters of a PIN where no platform's key store limits guessing (DESIGN §3.5).
pub const SHORTEST_PIN: usize = 12;
/// After so many failures in a row nobody signs as the person for a while, and again after as many more.
pub const TRIES: u32 = 5;
/// For how long, in seconds.
pub const LOCK_S: i64 = 900;

/// What is kept of failures, by person id: a memory of this device, in no entry but the lock's own.
const FAILURES: &str = "signing-failures";

/// A person's PIN, wiped from memory when dropped.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// Takes a PIN without its line end.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether it may protect a new key.
    ///
    /// # Errors
    /// `app/pin-too-short`.
    pub fn check(&self) -> Result<(), AppError> {
        if self.0.chars().count() < SHORTEST_PIN { Err(AppError::PinTooShort) } else { Ok(()) }
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin")
    }
}

/// A person with their opened key.
#[derive(Clone)]
pub struct Acting {
    /// Who.
    pub person: Id,
    /// Signs for them.
    pub key: DeviceKey,
}

impl std::fmt::Debug for Acting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Acting").field("person", &self.person).finish_non_exhaustive()
    }
}

/// Failures in a row, and the lock that they led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Failures {
    /// How many since the PIN was last right.
    in_a_row: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locked: Option<Lock>,
}

/// When a lock began: within one boot the monotonic clock decides, which nobody can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Lock {
    at: UtcMillis,
    boot: Id,
    monotonic_ms: u64,
}

impl Failures {
    /// Until when nobody signs as the person.
    fn locked_until(&self, now: Moment) -> Option<UtcMillis> {
        let lock = self.locked?;
        let whole = LOCK_S.saturating_mul(1000);
        let passed = match lock.boot == now.boot {
            true => i64::try_from(now.monotonic_ms.saturating_sub(lock.monotonic_ms)).unwrap_or(i64::MAX),
            false => now.utc.0.saturating_sub(lock.at.0).max(0),
        };
        (passed < whole).then(|| UtcMillis(now.utc.0.saturating_add(whole.saturating_sub(passed))))
    }

    /// One more try, counted before the PIN is looked at, so that none is lost with the power.
    fn tried(self, now: Moment) -> Self {
        let in_a_row = self.in_a_row.saturating_add(1);
        let locks = in_a_row.is_multiple_of(TRIES);
        let lock = Lock { at: now.utc, boot: now.boot, monotonic_ms: now.monotonic_ms };
        Self { in_a_row, locked: locks.then_some(lock) }
    }

    fn left(&self) -> u32 {
        TRIES.saturating_sub(self.in_a_row.checked_rem(TRIES).unwrap_or_default())
    }
}

fn failures(transaction: &mut Transaction<'_>, person: &Id) -> Result<Failures, AppError> {
    match transaction.document(FAILURES, &person.0)? {
        None => Ok(Failures::default()),
        Some(json) => serde_json::from_slice(&json).map_err(|error| AppError::Record(error.to_string())),
    }
}

fn keep(transaction: &mut Transaction<'_>, person: &Id, failures: Failures) -> Result<(), AppError> {
    let json = serde_json::to_vec(&failures).map_err(|error| AppError::Record(error.to_string()))?;
    Ok(transaction.put_document(FAILURES, &person.0, &json)?)
}

/// Until when nobody signs as this person on this device.
pub(crate) fn locked_until(
    view: &mut View<'_>,
    person: &Id,
    now: Moment,
) -> Result<Option<UtcMillis>, AppError> {
    let json = view.document(FAILURES, &person.0)?;
    let kept: Option<Failures> = json.and_then(|json| serde_json::from_slice(&json).ok());
    Ok(kept.and_then(|failures| failures.locked_until(now)))
}

/// How many more tries a person has on this device, once one has failed.
pub(crate) fn tries_left(view: &mut View<'_>, person: &Id) -> Result<Option<u32>, AppError> {
    let json = view.document(FAILURES, &person.0)?;
    let kept: Option<Failures> = json.and_then(|json| serde_json::from_slice(&json).ok());
    Ok(kept.filter(|failures| failures.in_a_row > 0).map(|failures| failures.left()))
}

impl<H: Host> App<H> {
    /// These use cases with this person signing as well what people answer for.
    pub fn acting(&self, acting: Acting) -> Self {
        Self { acting: Some(acting), ..self.clone() }
    }

    /// Opens a person's key with the PIN.
    ///
    /// Every try is counted before the PIN is looked at; the fifth failure in a row locks signing as this
    /// person on this device for 15 minutes and is signed into the log (21 CFR 11.300(d)).
    ///
    /// # Errors
    /// `app/pin-wrong`, `app/signing-locked`, `app/no-person-key`, `app/not-found`,
    /// `authority/person-ended`, and the store's.
    pub async fn sign_in(&self, person: Id, pin: Pin) -> Result<Acting, AppError> {
        if self.person_of(person).await?.standing == PersonStanding::Ended {
            return Err(AppError::Unauthorised(Refusal::PersonEnded));
        }
        let file = self.person_key_file(person).await?;
        let tried = self.count_try(person).await?;
        match self.host.open_person_key(file, pin).await? {
            Some(key) => {
                let clear = Failures::default();
                self.host
                    .with_store(move |store| store.write(|transaction| keep(transaction, &person, clear)))
                    .await?;
                Ok(Acting { person, key })
            }
            None => match tried.locked_until(self.host.now()) {
                None => Err(AppError::PinWrong { left: tried.left() }),
                Some(until) => {
                    let failed =
                        SigningFailed { person, failures: tried.in_a_row, locked_until: Some(until) };
                    let happened = vec![Happened::new(None, &failed)];
                    self.sign(happened, SignVerdict::Never, |_| Ok(())).await?;
                    Err(AppError::SigningLocked(until))
                }
            },
        }
    }

    /// Puts a person's key on this device under another PIN; the key, and what it signed, stay as they are
    /// (21 CFR 11.300(b)).
    ///
    /// # Errors
    /// `app/pin-too-short` for the new one, those of [`App::sign_in`] for the old one.
    pub async fn change_pin(&self, person: Id, old: Pin, new: Pin) -> Result<(), AppError> {
        new.check()?;
        // Counts and limits the tries.
        drop(self.sign_in(person, old.clone()).await?);
        let file = self.person_key_file(person).await?;
        match self.host.rewrap_person_key(file, old, new).await? {
            true => Ok(()),
            // Somebody else changed it between the two.
            false => Err(AppError::PinWrong { left: TRIES }),
        }
    }

    async fn count_try(&self, person: Id) -> Result<Failures, AppError> {
        let now = self.host.now();
        self.host
            .with_store(move |store| {
                store.write(|transaction| {
                    let before = failures(transaction, &person)?;
                    if let Some(until) = before.locked_until(now) {
                        return Err(AppError::SigningLocked(until));
                    }
                    let tried = before.tried(now);
                    keep(transaction, &person, tried)?;
                    Ok(tried)
                })
            })
            .await
    }

    /// Until when nobody signs as this person here.
    ///
    /// # Errors
    /// The store's.
    pub async fn signing_locked_until(&self, person: Id) -> Result<Option<UtcMillis>, AppError> {
        let now = self.host.now();
        self.host.with_store(move |store| store.read(|view| locked_until(view, &person, now))).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(seconds: i64, boot: u8) -> Moment {
        Moment {
            utc: UtcMillis(seconds * 1000),
            monotonic_ms: u64::try_from(seconds.rem_euclid(1_000_000) * 1000).unwrap(),
            boot: Id([boot; 16]),
        }
    }

    #[test]
    fn the_fifth_failure_in_a_row_locks_for_a_quarter_of_an_hour_and_so_does_the_tenth() {
        let mut failures = Failures::default();
        for nth in 1..=10 {
            failures = failures.tried(moment(100, 1));
            assert_eq!(failures.locked_until(moment(100, 1)).is_some(), nth % 5 == 0, "{nth}");
        }
        assert_eq!(failures.locked_until(moment(100, 1)), Some(UtcMillis(1_000_000)));
        assert!(failures.locked_until(moment(999, 1)).is_some());
        assert_eq!(failures.locked_until(moment(1000, 1)), None);
    }

    #[test]
    fn setting_the_wall_clock_forward_does_not_open_a_lock_and_a_restart_keeps_it() {
        let lock = (0..5).fold(Failures::default(), |failures, _| failures.tried(moment(100, 1)));
        let set_forward = Moment { utc: UtcMillis(9_000_000), ..moment(160, 1) };
        assert_eq!(lock.locked_until(set_forward), Some(UtcMillis(9_840_000)));
        assert!(lock.locked_until(moment(200, 2)).is_some());
        assert_eq!(lock.locked_until(moment(1001, 2)), None);
    }

    #[test]
    fn what_is_kept_of_failures_reads_back() {
        let tried = Failures::default().tried(moment(1, 1));
        assert_eq!(serde_json::from_str::<Failures>(&serde_json::to_string(&tried).unwrap()).unwrap(), tried);
        assert_eq!(tried.left(), 4);
    }
}
