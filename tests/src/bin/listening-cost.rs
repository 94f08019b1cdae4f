//! What listening to two hundred loggers costs, above what btleplug itself takes.
//!
//! `listening-cost BARE` runs the program BARE, which drives btleplug's events and does nothing with them,
//! and `radio-client listen`, which does what `firn listen` does with an advert, one after the other on the
//! same virtual air, and prints one line of JSON: the shares of a core in percent, and how many adverts of
//! those sent were heard.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken rig must stop")]

#[cfg(target_os = "linux")]
fn main() {
    measured::print();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("listening is measured on Linux, against a stand-in of BlueZ");
    std::process::exit(2);
}

#[cfg(target_os = "linux")]
mod measured {
    use firn_ble::Address;
    use firn_ble::virtual_logger::{Climate, VirtualRuuviTag};
    use firn_model::time::UtcMillis;
    use firn_model::units::{MilliCelsius, RelativeHumidity};
    use firn_tests::virtual_bluez::{AdapterState, InAir, Rig, now};
    use serde_json::json;
    use std::io::{BufRead, BufReader};
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};
    use std::sync::Arc;
    use std::thread::{sleep, spawn};
    use std::time::{Duration, Instant};

    const LOGGERS: u8 = 200;
    /// How long each program runs before it is measured: every logger is new to it then.
    const SETTLING: Duration = Duration::from_secs(4);
    /// How long each is measured.
    const MEASURED: Duration = Duration::from_secs(20);
    /// How often each of the two has its turn.
    const ROUNDS: usize = 2;

    pub fn print() {
        let bare = std::env::args().nth(1).expect("usage: listening-cost BARE");
        let ours = beside("radio-client");
        let rig = Rig::of((0..LOGGERS).map(in_air), AdapterState::On);
        let (mut of_bare, mut of_ours, mut heard) = (0.0, 0.0, 0);
        let seconds = (SETTLING + MEASURED).as_secs() + 2;
        for _ in 0..ROUNDS {
            let mut command = rig.command(&bare);
            of_bare += share(command.arg(seconds.to_string())).0;
            let mut command = rig.command(ours.to_str().unwrap());
            let (share, lines) = share(command.args(["listen", &(seconds * 1000).to_string()]));
            of_ours += share;
            heard += lines;
        }
        let rounds = ROUNDS as f64;
        let sent = u64::from(LOGGERS) * MEASURED.as_secs() * ROUNDS as u64;
        let line = json!({
            "btleplug_pct": of_bare / rounds,
            "firn_pct": of_ours / rounds,
            "above_pct": (of_ours - of_bare) / rounds,
            "heard": heard,
            "sent": sent,
        });
        println!("{line}");
    }

    /// A tag that advertises once a second, with another value each time.
    fn in_air(number: u8) -> InAir {
        let tag = VirtualRuuviTag {
            name: format!("Ruuvi {number:04X}"),
            address: Address([0xCB, 0xB8, 0x33, 0x4C, 0x00, number]),
            booted: now().plus_seconds(-86_400),
            interval_s: 300,
            climate: Arc::new(climate),
            seed: u64::from(number),
            battery_mv: 2977,
        };
        InAir { advert_interval: Duration::from_secs(1), ..InAir::new(tag) }
    }

    fn climate(_: UtcMillis) -> Climate {
        Climate { temperature: MilliCelsius(5000), humidity: RelativeHumidity(453_400), pressure_pa: 100_044 }
    }

    fn beside(name: &str) -> PathBuf {
        std::env::current_exe().expect("a path").with_file_name(name)
    }

    /// The share of a core that a program takes once it has settled, in percent, and the lines it prints
    /// meanwhile.
    fn share(command: &mut Command) -> (f64, u64) {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let counter = spawn(move || output.lines().map_while(Result::ok).map(|_| instant()).collect());
        sleep(SETTLING);
        let (begin, before) = (instant(), spent(&child));
        sleep(MEASURED);
        let (end, after) = (instant(), spent(&child));
        let status = child.wait().expect("the program ends");
        assert!(status.success(), "{command:?}: {status}");
        let times: Vec<Instant> = counter.join().expect("its lines");
        let lines = times.iter().filter(|at| (begin..end).contains(*at)).count();
        let took = end.duration_since(begin).as_secs_f64();
        (100.0 * (after - before) / took, u64::try_from(lines).unwrap())
    }

    #[allow(clippy::disallowed_methods, reason = "this program measures time")]
    fn instant() -> Instant {
        Instant::now()
    }

    /// Processor time of a process until now, user and system, in seconds (proc(5), `/proc/PID/stat`).
    fn spent(child: &Child) -> f64 {
        /// Clock ticks a second: fixed on Linux for what it tells programs.
        const TICKS: f64 = 100.0;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("a process");
        // The name stands in brackets and may hold spaces; user and system time are fields 14 and 15.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let fields: Vec<f64> =
            fields.split_whitespace().skip(11).take(2).map(|n| n.parse().unwrap()).collect();
        fields.iter().sum::<f64>() / TICKS
    }
}
