//! Whether the lists are what the entries give: they hang on nobody's signature.

use crate::{App, AppError, Host, read_model};
use data_encoding::HEXLOWER;
use firn_ledger::store::{Store, View};
use serde::Serialize;
use std::collections::BTreeSet;

/// A document of a list that is not what the entries give, or is lacking, or one too many.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ListFault {
    /// Which list.
    pub list: String,
    /// The document's key in lower-case hexadecimal: a shipment's id, a place in a log.
    pub key: String,
}

/// A document's list, its key and its value.
type Listed = (&'static str, (Vec<u8>, Vec<u8>));

/// Every document that the entries alone give, by its list.
fn listed(view: &mut View<'_>) -> Result<BTreeSet<Listed>, AppError> {
    let mut listed = BTreeSet::new();
    for list in read_model::COLLECTIONS {
        let documents = view.documents(list)?.into_iter();
        listed.extend(documents.map(|document| (list, (document.key, document.value))));
    }
    Ok(listed)
}

impl<H: Host> App<H> {
    /// The documents of the lists that differ from what the entries give now, by list and key: somebody has edited
    /// them in the file, or another release has made them. Nothing is changed.
    ///
    /// # Errors
    /// `store/corrupt` where something is not as it was stored.
    pub async fn list_faults(&self) -> Result<Vec<ListFault>, AppError> {
        let organisation = self.host.identity().organisation;
        let faults = move |store: &mut Store| {
            store.rehearse(|transaction| {
                read_model::settle(transaction, &organisation)?;
                let kept = listed(transaction)?;
                read_model::rebuild(transaction, &organisation)?;
                let given = listed(transaction)?;
                let differ = kept.symmetric_difference(&given);
                let mut faults: Vec<ListFault> = differ
                    .map(|(list, document)| ListFault {
                        list: (*list).to_owned(),
                        key: HEXLOWER.encode(&document.0),
                    })
                    .collect();
                faults.sort();
                faults.dedup();
                Ok(faults)
            })
        };
        self.host.with_store(faults).await
    }
}
