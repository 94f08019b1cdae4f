//! What people say and decide about a shipment's stock: held, explained, looked into, answered, decided.

use crate::Unsettled;
use crate::append::{Appended, Happened};
use crate::bundle::bundle;
use crate::question::{QuestionFault, has_lots};
use crate::{App, AppError, Host};
use firn_ledger::store::Transaction;
use firn_model::api::{Phase, QueryPack};
use firn_model::assess::Verdict;
use firn_model::authority::Refusal;
use firn_model::id::Id;
use firn_model::record::{
    Acknowledged, Advice, Approved, ArrivalMoved, Decision, Disposition, Explained, PickUpMoved, Quarantined,
    Reply, Review,
};
use firn_model::shipment::{LineBar, Looking, QuestionNamed};
use firn_model::time::UtcMillis;
use firn_report::bundle::Assessed;
use std::collections::BTreeSet;

/// A decision about received stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposing {
    /// Of which shipment.
    pub shipment: Id,
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// The lines released, from 0, ascending; with a release in part alone.
    pub lines: Option<Vec<u32>>,
}

/// A correction of when a shipment was picked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickUpCorrected {
    /// Of which shipment.
    pub shipment: Id,
    /// The device that signed the pick-up, by its label or a prefix of its log's id; `None` where one did.
    pub device: Option<String>,
    /// The true time.
    pub at: UtcMillis,
    /// Why it was signed otherwise.
    pub reason: String,
}

/// A manufacturer's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// About which shipment it was asked.
    pub shipment: Id,
    /// The question that it answers, as far as it is named.
    pub question: QuestionNamed,
    /// The lots that it answers for.
    pub lots: Vec<String>,
    /// What may be done with them.
    pub advice: Advice,
    /// Its words.
    pub words: String,
}

