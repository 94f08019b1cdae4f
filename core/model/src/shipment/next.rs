//! What may be done next about a shipment, and by whom.

use super::clocks::Looking;
use super::hand::Hand;
use super::judgement::Judgement;
use super::now::StockNow;
use super::story::Story;
use crate::api::{Device, HandShown, NextStep, Phase, Step, Turn};
use crate::assess::{Reason, Verdict};
use crate::record::{Closing, Kind, SinglePersonRelease};
use crate::role::Role;
use crate::task::lots_to_ask;
use crate::time::UtcMillis;

impl Story {
    /// The steps that would count where somebody looks at it now, in the order in which they are usually taken: an
    /// offer is taken up while it stands, and made anew once it has expired; what has expired since is not released;
    /// and whoever decides is asked about their own clock first.
    pub fn next_steps_at(&self, judgement: &Judgement, looking: Looking) -> Vec<NextStep> {
        let stands = self.has_offer_for(looking);
        let mut steps = self.next_steps_to(judgement, Some(looking));
        steps.retain(|next| match next.step {
            Step::Accept => stands,
            Step::Offer => !stands,
            _ => true,
        });
        steps
    }

    /// The steps that would count, in the order in which they are usually taken, whatever the time: of an offer both
    /// that it is taken up and that it is made anew.
    pub fn next_steps(&self, judgement: &Judgement) -> Vec<NextStep> {
        self.next_steps_to(judgement, None)
    }

    fn next_steps_to(&self, judgement: &Judgement, looking: Option<Looking>) -> Vec<NextStep> {
        let stock = self.stock_now(judgement);
        let finding = self.finding_due().is_some() || self.evidence_unsigned(judgement);
        let mut steps = match self.phase() {
            Phase::Created => vec![of(Step::Start), of(Step::Cancel)],
            Phase::InTransit => self.under_way_steps(judgement),
            Phase::Received | Phase::Closed if !stock.is_decided() && self.left().is_none() => {
                self.deciding_steps(judgement, &stock, looking)
            }
            // What was found is recorded first.
            Phase::Received if !finding => vec![of(Step::Close)],
            Phase::Received => Vec::new(),
            // Who has the goods decides about them; what happened here is still explained here.
            Phase::Closed if self.left().is_some() => self.explaining_steps(judgement),
            // What was held and never picked up is rejected; there is nothing that it could be released for.
            Phase::Cancelled if stock.do_not_use() => {
                vec![NextStep { lines: stock.lines_not_to_use(), ..of(Step::Reject) }]
            }
            Phase::Closed | Phase::Cancelled => Vec::new(),
        };
        self.ask(judgement, &mut steps);
        steps.extend(self.custody.unconfirmed().map(|(offered, _)| only(Step::Confirm, &offered.device)));
        if self.phase() == Phase::Received {
            steps.push(of(Step::MoveArrival));
            steps.extend(self.started.is_some().then(|| of(Step::MovePickUp)));
        }
        steps.extend(self.unapproved().map(|moved| other_than(Step::Approve, &[Hand::of(moved)])));
        let pick_up = self.unapproved_pick_up();
        steps.extend(
            pick_up.map(|moved| other_than(Step::ApprovePickUp, &self.not_to_approve_pick_up(moved))),
        );
        if finding {
            steps.push(of(Step::Find));
        }
        if self.closing != Some(Closing::Cancelled) && stock.can_be_held() {
            steps.push(of(Step::Quarantine));
        }
        steps
    }

    fn under_way_steps(&self, judgement: &Judgement) -> Vec<NextStep> {
        if self.custody.partner.is_some() {
            let explaining = self.explaining_steps(judgement);
            return explaining.into_iter().chain([of(Step::Close)]).collect();
        }
        // Of what was offered to another organisation the receipt is awaited, or the goods come back.
        let offered = self.custody.open_offer().filter(|offer| offer.says.partner.is_none());
        let accept = offered
            .map(|offer| NextStep { turn: Some(Turn::OtherThan(offer.device.clone())), ..of(Step::Accept) });
        let offer = NextStep { turn: self.custody.custodian.clone().map(Turn::Of), ..of(Step::Offer) };
        accept.into_iter().chain([offer, of(Step::Receive)]).collect()
    }

    fn deciding_steps(
        &self,
        judgement: &Judgement,
        stock: &StockNow<'_>,
        looking: Option<Looking>,
    ) -> Vec<NextStep> {
        // The pick-up does not count, its device was revoked say: it is signed again before anything is released.
        let mut steps: Vec<NextStep> = self.started.is_none().then(|| of(Step::Start)).into_iter().collect();
        let unread = self.unread();
        if !unread.is_empty() {
            steps.push(NextStep { loggers: unread, ..of(Step::Read) });
        }
        let reasons = match looking {
            Some(looking) => self.unexplained_before_deciding(judgement, looking),
            None => self.unexplained(judgement),
        };
        steps.extend(self.explaining(judgement, reasons));
        let out = judgement.verdict == Verdict::Excursion;
        let settled = steps.is_empty();
        for (question, lots) in self.stock.unanswered() {
            let lots = lots.into_iter().map(str::to_owned).collect();
            let asked = question.says.asked.as_ref();
            let manufacturer = asked.map(|asked| asked.manufacturer.clone());
            let case_number = asked.and_then(|asked| asked.case_number.clone());
            steps.push(NextStep { lots, manufacturer, case_number, ..of(Step::Reply) });
        }
        if settled {
            let at = looking.map_or(UtcMillis(i64::MIN), |looking| looking.at);
            steps.extend(self.release_step(out, stock, at));
        }
        steps.push(NextStep { lines: stock.open_lines(), ..of(Step::Reject) });
        steps
    }

