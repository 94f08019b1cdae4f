//! Characters that nobody sees and that terminals, editors or readers obey.

/// Whether a character is not shown as itself: a control character, or one that turns or splits lines.
pub fn is_unseen(c: char) -> bool {
    // Unicode: line and paragraph separators, marks and overrides of direction, the byte order mark.
    let turns = matches!(
        c,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
    );
    c.is_control() || turns
}

/// The text with each unseen character as its code point in brackets, `[U+001B]`, line ends included.
pub fn visible(text: &str) -> String {
    let shown = |c: char| if is_unseen(c) { format!("[U+{:04X}]", u32::from(c)) } else { c.to_string() };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_named_by_its_code_point() {
        assert_eq!(visible("DN\n31\u{1b}[31m"), "DN[U+000A]31[U+001B][31m");
        assert_eq!(visible("\u{202e}ok\u{85}"), "[U+202E]ok[U+0085]");
        assert_eq!(visible("Kühlkette 4, سليم, −0.5 °C"), "Kühlkette 4, سليم, −0.5 °C");
    }
}
