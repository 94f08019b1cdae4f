//! Questions to manufacturers and their answers, and what these keep from being released.

use super::excursion::journey_of;
use super::*;
use crate::api::Step;
use crate::task::{TaskKind, of_shipment};

fn item(lot: &str) -> ItemLine {
    ItemLine {
        product: "MMR".into(),
        gtin: None,
        lot: Some(lot.into()),
        expiry: None,
        quantity: 40,
        package: None,
        serials: None,
        profile: None,
        legs: None,
        label: None,
    }
}

/// Lots A1 and B2 received in range by log 1, which holds everything and signed the verdict.
fn dock() -> (Vec<SignedEntry>, Batch) {
    let (mut entries, batch) = journey_of(vec![item("A1"), item("B2")], &[5000, 5000, 5000]);
    let verdict = signed_verdict(&entries, std::slice::from_ref(&batch), (1, 3, 203));
    entries.push(verdict);
    (entries, batch)
}

/// The next entry of log 1, by somebody who holds the first entries of log 2 and these many of log 4.
fn own<B: Body>(entries: &mut Vec<SignedEntry>, of_other: u64, body: &B) -> EntryReference {
    say(entries, 1, of_other, body)
}

fn say<B: Body>(entries: &mut Vec<SignedEntry>, log: u8, of_other: u64, body: &B) -> EntryReference {
    let of_log = entries.iter().filter(|one| one.reference.log == [log; 32]);
    let next = of_log.map(|one| one.sequence + 1).max().unwrap_or_default();
    let minute = 300 + entries.len() as i64;
    let mut said = entry(log, next, minute, Role::Pharmacist, body);
    let other = if log == 1 { 4 } else { 1 };
    said.heads = vec![Held { log: [2; 32], size: 7 }, Held { log: [other; 32], size: of_other }];
    let reference = said.reference;
    entries.push(said);
    reference
}

fn asking(manufacturer: &str, lots: &[&str]) -> Review {
    let asked = Asked {
        manufacturer: manufacturer.into(),
        case_number: Some(format!("case of {manufacturer}")),
        asked: UtcMillis(0),
        due: UtcMillis(9000 * MINUTE),
        lots: lots.iter().map(|lot| (*lot).to_owned()).collect(),
    };
    Review { cause: "door".into(), action: None, asked: Some(asked) }
}

fn answer(review: EntryReference, lots: &[&str], advice: Advice) -> Reply {
    Reply { review, lots: lots.iter().map(|lot| (*lot).to_owned()).collect(), advice, words: "so".into() }
}

fn release() -> Disposition {
    Disposition {
        decision: Decision::Release,
        reason: "looked at".into(),
        lines: None,
        assessment: None,
        open: None,
    }
}

fn causes(entries: &[SignedEntry]) -> Vec<(u32, BarCause)> {
    let story = tell(entries.to_vec());
    let stock = StockNow::of(&story, Verdict::Ok, &[]);
    stock.bars(UtcMillis(i64::MIN)).into_iter().map(|bar| (bar.line, bar.cause)).collect()
}

fn stocks(entries: &[SignedEntry]) -> Vec<Option<Stock>> {
    let story = tell(entries.to_vec());
    let stock = StockNow::of(&story, Verdict::Ok, &[]);
    (0..2).map(|line| stock.line(line)).collect()
}

fn refusal(entries: &[SignedEntry], reference: EntryReference) -> Option<Refusal> {
    tell(entries.to_vec()).told_as(reference).unwrap().refused
}

const HELD: Option<Stock> = Some(Stock::Quarantine);
const FREE: Option<Stock> = Some(Stock::Released);

#[test]
fn a_manufacturers_discard_after_a_release_holds_the_lines_of_those_lots_and_no_other() {
    let (mut entries, batch) = dock();
    let question = own(&mut entries, 0, &asking("Acme", &["A1", "B2"]));
    own(&mut entries, 0, &answer(question, &["A1", "B2"], Advice::MayBeUsed));
    own(&mut entries, 0, &release());
    assert_eq!(stocks(&entries), [FREE; 2]);
    own(&mut entries, 0, &answer(question, &["A1"], Advice::Discard));
    assert_eq!(stocks(&entries), [HELD, FREE]);
    let (story, judgement) = judged(entries.clone(), std::slice::from_ref(&batch));
    let shown = summary(Id([1; 16]), &story, &judgement);
    assert_eq!((shown.do_not_use, shown.do_not_use_lines.as_slice()), (true, &[0][..]));
    let tasks = of_shipment(Id([1; 16]), &story, &judgement);
    assert!(tasks.iter().any(|task| task.kind == TaskKind::Decide && task.lines == [0]), "{tasks:?}");
    let close = own(&mut entries, 0, &Closed { closing: Closing::Ended, reason: None });
    assert_eq!(refusal(&entries, close), Some(Refusal::OutOfOrder));
    let again = own(&mut entries, 0, &release());
    assert_eq!(refusal(&entries, again), Some(Refusal::LinesBarred));
    own(&mut entries, 0, &Disposition { decision: Decision::Reject, ..release() });
    assert_eq!(stocks(&entries), [Some(Stock::Rejected), FREE]);
}

