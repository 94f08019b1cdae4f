//! Signing what happened: entries, the verdict they lead to, and the lists that change by them.

use crate::bundle::{bundle, bundle_records};
use crate::held::{heads_for, other_heads};
use crate::host::random_array;
use crate::{Acting, App, AppError, DeviceKey, Host, Identity, Moment, own_log, read_model, unfinished};
use firn_ledger::bytes::{Hash, Id as LedgerId, Salt};
use firn_ledger::entry::{Clocks, EntryDraft, Record, Signers};
use firn_ledger::statement::{ERASURE, PARTNER};
use firn_ledger::store::{Transaction, View};
use firn_model::api::Device;
use firn_model::authority::Refusal;
use firn_model::id::Id;
use firn_model::people::{self, Claim};
use firn_model::permission::{SignedBy, signed_by};
use firn_model::record::{
    Address, AssessmentRecord, Batch, Body, ChangeReason, Changing, EntryReference, Finding, Kind,
};
use firn_model::role::Role;
use firn_model::shipment::{FindingDue, Held, SignedEntry, read_again, tell_with};
use firn_report::bundle::Assessed;
use std::collections::{BTreeMap, BTreeSet};

/// Something that happened, ready to be signed.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    /// The kind's number.
    pub kind: u16,
    /// The shipment it is about.
    pub shipment: Option<Id>,
    /// The body.
    pub body: Vec<u8>,
    /// The batches that it brings.
    pub batches: Vec<Vec<u8>>,
}

impl Happened {
    /// A body about a shipment, or about none.
    pub fn new<B: Body>(shipment: Option<Id>, body: &B) -> Self {
        Self { kind: B::KIND.number(), shipment, body: body.to_bytes(), batches: Vec::new() }
    }

    /// A body about no shipment that says why it changes what stood before.
    pub fn because<B: Changing>(body: &B, reason: Option<&ChangeReason>) -> Result<Self, AppError> {
        let bytes = body.to_bytes_because(reason).map_err(|error| AppError::Record(error.to_string()))?;
        Ok(Self { kind: B::KIND.number(), shipment: None, body: bytes, batches: Vec::new() })
    }
}

/// When a verdict is signed after something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignVerdict {
    /// Whenever the alarms, the verdict or its reasons differ from what was last signed; once the stock was
    /// decided about, whenever any reading that counts does.
    OnChange,
    /// Whenever what it rests on differs: at custody steps, disposition and export.
    OnEvidence,
    /// Not now.
    Never,
}

/// An entry as it was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The log and the leaf.
    pub reference: EntryReference,
    /// Its place in the log.
    pub sequence: u64,
}

impl From<&Record> for Appended {
    fn from(record: &Record) -> Self {
        let entry = &record.entry;
        Self {
            reference: EntryReference { log: entry.log().0, leaf: entry.leaf().0 },
            sequence: entry.payload().sequence,
        }
    }
}

/// Who signs, when, and with which salts.
#[derive(Clone)]
pub(crate) struct Pen {
    pub identity: Identity,
    pub key: DeviceKey,
    pub now: Moment,
    /// The person who signs as well what people answer for.
    pub acting: Option<Acting>,
    /// Random bytes from which each entry of this stroke takes its own salt.
    pub seed: [u8; 32],
    strokes: u64,
}

/// The clocks as an entry carries them.
pub(crate) fn clocks(now: Moment) -> Clocks {
    Clocks { wall_ms: now.utc.0, monotonic_ms: now.monotonic_ms, boot: LedgerId(now.boot.0) }
}

impl Pen {
    /// A pen that signs by the device alone.
    pub fn new(identity: Identity, key: DeviceKey, now: Moment, seed: [u8; 32]) -> Self {
        Self { identity, key, now, acting: None, seed, strokes: 0 }
    }

