//! Several loggers' memories at once over one radio: each with its own progress and its own end.

use crate::radio::{Downloaded, Reach, find};
use crate::seeking::seek;
use crate::{App, AppError, Host};
use firn_ble::dialog::DialogOptions;
use firn_ble::keys::Keys;
use firn_ble::radio::{Clock, DeviceId, Radio, RadioError};
use firn_model::id::Id;
use firn_model::record::Logger;
use futures::StreamExt;
use tokio::sync::{Mutex, mpsc};

/// How many loggers are connected at once: adapters hold few links, and each slows the others down.
pub const AT_ONCE: usize = 4;

/// Downloads of several loggers into one shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Several {
    /// Which shipment.
    pub shipment: Id,
    /// Whose memories.
    pub loggers: Vec<Logger>,
    /// How long they are listened for, in milliseconds.
    pub patience_ms: u64,
    /// What the loggers do not tell of themselves, and what a person has allowed.
    pub options: DialogOptions,
}

/// How one of several downloads ended.
#[derive(Debug)]
pub struct Outcome {
    /// Whose memory.
    pub logger: Logger,
    /// What came of it.
    pub result: Result<Downloaded, AppError>,
}

/// A logger that was found, or why not.
type Found = (Logger, Result<DeviceId, RadioError>);

/// A radio with all that several downloads over it share.
struct Shared<'a, R, C, P> {
    radio: &'a R,
    clock: &'a C,
    keys: Keys,
    /// Held while somebody listens: whoever stops listening stops it for all.
    listening: Mutex<()>,
    progress: P,
    patience_ms: u64,
}

impl<H: Host> App<H> {
    /// Reads the memories of several loggers into a shipment, at most [`AT_ONCE`] at a time, each as soon as
    /// it is heard. One that fails does not stop the others.
    ///
    /// `progress` is told of each, `ended` of each once; the answer holds the same outcomes in the order in
    /// which they ended.
    ///
    /// # Errors
    /// The store's, where the keys of the loggers cannot be looked up.
    pub async fn download_all<R: Radio, C: Clock, P>(
        &self,
        (radio, clock): (&R, &C),
        several: Several,
        progress: P,
        mut ended: impl FnMut(&Outcome) + Send,
    ) -> Result<Vec<Outcome>, AppError>
    where
        P: Fn(&Logger, usize, Option<usize>) + Send + Sync,
    {
        let Several { shipment, mut loggers, patience_ms, options } = several;
        loggers.sort_by_key(|logger| logger.id);
        loggers.dedup_by_key(|logger| logger.id);
        let (keys, listening) = (self.keys().await?, Mutex::new(()));
        let options = &options;
        let shared = &Shared { radio, clock, keys, listening, progress, patience_ms };
        let (sender, mut receiver) = mpsc::unbounded_channel::<Found>();
        let heard = futures::stream::poll_fn(|context| receiver.poll_recv(context));
        let mut downloads = heard
            .map(|(logger, found)| async move {
                let result = match found {
                    Ok(device) => {
                        let reach = Reach { device, logger: logger.clone(), options: options.clone() };
                        self.fetch(shared, shipment, reach).await
                    }
                    Err(error) => Err(error.into()),
                };
                Outcome { logger, result }
            })
            .buffer_unordered(AT_ONCE);
        let downloading = async {
            let mut outcomes = Vec::new();
            while let Some(outcome) = downloads.next().await {
                ended(&outcome);
                outcomes.push(outcome);
            }
            outcomes
        };
        let ((), outcomes) = tokio::join!(shared.seek(loggers, sender), downloading);
        Ok(outcomes)
    }

    /// One of the downloads; a logger that the radio has forgotten while it waited its turn is sought again.
    async fn fetch<R: Radio, C: Clock, P>(
        &self,
        shared: &Shared<'_, R, C, P>,
        shipment: Id,
        reach: Reach,
    ) -> Result<Downloaded, AppError>
    where
        P: Fn(&Logger, usize, Option<usize>) + Send + Sync,
    {
        let (logger, options) = (reach.logger.clone(), reach.options.clone());
        let tell = |done, total| (shared.progress)(&logger, done, total);
        let result = self.download(shared.radio, shared.clock, shipment, reach, tell).await;
        match result {
            Err(error) if error.code() == RadioError::UnknownDevice(DeviceId(String::new())).code() => {
                let device = {
                    let _turn = shared.listening.lock().await;
                    find(shared.radio, shared.clock, &logger, &shared.keys, shared.patience_ms).await?
                };
                let reach = Reach { device, logger: logger.clone(), options };
                self.download(shared.radio, shared.clock, shipment, reach, tell).await
            }
            result => result,
        }
    }
}

impl<R: Radio, C: Clock, P> Shared<'_, R, C, P> {
    /// Listens once for all of them and tells each as it is heard; in the end those that were not.
    async fn seek(&self, loggers: Vec<Logger>, found: mpsc::UnboundedSender<Found>) {
        let _turn = self.listening.lock().await;
        // The downloads end only once nothing more is found.
        let tell = |logger, result| found.send((logger, result)).unwrap_or_default();
        seek(self.radio, self.clock, loggers, (&self.keys, self.patience_ms), tell).await;
    }
}
