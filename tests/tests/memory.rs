//! What an assessment of sorted readings takes of memory, counted to the byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_model::assess::{Sample, Span, Verdict, assess_series, near_limits};
use firn_model::profile::preset;
use firn_model::time::UtcMillis;
use firn_model::units::MilliCelsius;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with the bytes that a thread asked for added up.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static ASKED_FOR: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    // A thread that ends no longer counts.
    ASKED_FOR.try_with(|asked| asked.set(asked.get() + bytes)).unwrap_or_default();
}

// SAFETY: every call goes on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        unsafe { System.realloc(at, layout, size) }
    }
}

/// The bytes asked for while so many minutes are judged, of which every so-manieth is out of range.
fn asked_for(minutes: i64, out_every: i64) -> usize {
    let profile = &preset("cdc-refrigerator").unwrap().profile;
    let value = |minute: i64| if minute % out_every == out_every / 2 { 9000 } else { 5000 };
    let samples: Vec<Sample> = (0..minutes)
        .map(|minute| Sample { time: UtcMillis(minute * 60_000), value: MilliCelsius(value(minute)) })
        .collect();
    let before = ASKED_FOR.get();
    let assessment = assess_series(profile, &samples, Some(60), Span::WHOLE);
    let near = near_limits(profile, &samples, Some(60), Span::WHOLE, MilliCelsius(500));
    let asked = ASKED_FOR.get() - before;
    assert_eq!(assessment.statistics.count, u64::try_from(minutes).unwrap());
    assert_eq!(assessment.excursions.len(), usize::try_from(minutes / out_every).unwrap());
    assert_eq!((assessment.verdict == Verdict::Excursion, near.0), (minutes >= out_every, 0));
    asked
}

#[test]
fn ten_times_as_many_sorted_readings_in_range_take_not_one_byte_more() {
    let never = i64::MAX / 4;
    assert_eq!(asked_for(300_000, never), asked_for(30_000, never));
}

#[test]
fn a_hundred_times_as_many_excursions_take_more_memory_and_at_most_in_proportion() {
    let (none, few, many) =
        (asked_for(100_000, i64::MAX / 4), asked_for(100_000, 10_000), asked_for(100_000, 100));
    assert!(few > none && many > few, "{none} {few} {many}");
    assert!((many - none) / 1000 <= (few - none) / 10, "{none} {few} {many}");
}
