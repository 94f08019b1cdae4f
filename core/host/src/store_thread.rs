//! The one thread that owns the ledger's store; work is sent to it and its answer awaited.

use crate::HomeError;
use firn_ledger::store::Store;
use std::sync::mpsc;
use std::thread::JoinHandle;

type Work = Box<dyn FnOnce(&mut Store) + Send>;

/// A handle to the store's thread; the last handle's end closes the store.
#[derive(Debug)]
pub struct StoreThread {
    sender: Option<mpsc::Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl StoreThread {
    /// Moves the store onto a thread of its own.
    pub fn start(mut store: Store) -> Result<Self, HomeError> {
        let (sender, receiver) = mpsc::channel::<Work>();
        let thread = std::thread::Builder::new()
            .name("firn-store".into())
            .spawn(move || receiver.into_iter().for_each(|work| work(&mut store)))
            .map_err(|error| HomeError::io("firn-store", error))?;
        Ok(Self { sender: Some(sender), thread: Some(thread) })
    }

    /// Runs `work` on the store's thread, after all that was sent before it.
    pub async fn run<T, W>(&self, work: W) -> Result<T, HomeError>
    where
        T: Send + 'static,
        W: FnOnce(&mut Store) -> T + Send + 'static,
    {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let work: Work = Box::new(move |store| {
            // A caller that no longer waits loses the answer, not the work.
            drop(answer.send(work(store)));
        });
        let sender = self.sender.as_ref().ok_or(HomeError::StoreClosed)?;
        sender.send(work).map_err(|_| HomeError::StoreClosed)?;
        answered.await.map_err(|_| HomeError::StoreClosed)
    }
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the store's thread was already answered by `StoreClosed`.
            drop(thread.join());
        }
    }
}
