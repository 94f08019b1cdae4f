//! An item line as it is written on the command line.

use crate::failure::Failure;
use firn_model::record::ItemLine;

/// Reads `PRODUCT[,lot=L][,gtin=G][,expiry=YYMMDD][,quantity=N]`.
pub fn parse(text: &str) -> Result<ItemLine, Failure> {
    let refused = |cause: String| {
        Failure::new("cli/item", cause, "write PRODUCT[,lot=L][,gtin=G][,expiry=YYMMDD][,quantity=N]")
    };
    let mut parts = text.split(',');
    let product = parts.next().unwrap_or_default().trim().to_owned();
    if product.is_empty() {
        return Err(refused(format!("`{text}` names no product")));
    }
    let mut item = ItemLine { product, gtin: None, lot: None, expiry: None, quantity: 1 };
    for part in parts {
        let (key, value) =
            part.split_once('=').ok_or_else(|| refused(format!("`{part}` is no KEY=VALUE")))?;
        let value = value.trim().to_owned();
        match key.trim() {
            "lot" => item.lot = Some(value),
            "gtin" => item.gtin = Some(value),
            "expiry" => item.expiry = Some(value),
            "quantity" => {
                item.quantity = value.parse().map_err(|_| refused(format!("`{value}` is no quantity")))?;
            }
            other => return Err(refused(format!("an item line has no `{other}`"))),
        }
    }
    Ok(item)
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
}
