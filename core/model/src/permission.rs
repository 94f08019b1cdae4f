//! Who may sign what: one table of roles and kinds, and which kinds a person answers for.

use crate::record::Kind;
use crate::role::Role;
use std::fmt::Write;

/// Whose signature a kind asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedBy {
    /// The device's, whose role counts: measurements, what is computed from them, and keys.
    Device,
    /// The device's, whose role counts, and that of the code by which an admin admits a person to it.
    Code,
    /// The device's, whose role counts; a person who signs as well, and holds the right too, is named by it.
    Named,
    /// The device's; where a person signs as well, the person's role counts in its place.
    Either,
    /// A person's as well, whose role counts, once the signing device knows of any person (21 CFR 11.50).
    Person,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The kind.
    pub kind: Kind,
    /// Whose signature it asks for.
    pub signed_by: SignedBy,
    /// The roles that may sign it, ascending.
    pub roles: &'static [Role],
}

/// Everybody.
const ALL: &[Role] = &Role::ALL;
/// Who answers for stock.
const STOCK: &[Role] = &[Role::Pharmacist, Role::Quality, Role::Admin];
/// Who sets what stock is judged by.
const LIMITS: &[Role] = &[Role::Quality, Role::Admin];
/// Who enrols people and sets policies.
const ADMIN: &[Role] = &[Role::Admin];

const fn row(kind: Kind, signed_by: SignedBy, roles: &'static [Role]) -> Permission {
    Permission { kind, signed_by, roles }
}

/// Every kind, ascending (21 CFR 11.10(d) and (g)).
///
/// A courier carries, measures and hands over, but neither enrols loggers nor decides about stock.
pub const PERMISSIONS: [Permission; Kind::ALL.len()] = [
    row(Kind::Logger, SignedBy::Either, STOCK),
    row(Kind::Profile, SignedBy::Person, LIMITS),
    row(Kind::Shipment, SignedBy::Either, ALL),
    row(Kind::Started, SignedBy::Person, ALL),
    row(Kind::Readings, SignedBy::Device, ALL),
    row(Kind::Assessment, SignedBy::Device, ALL),
    row(Kind::Offered, SignedBy::Person, ALL),
    row(Kind::Accepted, SignedBy::Person, ALL),
    row(Kind::Confirmed, SignedBy::Person, ALL),
    row(Kind::Received, SignedBy::Person, ALL),
    row(Kind::Review, SignedBy::Person, STOCK),
    row(Kind::Acknowledged, SignedBy::Person, STOCK),
    row(Kind::Disposition, SignedBy::Person, STOCK),
    row(Kind::Closed, SignedBy::Person, STOCK),
    row(Kind::LoggerEnded, SignedBy::Either, STOCK),
    row(Kind::Observation, SignedBy::Either, ALL),
    row(Kind::Download, SignedBy::Device, ALL),
    row(Kind::Person, SignedBy::Named, ADMIN),
    row(Kind::PersonKey, SignedBy::Code, ALL),
    row(Kind::SigningFailed, SignedBy::Device, ALL),
    row(Kind::Reply, SignedBy::Person, STOCK),
    row(Kind::Quarantined, SignedBy::Either, ALL),
    row(Kind::ArrivalMoved, SignedBy::Person, STOCK),
    row(Kind::Approved, SignedBy::Person, STOCK),
    row(Kind::Policy, SignedBy::Person, ADMIN),
    row(Kind::Finding, SignedBy::Either, STOCK),
    row(Kind::ExcursionRecord, SignedBy::Either, STOCK),
    row(Kind::Position, SignedBy::Device, ALL),
    row(Kind::Taken, SignedBy::Person, ALL),
    row(Kind::ClockCompared, SignedBy::Device, ALL),
    row(Kind::PickUpMoved, SignedBy::Person, STOCK),
];

/// Whether somebody in this role may sign this kind.
pub fn may_sign(role: Role, kind: Kind) -> bool {
    PERMISSIONS.iter().any(|row| row.kind == kind && row.roles.contains(&role))
}

/// Whose signature a kind asks for.
pub fn signed_by(kind: Kind) -> SignedBy {
    PERMISSIONS.iter().find(|row| row.kind == kind).map_or(SignedBy::Person, |row| row.signed_by)
}