    /// A salt of its own for each entry: SHA-256 over fresh random bytes and a counter.
    pub(crate) fn salt(&mut self) -> Salt {
        self.strokes = self.strokes.saturating_add(1);
        Salt(firn_ledger::bytes::Hash::of(&[&self.seed, &self.strokes.to_be_bytes()]).0)
    }

    /// Signs an entry of the ledger's own kinds; whoever is signed in is named by it.
    ///
    /// # Errors
    /// `app/role-may-not` for a person who is no admin, unless they erase; `authority/…` for one who may not
    /// sign; and the ledger's.
    pub fn append_own(
        &mut self,
        transaction: &mut Transaction<'_>,
        kind: u64,
        body: Vec<u8>,
    ) -> Result<Record, AppError> {
        own_log::may_append(transaction, &self.identity.log)?;
        let acting = self.named(transaction, kind)?;
        let person = acting.as_ref().map(|acting| LedgerId(acting.person.0));
        // Which of two words about a partner is the later one, heads tell.
        let heads = match u16::try_from(kind) {
            Ok(number) if kind == PARTNER => other_heads(transaction, number, None, &self.identity)?,
            _ => Vec::new(),
        };
        let draft = EntryDraft {
            kind,
            subject: None,
            clocks: clocks(self.now),
            heads,
            body,
            salt: self.salt(),
            person,
            batches: Vec::new(),
        };
        let person = acting.as_ref().map(|acting| acting.key.as_ref() as &dyn firn_ledger::key::Signer);
        Ok(transaction.append(self.identity.log, draft, Signers { device: self.key.as_ref(), person })?)
    }

    /// Who signs an entry of the ledger's own kinds as well.
    fn named(&self, view: &mut View<'_>, kind: u64) -> Result<Option<Acting>, AppError> {
        let Some(acting) = &self.acting else { return Ok(None) };
        let heads = view.heads();
        let size = heads.iter().find(|head| head.log == self.identity.log).map_or(0, |head| head.size);
        let claim = Claim {
            log: self.identity.log.0,
            sequence: size,
            at: self.now.utc,
            kind,
            person: Some(acting.person),
            key: Some(acting.key.public_key().0),
            heads: heads.iter().map(|head| (head.log.0, head.size)).collect(),
        };
        let (signer, counts) = read_model::people(view, &self.identity.organisation)?.signer(&claim);
        counts.map_err(AppError::Unauthorised)?;
        match signer.is_some_and(|signer| kind == ERASURE || signer.role == Role::Admin) {
            true => Ok(Some(acting.clone())),
            false => Err(AppError::RoleMayNot),
        }
    }

    /// Signs one thing that happened.
    pub fn append(
        &mut self,
        transaction: &mut Transaction<'_>,
        happened: Happened,
    ) -> Result<Record, AppError> {
        own_log::may_append(transaction, &self.identity.log)?;
        let subject = happened.shipment.map(|shipment| LedgerId(shipment.0));
        let heads = heads_for(transaction, &happened, &self.identity)?;
        let acting = self.acting.clone().filter(|_| is_for_people(happened.kind));
        let draft = EntryDraft {
            kind: u64::from(happened.kind),
            subject,
            clocks: clocks(self.now),
            heads,
            body: happened.body,
            salt: self.salt(),
            person: acting.as_ref().map(|acting| LedgerId(acting.person.0)),
            batches: happened.batches,
        };
        let person = acting.as_ref().map(|acting| acting.key.as_ref() as &dyn firn_ledger::key::Signer);
        let signers = Signers { device: self.key.as_ref(), person };
        Ok(transaction.append(self.identity.log, draft, signers)?)
    }

    /// Signs the verdict of a shipment as of now, if `when` asks for it.
    pub fn sign_verdict(
        &mut self,
        transaction: &mut Transaction<'_>,
        shipment: Id,
        when: SignVerdict,
    ) -> Result<Option<Record>, AppError> {
        let bundle = bundle(transaction, &self.identity.organisation, shipment)?;
        let assessed = bundle.assess()?;
        let Some(record) =
            firn_report::verify::to_record(&assessed).filter(|record| is_due(&assessed, record, when))
        else {
            return Ok(None);
        };
        self.append(transaction, Happened::new(Some(shipment), &record)).map(Some)
    }
}

