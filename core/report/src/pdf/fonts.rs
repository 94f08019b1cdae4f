//! The fonts that a report carries, and what becomes of characters that none of them holds.

use serde_json::Value;
use std::sync::LazyLock;
use typst::foundations::Bytes;
use typst::text::Font;

const FILES: [&[u8]; 3] = [
    include_bytes!("../../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../../fonts/NotoSans-Bold.ttf"),
    include_bytes!("../../fonts/NotoSansArabic-Regular.ttf"),
];

static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| FILES.into_iter().filter_map(|file| Font::new(Bytes::new(file), 0)).collect());

/// Noto Sans in two weights and Noto Sans Arabic.
pub(super) fn all() -> Vec<Font> {
    FONTS.clone()
}

/// Replaces every character that cannot be printed by its code point in brackets, in all texts of `value`.
///
/// PDF/A forbids a glyph that stands for none (ISO 19005-3, 6.2.11.8), so one emoji in a note would stop
/// the export. Controls and characters that turn the direction of the text are shown in the same way: a
/// printed word must not read otherwise than it was written. Only the isolates that
/// [`crate::print`] sets around names stay: they are drawn as nothing.
pub(super) fn printable(value: &mut Value) {
    match value {
        Value::String(text) if !text.chars().all(is_printable) => {
            *text = text.chars().map(printed).collect();
        }
        Value::Array(items) => items.iter_mut().for_each(printable),
        Value::Object(fields) => fields.values_mut().for_each(printable),
        _ => {}
    }
}

fn printed(character: char) -> String {
    if is_printable(character) { character.into() } else { format!("[U+{:04X}]", u32::from(character)) }
}

fn is_printable(character: char) -> bool {
    // First strong isolate and its end (UAX 9): what people wrote holds none any more.
    if matches!(character, '\u{2068}' | '\u{2069}') {
        return true;
    }
    let hidden = matches!(character, '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}');
    !character.is_control() && !hidden && {
        let point = u32::from(character);
        FONTS.iter().any(|font| font.info().coverage.contains(point))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_of_the_report_load() {
        assert_eq!(FONTS.len(), FILES.len());
    }

    #[test]
    fn a_character_without_a_glyph_is_named_and_does_not_vanish() {
        let mut value = serde_json::json!({ "note": ["Fridge 4 \u{1F9CA}", "سليم", "Łódź -0.5 °C"] });
        printable(&mut value);
        assert_eq!(value, serde_json::json!({ "note": ["Fridge 4 [U+1F9CA]", "سليم", "Łódź -0.5 °C"] }));
    }

    #[test]
    fn a_text_cannot_turn_itself_around() {
        let mut value = serde_json::json!("ok\u{202E}egnar ni\nx");
        printable(&mut value);
        assert_eq!(value, serde_json::json!("ok[U+202E]egnar ni[U+000A]x"));
    }
}
