//! Signing what happened: entries, the verdict they lead to, and the lists that change by them.

use crate::bundle::{bundle, bundle_records};
use crate::host::random_array;
use crate::{App, AppError, DeviceKey, Host, Identity, Moment, read_model};
use firn_ledger::bytes::{Id as LedgerId, LogId, Salt};
use firn_ledger::entry::{Clocks, EntryDraft, Head, Record, Signers};
use firn_ledger::store::{Transaction, View};
use firn_model::api::Device;
use firn_model::authority::{self, Standing};
use firn_model::id::Id;
use firn_model::record::{AssessmentRecord, Body, EntryReference, Finding, Kind};
use firn_model::shipment::{Held, SignedEntry};
use firn_report::bundle::Assessed;
use std::collections::BTreeSet;

/// What a finding says that this device signs by itself.
const FOUND_LATER: &str = "Readings were taken in after this stock had been released.";

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
}

/// When a verdict is signed after something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignVerdict {
    /// Whenever the alarms, the verdict or its reasons differ from what was last signed.
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
    /// Random bytes from which each entry of this stroke takes its own salt.
    pub seed: [u8; 32],
    strokes: u64,
}

/// The clocks as an entry carries them.
pub(crate) fn clocks(now: Moment) -> Clocks {
    Clocks { wall_ms: now.utc.0, monotonic_ms: now.monotonic_ms, boot: LedgerId(now.boot.0) }
}

impl Pen {
    /// A salt of its own for each entry: SHA-256 over fresh random bytes and a counter.
    fn salt(&mut self) -> Salt {
        self.strokes = self.strokes.saturating_add(1);
        Salt(firn_ledger::bytes::Hash::of(&[&self.seed, &self.strokes.to_be_bytes()]).0)
    }

    /// Signs an entry of the ledger's own kinds.
    pub fn append_own(
        &mut self,
        transaction: &mut Transaction<'_>,
        kind: u64,
        body: Vec<u8>,
    ) -> Result<Record, AppError> {
        let draft = EntryDraft {
            kind,
            subject: None,
            clocks: clocks(self.now),
            heads: Vec::new(),
            body,
            salt: self.salt(),
            person: None,
            batches: Vec::new(),
        };
        Ok(transaction.append(
            self.identity.log,
            draft,
            Signers { device: self.key.as_ref(), person: None },
        )?)
    }

    /// Signs one thing that happened.
    pub fn append(
        &mut self,
        transaction: &mut Transaction<'_>,
        happened: Happened,
    ) -> Result<Record, AppError> {
        let subject = happened.shipment.map(|shipment| LedgerId(shipment.0));
        let heads = match subject {
            Some(subject) => other_heads(transaction, &subject, &self.identity.log)?,
            None => Vec::new(),
        };
        let draft = EntryDraft {
            kind: u64::from(happened.kind),
            subject,
            clocks: clocks(self.now),
            heads,
            body: happened.body,
            salt: self.salt(),
            person: None,
            batches: happened.batches,
        };
        let signers = Signers { device: self.key.as_ref(), person: None };
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

/// The heads of the other logs that speak about a subject: they, not a clock, give the order.
fn other_heads(view: &mut View<'_>, subject: &LedgerId, own: &LogId) -> Result<Vec<Head>, AppError> {
    let speaking: BTreeSet<LogId> = view.by_subject(subject)?.into_iter().map(|(log, _)| log).collect();
    Ok(view.heads().into_iter().filter(|head| head.log != *own && speaking.contains(&head.log)).collect())
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
            last.verdict != record.verdict || last.reasons != record.reasons || alarms(last) != alarms(record)
        }
        (SignVerdict::OnEvidence, Some(last)) => {
            last.batches != record.batches || last.series != record.series || last.reasons != record.reasons
        }
    }
}

impl<H: Host> App<H> {
    /// A pen with this device's key at this moment.
    pub(crate) fn pen(&self) -> Result<Pen, AppError> {
        Ok(Pen {
            identity: self.host.identity(),
            key: self.host.signer()?,
            now: self.host.now(),
            seed: random_array(self.host())?,
            strokes: 0,
        })
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
        let mut pen = self.pen()?;
        self.host
            .with_store(move |store| {
                store.write(|transaction| {
                    check(transaction)?;
                    pen.permit(transaction, &happened)?;
                    let mut records = Vec::new();
                    let shipments: BTreeSet<Id> = happened.iter().filter_map(|one| one.shipment).collect();
                    for one in happened {
                        records.push(pen.append(transaction, one)?);
                    }
                    for shipment in shipments {
                        records.extend(pen.sign_verdict(transaction, shipment, when)?);
                        records.extend(pen.sign_finding(transaction, shipment)?);
                    }
                    read_model::follow(transaction, &pen.identity.organisation, &records)?;
                    Ok(records.iter().map(Appended::from).collect())
                })
            })
            .await
    }
}

impl Pen {
    /// Refuses to sign what would be refused when it is read.
    pub(crate) fn permit(&self, view: &mut View<'_>, happened: &[Happened]) -> Result<(), AppError> {
        let membership = read_model::membership(view, &self.identity.organisation)?;
        let device = firn_report::bundle::device(self.identity.log, &membership);
        for one in happened {
            let kind = Kind::from_number(u64::from(one.kind)).ok_or(AppError::RoleMayNot)?;
            if authority::judge(device.role, kind) != Standing::Valid {
                return Err(AppError::RoleMayNot);
            }
            // What was measured is taken in at whatever point of the story.
            if let Some(shipment) = one.shipment.filter(|_| !matches!(kind, Kind::Readings | Kind::Download))
            {
                let entry = self.draft(view, one, shipment, device.clone())?;
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
        shipment: Id,
        device: Device,
    ) -> Result<SignedEntry, AppError> {
        let log = self.identity.log;
        let heads = other_heads(view, &LedgerId(shipment.0), &log)?;
        Ok(SignedEntry {
            // No entry has this leaf.
            reference: EntryReference { log: log.0, leaf: [0; 32] },
            sequence: u64::MAX,
            at: self.now.utc,
            kind: u64::from(happened.kind),
            body: happened.body.clone(),
            batches: Vec::new(),
            heads: heads.iter().map(|head| Held { log: head.log.0, size: head.size }).collect(),
            device,
            person: None,
        })
    }

    /// Signs what readings that came after a release say of the released stock, where that is due and this
    /// device's role may.
    pub fn sign_finding(
        &mut self,
        transaction: &mut Transaction<'_>,
        shipment: Id,
    ) -> Result<Option<Record>, AppError> {
        let story = standing(transaction, &self.identity, shipment)?;
        let Some((decision, assessed)) = story.finding_due() else { return Ok(None) };
        let finding = Finding {
            disposition: decision.reference,
            assessment: assessed.reference,
            lines: story.released_lines(),
            words: FOUND_LATER.into(),
        };
        let happened = Happened::new(Some(shipment), &finding);
        match self.permit(transaction, std::slice::from_ref(&happened)) {
            Ok(()) => self.append(transaction, happened).map(Some),
            Err(AppError::RoleMayNot) => Ok(None),
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
    let records = bundle_records(view, shipment)?;
    let entries = records.iter().map(|record| firn_report::bundle::signed_entry(record, &membership));
    let organisation = read_model::organisation(view, &identity.organisation)?;
    Ok(firn_model::shipment::tell_within(entries.collect(), organisation))
}