/// Whoever is named by what a device signs on its own right must hold that right too.
fn would_be_named(person: Result<Option<Role>, Refusal>, kind: Kind) -> Result<(), AppError> {
    match person {
        Ok(Some(role)) if !role.may_sign(kind) => Err(AppError::RoleMayNot),
        Ok(_) => Ok(()),
        Err(refusal) => Err(AppError::Unauthorised(refusal)),
    }
}

/// Why a signature would not count, as the app tells it.
fn may_not_say(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::PersonMissing => AppError::PersonNeeded,
        Refusal::RoleMayNotSign | Refusal::DeviceNotEnrolled => AppError::RoleMayNot,
        refusal => AppError::Unauthorised(refusal),
    }
}

/// Whether a person who is there signs this kind as well.
pub(crate) fn is_for_people(kind: u16) -> bool {
    Kind::from_number(u64::from(kind)).is_some_and(|kind| signed_by(kind) != SignedBy::Device)
}

/// Whether it speaks of the verdict as it stands, which is signed before it where the evidence has changed.
fn speaks_of_a_verdict(happened: &Happened) -> bool {
    [Kind::Acknowledged, Kind::Review].iter().any(|kind| kind.number() == happened.kind)
}

fn is_due(assessed: &Assessed, record: &AssessmentRecord, when: SignVerdict) -> bool {
    let last = assessed.story.assessed.as_ref().map(|signed| &signed.says);
    match (when, last) {
        (SignVerdict::Never, _) => false,
        (_, None) => true,
        (SignVerdict::OnChange, Some(last)) => {
            let alarms = |record: &AssessmentRecord| -> Vec<_> {
                record.series.iter().map(|s| (s.logger, s.channel, s.assessment.alarms.clone())).collect()
            };
            let verdicts = |record: &AssessmentRecord| -> Vec<_> {
                record.lines.iter().flatten().map(|line| (line.verdict, line.reasons.clone())).collect()
            };
            let out = |record: &AssessmentRecord| -> Vec<_> {
                record.conditions.iter().flat_map(|conditions| conditions.out()).collect()
            };
            last.verdict != record.verdict
                || last.reasons != record.reasons
                || alarms(last) != alarms(record)
                || verdicts(last) != verdicts(record)
                || out(last) != out(record)
                || (assessed.story.disposition.is_some()
                    && (last.series != record.series || last.lines != record.lines))
        }
        (SignVerdict::OnEvidence, Some(last)) => {
            // Where devices judged without knowing of each other, one verdict joins what they say.
            assessed.story.verdicts_differ()
                || last.batches != record.batches
                || last.series != record.series
                || last.lines != record.lines
                || last.conditions != record.conditions
                || last.reasons != record.reasons
                || assessed.story.evidence_unsigned(&assessed.judgement)
        }
    }
}

impl<H: Host> App<H> {
    /// A pen with this device's key. What waits to be judged is judged before anything is signed, while others may use
    /// the store.
    pub(crate) async fn pen(&self) -> Result<Pen, AppError> {
        let own = self.host.identity();
        self.host
            .with_store(move |store| store.read(|view| unfinished::must_be_finished(view, &own)))
            .await?;
        Box::pin(self.judge_waiting()).await?;
        self.pen_at_once()
    }

    /// The same at this moment.
    pub(crate) fn pen_at_once(&self) -> Result<Pen, AppError> {
        let (identity, key, now) = (self.host.identity(), self.host.signer()?, self.host.now());
        Ok(Pen { acting: self.acting.clone(), ..Pen::new(identity, key, now, random_array(self.host())?) })
    }

