//! What an assessment of sorted readings takes of memory: it grows with what happened, not with how long.
use crate::assess::sample;
use crate::table::Table;
use firn_model::assess::{Sample, Span, assess_series};
use firn_model::profile::preset;
use firn_model::units::MilliCelsius;
use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, with the bytes that were asked for added up, and those in use with their peak.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

static ASKED_FOR: AtomicUsize = AtomicUsize::new(0);
static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn took(bytes: usize) {
    ASKED_FOR.fetch_add(bytes, Ordering::Relaxed);
    let now = IN_USE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(now, Ordering::Relaxed);
}

/// The most bytes that a call has in use at once beyond those in use before; without SQLite's own page cache,
/// which is of the system's allocator alone.
pub fn peak(call: impl FnOnce()) -> usize {
    let before = IN_USE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    call();
    PEAK.load(Ordering::Relaxed) - before
}

// SAFETY: every call goes on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        took(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        took(size);
        unsafe { System.realloc(at, layout, size) }
    }
}

pub fn measure(table: &mut Table) {
    let steady = |count: i64| {
        assessed((0..count).map(|minute| Sample { value: MilliCelsius(5000), ..sample(minute) }))
    };
    let (one, ten) = (steady(1_000_000), steady(10_000_000));
    table.at_most_bytes("memory, assessing ten million readings in range", ten, "one million", one);

    // The same million readings, of which ever more are out of range by themselves.
    let out = |every: i64| {
        assessed((0..1_000_000).map(move |minute| {
            let value = MilliCelsius(if minute % every == every / 2 { 9000 } else { 5000 });
            Sample { value, ..sample(minute) }
        }))
    };
    let (few, many) = (out(100_000), out(1000));
    let each = |bytes: usize, excursions: usize| bytes.saturating_sub(one) / excursions;
    table.at_most_bytes(
        "memory, for each of 1000 excursions",
        each(many, 1000),
        "for each of 10",
        each(few, 10),
    );
}

/// The bytes that an assessment asks for in all.
fn assessed(samples: impl Iterator<Item = Sample>) -> usize {
    let profile = &preset("cdc-refrigerator").expect("a built-in profile").profile;
    let samples: Vec<Sample> = samples.collect();
    let before = ASKED_FOR.load(Ordering::Relaxed);
    drop(black_box(assess_series(profile, black_box(&samples), Some(60), Span::WHOLE)));
    ASKED_FOR.load(Ordering::Relaxed) - before
}
