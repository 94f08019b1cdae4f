//! A seeded world of devices, clocks, networks and disks over the real ledger: nothing that was acknowledged is
//! lost, no number is used twice, every rewrite is caught at the first contact with who saw the earlier state,
//! nobody is accused wrongly, and all honest devices come to hold the same.
//!
//! `FIRN_SEEDS` sets how many worlds are run (default 500), `FIRN_SEED` runs one of them alone.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "simulation/chance.rs"]
mod chance;
mod common;
#[path = "simulation/disk.rs"]
mod disk;
#[path = "simulation/world.rs"]
mod world;

use world::{Tally, World};

/// Worlds of the default lane.
const SEEDS: u64 = 500;
/// Worlds of the long lane.
const LONG_SEEDS: u64 = 10_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number of seeds, or a seed"))
}

fn of_seed(seed: u64) -> Tally {
    std::panic::catch_unwind(|| World::new(seed).run()).unwrap_or_else(|_| {
        panic!(
            "seed {seed} failed; replay it: FIRN_SEED={seed} cargo test -p firn-ledger --features sqlite --test simulation"
        )
    })
}

#[test]
fn in_no_world_is_anything_lost_used_twice_missed_or_accused_wrongly() {
    run(match number("FIRN_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("FIRN_SEEDS").unwrap_or(SEEDS),
    });
}

#[test]
#[ignore = "long: ten thousand worlds"]
fn in_ten_thousand_worlds_nothing_is_lost_either() {
    run(SEEDS..LONG_SEEDS);
}

fn run(seeds: std::ops::Range<u64>) {
    let lanes = std::thread::available_parallelism().map_or(1, |lanes| lanes.get() as u64);
    let lane = |lane: u64| {
        let mut tally = Tally::default();
        seeds.clone().filter(|seed| seed % lanes == lane).for_each(|seed| tally.add(&of_seed(seed)));
        tally
    };
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let lane = &lane;
        let running: Vec<_> = (0..lanes).map(|number| scope.spawn(move || lane(number))).collect();
        running.into_iter().for_each(|lane| tally.add(&lane.join().unwrap()));
    });
    println!("{} worlds: {tally}", seeds.end - seeds.start);
    if seeds.end - seeds.start >= SEEDS {
        tally.check_that_everything_happened();
    }
}

#[test]
fn a_seed_gives_the_same_world_again() {
    assert_eq!(World::new(7).run(), World::new(7).run());
}
