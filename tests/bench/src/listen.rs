//! Listening to two hundred loggers over a stand-in of BlueZ: what Firn takes above btleplug itself.
//!
//! Both are programs of the workspace, which `cargo xtask bench` builds and names: so this crate needs
//! neither btleplug nor D-Bus.

use crate::table::Table;
use std::process::{Command, Stdio};

const WHAT: &str = "listen, 200 loggers, of a core above btleplug's own";
/// The most that listening may take above btleplug itself, in percent of a core.
const LIMIT: f64 = 2.0;
/// How many of the adverts sent must be heard for the figure to count: what is not heard costs nothing.
const HEARD: f64 = 0.95;

pub fn measure(table: &mut Table) {
    let program = |name| std::env::var_os(name).filter(|path| !path.is_empty());
    let (Some(cost), Some(bare)) = (program("FIRN_LISTENING_COST"), program("FIRN_BARE_LISTENER")) else {
        return table.not_measured(WHAT, "run by `cargo xtask bench`, on Linux");
    };
    let output = Command::new(cost).arg(bare).stderr(Stdio::inherit()).output();
    let answer = output.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    let told: Option<serde_json::Value> = answer.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let figure = |name: &str| told.as_ref().and_then(|told| told[name].as_f64());
    match (figure("above_pct"), figure("btleplug_pct"), figure("heard"), figure("sent")) {
        (Some(above), Some(bare), Some(heard), Some(sent)) if heard >= sent * HEARD => {
            table.at_most_above(&format!("{WHAT} {bare:.1} %"), above, LIMIT);
        }
        (_, _, Some(heard), Some(sent)) => {
            table.not_measured(WHAT, &format!("heard {heard} of {sent} adverts"));
        }
        _ => table.not_measured(WHAT, "it needs dbus-daemon (Debian: package dbus-daemon)"),
    }
}
