//! Listening for loggers until each is found, and never taking one for another.

use crate::radio::is_of;
use firn_ble::keys::Keys;
use firn_ble::radio::{Clock, DeviceId, Heard, Radio, RadioError};
use firn_model::record::Logger;

/// How long it is listened on for others of the same name, in milliseconds, where a logger is known by its
/// name alone: most advertise at least once in that time.
const SAME_NAME_MS: u64 = 3000;
/// Between two looks at the time, in milliseconds.
const LOOK_MS: u64 = 250;

/// A logger that is looked for.
struct Sought {
    logger: Logger,
    /// Who answers to its name, and for how much longer others may turn up.
    candidate: Option<(DeviceId, u64)>,
}

/// Listens for `loggers`, for at most `patience_ms`, and tells of each once who it is, or why not.
pub(crate) async fn seek<R: Radio, C: Clock>(
    radio: &R,
    clock: &C,
    loggers: Vec<Logger>,
    (keys, patience_ms): (&Keys, u64),
    mut found: impl FnMut(Logger, Result<DeviceId, RadioError>),
) {
    let mut seeking = Seeking {
        sought: loggers.into_iter().map(|logger| Sought { logger, candidate: None }).collect(),
        keys,
    };
    let failure = seeking.listen(radio, clock, patience_ms, &mut found).await.err();
    for Sought { logger, candidate } in seeking.sought {
        let result = match (candidate, &failure) {
            (_, Some(failure)) => Err(failure.clone()),
            (Some((device, _)), None) => Ok(device),
            (None, None) => Err(RadioError::UnknownDevice(DeviceId(logger.label.clone()))),
        };
        found(logger, result);
    }
}

/// The loggers that are still looked for.
struct Seeking<'a> {
    sought: Vec<Sought>,
    keys: &'a Keys,
}

impl Seeking<'_> {
    /// Listens until all are found or the time has passed.
    async fn listen<R: Radio, C: Clock>(
        &mut self,
        radio: &R,
        clock: &C,
        patience_ms: u64,
        found: &mut impl FnMut(Logger, Result<DeviceId, RadioError>),
    ) -> Result<(), RadioError> {
        let mut hearing = radio.scan().await?;
        let mut left_ms = patience_ms;
        while !self.sought.is_empty() && left_ms > 0 {
            let step = left_ms.min(LOOK_MS);
            let mut looked = std::pin::pin!(clock.sleep(step));
            while !self.sought.is_empty() {
                tokio::select! {
                    heard = hearing.next() => match heard.transpose()? {
                        Some(heard) => self.hear(&heard, found),
                        None => return Ok(()),
                    },
                    () = &mut looked => break,
                }
            }
            left_ms = left_ms.saturating_sub(step);
            self.settle(step, found);
        }
        Ok(())
    }

    fn hear(&mut self, heard: &Heard, found: &mut impl FnMut(Logger, Result<DeviceId, RadioError>)) {
        let keys = self.keys;
        for mut one in
            self.sought.extract_if(.., |sought| is_of(heard, &sought.logger, keys)).collect::<Vec<_>>()
        {
            match one.candidate.take() {
                _ if one.logger.address.is_some() => found(one.logger, Ok(heard.device.clone())),
                Some((known, _)) if known != heard.device => {
                    let name = one.logger.label.clone();
                    found(one.logger, Err(RadioError::SameName(name)));
                }
                known => {
                    one.candidate = known.or_else(|| Some((heard.device.clone(), SAME_NAME_MS)));
                    self.sought.push(one);
                }
            }
        }
    }

    /// Lets time pass for those that are known by name alone.
    fn settle(&mut self, passed_ms: u64, found: &mut impl FnMut(Logger, Result<DeviceId, RadioError>)) {
        for one in &mut self.sought {
            if let Some((_, left)) = &mut one.candidate {
                *left = left.saturating_sub(passed_ms);
            }
        }
        let settled = |one: &mut Sought| one.candidate.as_ref().is_some_and(|(_, left)| *left == 0);
        for Sought { logger, candidate } in self.sought.extract_if(.., settled) {
            if let Some((device, _)) = candidate {
                found(logger, Ok(device));
            }
        }
    }
}