    /// Signs what happened, the verdict where it is due, and brings the lists up to date: all or nothing.
    ///
    /// `check` sees the shipment as it stands and may refuse.
    pub(crate) async fn sign<C>(
        &self,
        happened: Vec<Happened>,
        when: SignVerdict,
        check: C,
    ) -> Result<Vec<Appended>, AppError>
    where
        C: FnOnce(&mut View<'_>) -> Result<(), AppError> + Send + 'static,
    {
        let mut pen = self.pen().await?;
        let kept = self.keep_positions(&happened).await?;
        let located = kept.clone();
        let signed = self.host.with_store(move |store| {
            store.write(|transaction| {
                check(transaction)?;
                let mut records = Vec::new();
                for shipment in
                    happened.iter().filter(|one| speaks_of_a_verdict(one)).filter_map(|one| one.shipment)
                {
                    records.extend(pen.sign_verdict(transaction, shipment, SignVerdict::OnEvidence)?);
                }
                pen.permit(transaction, &happened)?;
                let shipments: BTreeSet<Id> = happened.iter().filter_map(|one| one.shipment).collect();
                for (one, located) in happened.into_iter().zip(located) {
                    records.extend(pen.append_located(transaction, one, located)?);
                }
                for shipment in &shipments {
                    records.extend(pen.sign_verdict(transaction, *shipment, when)?);
                    records.extend(pen.sign_finding(transaction, *shipment)?);
                }
                if when != SignVerdict::Never {
                    records.extend(pen.sign_later(transaction, &shipments)?);
                }
                pen.follow(transaction, &records)?;
                Ok(records.iter().map(Appended::from).collect())
            })
        });
        match signed.await {
            Ok(signed) => Ok(signed),
            Err(error) => {
                // Of the two failures the first is told; what stays in the vault goes when the home is opened.
                self.forget_positions(kept).await.unwrap_or_default();
                Err(error)
            }
        }
    }
}

impl Pen {
    /// Refuses to sign what would be refused when it is read.
    pub(crate) fn permit(&self, view: &mut View<'_>, happened: &[Happened]) -> Result<(), AppError> {
        let own = self.identity;
        let membership = read_model::membership(view, &own.organisation)?;
        let people = read_model::people(view, &own.organisation)?;
        let device = firn_report::bundle::device(own.log, &membership);
        let ended = membership.member(&own.log).is_some_and(|member| member.cut.is_some());
        if ended || own_log::stays_out(view, &membership, &own.log)? {
            return Err(AppError::DeviceRevoked);
        }
        let heads = view.heads();
        let size = heads.iter().find(|head| head.log == own.log).map_or(0, |head| head.size);
        for one in happened {
            let kind = Kind::from_number(u64::from(one.kind)).ok_or(AppError::RoleMayNot)?;
            if device.waits_with(kind) {
                return Err(AppError::LogProvisional);
            }
            let acting = self.acting.as_ref().filter(|_| is_for_people(one.kind));
            let claim = Claim {
                log: own.log.0,
                sequence: size,
                at: self.now.utc,
                kind: u64::from(one.kind),
                person: acting.map(|acting| acting.person),
                key: acting.map(|acting| acting.key.public_key().0),
                heads: heads.iter().map(|head| (head.log.0, head.size)).collect(),
            };
            let (person, counts) = people.signer(&claim);
            let draft = self.draft(view, one, device.clone())?;
            let entry = SignedEntry { person, person_refused: counts.err(), ..draft };
            if signed_by(kind) == SignedBy::Named {
                would_be_named(people::standing_of(&entry), kind)?;
            }
            people::may_say(&entry, kind).map_err(may_not_say)?;
            // What was measured is taken in at whatever point of the story.
            if let Some(shipment) = one.shipment.filter(|_| !matches!(kind, Kind::Readings | Kind::Download))
            {
                standing(view, &self.identity, shipment)?.would_count(entry).map_err(AppError::Refused)?;
            }
        }
        Ok(())
    }

