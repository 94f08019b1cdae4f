//! An item line as it is written on the command line.

use crate::commands::profile;
use crate::failure::Failure;
use firn_model::gs1::read;
use firn_model::record::{ItemLine, Package};
use std::path::Path;

const NEXT_STEP: &str =
    "write PRODUCT[,lot=L][,gtin=G][,expiry=YYMMDD][,quantity=N][,package=P][,profile=FILE][,scan=TEXT]";

/// Reads `PRODUCT[,lot=L][,gtin=G][,expiry=YYMMDD][,quantity=N][,package=P][,profile=FILE][,scan=TEXT]`; a scan
/// takes the rest of the text, commas included, and fills in what is not written out.
pub fn parse(text: &str) -> Result<ItemLine, Failure> {
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
    let mut item = ItemLine {
        product,
        gtin: goods.gtin.map(|gtin| gtin.to_string()),
        lot: goods.lot.map(|lot| lot.as_str().to_owned()),
        expiry: goods.expiry.map(|expiry| expiry.as_str().to_owned()),
        quantity: goods.quantity.unwrap_or(1),
        legs: None,
        package: None,
        profile: None,
        serials: None,
    };
    for part in parts {
        let (key, value) =
            part.split_once('=').ok_or_else(|| refused(format!("`{part}` is no KEY=VALUE")))?;
        let value = value.trim().to_owned();
        match key.trim() {
            "lot" => item.lot = Some(value),
            "gtin" => item.gtin = Some(value),
            "expiry" => item.expiry = Some(value),
            "package" => item.package = Some(value),
            "profile" => item.profile = Some(profile::named(Path::new(&value))?),
            "quantity" => {
                item.quantity = value.parse().map_err(|_| refused(format!("`{value}` is no quantity")))?;
            }
            other => return Err(refused(format!("an item line has no `{other}`"))),
        }
    }
    Ok(item)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_line_is_read_with_all_its_parts_and_a_mistyped_one_is_refused() {
        let item = parse("MMR vaccine,lot=A1,gtin=09506000134352,expiry=270131,quantity=40").unwrap();
        assert_eq!((item.product.as_str(), item.quantity), ("MMR vaccine", 40));
        assert_eq!(item.lot.as_deref(), Some("A1"));
        for text in ["", "MMR,lto=A1", "MMR,quantity=many", "MMR,lot"] {
            assert_eq!(parse(text).unwrap_err().code, "cli/item", "{text:?}");
        }
    }

    #[test]
    fn a_scan_fills_in_what_is_not_written_out() {
        let item = parse("MMR vaccine,quantity=40,scan=]d201095212345432131727110010A,1").unwrap();
        let goods = [item.gtin, item.lot, item.expiry].map(Option::unwrap);
        assert_eq!(goods, ["09521234543213", "A,1", "271100"]);
        assert_eq!(item.quantity, 40);
        assert_eq!(parse("MMR,scan=]d20109521234543214").unwrap_err().code, "gs1/check-digit");
    }
}