/// The table in Markdown, as `docs/permissions.md` holds it.
pub fn table() -> String {
    let mut text = String::from(
        "| kind | what | signed by | courier | pharmacist | quality | admin |\n|---|---|---|---|---|---|---|\n",
    );
    for row in &PERMISSIONS {
        let signed_by = match row.signed_by {
            SignedBy::Device => "device",
            SignedBy::Code => "device, with the person's code",
            SignedBy::Named => "device, naming a person",
            SignedBy::Either => "device, or a person too",
            SignedBy::Person => "a person too",
        };
        let cells = Role::ALL.map(|role| if row.roles.contains(&role) { "may" } else { "–" }).join(" | ");
        // Writing to a string cannot fail.
        writeln!(text, "| {} | {} | {signed_by} | {cells} |", row.kind.number(), row.kind.name())
            .unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Written out by hand from the design: kind, signed by (d, c, n, e, p), then courier, pharmacist, quality, admin.
    const EXPECTED: [(u16, char, [u8; 4]); 31] = [
        (16, 'e', [0, 1, 1, 1]),
        (17, 'p', [0, 0, 1, 1]),
        (20, 'e', [1, 1, 1, 1]),
        (21, 'p', [1, 1, 1, 1]),
        (22, 'd', [1, 1, 1, 1]),
        (23, 'd', [1, 1, 1, 1]),
        (24, 'p', [1, 1, 1, 1]),
        (25, 'p', [1, 1, 1, 1]),
        (26, 'p', [1, 1, 1, 1]),
        (27, 'p', [1, 1, 1, 1]),
        (28, 'p', [0, 1, 1, 1]),
        (29, 'p', [0, 1, 1, 1]),
        (30, 'p', [0, 1, 1, 1]),
        (31, 'p', [0, 1, 1, 1]),
        (32, 'e', [0, 1, 1, 1]),
        (33, 'e', [1, 1, 1, 1]),
        (34, 'd', [1, 1, 1, 1]),
        (35, 'n', [0, 0, 0, 1]),
        (36, 'c', [1, 1, 1, 1]),
        (37, 'd', [1, 1, 1, 1]),
        (38, 'p', [0, 1, 1, 1]),
        (39, 'e', [1, 1, 1, 1]),
        (40, 'p', [0, 1, 1, 1]),
        (41, 'p', [0, 1, 1, 1]),
        (42, 'p', [0, 0, 0, 1]),
        (43, 'e', [0, 1, 1, 1]),
        (44, 'e', [0, 1, 1, 1]),
        (45, 'd', [1, 1, 1, 1]),
        (46, 'p', [1, 1, 1, 1]),
        (47, 'd', [1, 1, 1, 1]),
        (48, 'p', [0, 1, 1, 1]),
    ];

    #[test]
    fn every_role_may_sign_the_kinds_that_it_should_and_no_other() {
        let numbers: Vec<u16> = Kind::ALL.iter().map(|kind| kind.number()).collect();
        assert_eq!(EXPECTED.map(|(number, ..)| number).to_vec(), numbers);
        for (number, by, cells) in EXPECTED {
            let kind = Kind::from_number(u64::from(number)).unwrap();
            for (role, may) in Role::ALL.into_iter().zip(cells) {
                assert_eq!(may_sign(role, kind), may == 1, "{role:?} {kind:?}");
                assert_eq!(role.may_sign(kind), may == 1, "{role:?} {kind:?}");
            }
            let expected = match by {
                'd' => SignedBy::Device,
                'c' => SignedBy::Code,
                'n' => SignedBy::Named,
                'e' => SignedBy::Either,
                _ => SignedBy::Person,
            };
            assert_eq!(signed_by(kind), expected, "{kind:?}");
        }
    }

    /// Rewritten by `FIRN_WRITE_DOCS=1 cargo test -p firn-model permission`.
    #[test]
    fn the_page_of_permissions_holds_the_table_that_decides() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions.md");
        let page = std::fs::read_to_string(&path).unwrap();
        let (begin, end) = ("<!-- permissions -->\n", "<!-- /permissions -->");
        let (head, rest) = page.split_once(begin).unwrap();
        let (_, tail) = rest.split_once(end).unwrap();
        let written = format!("{head}{begin}{}{end}{tail}", table());
        if std::env::var_os("FIRN_WRITE_DOCS").is_some() {
            std::fs::write(&path, &written).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), written, "run with FIRN_WRITE_DOCS=1");
    }
}
