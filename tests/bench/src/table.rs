//! The table, and how often and how long a thing is measured.
use std::fmt;
use std::time::{Duration, Instant};

/// How often each thing is measured; the median counts.
const ROUNDS: usize = 7;
/// How long one round takes at least.
const ROUND: Duration = Duration::from_millis(150);

/// Rows as they were measured.
#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 4]>,
}

impl Table {
    /// A rate that must be at least so much, in units a second.
    pub fn at_least(&mut self, what: &str, unit: &str, rate: f64, limit: f64) {
        self.row(
            what,
            &format!("{} {unit}/s", grouped(rate)),
            &format!("at least {}", grouped(limit)),
            rate / limit,
        );
    }

    /// A rate against a peer's.
    pub fn against(&mut self, what: &str, unit: &str, rate: f64, peer: &str, of_peer: f64) {
        self.row(
            what,
            &format!("{} {unit}/s", grouped(rate)),
            &format!("{peer}: {}", grouped(of_peer)),
            rate / of_peer,
        );
    }

    /// A time that must be at most so long; the ratio says how much of it is left.
    pub fn at_most(&mut self, what: &str, time: Duration, limit: Duration) {
        let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
        self.row(
            what,
            &ms(time),
            &format!("at most {}", ms(limit)),
            limit.as_secs_f64() / time.as_secs_f64(),
        );
    }

    /// A time that must be at most so many times another's.
    pub fn at_most_times(&mut self, what: &str, time: Duration, peer: &str, of_peer: Duration, times: f64) {
        let figure = format!("{}: {:.2} times", spoken(time), time.as_secs_f64() / of_peer.as_secs_f64());
        let against = format!("at most {times:.1} times {peer}: {}", spoken(of_peer));
        self.row(what, &figure, &against, times * of_peer.as_secs_f64() / time.as_secs_f64());
    }

    /// A rate that must be at least so many times another's.
    pub fn at_least_times(
        &mut self,
        what: &str,
        unit: &str,
        rate: f64,
        peer: &str,
        of_peer: f64,
        times: f64,
    ) {
        let figure = format!("{} {unit}/s: {:.2} times", grouped(rate), rate / of_peer);
        let against = format!("at least {times:.1} times {peer}: {}", grouped(of_peer));
        self.row(what, &figure, &against, rate / of_peer / times);
    }

    /// A time of microseconds that must be at most so long.
    pub fn at_most_us(&mut self, what: &str, time: Duration, limit: Duration) {
        let ratio = limit.as_secs_f64() / time.as_secs_f64();
        self.row(what, &spoken(time), &format!("at most {}", spoken(limit)), ratio);
    }

    /// A figure that is told and held against nothing.
    pub fn told(&mut self, what: &str, figure: &str) {
        self.rows.push([what.into(), figure.into(), "-".into(), "no promise".into()]);
    }

    /// A rate beside one of something that does less, or the same more plainly: told, and no promise.
    pub fn beside(&mut self, what: &str, unit: &str, rate: f64, other: &str, of_other: f64) {
        self.rows.push([
            what.into(),
            format!("{} {unit}/s", grouped(rate)),
            format!("{other}: {}", grouped(of_other)),
            format!("{:.2}, no promise", rate / of_other),
        ]);
    }

    /// An amount of memory that must be at most so much, in bytes.
    pub fn at_most_bytes(&mut self, what: &str, bytes: usize, limit: &str, of_limit: usize) {
        let figure = format!("{} bytes", grouped(bytes as f64));
        let against = format!("{limit}: {}", grouped(of_limit as f64));
        self.row(what, &figure, &against, of_limit as f64 / bytes as f64);
    }

    /// A difference of two shares of a core that must be at most so large, in percent; below nothing where
    /// it is less than the measurement's own noise.
    pub fn at_most_above(&mut self, what: &str, percent: f64, limit: f64) {
        /// What the clock of processor time tells apart in the time that is measured.
        const FINEST: f64 = 0.05;
        let ratio = limit / percent.max(FINEST);
        self.row(what, &format!("{percent:.2} %"), &format!("at most {limit:.2} %"), ratio);
    }

    /// A thing that could not be measured here, and why.
    pub fn not_measured(&mut self, what: &str, why: &str) {
        self.rows.push([what.into(), "not measured".into(), why.into(), "-".into()]);
    }

    fn row(&mut self, what: &str, figure: &str, against: &str, ratio: f64) {
        let verdict = if ratio >= 1.0 { "" } else { "  short of it" };
        self.rows.push([what.into(), figure.into(), against.into(), format!("{ratio:.2}{verdict}")]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | figure | limit or peer | ratio (1 or more is good) |\n|---|---|---|---|")?;
        self.rows.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}

/// The median time of one call, over rounds of many calls each.
pub fn time_of(mut call: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            let mut calls = 0;
            while begin.elapsed() < ROUND {
                call();
                calls += 1;
            }
            begin.elapsed() / calls
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

/// Units a second, where one call handles so many.
pub fn rate_of(units: usize, call: impl FnMut()) -> f64 {
    units as f64 / time_of(call).as_secs_f64()
}

/// This process' processor time of one call, made once: what else the machine does is not counted.
pub fn worked(call: impl FnOnce()) -> Duration {
    let begin = cpu_time();
    call();
    cpu_time() - begin
}

/// The processor time of each of some calls: the medians over rounds in which they take turns, so that what the machine
/// does to its processor meets all.
pub fn in_turn<const N: usize>(calls: [&dyn Fn(); N]) -> [Duration; N] {
    let mut times = [(); N].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        for (times, call) in times.iter_mut().zip(calls) {
            times.push(worked(call));
        }
    }
    times.map(median_of)
}

/// The time of one call, made once.
pub fn once(call: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    call();
    begin.elapsed()
}

/// The median of times.
pub fn median_of(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// This process' processor time, its own and the system's for it.
pub fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).expect("nanoseconds"))
}

fn spoken(time: Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    if us < 1e4 { format!("{us:.1} µs") } else { format!("{:.1} ms", us / 1e3) }
}

fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(" ")
}
