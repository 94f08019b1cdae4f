use super::*;
use crate::i18n::Language;
use firn_model::api::CODES;
use firn_model::authority;
use firn_model::id::Id;
use firn_model::meaning::SignatureMeaning;
use firn_model::time::UtcMillis;

fn summary(phase: Phase, stock: Option<Stock>, verdict: Verdict) -> ShipmentSummary {
    ShipmentSummary {
        id: Id([1; 16]),
        reference: "DN-1".into(),
        from: None,
        to: None,
        phase,
        stock,
        do_not_use: stock == Some(Stock::Quarantine),
        do_not_use_lines: Vec::new(),
        verdict,
        reasons: vec![],
        profile: "CDC refrigerator".into(),
        freshness: None,
        loggers: 1,
        packages: vec![],
        created: UtcMillis(0),
        started: None,
        received: None,
    }
}

fn english() -> &'static Texts {
    Language::English.texts()
}

#[test]
fn quarantine_reads_do_not_use_and_leaves_the_decision_to_a_person() {
    let summary = summary(Phase::Received, Some(Stock::Quarantine), Verdict::Excursion);
    assert_eq!(stock_words(Stock::Quarantine, english()), "DO NOT USE");
    assert!(next_step(&summary, english()).contains("decides"));
}

#[test]
fn an_excursion_on_the_way_asks_to_act_now() {
    let summary = summary(Phase::InTransit, None, Verdict::Excursion);
    assert!(next_step(&summary, english()).contains("now"));
}

#[test]
fn a_shipment_that_waits_for_its_pick_up_is_not_judged_for_lack_of_readings() {
    let mut waiting = summary(Phase::Created, None, Verdict::Review);
    waiting.reasons = vec![Reason::NoReadings];
    assert_eq!(Mark::of(&waiting), Mark::Pending);
    waiting.reasons.push(Reason::Observation);
    assert_eq!(Mark::of(&waiting), Mark::Judged(Verdict::Review));
    let moving = ShipmentSummary { phase: Phase::InTransit, reasons: vec![Reason::NoReadings], ..waiting };
    assert_eq!(Mark::of(&moving), Mark::Judged(Verdict::Review));
}

#[test]
fn every_reason_and_every_refused_entry_is_worded_in_every_language() {
    for texts in Language::ALL.map(Language::texts) {
        for reason in Reason::ALL {
            assert!(!reason_words(reason, texts).is_empty());
        }
        for refusal in authority::Refusal::ALL {
            assert!(refused_words(refusal.code(), texts).is_some(), "{}", refusal.code());
            let spelt = serde_json::to_value(refusal).unwrap();
            assert_eq!(refused_words(spelt.as_str().unwrap(), texts), refused_words(refusal.code(), texts));
        }
    }
}

#[test]
fn every_code_that_the_app_can_tell_is_worded_in_every_language() {
    for (language, code) in Language::ALL.into_iter().flat_map(|l| CODES.iter().map(move |code| (l, *code))) {
        let sent = Refusal { code: code.into(), cause: "as sent".into(), next_step: "as sent".into() };
        let words = refusal_words(&sent, language.texts());
        assert!(!words.as_sent, "{code} in {}", language.tag());
        assert_ne!(words.cause, words.next_step, "{code} in {}", language.tag());
    }
    let of_signers = [
        authority::Refusal::PersonMissing,
        authority::Refusal::PersonNotEnrolled,
        authority::Refusal::PersonEnded,
        authority::Refusal::PersonNotTrained,
        authority::Refusal::KeyNotOfPerson,
        authority::Refusal::KeyWithdrawn,
    ];
    for code in [NO_SHELL, LOST, UNREADABLE].into_iter().chain(of_signers.map(authority::Refusal::code)) {
        assert!(codes::by_code(code, english()).is_some(), "{code}");
    }
}

#[test]
fn exactly_the_limit_is_in_range() {
    let limits = Limits { min: MilliCelsius(2000), max: MilliCelsius(8000) };
    assert_eq!(side(MilliCelsius(8000), limits), None);
    assert_eq!(side(MilliCelsius(8001), limits), Some(Bound::Above));
    assert_eq!(side(MilliCelsius(1999), limits), Some(Bound::Below));
}

#[test]
fn a_refusal_is_worded_by_its_code_and_an_unknown_code_keeps_its_own_words() {
    let refusal = |code: &str| Refusal {
        code: code.into(),
        cause: "the store is odd".into(),
        next_step: "look at it".into(),
    };
    let known = refusal_words(&refusal("home/full"), Language::French.texts());
    assert!(!known.as_sent && known.cause.contains("place"));
    let unknown = refusal_words(&refusal("new/code"), Language::French.texts());
    assert_eq!((unknown.cause.as_str(), unknown.next_step.as_str()), ("The store is odd.", "Look at it."));
    assert!(unknown.as_sent);
}

#[test]
fn no_two_signatures_say_the_same_in_any_language() {
    for texts in Language::ALL.map(Language::texts) {
        let words: std::collections::BTreeSet<_> =
            SignatureMeaning::ALL.iter().map(|meaning| meaning_words(*meaning, texts)).collect();
        assert_eq!(words.len(), SignatureMeaning::ALL.len());
    }
}

#[test]
fn a_wrong_pin_a_lock_and_a_missing_key_are_told_apart() {
    let words = |code: &str| codes::by_code(code, english()).unwrap().0;
    let codes =
        ["app/pin-wrong", "app/signing-locked", "app/no-person-key", "app/role-may-not", "app/person-needed"];
    let distinct: std::collections::BTreeSet<_> = codes.into_iter().map(words).collect();
    assert_eq!(distinct.len(), codes.len());
}
