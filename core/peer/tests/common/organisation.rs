//! An organisation of devices with SQLite stores, that enrol each other and sync.

use std::sync::{Arc, Mutex};

use firn_ledger::bytes::{Hash, Id, LogId, OrganisationId, PublicKey, Salt};
use firn_ledger::canonical::Writer;
use firn_ledger::chain::Run;
use firn_ledger::entry::{Clocks, EntryDraft, Head, Record, Signers};
use firn_ledger::error::LedgerError;
use firn_ledger::fork::ForkProof;
use firn_ledger::key::{SecretKey, Signer};
use firn_ledger::seen::Seen;
use firn_ledger::statement::{
    Admission, ENROL, Enrolment, EntryReference, GENESIS, Genesis, Organisation, Role,
};
use firn_ledger::store::{OpenOptions, Store};
use firn_ledger::sync::LogSource;
use firn_ledger::sync::limits::Quota;
use firn_peer::invitation::InvitationSecret;
use firn_peer::join::digits::Nonce;
use firn_peer::join::{Inviter, JoinRequest, KnownInvitation, Refusal};
use firn_peer::sync::{PeerStanding, SyncHome, SyncStore};

use super::{NOW, key};

pub fn root() -> SecretKey {
    SecretKey::from_seed(&[0xa0; 32])
}

pub fn organisation() -> OrganisationId {
    OrganisationId::of(&root().public_key())
}

/// A device's home: its key, its store and the endpoints that it trusts before its store names them.
pub struct Device {
    number: u8,
    organisation: OrganisationId,
    key: Arc<SecretKey>,
    log: LogId,
    store: Arc<Mutex<Held>>,
    trusted: Option<PublicKey>,
    quota: Option<Quota>,
    invitation: Option<InvitationSecret>,
    redeemed: Mutex<Option<(JoinRequest, Vec<u8>)>>,
    clock_ms: Option<i64>,
    _folder: tempfile::TempDir,
}

struct Held(Store, Arc<SecretKey>, LogId);

impl SyncStore for Held {
    fn source(&mut self) -> &mut dyn LogSource {
        &mut self.0
    }

    fn store(&mut self, run: Run) -> Result<(), LedgerError> {
        self.0.write(|transaction| transaction.append_foreign(run))
    }

    fn stage(&mut self, run: Run) -> Result<(), LedgerError> {
        let own = self.2;
        self.0.write(|transaction| {
            transaction.stage(run)?;
            transaction.settle(&own).map(drop)
        })
    }

    fn take_seen(&mut self, seen: &Seen) -> Result<(), LedgerError> {
        self.0.write(|transaction| transaction.take_seen(seen)).map(drop)
    }

    fn take_fork(&mut self, proof: &ForkProof) -> Result<(), LedgerError> {
        self.0.write(|transaction| transaction.take_fork(proof))
    }

    fn witness(&mut self) -> Result<(), LedgerError> {
        let (key, log) = (self.1.clone(), self.2);
        self.0.write(|transaction| transaction.witness(&log, key.as_ref(), 1_793_491_200))
    }
}

impl Device {
    pub fn new(number: u8) -> Self {
        Self::of(number, organisation())
    }

