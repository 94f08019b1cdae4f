//! The families of loggers that Firn reads, for people: names, formats and standing.

use crate::codec::{self, Standing};
use crate::replay::DeviceName;
use std::fmt::Write;

/// One family as a front end or a document names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FamilyInfo {
    /// The stable name, as `firn decode` prints it.
    pub name: &'static str,
    /// The maker and the models.
    pub title: &'static str,
    /// The stable names of its advert formats.
    pub formats: &'static [&'static str],
    /// What it may be called when a cold chain is judged.
    pub standing: Standing,
}

/// Every family whose adverts are read, in the order of its title.
pub fn families() -> impl Iterator<Item = FamilyInfo> {
    codec::FAMILIES.iter().map(|family| FamilyInfo {
        name: family.name,
        title: family.title,
        formats: family.formats,
        standing: family.standing,
    })
}

/// The table of families in Markdown, as `docs/loggers.md` holds it.
pub fn table() -> String {
    let mut text =
        String::from("| family | name | advert formats | log download | standing |\n|---|---|---|---|---|\n");
    for family in families() {
        let formats: Vec<String> = family.formats.iter().map(|format| format!("`{format}`")).collect();
        let downloads: Vec<String> = DeviceName::ALL
            .iter()
            .filter(|device| device.family() == family.name)
            .map(|device| format!("`{device}`"))
            .collect();
        let row = format_args!(
            "| {} | `{}` | {} | {} | {} |\n",
            family.title,
            family.name,
            formats.join(" "),
            if downloads.is_empty() { "–".to_owned() } else { downloads.join(" ") },
            family.standing.as_str()
        );
        // Writing to a string cannot fail.
        text.write_fmt(row).unwrap_or_default();
    }
    text
}
