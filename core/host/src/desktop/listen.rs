//! Listening as long as the window is open: to the machine's Bluetooth, or to the demonstration's loggers.

use super::Station;
use firn_app::service::{Service, Site};
use firn_ble::radio::btleplug::{Bluetooth, Patience};
use firn_ble::radio::{Radio, RadioError};
use firn_model::api::{Refusal, Watching};
use std::sync::Arc;
use std::time::Duration;

/// Between two attempts to listen: an adapter that was plugged in is found without a click.
const RETRY: Duration = Duration::from_secs(15);

/// Listens, says why when it cannot, and tries again; begins anew when another home is opened.
pub(super) async fn keep_listening(service: Arc<Service<Station>>) {
    let mut changes = service.site().changes();
    let mut told: Option<Watching> = None;
    loop {
        let failed = tokio::select! {
            error = listen(&service) => error,
            _ = changes.changed() => continue,
        };
        told = Some(not_watching(&service, &failed, told));
        told.iter().for_each(|watching| service.watching(watching.clone()));
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            _ = changes.changed() => {}
        }
    }
}

async fn listen(service: &Service<Station>) -> RadioError {
    match service.site().demo() {
        Some(demo) => hear(service, &demo.radio).await,
        None => match Bluetooth::open(service.site().clock().clone(), Patience::default()).await {
            Ok(radio) => hear(service, &radio).await,
            Err(error) => error,
        },
    }
}

async fn hear<R: Radio>(service: &Service<Station>, radio: &R) -> RadioError {
    let mut hearing = match radio.scan().await {
        Ok(hearing) => hearing,
        Err(error) => return error,
    };
    service.watching(Watching::Watching { since: service.site().now() });
    while let Some(heard) = hearing.next().await {
        match heard {
            Ok(heard) => service.heard(&heard).await,
            Err(error) => return error,
        }
    }
    RadioError::AdapterSilent
}

/// The same cause keeps the time at which it began.
fn not_watching(service: &Service<Station>, error: &RadioError, before: Option<Watching>) -> Watching {
    let refusal =
        Refusal { code: error.code().into(), cause: error.to_string(), next_step: error.next_step().into() };
    match before {
        Some(Watching::NotWatching { since, refusal: same }) if same == refusal => {
            Watching::NotWatching { since, refusal }
        }
        _ => Watching::NotWatching { since: service.site().now(), refusal },
    }
}
