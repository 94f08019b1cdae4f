//! What leaves the device of loggers and people: those of the shipment, and of others only what its evidence cannot
//! be told without.

use crate::bundle::{Bundle, device, gather_people, people_of, signed_entry, signers_of};
use crate::foreign::{DEEPEST, Opened};
use crate::verify;
use firn_ledger::bytes::LogId;
use firn_ledger::entry::Record;
use firn_ledger::error::LedgerError;
use firn_ledger::membership::Membership;
use firn_model::api::ShipmentDetail;
use firn_model::id::Id;
use firn_model::record::{Kind, Logger, Statement};
use firn_model::shipment::judged;
use std::collections::{BTreeMap, BTreeSet};

/// Entries that tell of others, and are kept only where something else would be told without them.
#[derive(Clone, Copy)]
struct Beside {
    /// Each log's first certificate of any logger: from there on one without is a reason for review.
    certificates: bool,
    /// Each log's first enrolment of anybody: from there on a person was asked for.
    enrolments: bool,
}

/// Which entries about no shipment leave that tell of no logger: rules, and comparisons of clocks.
#[derive(Clone, Copy)]
enum Rules {
    /// What devices compared that speak in the shipment, and what who may rule has ruled; nothing beyond a log's end.
    Bearing,
    /// The same of who ever belonged, and beyond a log's end too: who assessed before it was ended there counted it.
    Ever,
    /// All of them.
    All,
}

/// Who belongs, and who ever did, with nobody's log ended.
struct Belonging {
    now: Membership,
    ever: Membership,
}

impl Belonging {
    fn both(&self) -> [&Membership; 2] {
        [&self.now, &self.ever]
    }
}

/// From the least to the most.
const TRIED: [Beside; 4] = [
    Beside { certificates: false, enrolments: false },
    Beside { certificates: false, enrolments: true },
    Beside { certificates: true, enrolments: false },
    Beside { certificates: true, enrolments: true },
];

impl Bundle {
    /// The same, with the loggers that its shipments name and the people who signed in it alone, and no more of
    /// others than it takes to tell the same of it.
    ///
    /// # Errors
    /// As [`Bundle::assess`].
    pub fn of_its_own(self) -> Result<Self, LedgerError> {
        let all = self.of_the_admitted()?;
        let (belonging, wanted) =
            (Belonging { now: all.membership()?, ever: all.ever_admitted()? }, told(&all)?);
        for rules in [Rules::Bearing, Rules::Ever, Rules::All] {
            for beside in TRIED {
                let narrowed = all.narrowed(&belonging, beside, rules);
                if told(&narrowed)? == wanted {
                    return Ok(narrowed);
                }
            }
        }
        Ok(all)
    }

    fn narrowed(&self, belonging: &Belonging, beside: Beside, rules: Rules) -> Self {
        let own = own_loggers(self);
        let speaking: BTreeSet<LogId> = self.all_records().map(|record| record.entry.log()).collect();
        let mut kept: BTreeSet<(LogId, u64)> = BTreeSet::new();
        if beside.certificates {
            kept = belonging.both().iter().flat_map(|one| first_certificates(self, one)).collect();
        }
        let leaves = |record: &&Record| match about_logger(record) {
            Some(logger) => own.contains(&logger) || kept.contains(&place(record)),
            None if is_about_loggers(record) => false,
            None => match rules {
                Rules::Bearing => bears(record, &belonging.now, &speaking),
                Rules::Ever => bears(record, &belonging.ever, &speaking),
                Rules::All => true,
            },
        };
        let loggers: Vec<Record> = self.loggers.iter().filter(leaves).cloned().collect();
        let signed = || self.all_records().chain(&loggers).chain(&self.profiles);
        let people = match beside.enrolments {
            true => people_of(self.people.clone(), signed(), belonging.both()),
            false => signers_of(self.people.clone(), signed()),
        };
        Self { loggers, people, ..self.clone() }
    }
}

