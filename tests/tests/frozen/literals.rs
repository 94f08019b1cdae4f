//! The byte vectors that stand in a test's source.

/// The source of a test, from its name to the brace that ends it.
pub fn body<'a>(source: &'a str, test: &str) -> Option<&'a str> {
    let begin = source.find(&format!("fn {test}("))?;
    let line = source[..begin].rfind('\n').map_or(0, |at| at + 1);
    let end = format!("\n{}}}", &source[line..begin].replace("async ", ""));
    let rest = &source[begin..];
    Some(&rest[..rest.find(&end)? + end.len()])
}

/// The texts in quotes.
pub fn strings(source: &str) -> impl Iterator<Item = String> {
    let (mut found, mut inside, mut escaped) = (Vec::new(), None::<String>, false);
    for letter in source.chars() {
        match (&mut inside, letter) {
            (Some(text), _) if escaped => {
                escaped = false;
                text.push(if letter == 'n' { '\n' } else { letter });
            }
            (Some(_), '\\') => escaped = true,
            (Some(_), '"') => found.extend(inside.take()),
            (Some(text), _) => text.push(letter),
            (None, '"') => inside = Some(String::new()),
            (None, _) => {}
        }
    }
    found.into_iter()
}

/// Whether a text in a test's source is a snapshot's name, or the beginning of one up to a place that is filled in.
pub fn names(text: &str, snapshot: &str) -> bool {
    match text.split_once('{') {
        Some((begin, _)) => begin.len() >= 8 && snapshot.starts_with(begin),
        None => text == snapshot,
    }
}

/// A text that tells bytes, without its white space: hexadecimal, with the places that are filled in, or base32.
pub fn vector(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (mut fixed, mut depth) = (String::new(), 0_u32);
    for letter in bare.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => fixed.push(letter),
            _ => {}
        }
    }
    let hexadecimal = |letter: char| letter.is_ascii_digit() || ('a'..='f').contains(&letter);
    let base32 = |letter: char| letter.is_ascii_uppercase() || ('2'..='7').contains(&letter);
    let code = fixed.strip_prefix("firn-invite:").unwrap_or(&fixed);
    let is_hexadecimal = fixed.len() >= 2 && fixed.chars().all(hexadecimal);
    let is_base32 = code.len() >= 32 && code.chars().all(base32);
    (is_hexadecimal || is_base32).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_found_in_a_tests_source_and_words_are_not() {
        let source = "#[test]\nfn a() {\n    frozen(\"a1 01\n    {to} 02\", \"box\", \"ok \\\" a1\");\n}\nfn b() { \"a2\" }\n";
        let found: Vec<String> =
            strings(body(source, "a").unwrap()).filter_map(|text| vector(&text)).collect();
        assert_eq!(found, ["a101{to}02"]);
        assert_eq!(body(source, "c"), None);
        assert_eq!(
            vector("AEA2 LJNF UWS2 KLPM\n75LN FWIQ GVBN MHL3"),
            Some("AEA2LJNFUWS2KLPM75LNFWIQGVBNMHL3".into())
        );
        assert_eq!(vector("{reference_bytes}"), None);
    }
}
