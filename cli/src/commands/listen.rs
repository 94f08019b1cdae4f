//! `firn listen`: loggers nearby, and the record of those that travel in shipments under way.

use super::radio::open;
use crate::arguments::Global;
use crate::failure::{Exit, Failure};
use crate::node::stopped;
use crate::opened;
use crate::output::Output;
use firn_app::{App, Ear, Recorder};
use firn_ble::radio::{Clock, Heard, Hearing, Radio};
use firn_host::LocalHost;
use firn_model::api::Nearby;
use firn_model::reading::Source;
use firn_model::record::Logger;
use std::sync::Arc;

/// Between two looks at what has waited to be sealed, in milliseconds.
const BETWEEN_TURNS_MS: u64 = 2000;

/// What is done with what is heard.
struct Listening {
    ear: Ear,
    /// The home, where it may be written: counters are kept, and shipments recorded.
    record: Option<(App<LocalHost>, Recorder<LocalHost>)>,
}

/// Prints each advert that a codec reads, until stopped or for so many seconds; with `record` it also
/// journals and seals those of shipments under way.
pub fn run(
    output: &mut Output,
    global: &Global,
    seconds: Option<u64>,
    record: bool,
) -> Result<Exit, Failure> {
    let app = match record {
        true => Some(opened::to_write(global)?),
        false => to_listen(global)?,
    };
    opened::wait(async {
        let mut listening = Listening::begin(app, record).await?;
        let heard = hear(output, &mut listening, seconds).await;
        // What was heard is sealed however the listening ended.
        let sealed = listening.end().await;
        heard.and(sealed)
    })?
}

async fn hear(output: &mut Output, listening: &mut Listening, seconds: Option<u64>) -> Result<Exit, Failure> {
    let (radio, clock) = open().await?;
    let mut hearing = radio.scan().await?;
    let mut end = std::pin::pin!(clock.sleep(seconds.map_or(u64::MAX / 2, |s| s.saturating_mul(1000))));
    let mut stop = std::pin::pin!(stopped());
    loop {
        let heard = tokio::select! {
            heard = next(&mut hearing, &clock) => heard,
            () = &mut end => return Ok(Exit::Success),
            () = &mut stop => return Ok(Exit::Success),
        };
        match heard {
            Next::Heard(heard) => listening.note(output, &heard, &clock).await?,
            Next::Nothing => {}
            Next::Failed(failure) => return Err(failure),
            Next::Closed => return Ok(Exit::Success),
        }
        if let Some((_, recorder)) = &mut listening.record {
            recorder.turn().await?;
        }
    }
}

/// What comes next of a radio.
enum Next {
    Heard(Box<Heard>),
    /// For a while.
    Nothing,
    Failed(Failure),
    Closed,
}

async fn next(hearing: &mut Hearing, clock: &impl Clock) -> Next {
    tokio::select! {
        heard = hearing.next() => match heard {
            Some(Ok(heard)) => Next::Heard(Box::new(heard)),
            Some(Err(error)) => Next::Failed(error.into()),
            None => Next::Closed,
        },
        () = clock.sleep(BETWEEN_TURNS_MS) => Next::Nothing,
    }
}

impl Listening {
    async fn begin(app: Option<App<LocalHost>>, record: bool) -> Result<Self, Failure> {
        let Some(app) = app else { return Ok(Self { ear: Ear::default(), record: None }) };
        let ear = app.ear().await?;
        if !record {
            return Ok(Self { ear, record: None });
        }
        let recorder = Recorder::begin(app.clone()).await?;
        eprintln!("recording {} loggers of shipments under way", recorder.watches());
        Ok(Self { ear, record: Some((app, recorder)) })
    }

    /// Keeps what must be kept of an advert, then prints it.
    async fn note(&mut self, output: &mut Output, heard: &Heard, clock: &impl Clock) -> Result<(), Failure> {
        let Some(noted) = self.ear.hear(heard, clock.now()) else { return Ok(()) };
        if let Some((app, recorder)) = &mut self.record {
            if let Some((logger, counter)) = noted.grown {
                app.keep_counter(logger, counter).await?;
            }
            if let Some(logger) = noted.nearby.logger {
                recorder.hear(logger, &noted.readings).await?;
            }
        }
        output.answer(&noted.nearby, || line(&noted.nearby, self.ear.loggers()))?;
        output.flush()
    }

    async fn end(self) -> Result<Exit, Failure> {
        if let Some((_, mut recorder)) = self.record {
            let sealed = recorder.seal().await?;
            eprintln!("sealed {sealed} adverts");
        }
        Ok(Exit::Success)
    }
}

/// The home with the keys of its loggers, where there is a home.
fn to_listen(global: &Global) -> Result<Option<App<LocalHost>>, Failure> {
    match LocalHost::open_to_listen(&opened::folder(global)?, || opened::passphrase_of_home(global)) {
        Ok(host) => Ok(Some(App::new(Arc::new(host)))),
        Err(error) if error.code == "home/missing" => Ok(None),
        Err(error) => Err(error),
    }
}

fn line(nearby: &Nearby, loggers: &[Logger]) -> String {
    let enrolled = nearby.logger.and_then(|id| loggers.iter().find(|logger| logger.id == id));
    let name = enrolled.map(|logger| logger.label.as_str()).or(nearby.name.as_deref()).unwrap_or("");
    let strength = nearby.rssi_dbm.map_or_else(|| "-".into(), |rssi| format!("{rssi} dBm"));
    let identity = nearby.address.map_or_else(|| nearby.transmitter.clone(), |address| address.to_string());
    let said = match &nearby.refused {
        Some(refusal) => format!("refused [{}]: {}", refusal.code, refusal.cause),
        None => nearby.measurement.temperature.map_or_else(|| "-".into(), |t| format!("{t} °C")),
    };
    let fell = if nearby.counter_fell { "  COUNTER FELL" } else { "" };
    let grade = nearby.provenance.name(Source::Advert);
    format!("{}  {}  {said}  {strength}  {identity}  {name}  {grade}{fell}", nearby.heard, nearby.family)
}