#[test]
fn an_answer_of_discard_holds_stock_that_nobody_has_decided_about() {
    let (mut entries, _) = dock();
    let question = own(&mut entries, 0, &asking("Acme", &["A1"]));
    own(&mut entries, 0, &answer(question, &["A1"], Advice::Discard));
    assert_eq!(stocks(&entries), [HELD, Some(Stock::Received)]);
}

#[test]
fn a_question_that_who_released_did_not_know_holds_its_lots_until_somebody_decides_who_does() {
    let (mut entries, _) = dock();
    own(&mut entries, 0, &release());
    let question = say(&mut entries, 4, 4, &asking("Acme", &["A1"]));
    assert_eq!(stocks(&entries), [HELD, FREE]);
    say(&mut entries, 4, 4, &answer(question, &["A1"], Advice::MayBeUsed));
    assert_eq!(stocks(&entries), [HELD, FREE], "a person decides, not the answer");
    own(&mut entries, 9, &release());
    assert_eq!(stocks(&entries), [FREE; 2]);
}

#[test]
fn of_two_answers_that_did_not_know_of_each_other_the_strictest_holds_whatever_the_clocks_say() {
    for discard_first in [true, false] {
        let (mut entries, _) = dock();
        let question = own(&mut entries, 0, &asking("Acme", &["A1"]));
        let says = |discard: bool| {
            answer(question, &["A1"], if discard { Advice::Discard } else { Advice::MayBeUsed })
        };
        own(&mut entries, 0, &says(discard_first));
        say(&mut entries, 4, 5, &says(!discard_first));
        assert_eq!(causes(&entries), [(0, BarCause::Discard("Acme".into()))]);
        let released = own(&mut entries, 9, &release());
        assert_eq!(refusal(&entries, released), Some(Refusal::LinesBarred));
        // An answer to the same question by somebody who held the other lifts it.
        own(&mut entries, 9, &says(false));
        assert_eq!(causes(&entries), []);
    }
}

#[test]
fn an_answer_to_another_question_lifts_a_discard_only_where_it_was_asked_in_its_knowledge() {
    let (mut entries, _) = dock();
    let first = own(&mut entries, 0, &asking("Acme", &["A1", "B2"]));
    let second = own(&mut entries, 0, &asking("Acme", &["A1"]));
    own(&mut entries, 0, &answer(first, &["A1", "B2"], Advice::Discard));
    own(&mut entries, 0, &answer(second, &["A1"], Advice::MayBeUsed));
    let discard = |line| (line, BarCause::Discard("Acme".into()));
    assert_eq!(causes(&entries), [discard(0), discard(1)]);
    let anew = own(&mut entries, 0, &asking("Acme", &["A1"]));
    own(&mut entries, 0, &answer(anew, &["A1"], Advice::MayBeUsed));
    assert_eq!(causes(&entries), [discard(1)]);
}

#[test]
fn a_lot_is_barred_until_every_question_about_it_is_answered_in_whatever_order() {
    for turned in [false, true] {
        let (mut entries, batch) = dock();
        let acme = own(&mut entries, 0, &asking("Acme", &["A1", "B2"]));
        let beta = own(&mut entries, 0, &asking("Beta", &["A1"]));
        let (story, judgement) = judged(entries.clone(), std::slice::from_ref(&batch));
        let replies = story.next_steps(&judgement).into_iter().filter(|next| next.step == Step::Reply);
        let named: Vec<_> =
            replies.map(|next| (next.manufacturer.unwrap(), next.case_number, next.lots)).collect();
        let case = |of: &str| Some(format!("case of {of}"));
        assert_eq!(
            named,
            [
                ("Acme".to_owned(), case("Acme"), vec!["A1".to_owned(), "B2".into()]),
                ("Beta".into(), case("Beta"), vec!["A1".into()])
            ]
        );
        let (batches, fleet) = (BTreeMap::new(), Fleet::default());
        let (earlier, foreign) = (BTreeMap::new(), BTreeMap::new());
        let grounds = Grounds { batches: &batches, fleet: &fleet, earlier: &earlier, foreign: &foreign };
        let packs = query_packs(&story, &judgement, &grounds, None, None);
        let packs: Vec<_> =
            packs.iter().map(|pack| (pack.manufacturer.as_deref(), pack.lot.as_str())).collect();
        assert_eq!(packs, [(Some("Acme"), "A1"), (Some("Beta"), "A1"), (Some("Acme"), "B2")]);
        let mut answers =
            [answer(acme, &["A1", "B2"], Advice::MayBeUsed), answer(beta, &["A1"], Advice::MayBeUsed)];
        if turned {
            answers.reverse();
        }
        let [first, last] = answers;
        own(&mut entries, 0, &first);
        assert!(causes(&entries).iter().any(|(line, _)| *line == 0), "one has not answered");
        own(&mut entries, 0, &last);
        assert_eq!(causes(&entries), []);
        let released = own(&mut entries, 0, &release());
        assert_eq!((refusal(&entries, released), stocks(&entries)), (None, vec![FREE; 2]));
    }
}
