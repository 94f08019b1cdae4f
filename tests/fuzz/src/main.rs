//! LLVM's fuzzer over one group of parsers: the one that `FIRN_FUZZ` names; `FIRN_SEEDS=DIR` writes its seeds.
#![cfg_attr(unix, no_main)]
#![allow(clippy::expect_used, clippy::panic, reason = "a broken run must stop")]

use firn_fuzz::Group;
use std::sync::LazyLock;

static GROUP: LazyLock<Group> = LazyLock::new(|| {
    let name = std::env::var("FIRN_FUZZ").unwrap_or_default();
    let names = Group::ALL.map(Group::name).join(", ");
    Group::of_name(&name).unwrap_or_else(|| panic!("FIRN_FUZZ names one of: {names}"))
});

#[cfg(unix)]
libfuzzer_sys::fuzz_target!(
    init: {
        if let Some(folder) = std::env::var_os("FIRN_SEEDS") {
            std::fs::create_dir_all(&folder).expect("a folder for the seeds");
            for (number, seed) in firn_fuzz::seeds(*GROUP).into_iter().enumerate() {
                let path = std::path::Path::new(&folder).join(format!("seed-{number:04}"));
                std::fs::write(path, seed).expect("a seed is written");
            }
        }
    },
    |bytes: &[u8]| GROUP.feed(bytes)
);

#[cfg(not(unix))]
fn main() {
    firn_fuzz::seeds(*GROUP).iter().for_each(|seed| GROUP.feed(seed));
}
