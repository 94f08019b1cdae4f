//! One guest from boot to power-off: started, watched, and ended with all its processes whatever happens.

use super::{Rig, fleet};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A guest that has switched itself off.
pub(super) struct Ended {
    /// What it printed.
    pub(super) console: String,
    /// The guest's own time at its end.
    pub(super) guest: Duration,
    /// The time it took here.
    pub(super) host: Duration,
}

/// The guest's process group; none of it outlives this.
struct Guest(Child);

impl Drop for Guest {
    fn drop(&mut self) {
        // A guest keeps a process for each of its own.
        let group = format!("-{}", self.0.id());
        let mut kill = Command::new("kill");
        kill.args(["-KILL", "--", &group]).stdout(Stdio::null()).stderr(Stdio::null());
        if let Err(error) = kill.status().and_then(|_| self.0.wait()) {
            eprintln!("the guest could not be ended: {error}");
        }
    }
}

/// Runs the guest over the folder `job` until it is off or `limit` is over.
#[allow(clippy::disallowed_methods, reason = "the time a guest takes is what is measured")]
pub(super) fn boot(rig: &Rig, job: &Path, limit: Duration) -> Ended {
    const PAUSE: Duration = Duration::from_millis(20);
    let begin = Instant::now();
    let mut guest = Guest(command(rig, job).spawn().expect("the guest's kernel"));
    while begin.elapsed() < limit && guest.0.try_wait().expect("the guest's state").is_none() {
        std::thread::sleep(PAUSE);
    }
    drop(guest);
    let console = fs::read_to_string(job.join("console")).unwrap_or_default();
    Ended { guest: last_time(&console), console, host: begin.elapsed() }
}

fn command(rig: &Rig, job: &Path) -> Command {
    let console = File::create(job.join("console")).expect("a file for the console");
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("rig");
    let mut command = Command::new(&rig.kernel);
    command
        .args(["mem=256M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "loglevel=3"])
        .args(["con=null", "con0=null,fd:1", "console=tty0", "random.trust_cpu=on"])
        .args(["time-travel=inf-cpu".into(), format!("time-travel-start={}", fleet::START.0 * 1_000_000)])
        .arg(format!("init={}", scripts.join("guest.sh").display()))
        .arg(format!("uml_dir={}/", job.display()))
        .arg(format!("FIRN_RIG_JOB={}", job.display()))
        .arg(format!("FIRN_RIG_PYTHON={}", rig.python.display()))
        .env_clear()
        .env("TMPDIR", job)
        .env("HOME", job)
        .stdin(Stdio::null())
        .stderr(console.try_clone().expect("a second handle of the console"))
        .stdout(console)
        .process_group(0);
    command
}

/// The time at the begin of the last line that has one.
fn last_time(console: &str) -> Duration {
    let time = |line: &str| Duration::try_from_secs_f64(line.split(' ').next()?.parse().ok()?).ok();
    console.lines().rev().find_map(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guests_time_is_that_of_its_last_line() {
        assert_eq!(last_time("0.10 Linux\n12.50 done\nreboot: Power down\n"), Duration::from_millis(12_500));
        assert_eq!(last_time("Kernel panic"), Duration::ZERO);
    }
}
