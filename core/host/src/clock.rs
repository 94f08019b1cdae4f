//! The system's clocks: wall, monotonic and which boot it counts from.

use firn_app::Moment;
use firn_model::id::Id;
use firn_model::time::UtcMillis;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Reads the clocks of this machine.
///
/// On Linux the monotonic clock counts from the boot that the kernel names; elsewhere from the start
/// of this process, under an id made then.
#[derive(Clone, Debug)]
pub struct SystemClock {
    boot: Id,
    /// The monotonic clock's reading when `started` was taken.
    offset: Duration,
    started: Instant,
}

impl SystemClock {
    /// Starts the clock; `random` names this run where the system does not name its boot.
    #[expect(clippy::disallowed_methods, reason = "the clock of every composition root is read here")]
    pub fn new(random: [u8; 16]) -> Self {
        let (boot, offset) = kernel_boot().unwrap_or((Id(random), Duration::ZERO));
        Self { boot, offset, started: Instant::now() }
    }

    /// All three clocks now.
    #[expect(clippy::disallowed_methods, reason = "the clock of every composition root is read here")]
    pub fn now(&self) -> Moment {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let monotonic = self.offset.saturating_add(self.started.elapsed());
        Moment {
            utc: UtcMillis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)),
            monotonic_ms: u64::try_from(monotonic.as_millis()).unwrap_or(u64::MAX),
            boot: self.boot,
        }
    }
}

impl firn_ble::radio::Clock for SystemClock {
    fn now(&self) -> UtcMillis {
        SystemClock::now(self).utc
    }

    async fn sleep(&self, milliseconds: u64) {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
}

/// The kernel's name for this boot and the time since it, where there are such files.
fn kernel_boot() -> Option<(Id, Duration)> {
    let name = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let digits: String = name.chars().filter(char::is_ascii_hexdigit).collect();
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    Some((Id(bytes.try_into().ok()?), Duration::try_from_secs_f64(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_monotonic_clock_never_runs_backwards_within_a_boot() {
        let clock = SystemClock::new([1; 16]);
        let (first, second) = (clock.now(), clock.now());
        assert_eq!(first.boot, second.boot);
        assert!(second.monotonic_ms >= first.monotonic_ms);
    }
}
