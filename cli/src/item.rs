//! Item lines, packages and places as they are written on the command line.

use crate::commands::profile;
use crate::failure::Failure;
use crate::opened;
use firn_app::App;
use firn_host::LocalHost;
use firn_model::gs1::{self, Gtin, read};
use firn_model::id::Id;
use firn_model::record::{ItemLine, Leg, Package};
use firn_model::time::{LocalInstant, UtcMillis};
use std::collections::BTreeSet;
use std::path::PathBuf;

const NEXT_STEP: &str = "write PRODUCT[,lot=L][,gtin=G][,expiry=YYMMDD][,quantity=N][,package=P][,profile=NAME]\
                         [,leg=SHIPMENT/LINE]…[,scan=TEXT]";
const PLACE: &str =
    "write LOGGER[@PACKAGE][,from=TIME][,to=TIME], with times such as 2026-11-22T09:30:00+01:00";

/// An item line as it was typed: what it names of a home is not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedItem {
    line: ItemLine,
    profile: Option<PathBuf>,
    /// Shipment and line, the earliest first, lines counted from 0.
    legs: Vec<(String, u32)>,
}

/// Reads `PRODUCT[,lot=L][,gtin=G][,expiry=YYMMDD][,quantity=N][,package=P][,profile=NAME][,leg=SHIPMENT/LINE]…
/// [,scan=TEXT]`; a scan takes the rest of the text, commas included, and fills in what is not written out.
/// What is written out otherwise than it was scanned is refused.
pub fn parse(text: &str) -> Result<TypedItem, Failure> {
    let refused = |cause: String| Failure::new("cli/item", cause, NEXT_STEP);
    let (text, scan) = match text.split_once(",scan=") {
        Some((text, scan)) => (text, Some(read(scan)?.goods())),
        None => (text, None),
    };
    let mut parts = text.split(',');
    let product = parts.next().unwrap_or_default().trim().to_owned();
    if product.is_empty() {
        return Err(refused(format!("`{text}` names no product")));
    }
    let goods = scan.unwrap_or_default();
    let line = ItemLine {
        product,
        gtin: goods.gtin.map(|gtin| gtin.to_string()),
        lot: goods.lot.map(|lot| lot.as_str().to_owned()),
        expiry: goods.expiry.map(|expiry| expiry.as_str().to_owned()),
        quantity: goods.quantity.unwrap_or(1),
        legs: None,
        label: goods.label,
        package: None,
        profile: None,
        serials: None,
    };
    let mut scanned = line.clone();
    let mut item = TypedItem { line, profile: None, legs: Vec::new() };
    item.take_all(parts).map_err(refused)?;
    // A scan that tells no quantity leaves it to the person.
    scanned.quantity = goods.quantity.unwrap_or(item.line.quantity);
    contradiction(&scanned, &item.line).map_or(Ok(item), |cause| {
        Err(Failure::new(
            "cli/item-contradicts-scan",
            cause,
            "scan or type it again: only one of them can be right",
        ))
    })
}

/// What was typed otherwise than it was scanned.
fn contradiction(scanned: &ItemLine, typed: &ItemLine) -> Option<String> {
    let plain = |value: &String| {
        let gtin = Gtin::typed(value).map(|gtin| gtin.to_string());
        gtin.or_else(|_| gs1::lot(value)).unwrap_or_else(|_| value.clone())
    };
    if scanned.quantity != typed.quantity {
        let (typed, scanned) = (typed.quantity, scanned.quantity);
        return Some(format!("the quantity was typed as {typed}, and the scan says {scanned}"));
    }
    let fields = [
        ("lot", &scanned.lot, &typed.lot),
        ("gtin", &scanned.gtin, &typed.gtin),
        ("expiry", &scanned.expiry, &typed.expiry),
    ];
    fields.into_iter().find_map(|(name, scanned, typed)| {
        let (scanned, typed) = scanned.as_ref().zip(typed.as_ref())?;
        let same = scanned == typed || plain(scanned) == plain(typed);
        (!same).then(|| format!("the {name} was typed as `{typed}`, and the scan says `{scanned}`"))
    })
}

