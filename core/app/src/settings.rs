//! Settings of this device alone: they stand in its store beside the lists, and travel to no peer.

use crate::{App, AppError, Host};
use firn_ledger::store::Transaction;
use firn_model::vault::PositionSetting;

/// Settings as JSON, by name; no rebuild touches them (ARCHITECTURE.md, decision 13).
const SETTINGS: &str = "device-settings";
/// Whether positions are recorded.
const POSITION: &[u8] = b"position";

impl<H: Host> App<H> {
    /// Whether positions are recorded on this device.
    ///
    /// # Errors
    /// The store's; `app/record` where the setting cannot be read.
    pub async fn position_setting(&self) -> Result<PositionSetting, AppError> {
        let found = self.host.with_store(|store| Ok(store.document(SETTINGS, POSITION)?)).await?;
        let read = |json: Vec<u8>| serde_json::from_slice(&json);
        let setting = found.map(read).transpose().map_err(|error| AppError::Record(error.to_string()))?;
        Ok(setting.unwrap_or_default())
    }

    /// Sets whether positions are recorded on this device; what is in the vault stays until it is erased.
    ///
    /// # Errors
    /// The store's.
    pub async fn set_position_setting(&self, setting: PositionSetting) -> Result<(), AppError> {
        let json = serde_json::to_vec(&setting).map_err(|error| AppError::Record(error.to_string()))?;
        let keep =
            move |transaction: &mut Transaction<'_>| Ok(transaction.put_document(SETTINGS, POSITION, &json)?);
        self.host.with_store(move |store| store.write(keep)).await
    }
}
