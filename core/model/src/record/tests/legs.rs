//! What a signed verdict tells of the legs before a line.

use super::*;

#[test]
fn the_bytes_of_a_judged_line_of_whose_legs_something_is_wanting_are_frozen() {
    use crate::assess::{Milliseconds, Reason, Verdict};
    let unread = WantingLeg {
        shipment: Id([4; 16]),
        line: 2,
        unread: Some(vec![Id([3; 16])]),
        unwatched: Some(Milliseconds(3_600_000)),
        after: vec![Leg { shipment: Id([5; 16]), line: 1 }],
    };
    let not_held =
        WantingLeg { shipment: Id([5; 16]), line: 0, unread: None, unwatched: None, after: vec![] };
    let line = LineAssessment {
        line: 1,
        verdict: Verdict::Review,
        reasons: vec![Reason::LegMissing],
        series: vec![],
        assessments: None,
        budgets: vec![],
        barring: None,
        wanting: Some(vec![unread, not_held]),
        clocks: None,
    };
    let bytes = minicbor::to_vec(&line).unwrap();
    let expected = "a6 01 01 02 02 03 81 6b 6c65672d6d697373696e67 04 80 06 80
         08 82 a5 01 50 04040404040404040404040404040404 02 02 03 81 50 03030303030303030303030303030303
         04 1a 0036ee80 05 81 82 50 05050505050505050505050505050505 01
         a3 01 50 05050505050505050505050505050505 02 00 05 80";
    assert_eq!(HEXLOWER.encode(&bytes), expected.replace(char::is_whitespace, ""));
    assert_eq!(minicbor::decode::<LineAssessment>(&bytes).unwrap(), line);
}

#[test]
fn the_bytes_of_a_judged_line_whose_legs_show_clocks_to_differ_are_frozen() {
    use crate::assess::{Milliseconds, Reason, Verdict};
    let clocks = LegClocks { behind: [6; 32], ahead: [4; 32], difference: Milliseconds(2_700_000) };
    let line = LineAssessment {
        line: 0,
        verdict: Verdict::Review,
        reasons: vec![Reason::Clock],
        series: vec![],
        assessments: None,
        budgets: vec![],
        barring: None,
        wanting: None,
        clocks: Some(vec![clocks]),
    };
    let bytes = minicbor::to_vec(&line).unwrap();
    let expected = format!(
        "a60100020203816563 6c6f636b 04800680 0981 a3 01 5820 {} 02 5820 {} 03 1a 002932e0",
        "06".repeat(32),
        "04".repeat(32)
    );
    assert_eq!(HEXLOWER.encode(&bytes), expected.replace(char::is_whitespace, ""));
    assert_eq!(minicbor::decode::<LineAssessment>(&bytes).unwrap(), line);
}