impl TypedItem {
    /// Takes each `KEY=VALUE`; of all names a leg's alone may come more than once.
    fn take_all<'t>(&mut self, parts: impl Iterator<Item = &'t str>) -> Result<(), String> {
        let mut named = BTreeSet::new();
        for part in parts {
            let (key, value) = part.split_once('=').ok_or_else(|| format!("`{part}` is no KEY=VALUE"))?;
            let key = key.trim();
            if !named.insert(key) && key != "leg" {
                return Err(format!("`{key}` is there twice: only one of them can be right"));
            }
            self.take(key, value.trim())?;
        }
        Ok(())
    }

    fn take(&mut self, key: &str, value: &str) -> Result<(), String> {
        let text = || Some(value.to_owned());
        match key {
            "lot" => self.line.lot = text(),
            "gtin" => self.line.gtin = text(),
            "expiry" => self.line.expiry = text(),
            "package" => self.line.package = text(),
            "profile" => self.profile = Some(value.into()),
            "leg" => self.legs.push(leg(value)?),
            "quantity" => {
                let pieces = value.parse().ok().filter(|pieces| *pieces > 0);
                self.line.quantity = pieces.ok_or_else(|| format!("`{value}` is no quantity"))?;
            }
            other => return Err(format!("an item line has no `{other}`")),
        }
        Ok(())
    }

    /// Looks up what it names: a profile, and earlier shipments. One that is not held here is named by its
    /// whole id.
    pub fn look_up(self, app: &App<LocalHost>) -> Result<ItemLine, Failure> {
        let profile = self.profile.map(|name| profile::of_home(app, &name)).transpose()?;
        let leg = |(name, line): &(String, u32)| {
            let shipment = match opened::wait(app.leg_named(name))? {
                Ok(shipment) => shipment,
                Err(error) => match Id::parse(name) {
                    Ok(elsewhere) if error.code() == "app/not-found" => elsewhere,
                    _ => return Err(error.into()),
                },
            };
            Ok::<_, Failure>(Leg { shipment, line: *line })
        };
        let legs = self.legs.iter().map(leg).collect::<Result<Vec<_>, _>>()?;
        let legs = (!legs.is_empty()).then_some(legs);
        Ok(ItemLine { profile, legs, ..self.line })
    }
}

/// Reads `SHIPMENT/LINE`, the line counted from 1.
fn leg(text: &str) -> Result<(String, u32), String> {
    let parts = text.rsplit_once('/').filter(|(shipment, _)| !shipment.is_empty());
    let line = parts.and_then(|(_, line)| line.parse::<u32>().ok()?.checked_sub(1));
    match (parts, line) {
        (Some((shipment, _)), Some(line)) => Ok((shipment.to_owned(), line)),
        _ => Err(format!("`{text}` is no SHIPMENT/LINE, the lines counted from 1")),
    }
}

/// Reads `NAME[,inside=NAME]`.
pub fn package(text: &str) -> Result<Package, Failure> {
    let refused =
        || Failure::new("cli/package", format!("`{text}` is no package"), "write NAME[,inside=NAME]");
    let (name, inside) = match text.split_once(',') {
        Some((name, rest)) => (name, Some(rest.trim().strip_prefix("inside=").ok_or_else(refused)?)),
        None => (text, None),
    };
    let name = name.trim().to_owned();
    if name.is_empty() { Err(refused()) } else { Ok(Package { name, inside: inside.map(str::to_owned) }) }
}

/// Where a logger travels, and from when to when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedPlace {
    /// The logger's name.
    pub logger: String,
    /// The package's.
    pub package: Option<String>,
    /// From when; absent: from the pick-up.
    pub from: Option<UtcMillis>,
    /// Until when; absent: to the receipt.
    pub to: Option<UtcMillis>,
}

