//! Measures Firn against the limits it promises and the peers it is compared with, and prints one table.
//!
//! A row is a figure, its limit or its peer measured in the same run, and the ratio of both. Nothing
//! fails by being slow: a machine may be busy. An argument names the one group to measure.

mod assess;
mod decode;
mod download;
mod ledger;
mod listen;
mod memory;
mod table;

use table::Table;

/// What can be measured, by name.
const GROUPS: [(&str, fn(&mut Table)); 9] = [
    ("decode", decode::measure),
    ("download", download::measure),
    ("assess", assess::measure),
    ("memory", memory::measure),
    ("verify", ledger::verify::measure),
    ("append", ledger::append::measure),
    ("sync", ledger::sync::measure),
    ("peers", ledger::peers::measure),
    ("listen", listen::measure),
];

fn main() {
    let wanted = std::env::args().nth(1);
    let mut table = Table::default();
    for (name, measure) in GROUPS {
        if wanted.as_deref().is_none_or(|wanted| wanted == name) {
            measure(&mut table);
        }
    }
    print!("{table}");
}