impl<H: Host> App<H> {
    /// Signs the decision that ends quarantine, or releases stock that was in range. It names the assessment
    /// that it rests on, which is signed before it where the evidence has changed.
    ///
    /// # Errors
    /// `app/out-of-order` before the receipt or where nothing waits for a decision, `app/not-settled` while a logger is unread,
    /// a reason unexplained or an excursion not looked into, `app/lines-barred`, `app/second-person-needed`,
    /// `app/unknown-name`, `app/incomplete`, `app/role-may-not`, and the ledger's.
    pub async fn dispose_shipment(&self, disposing: Disposing) -> Result<Vec<Appended>, AppError> {
        let Disposing { shipment, decision, reason, lines } = disposing;
        self.seal_journal(Some(shipment)).await?;
        let mut pen = self.pen().await?;
        let body = Disposition { decision, reason, lines, assessment: None, open: None };
        let kept = self.keep_positions(&[Happened::new(Some(shipment), &body)]).await?;
        let located = kept.iter().copied().flatten().next();
        let decide = move |transaction: &mut Transaction<'_>| {
            let organisation = pen.identity.organisation;
            let mut records = pen.sign_what_is_held(transaction, shipment)?;
            let assessed = bundle(transaction, &organisation, shipment)?.assess()?;
            may_be_decided(&assessed)?;
            let assessment = assessed.story.verdicts.last().map(|newest| newest.reference);
            let open = Some(assessed.story.open_lines()).filter(|lines| !lines.is_empty());
            let body = Disposition { assessment, open, ..body };
            let happened = Happened::new(Some(shipment), &body);
            let looking = Looking { log: pen.identity.log.0, at: pen.now.utc };
            pen.permit(transaction, std::slice::from_ref(&happened))
                .map_err(|error| explained(error, &assessed, &body, looking))?;
            not_barred(&assessed, &body, looking.at)?;
            records.extend(pen.append_located(transaction, happened, located)?);
            // What went on from a rejected leg is not released either.
            records.extend(pen.sign_later(transaction, &BTreeSet::from([shipment]))?);
            pen.follow(transaction, &records)?;
            Ok(records.iter().map(Appended::from).collect())
        };
        let decided = self.host.with_store(move |store| store.write(decide)).await;
        if decided.is_err() {
            // Of the two failures the first is told; what stays in the vault goes when the home is opened.
            self.forget_positions(kept).await.unwrap_or_default();
        }
        decided
    }

    /// Holds the stock: DO NOT USE, until a decision after it. Anybody may.
    ///
    /// # Errors
    /// `app/incomplete` without a reason, and the ledger's.
    pub async fn quarantine_shipment(&self, shipment: Id, reason: String) -> Result<Vec<Appended>, AppError> {
        self.say(shipment, &Quarantined { reason }).await
    }

    /// Explains reasons of the verdict as it stands now, each by itself.
    ///
    /// # Errors
    /// `app/not-a-reason` for one that is not among them, `app/incomplete` for none, one twice or one without words, `app/out-of-order` before the pick-up,
    /// `app/role-may-not`, and the ledger's.
    pub async fn acknowledge_shipment(
        &self,
        shipment: Id,
        reasons: Vec<Explained>,
    ) -> Result<Vec<Appended>, AppError> {
        self.is_under_way(shipment).await?;
        self.say(shipment, &Acknowledged { reasons }).await
    }

    /// Looks into an excursion: its cause, what is done about it, and what its manufacturer is asked.
    ///
    /// # Errors
    /// `app/incomplete` without a cause, or a question without lots or its case number; `app/time-impossible` for
    /// an answer that would be due before the question, `app/unknown-name` for a lot that is not in
    /// the shipment, `app/out-of-order` before the pick-up, `app/role-may-not`, and the ledger's.
    pub async fn review_shipment(&self, shipment: Id, review: Review) -> Result<Vec<Appended>, AppError> {
        self.is_under_way(shipment).await?;
        if let Some(asked) = &review.asked {
            if asked.due < asked.asked {
                return Err(AppError::TimeImpossible("the answer would be due before it was asked for"));
            }
            if asked.case_number.as_ref().is_none_or(|number| number.trim().is_empty()) {
                return Err(AppError::Refused(Refusal::MalformedBody));
            }
            let story = self.story(shipment).await?;
            let items = story.created.as_ref().map(|created| created.says.items.as_slice());
            has_lots(items.unwrap_or_default(), &asked.lots).map_err(AppError::Question)?;
        }
        self.say(shipment, &review).await
    }

    /// Records a manufacturer's answer, to the question about these lots that it names or that alone waits for one.
    ///
    /// # Errors
    /// `app/out-of-order` where nobody asked about them, `app/ambiguous` where several questions could be meant,
    /// `app/incomplete` without words, `app/role-may-not`, and the ledger's.
    pub async fn record_reply(&self, answer: Answer) -> Result<Vec<Appended>, AppError> {
        let story = self.story(answer.shipment).await?;
        let review = story.question_for(&answer.lots, &answer.question).map_err(|asked| match asked[..] {
            [] => AppError::OutOfOrder("no such question was put to a manufacturer about all of these lots"),
            _ => AppError::Question(QuestionFault::Several(asked.join(", "))),
        })?;
        let Answer { shipment, lots, advice, words, .. } = answer;
        self.say(shipment, &Reply { review, lots, advice, words }).await
    }

    /// Corrects when a shipment arrived; it counts once a second person approves.
    ///
    /// # Errors
    /// `app/out-of-order` before the receipt, `app/time-impossible` for a time before the pick-up, `app/still-to-come`,
    /// `app/incomplete` without a reason, `app/role-may-not`, and the ledger's.
    pub async fn move_arrival(
        &self,
        shipment: Id,
        at: UtcMillis,
        reason: String,
    ) -> Result<Vec<Appended>, AppError> {
        let story = self.story(shipment).await?;
        let received = story.received.as_ref();
        let received = received.ok_or(AppError::OutOfOrder("it has not been received yet"))?.reference;
        if story.picked_up().is_some_and(|from| at < from) {
            return Err(AppError::TimeImpossible("a shipment cannot arrive before it was picked up"));
        }
        self.say(shipment, &ArrivalMoved { received, at, reason }).await
    }

    /// Agrees to the newest correction of the arrival that waits for it; the verdict is signed anew.
    ///
    /// # Errors
    /// `app/out-of-order` where none waits, `app/second-person-needed` for who proposed it, `app/role-may-not`,
    /// and the ledger's.
    pub async fn approve_arrival(&self, shipment: Id) -> Result<Vec<Appended>, AppError> {
        let story = self.story(shipment).await?;
        let waiting = story.unapproved().ok_or(AppError::OutOfOrder("nothing waits for an approval"))?;
        self.say(shipment, &Approved { approves: waiting.reference }).await
    }

    /// Corrects when a shipment was picked up: an earlier time counts at once, a later one once a second person
    /// approves; the verdict is signed anew.
    ///
    /// # Errors
    /// `app/out-of-order` before the pick-up, `app/time-impossible` for a time after the arrival, `app/not-found` and
    /// `app/ambiguous` for a device that signed none or where several did, `app/still-to-come`, `app/incomplete`
    /// without a reason, `app/role-may-not`, and the ledger's.
    pub async fn move_pick_up(&self, corrected: PickUpCorrected) -> Result<Vec<Appended>, AppError> {
        let PickUpCorrected { shipment, device, at, reason } = corrected;
        let story = self.story(shipment).await?;
        if story.started.is_none() {
            return Err(AppError::OutOfOrder("it has not been picked up yet"));
        }
        let started = story.pick_up_named(device.as_deref()).map_err(|several| match several[..] {
            [] => AppError::NotFound { what: "pick-up", name: device.unwrap_or_default() },
            _ => AppError::Ambiguous { what: "pick-up", name: several.join(", ") },
        })?;
        if story.arrival().is_some_and(|arrival| at > arrival) {
            return Err(AppError::TimeImpossible("a shipment cannot be picked up after it has arrived"));
        }
        self.say(shipment, &PickUpMoved { started, at, reason }).await
    }

    /// Agrees to the later pick-up that waits for it; the verdict is signed anew.
    ///
    /// # Errors
    /// `app/out-of-order` where none waits, `app/second-person-needed` for who proposed it, picked up or carried,
    /// `app/role-may-not`, and the ledger's.
    pub async fn approve_pick_up(&self, shipment: Id) -> Result<Vec<Appended>, AppError> {
        let story = self.story(shipment).await?;
        let waiting = story.unapproved_pick_up();
        let waiting = waiting.ok_or(AppError::OutOfOrder("no later pick-up waits for an approval"))?;
        self.say(shipment, &Approved { approves: waiting.reference }).await
    }

    /// What manufacturers are asked with, a pack for each lot.
    ///
    /// # Errors
    /// `app/not-found` where no lot of the shipment fits, and the store's.
    pub async fn query_packs(
        &self,
        shipment: Id,
        manufacturer: Option<String>,
        lot: Option<String>,
    ) -> Result<Vec<QueryPack>, AppError> {
        let organisation = self.host.identity().organisation;
        let read = move |view: &mut firn_ledger::store::View<'_>| {
            let (by, of) = (manufacturer.as_deref(), lot.as_deref());
            let bundle = bundle(view, &organisation, shipment)?;
            let packs = bundle.query_packs(by, of)?;
            let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
            match packs.is_empty() {
                false => Ok(packs),
                true if by.is_some() && !bundle.query_packs(None, of)?.is_empty() => {
                    Err(AppError::NotFound { what: "manufacturer", name: name(by) })
                }
                true => Err(AppError::NotFound { what: "lot", name: name(of) }),
            }
        };
        self.host.with_store(move |store| store.read(read)).await
    }

    /// Whether it was picked up or received, so that there is something to look into.
    async fn is_under_way(&self, shipment: Id) -> Result<(), AppError> {
        match self.story(shipment).await?.phase() {
            Phase::Created => Err(AppError::OutOfOrder("it has not been picked up yet")),
            Phase::Cancelled => Err(AppError::OutOfOrder("it was cancelled")),
            Phase::InTransit | Phase::Received | Phase::Closed => Ok(()),
        }
    }

    /// Signs a statement about the stock, and the verdict where its evidence has changed.
    async fn say<B: firn_model::record::Body>(
        &self,
        shipment: Id,
        body: &B,
    ) -> Result<Vec<Appended>, AppError> {
        self.step(shipment, Happened::new(Some(shipment), body), |_| Ok(())).await
    }
}

