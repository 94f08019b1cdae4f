//! What people of the organisation have to do, over all shipments, loggers and people of this home.

use crate::{App, AppError, Host, read_model};
use firn_model::task::{QueuedTask, queue};
use firn_model::time::UtcMillis;

impl<H: Host> App<H> {
    /// Every task as it stands at an instant, now if absent; the gravest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn tasks(&self, at: Option<UtcMillis>) -> Result<Vec<QueuedTask>, AppError> {
        let now = at.unwrap_or(self.host.now().utc);
        let organisation = self.host.identity().organisation;
        let read = move |view: &mut firn_ledger::store::View<'_>| read_model::tasks(view, &organisation);
        Ok(queue(self.host.with_store(move |store| store.read(read)).await?, now))
    }
}