    pub fn of(number: u8, organisation: OrganisationId) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("firn.db"), &OpenOptions::default()).unwrap();
        let key = SecretKey::from_seed(&[number; 32]);
        let log = LogId::of(&organisation, &key.public_key(), &[number; 16]);
        let key = Arc::new(key);
        let store = Arc::new(Mutex::new(Held(store, key.clone(), log)));
        let (trusted, quota, invitation, redeemed) = (None, None, None, Mutex::default());
        let (clock_ms, _folder) = (None, folder);
        Self {
            number,
            organisation,
            key,
            log,
            store,
            trusted,
            quota,
            invitation,
            redeemed,
            clock_ms,
            _folder,
        }
    }

    /// Trusts an endpoint, as one that has invited this device.
    pub fn trusting(mut self, number: u8) -> Self {
        self.trusted = Some(key(number));
        self
    }

    /// Takes in so many bytes of a log.
    /// The same, whose clock stands still.
    pub fn at(mut self, clock_ms: i64) -> Self {
        self.clock_ms = Some(clock_ms);
        self
    }

    pub fn taking(mut self, log_bytes: u64) -> Self {
        self.quota = Some(Quota { day: 20_000, log_bytes });
        self
    }

    /// Invites one device by this secret.
    pub fn inviting(mut self, secret: u8) -> Self {
        self.invitation = Some(InvitationSecret::new([secret; 32]));
        self
    }

    pub fn key(&self) -> &SecretKey {
        &self.key
    }

    pub fn log(&self) -> LogId {
        self.log
    }

    fn enrolment(&self, role: Role) -> Enrolment {
        Enrolment {
            log: self.log,
            device: self.key.public_key(),
            endpoint: key(self.number),
            role,
            label: format!("device {}", self.number),
            not_before_ms: NOW,
            replaces: None,
        }
    }

    fn append(&self, kind: u64, body: Vec<u8>, batches: Vec<Vec<u8>>) -> Record {
        let salt = Salt(Hash::of(&[&[self.number], &body]).0);
        let clocks = Clocks { wall_ms: NOW, monotonic_ms: 0, boot: Id([self.number; 16]) };
        let (heads, subject, person) = (Vec::new(), None, None);
        let draft = EntryDraft { kind, subject, clocks, heads, body, salt, person, batches };
        let signers = Signers { device: self.key.as_ref(), person: None };
        self.store.lock().unwrap().0.write(|t| t.append(self.log, draft, signers)).unwrap()
    }

    /// Founds the organisation's first log.
    pub fn found(self) -> Self {
        let genesis = Genesis::of_first_device(
            "Pharmacy".into(),
            &root(),
            [self.number; 16],
            self.enrolment(Role::Admin),
        );
        self.append(GENESIS, genesis.unwrap().encode(), vec![]);
        self
    }

    /// Enrols another device, which then founds its own log.
    pub fn enrol(&self, other: &Self) {
        other.found_by(&self.enrol_as(other.enrolment(Role::Courier)));
    }

    /// Signs an enrolment; gives the entry's log and leaf.
    fn enrol_as(&self, enrolment: Enrolment) -> Vec<u8> {
        let entry = self.append(ENROL, enrolment.encode(), vec![]).entry;
        [entry.log().0, entry.leaf().0].concat()
    }

    /// Founds the log that the entry at this log and leaf admits.
    pub fn found_by(&self, admission: &[u8]) {
        let (log, leaf) = admission.split_at(32);
        let by = EntryReference { log: log.try_into().unwrap(), leaf: leaf.try_into().unwrap() };
        let genesis = Genesis {
            organisation: Organisation::new(root().public_key(), "Pharmacy".into()),
            device: self.key.public_key(),
            random: [self.number; 16],
            admission: Admission::Enrolled(by),
        };
        self.append(GENESIS, genesis.encode(), vec![]);
    }

    /// Signs an observation that brings a batch of `length` bytes.
    pub fn observe(&self, text: &str, length: usize) {
        let mut body = Writer::new();
        body.map(1).uint(1).text(text);
        let mut batch = Writer::new();
        let content: Vec<u8> = text.bytes().cycle().take(length).collect();
        batch.map(1).uint(13).bytes(&content);
        self.append(33, body.into_bytes(), vec![batch.into_bytes()]);
    }

    pub fn heads(&self) -> Vec<Head> {
        self.store.lock().unwrap().0.heads().unwrap()
    }
}

impl SyncHome for Device {
    fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    fn quota(&self) -> Option<Quota> {
        self.quota
    }

    fn clock_ms(&self) -> Option<i64> {
        self.clock_ms
    }

    async fn on_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn SyncStore) -> T + Send + 'static,
    ) -> Result<T, LedgerError> {
        let store = self.store.clone();
        Ok(tokio::task::spawn_blocking(move || work(&mut *store.lock().unwrap())).await.unwrap())
    }

    async fn standing(&self, endpoint: PublicKey) -> Result<PeerStanding, LedgerError> {
        let organisation = self.organisation;
        let asked =
            move |store: &mut dyn SyncStore| firn_peer::sync::standing(store, &organisation, &endpoint);
        match self.trusted == Some(endpoint) {
            true => Ok(PeerStanding::Member),
            false => self.on_store(asked).await?,
        }
    }
}

impl Inviter for Device {
    fn now(&self) -> i64 {
        NOW
    }

    async fn is_inviting(&self) -> bool {
        self.invitation.is_some()
    }

    async fn invitation(&self, handle: Hash) -> Result<Option<KnownInvitation>, Refusal> {
        let known = self.invitation.clone().filter(|secret| secret.handle() == handle);
        Ok(known.map(|secret| KnownInvitation { secret, expires: NOW + 1 }))
    }

    async fn comparison(&self, _handle: Hash, _request: &JoinRequest) -> Result<Option<Nonce>, Refusal> {
        Ok(None)
    }

    async fn compared(&self, _handle: Hash) -> Result<(), Refusal> {
        Ok(())
    }

    async fn redeem(&self, _handle: Hash, request: JoinRequest) -> Result<Vec<u8>, Refusal> {
        let mut redeemed = self.redeemed.lock().unwrap();
        if let Some((first, admission)) = redeemed.as_ref() {
            return if *first == request { Ok(admission.clone()) } else { Err(Refusal::Used) };
        }
        let JoinRequest { endpoint, device, log, label } = request.clone();
        let admission = self.enrol_as(Enrolment {
            log,
            device,
            endpoint,
            role: Role::Courier,
            label,
            not_before_ms: NOW,
            replaces: None,
        });
        *redeemed = Some((request, admission.clone()));
        Ok(admission)
    }
}