    /// What is to be explained and looked into as things stand.
    fn explaining_steps(&self, judgement: &Judgement) -> Vec<NextStep> {
        self.explaining(judgement, self.unexplained(judgement))
    }

    fn explaining(&self, judgement: &Judgement, reasons: Vec<Reason>) -> Vec<NextStep> {
        let explain = (!reasons.is_empty()).then(|| NextStep { reasons, ..of(Step::Acknowledge) });
        let out = judgement.verdict == Verdict::Excursion && !self.looked_into(judgement);
        explain.into_iter().chain(out.then(|| of(Step::Review))).collect()
    }

    /// The question to a manufacturer about what may have frozen, before what decides and as soon as the task asks
    /// for it; where a look into the excursion is due as well, either of them can be the other.
    fn ask(&self, judgement: &Judgement, steps: &mut Vec<NextStep>) {
        let lots = lots_to_ask(self, judgement);
        if lots.is_empty() {
            return;
        }
        let decides =
            |step: Step| matches!(step, Step::Release | Step::ReleaseInPart | Step::Reject | Step::Close);
        let place = steps.iter().position(|one| decides(one.step)).unwrap_or(steps.len());
        steps.insert(place, NextStep { lots, ..of(Step::Ask) });
    }

    /// The release of all that waits where no line of it is barred at an instant, of the others where some are, else
    /// none.
    fn release_step(&self, out: bool, stock: &StockNow<'_>, at: UtcMillis) -> Option<NextStep> {
        let mut barred: Vec<u32> = stock.bars(at).into_iter().map(|bar| bar.line).collect();
        barred.dedup();
        let open = stock.open_lines();
        let free: Vec<u32> = open.iter().copied().filter(|line| !barred.contains(line)).collect();
        let step = match (barred.is_empty(), free.is_empty()) {
            (true, _) => Step::Release,
            (false, false) => Step::ReleaseInPart,
            (false, true) => return None,
        };
        let alone = self.organisation.single_person_release();
        let not_by = match (out, alone) {
            (true, SinglePersonRelease::Refused) => self.involved(),
            _ => Vec::new(),
        };
        Some(NextStep { lines: free, barred, ..other_than(step, &not_by) })
    }
}

fn of(step: Step) -> NextStep {
    let kind = kind(step);
    NextStep {
        step,
        roles: Role::ALL.into_iter().filter(|role| role.may_sign(kind)).collect(),
        except: Vec::new(),
        reasons: Vec::new(),
        loggers: Vec::new(),
        lots: Vec::new(),
        manufacturer: None,
        case_number: None,
        barred: Vec::new(),
        lines: Vec::new(),
        except_hands: Vec::new(),
        turn: None,
    }
}

fn other_than(step: Step, hands: &[Hand]) -> NextStep {
    let (except, except_hands) = named(hands);
    NextStep { except, except_hands, ..of(step) }
}

/// Hands by their names, each once in order, and by their ids.
pub(crate) fn named(hands: &[Hand]) -> (Vec<String>, Vec<HandShown>) {
    let mut names: Vec<String> = hands.iter().map(|hand| hand.name().to_owned()).collect();
    names.sort();
    names.dedup();
    (names, hands.iter().map(Hand::shown).collect())
}

/// A step for one device, by whoever may sign it there.
fn only(step: Step, device: &Device) -> NextStep {
    NextStep { turn: Some(Turn::Of(device.clone())), ..of(step) }
}

fn kind(step: Step) -> Kind {
    match step {
        Step::Start => Kind::Started,
        Step::Cancel | Step::Close => Kind::Closed,
        Step::Offer => Kind::Offered,
        Step::Accept => Kind::Accepted,
        Step::Confirm => Kind::Confirmed,
        Step::Receive => Kind::Received,
        Step::Read => Kind::Readings,
        Step::Acknowledge => Kind::Acknowledged,
        Step::Review | Step::Ask => Kind::Review,
        Step::Reply => Kind::Reply,
        Step::MoveArrival => Kind::ArrivalMoved,
        Step::MovePickUp => Kind::PickUpMoved,
        Step::Approve | Step::ApprovePickUp => Kind::Approved,
        Step::Release | Step::ReleaseInPart | Step::Reject => Kind::Disposition,
        Step::Quarantine => Kind::Quarantined,
        Step::Find => Kind::Finding,
    }
}
