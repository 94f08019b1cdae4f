//! Names that run from right to left, kept from turning the numbers and words beside them.
//!
//! Within a line that runs from left to right such a name takes what follows it along: `-1.0` reads `1.0-`. Each is
//! set as an isolate (UAX 9, section 2.4), after what people wrote was freed of marks that would end one.

use super::section::{Block, Fact, Listing};
use super::{Printed, Section};
use firn_model::unseen::is_unseen;

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';

/// Whether a character runs from right to left (`R` and `AL` of the Unicode character database's bidi classes).
fn runs_left(c: char) -> bool {
    matches!(
        c,
        '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}'
            | '\u{1E800}'..='\u{1EFFF}'
    )
}

/// Whether a text holds anything that could turn its line.
pub(super) fn turns(text: &str) -> bool {
    text.chars().any(|c| runs_left(c) || is_mark(c))
}

/// A mark of direction, which nobody sees.
fn is_mark(c: char) -> bool {
    is_unseen(c) && !c.is_control()
}

/// Isolates every name of a report; `names` are texts of people, whole.
pub(super) fn isolate(printed: &mut Printed, names: Vec<String>) {
    let mut names: Vec<String> =
        names.iter().filter(|name| name.chars().any(runs_left)).map(|name| unmarked(name)).collect();
    // Longest first: a name within a longer text is part of that.
    names.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    names.dedup();
    for_each(printed, &mut |text| {
        if turns(text) {
            *text = isolated(text, &names);
        }
    });
}

/// Every text that is set on a page.
pub(super) fn for_each(printed: &mut Printed, change: &mut dyn FnMut(&mut String)) {
    for text in [&mut printed.title, &mut printed.subtitle, &mut printed.running, &mut printed.footer] {
        change(text);
    }
    printed.verdict.stock.iter_mut().for_each(&mut *change);
    for Section { heading, blocks } in &mut printed.sections {
        change(heading);
        blocks.iter_mut().for_each(|block| in_block(block, change));
    }
}

fn in_block(block: &mut Block, change: &mut dyn FnMut(&mut String)) {
    let facts = |facts: &mut Vec<Fact>, change: &mut dyn FnMut(&mut String)| {
        facts.iter_mut().for_each(|fact| change(&mut fact.value));
    };
    match block {
        Block::Heading { text }
        | Block::Subtitle { text }
        | Block::Note { text }
        | Block::Statement { text } => {
            change(text);
        }
        Block::Sentences { rows, .. } => rows.iter_mut().for_each(&mut *change),
        Block::Facts { rows } => facts(rows, change),
        Block::Table(Listing { rows, .. }) | Block::Numbers(Listing { rows, .. }) => {
            rows.iter_mut().flatten().for_each(&mut *change);
        }
        Block::Chart { alt, .. } => change(alt),
        Block::Code { facts: rows, alt, .. } => {
            facts(rows, change);
            change(alt);
        }
    }
}

/// The text with each mark of direction as its code point in brackets.
fn unmarked(text: &str) -> String {
    let shown = |c: char| if is_mark(c) { format!("[U+{:04X}]", u32::from(c)) } else { c.to_string() };
    text.chars().map(shown).collect()
}

fn isolated(text: &str, names: &[String]) -> String {
    let text = unmarked(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(next) = rest.chars().next() {
        let name = names.iter().find(|name| rest.starts_with(name.as_str())).map_or(0, String::len);
        let long = name.max(run(rest));
        let (piece, after) = rest.split_at_checked(long.max(next.len_utf8())).unwrap_or((rest, ""));
        match long {
            0 => out.push_str(piece),
            _ => {
                out.push(FIRST_STRONG_ISOLATE);
                out.push_str(piece);
                out.push(POP_DIRECTIONAL_ISOLATE);
            }
        }
        rest = after;
    }
    out
}

/// The length in bytes of the words that a text begins with, where they run from right to left.
fn run(text: &str) -> usize {
    let mut length = 0;
    for (at, c) in text.char_indices() {
        if runs_left(c) {
            length = at.saturating_add(c.len_utf8());
        } else if c != ' ' || length == 0 {
            break;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGGER: &str = "مسجل الحرارة رقم 7";

    #[test]
    fn a_number_beside_a_name_that_runs_from_right_to_left_stands_outside_of_it() {
        let names = [LOGGER.to_owned()];
        let line = format!("{LOGGER}, -1.0 to 5.0 °C");
        assert_eq!(isolated(&line, &names), format!("\u{2068}{LOGGER}\u{2069}, -1.0 to 5.0 °C"));
        assert_eq!(isolated("Box 7, -1.0 to 5.0 °C", &names), "Box 7, -1.0 to 5.0 °C");
    }

    #[test]
    fn words_that_no_list_names_are_isolated_up_to_what_is_no_word_of_theirs() {
        assert_eq!(
            isolated("على جهاز الصيدلية (courier) 5", &[]),
            "\u{2068}على جهاز الصيدلية\u{2069} (courier) 5"
        );
    }

    #[test]
    fn a_mark_that_would_end_an_isolate_is_named_by_its_code_point() {
        assert!(turns("Box\u{202e}7") && !turns("Box 7\n"));
        assert_eq!(isolated("Box\u{2069}\u{202e}7", &[]), "Box[U+2069][U+202E]7");
    }
}
