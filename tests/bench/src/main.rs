//! Measures Firn against the limits it promises and the peers it is compared with, and prints one table.
//!
//! A row is a figure, its limit or its peer measured in the same run, and the ratio of both. Nothing
//! fails by being slow: a machine may be busy.

mod assess;
mod decode;
mod download;
mod listen;
mod memory;
mod table;

fn main() {
    let mut table = table::Table::default();
    decode::measure(&mut table);
    download::measure(&mut table);
    assess::measure(&mut table);
    memory::measure(&mut table);
    listen::measure(&mut table);
    print!("{table}");
}