/// Reads `LOGGER[@PACKAGE][,from=TIME][,to=TIME]`; the last `@` counts.
pub fn place(text: &str) -> Result<TypedPlace, Failure> {
    let refused = |cause: String| Failure::new("cli/place", cause, PLACE);
    let mut parts = text.split(',');
    let placed = parts.next().unwrap_or_default();
    let (logger, package) = match placed.rsplit_once('@') {
        Some((logger, package)) => (logger, Some(package.trim().to_owned())),
        None => (placed, None),
    };
    let logger = logger.trim().to_owned();
    if logger.is_empty() || package.as_deref() == Some("") {
        return Err(refused(format!("`{text}` names no logger, or no package behind the @")));
    }
    let mut place = TypedPlace { logger, package, from: None, to: None };
    for part in parts {
        let (key, time) = part.split_once('=').ok_or_else(|| refused(format!("`{part}` is no KEY=TIME")))?;
        let at = LocalInstant::parse(time.trim()).map(|instant| Some(instant.at));
        let at = at.map_err(|error| refused(format!("`{time}`: {error}")))?;
        match key.trim() {
            "from" => place.from = at,
            "to" => place.to = at,
            other => return Err(refused(format!("a place has no `{other}`"))),
        }
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_line_is_read_with_all_its_parts_and_a_mistyped_one_is_refused() {
        let item = parse("MMR vaccine,lot=A1,gtin=09506000134352,expiry=270131,quantity=40").unwrap();
        assert_eq!((item.line.product.as_str(), item.line.quantity), ("MMR vaccine", 40));
        assert_eq!(item.line.lot.as_deref(), Some("A1"));
        for text in ["", "MMR,lto=A1", "MMR,quantity=many", "MMR,quantity=0", "MMR,lot"] {
            assert_eq!(parse(text).unwrap_err().code, "cli/item", "{text:?}");
        }
    }

    #[test]
    fn a_scan_fills_in_what_is_not_written_out() {
        let item = parse("MMR vaccine,quantity=40,scan=]d201095212345432131727110010A,1").unwrap().line;
        let goods = [item.gtin, item.lot, item.expiry].map(Option::unwrap);
        assert_eq!(goods, ["09521234543213", "A,1", "271100"]);
        assert_eq!((item.quantity, item.label), (40, None));
        assert_eq!(parse("MMR,scan=]d20109521234543214").unwrap_err().code, "gs1/check-digit");
    }

    #[test]
    fn what_is_typed_otherwise_than_it_was_scanned_is_refused() {
        const SCAN: &str = "scan=(01)09521234543213(17)271100(10)B2";
        let refused = |typed: &str| parse(&format!("MMR,{typed},{SCAN}")).unwrap_err();
        for typed in ["lot=A1", "gtin=09506000134352", "expiry=270131"] {
            assert_eq!(refused(typed).code, "cli/item-contradicts-scan", "{typed}");
        }
        assert!(refused("lot=A1").cause.contains("`A1`") && refused("lot=A1").cause.contains("`B2`"));
        let same = "MMR,lot=B2,gtin=9521234543213,expiry=271100,quantity=5";
        assert_eq!(parse(&format!("{same},{SCAN}")).unwrap().line.quantity, 5);
    }

    #[test]
    fn a_quantity_is_not_typed_otherwise_than_it_was_scanned() {
        const PIECES: &str = "scan=(01)09521234543213(30)10";
        const IN_BOX: &str = "scan=(00)095212345432100010(02)09521234543213(37)24";
        for (quantity, scan, told) in
            [("5", PIECES, "says 10"), ("1", PIECES, "says 10"), ("25", IN_BOX, "says 24")]
        {
            let refused = parse(&format!("MMR,quantity={quantity},{scan}")).unwrap_err();
            assert_eq!(refused.code, "cli/item-contradicts-scan", "{quantity} {scan}");
            assert!(refused.cause.ends_with(told), "{}", refused.cause);
        }
        let quantity = |text: &str| parse(text).unwrap().line.quantity;
        assert_eq!(quantity(&format!("MMR,quantity=10,{PIECES}")), 10);
        assert_eq!(quantity(&format!("MMR,{IN_BOX}")), 24);
        assert_eq!(quantity("MMR,quantity=5,scan=(01)09521234543213"), 5);
    }

    #[test]
    fn a_name_that_is_there_twice_is_refused_also_with_the_same_value() {
        for text in
            ["MMR,lot=A,lot=B", "MMR,lot=A, lot =A", "MMR,quantity=1,quantity=2", "MMR,profile=a,profile=b"]
        {
            let refused = parse(text).unwrap_err();
            assert_eq!(refused.code, "cli/item", "{text:?}");
            assert!(refused.cause.contains("twice"), "{}", refused.cause);
        }
        assert_eq!(parse("MMR,leg=abc234/1,leg=def567/2").unwrap().legs.len(), 2);
    }

    #[test]
    fn a_scan_brings_the_limits_of_the_label() {
        let text = "MMR,scan=(00)095212345432100010(02)09521234543213(37)24(4331)000800(4332)003560";
        let label = parse(text).unwrap().line.label.unwrap();
        let told = [label.lowest, label.highest].map(|limit| limit.unwrap().to_string());
        assert_eq!(told, ["35.60 °F", "8.00 °C"]);
    }

    #[test]
    fn earlier_legs_are_named_in_their_order_with_lines_from_one() {
        let item = parse("MMR,leg=abc234/1,leg=DN/4711/12").unwrap();
        assert_eq!(item.legs, [("abc234".to_owned(), 0), ("DN/4711".to_owned(), 11)]);
        for text in ["MMR,leg=abc234", "MMR,leg=abc234/0", "MMR,leg=/1", "MMR,leg=abc234/x"] {
            assert_eq!(parse(text).unwrap_err().code, "cli/item", "{text:?}");
        }
    }

    #[test]
    fn a_place_names_a_logger_a_package_and_its_times() {
        let placed = place("Box 7@pallet 2,from=2026-03-01T09:00:00+01:00,to=2026-03-01T08:30:00Z").unwrap();
        assert_eq!((placed.logger.as_str(), placed.package.as_deref()), ("Box 7", Some("pallet 2")));
        let minutes = placed.to.unwrap().0 - placed.from.unwrap().0;
        assert_eq!(minutes, 30 * 60_000);
        let whole = place("Box 7").unwrap();
        assert_eq!((whole.package, whole.from, whole.to), (None, None, None));
        for text in ["", "@box", "Box 7@", "Box 7@box,from=noon", "Box 7@box,until=2026-03-01T09:00:00Z"] {
            assert_eq!(place(text).unwrap_err().code, "cli/place", "{text:?}");
        }
    }
}