fn may_be_decided(Assessed { story, judgement, .. }: &Assessed) -> Result<(), AppError> {
    match story.phase() {
        Phase::Received | Phase::Closed if !story.stock_now(judgement).is_decided() => Ok(()),
        Phase::Received | Phase::Closed => Err(AppError::Refused(Refusal::Repeated)),
        // What somebody held of it may be rejected.
        Phase::Cancelled if story.stock_now(judgement).do_not_use() => Ok(()),
        _ => Err(AppError::OutOfOrder("stock is decided about after its receipt")),
    }
}

/// What keeps the lines from release that a decision is about.
fn bars(assessed: &Assessed, decision: &Disposition, now: UtcMillis) -> Vec<LineBar> {
    let mut bars = assessed.story.stock_now(&assessed.judgement).bars(now);
    bars.retain(|bar| decision.lines.as_ref().is_none_or(|lines| lines.contains(&bar.line)));
    bars
}

/// Refuses a release of lines that are barred by what other shipments tell, such as the last day of a leg's goods.
fn not_barred(assessed: &Assessed, decision: &Disposition, now: UtcMillis) -> Result<(), AppError> {
    let bars = bars(assessed, decision, now);
    match decision.decision {
        Decision::Release | Decision::ReleaseInPart if !bars.is_empty() => Err(AppError::LinesBarred(bars)),
        _ => Ok(()),
    }
}

/// Why a decision would not count, with what stands in its way by name.
fn explained(error: AppError, assessed: &Assessed, decision: &Disposition, looking: Looking) -> AppError {
    let Assessed { story, judgement, .. } = assessed;
    match error {
        AppError::Refused(Refusal::LinesBarred) => {
            AppError::LinesBarred(bars(assessed, decision, looking.at))
        }
        AppError::Refused(Refusal::NotSettled) => {
            let label =
                |id| assessed.loggers.get(&id).map_or_else(|| id.to_string(), |known| known.label.clone());
            AppError::NotSettled(Unsettled {
                unread: story.unread().into_iter().map(label).collect(),
                unexplained: story.unexplained_before_deciding(judgement, looking),
                unreviewed: judgement.verdict == Verdict::Excursion && !story.looked_into(judgement),
            })
        }
        other => other,
    }
}