    /// What happened, as the story would be told of it.
    fn draft(
        &self,
        view: &mut View<'_>,
        happened: &Happened,
        device: Device,
    ) -> Result<SignedEntry, AppError> {
        let log = self.identity.log;
        let heads = heads_for(view, happened, &self.identity)?;
        Ok(SignedEntry {
            // No entry has this leaf.
            reference: EntryReference { log: log.0, leaf: [0; 32] },
            sequence: u64::MAX,
            at: self.now.utc,
            kind: u64::from(happened.kind),
            body: happened.body.clone(),
            batches: happened.batches.iter().map(|bytes| Address::of(bytes)).collect(),
            heads: heads.iter().map(|head| Held { log: head.log.0, size: head.size }).collect(),
            device,
            person: None,
            beyond: None,
            person_refused: None,
        })
    }

    /// Signs the verdict where its evidence has changed, and what was found after a release where that is due: before
    /// somebody decides or closes.
    pub fn sign_what_is_held(
        &mut self,
        transaction: &mut Transaction<'_>,
        shipment: Id,
    ) -> Result<Vec<Record>, AppError> {
        let verdict = self.sign_verdict(transaction, shipment, SignVerdict::OnEvidence)?;
        let finding = self.sign_finding(transaction, shipment)?;
        Ok(verdict.into_iter().chain(finding).collect())
    }

    /// Judges the shipments anew that go on from these, where they were judged before: what an earlier leg went
    /// through bears on the goods wherever they are now.
    pub fn sign_later(
        &mut self,
        transaction: &mut Transaction<'_>,
        shipments: &BTreeSet<Id>,
    ) -> Result<Vec<Record>, AppError> {
        let mut records = Vec::new();
        for later in read_model::later(transaction, shipments)? {
            if standing(transaction, &self.identity, later)?.assessed.is_some() {
                records.extend(self.sign_verdict(transaction, later, SignVerdict::OnChange)?);
                records.extend(self.sign_finding(transaction, later)?);
            }
        }
        Ok(records)
    }

    /// Signs what readings, a corrected arrival, another receipt or an earlier leg say of stock that somebody released
    /// without knowing of them, where that is due and this device's role may.
    pub fn sign_finding(
        &mut self,
        transaction: &mut Transaction<'_>,
        shipment: Id,
    ) -> Result<Option<Record>, AppError> {
        let story = standing(transaction, &self.identity, shipment)?;
        let Some(FindingDue { decision, assessed, by, lines }) = story.finding_due() else { return Ok(None) };
        let finding = Finding {
            disposition: decision.reference,
            assessment: assessed.reference,
            lines,
            words: by.words().into(),
        };
        let happened = Happened::new(Some(shipment), &finding);
        match self.permit(transaction, std::slice::from_ref(&happened)) {
            Ok(()) => self.append(transaction, happened).map(Some),
            Err(AppError::RoleMayNot | AppError::LogProvisional) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// How a shipment stands, for a check before something is signed.
pub(crate) fn standing(
    view: &mut View<'_>,
    identity: &Identity,
    shipment: Id,
) -> Result<firn_model::shipment::Story, AppError> {
    let membership = read_model::membership(view, &identity.organisation)?;
    let people = read_model::people(view, &identity.organisation)?;
    let records = bundle_records(view, shipment)?;
    let told = read_model::organisation_records(view, records.iter(), Some(identity.log))?;
    let organisation = firn_report::bundle::organisation_story(&told, &membership, &people);
    let entries =
        records.iter().map(|record| firn_report::bundle::signed_entry(record, &membership, &people));
    let entries: Vec<SignedEntry> = entries.collect();
    let mut batches = BTreeMap::new();
    for address in read_again(&entries) {
        let held = view.batch(&Hash(address.0))?;
        batches.extend(held.and_then(|bytes| Some((address, Batch::from_bytes(&bytes).ok()?))));
    }
    Ok(tell_with(entries, organisation, &batches))
}