/// What is told of a shipment, and what comes out of its signed assessments in place of them.
fn told(bundle: &Bundle) -> Result<(ShipmentDetail, Vec<verify::ComesOut>), LedgerError> {
    let opened = Opened::of(bundle, DEEPEST);
    let assessed = bundle.assess_with(&opened)?;
    Ok((assessed.detail(bundle.shipment), verify::comes_out(bundle, &opened, &assessed)))
}

/// Whether a rule or a comparison of clocks can bear on a shipment in which these logs speak.
fn bears(record: &Record, membership: &Membership, speaking: &BTreeSet<LogId>) -> bool {
    let (log, sequence) = place(record);
    let ended =
        membership.member(&log).and_then(|member| member.cut).is_some_and(|cut| sequence >= cut.upheld);
    let kind = Kind::from_number(record.entry.payload().kind);
    let says = kind.and_then(|kind| Statement::parse(kind, &record.body).ok());
    let of_it = match says {
        Some(Statement::ClockCompared(says)) => {
            speaking.contains(&log) || speaking.contains(&LogId(says.peer))
        }
        Some(_) => {
            let role = device(log, membership).role;
            role.zip(kind).is_some_and(|(role, kind)| role.may_sign(kind))
        }
        None => false,
    };
    of_it && !ended
}

fn place(record: &Record) -> (LogId, u64) {
    (record.entry.log(), record.entry.payload().sequence)
}

fn is_about_loggers(record: &Record) -> bool {
    let kind = Kind::from_number(record.entry.payload().kind);
    matches!(kind, Some(Kind::Logger | Kind::LoggerEnded))
}

fn enrolled(record: &Record) -> Option<Logger> {
    match Statement::parse(Kind::from_number(record.entry.payload().kind)?, &record.body) {
        Ok(Statement::Logger(logger)) => Some(logger),
        _ => None,
    }
}

/// Which logger it enrols, calibrates or ends.
fn about_logger(record: &Record) -> Option<Id> {
    match Statement::parse(Kind::from_number(record.entry.payload().kind)?, &record.body).ok()? {
        Statement::Logger(logger) => Some(logger.id),
        Statement::LoggerEnded(ended) => Some(ended.logger),
        _ => None,
    }
}

/// The loggers that the entries about the shipments name, wherever in them, and those that bear the label or the
/// address of one of these.
fn own_loggers(bundle: &Bundle) -> BTreeSet<Id> {
    let enrolled: Vec<Logger> = bundle.loggers.iter().filter_map(enrolled).collect();
    let known: BTreeSet<Id> = bundle.loggers.iter().filter_map(about_logger).collect();
    // An id is 16 random bytes: where they stand in a body, of whatever kind and release, the logger is meant.
    let windows = bundle.all_records().flat_map(|record| record.body.windows(16));
    let ids = windows.filter_map(|bytes| <[u8; 16]>::try_from(bytes).ok()).map(Id);
    let named: BTreeSet<Id> = ids.filter(|id| known.contains(id)).collect();
    let of_named = || enrolled.iter().filter(|logger| named.contains(&logger.id));
    let is_found_again = |logger: &&Logger| {
        of_named()
            .any(|own| own.label == logger.label || (own.address.is_some() && own.address == logger.address))
    };
    let found_again: Vec<Id> = enrolled.iter().filter(is_found_again).map(|logger| logger.id).collect();
    named.into_iter().chain(found_again).collect()
}

/// Where each log first tells of a certificate, by an entry that counts.
fn first_certificates(bundle: &Bundle, membership: &Membership) -> BTreeSet<(LogId, u64)> {
    let people = gather_people(&bundle.people, membership);
    let mut first: BTreeMap<LogId, u64> = BTreeMap::new();
    for record in &bundle.loggers {
        let counts = || judged(signed_entry(record, membership, &people)).refused.is_none();
        if enrolled(record).is_some_and(|logger| logger.certificate.is_some()) && counts() {
            let (log, sequence) = place(record);
            let known = first.entry(log).or_insert(sequence);
            *known = sequence.min(*known);
        }
    }
    first.into_iter().collect()
}
