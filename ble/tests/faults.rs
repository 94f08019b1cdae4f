//! Whatever befalls a download: what was given is the logger's memory, or the difference is marked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{BOOT, Outcome, body, logger, options, run};
use firn_ble::dialog::{Coverage, DeviceName};
use firn_ble::virtual_logger::Truth;
use firn_ble::virtual_logger::faults::{Faults, Faulty};
use firn_model::reading::{ClockQuality, Measurement, Reading};
use firn_model::time::UtcMillis;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// How far a computed time may be off: the interval, for what counts back from the newest record.
const INTERVAL_MS: i64 = 60_000;

/// Dialogs that can tell a record by nothing but its place in a stream, whose check is a sum at most. The
/// radio keeps notifications whole and in order; where it did not, only the mark of what is not proven,
/// which these always bear, would tell.
const UNNUMBERED: [DeviceName; 3] = [DeviceName::ElaEn12830, DeviceName::BlueMaestro, DeviceName::ThermoPro];

/// Whether a reading may be incomplete of its truth: what it has, agrees.
fn agrees(reading: &Measurement, truth: &Measurement) -> bool {
    reading.temperature.is_none_or(|value| Some(value) == truth.temperature)
        && reading.humidity.is_none_or(|value| Some(value) == truth.humidity)
        && reading.pressure_pa.is_none_or(|value| Some(value) == truth.pressure_pa)
        && reading.dew_point.is_none_or(|value| Some(value) == truth.dew_point)
}

/// Each reading is a record of the logger, and none is one twice.
fn are_records(given: &[Reading], truths: &[Truth], off_ms: i64) -> Result<(), String> {
    let mut taken = vec![false; truths.len()];
    for reading in given {
        let near = truths.partition_point(|truth| truth.time.0 < reading.time.0 - off_ms);
        let found = (near..truths.len())
            .take_while(|at| truths[*at].time.0 <= reading.time.0 + off_ms)
            .filter(|at| !taken[*at] && agrees(&reading.measurement, &truths[*at].measurement))
            .min_by_key(|at| (truths[*at].time.0 - reading.time.0).abs());
        match found {
            Some(at) => taken[at] = true,
            None => return Err(format!("no record of the logger, or given twice: {reading:?}")),
        }
    }
    Ok(())
}

/// The download says that something may be amiss.
fn is_marked(outcome: &Outcome) -> bool {
    match &outcome.ended {
        Err(_) => true,
        Ok(summary) => {
            summary.coverage == Coverage::Unproven
                || summary.missing > 0
                || summary.incomplete > 0
                || summary.resets > 0
                || summary.clock_jumps > 0
        }
    }
}

#[derive(Clone, Debug)]
struct Plan {
    device: DeviceName,
    samples: i64,
    capacity: usize,
    ahead_s: i64,
    faults: Faults,
    reset: bool,
}

fn plan(swaps: u64) -> impl Strategy<Value = Plan> {
    let rates = (0..30_u64, 0..30_u64, 0..=swaps, any::<u64>());
    let breaks = vec(1_usize..200, 0..3);
    let logger = (0..DeviceName::ALL.len(), 20_i64..300, prop_oneof![Just(5000_usize), Just(120)]);
    let lies = (prop_oneof![3 => Just(0_i64), 1 => -90_000..90_000_i64], any::<bool>());
    (logger, rates, breaks, lies).prop_map(|((nth, samples, capacity), rates, breaks, (ahead_s, reset))| {
        let (lost, doubled, swapped, seed) = rates;
        let faults = Faults { seed, lost, doubled, swapped, breaks, ..Faults::default() };
        Plan { device: DeviceName::ALL[nth], samples, capacity, ahead_s, faults, reset }
    })
}

