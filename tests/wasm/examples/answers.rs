//! The answers as a wasm module hands them out: an address and a length in its memory, and no import.

use std::sync::OnceLock;

static ANSWERS: OnceLock<String> = OnceLock::new();

fn told() -> &'static str {
    ANSWERS.get_or_init(firn_same_bits::answers)
}

/// Where the text begins.
#[unsafe(no_mangle)]
pub extern "C" fn firn_answers() -> *const u8 {
    told().as_ptr()
}

/// How many bytes it has.
#[unsafe(no_mangle)]
pub extern "C" fn firn_answers_length() -> usize {
    told().len()
}