/// Runs a plan; gives what came and all that the logger, and the one in its place, ever held.
fn carried_out(plan: &Plan) -> (Outcome, Vec<Truth>, Vec<Truth>) {
    let now = BOOT.plus_seconds(plan.samples * 60 + 17);
    let device = plan.device;
    let first = logger(device, body(7, BOOT, plan.capacity), plan.ahead_s);
    let mut faults = plan.faults.clone();
    let mut truths = Vec::new();
    if plan.reset {
        // It lost its power a quarter of an hour ago, and its memory with it.
        let rebooted = UtcMillis(now.0 - 15 * 60_000 - 7_000);
        let second = logger(device, body(99, rebooted, plan.capacity), plan.ahead_s);
        truths.extend(second.memory(now.plus_seconds(3600)));
        faults.replaced_by = Some(second);
    }
    let held = first.memory(now);
    truths.extend(first.memory(now.plus_seconds(3600)));
    truths.extend(held.iter().cloned());
    truths.sort_by_key(|truth| truth.time);
    truths.dedup();
    let faulty = Faulty::new(first, faults);
    let outcome = run(device, &options(), &faulty, None, now);
    (outcome, held, truths)
}

/// What the times of a dialog may be off by.
fn slack(plan: &Plan) -> i64 {
    match plan.device {
        DeviceName::GoveeH5179 | DeviceName::Pvvx => INTERVAL_MS + plan.ahead_s.abs() * 1000,
        _ => INTERVAL_MS + 2_000,
    }
}

fn judged(plan: &Plan) -> Result<(), TestCaseError> {
    let (outcome, held, truths) = carried_out(plan);
    prop_assert_eq!(outcome.given.len(), outcome.dialog_readings, "given once, and all of it");
    let named = outcome.given.iter().all(|reading| reading.clock != ClockQuality::NeverSet);
    if named
        && plan.ahead_s == 0
        && let Err(why) = are_records(&outcome.given, &truths, slack(plan))
    {
        // What a stream without numbers cannot rule out, it must not claim.
        let unnumbered = UNNUMBERED.contains(&plan.device);
        prop_assert!(unnumbered, "{}", why);
        prop_assert!(is_marked(&outcome));
    }
    if outcome.given.len() < held.len() {
        // A logger that was reset before anything came of its old log has only its new one.
        let renewed = |reading: &Reading| reading.received.0 - reading.time.0 <= 16 * 60_000;
        let whole = plan.reset && outcome.given.len() >= 15 && outcome.given.iter().all(renewed);
        prop_assert!(
            whole || is_marked(&outcome),
            "{} of {}: {:?}",
            outcome.given.len(),
            held.len(),
            outcome.ended
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: RngSeed::Fixed(20), ..ProptestConfig::default() })]

    #[test]
    fn no_fault_of_radio_or_logger_goes_unmarked(plan in plan(30)) {
        judged(&plan)?;
    }

    #[test]
    fn where_the_order_holds_nothing_is_ever_invented(plan in plan(0)) {
        judged(&plan)?;
    }
}

#[test]
fn a_download_that_breaks_off_again_and_again_gives_the_same_memory() {
    for device in DeviceName::ALL {
        let now = BOOT.plus_seconds(200 * 60 + 17);
        let first = logger(device, body(7, BOOT, 5000), 0);
        let held = first.memory(now);
        let faults = Faults { breaks: vec![11, 1, 0, 30, 25], ..Faults::default() };
        let outcome = run(device, &options(), &Faulty::new(first, faults), None, now);
        assert_eq!(outcome.given.len(), held.len(), "{device}: {:?}", outcome.ended);
        are_records(&outcome.given, &held, INTERVAL_MS + 2_000)
            .unwrap_or_else(|why| panic!("{device}: {why}"));
    }
}

#[test]
fn a_logger_that_begins_anew_during_the_download_is_noticed() {
    for device in [DeviceName::Pvvx, DeviceName::Sensirion, DeviceName::RuuviAir, DeviceName::GoveeH5179] {
        let plan = Plan {
            device,
            samples: 200,
            capacity: 5000,
            ahead_s: 0,
            faults: Faults { breaks: vec![20], ..Faults::default() },
            reset: true,
        };
        let (outcome, ..) = carried_out(&plan);
        assert!(is_marked(&outcome), "{device}: {:?}", outcome.ended);
    }
}
