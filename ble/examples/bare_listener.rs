//! Listens as btleplug does by itself, and does nothing with what it hears: what Firn's own listening is
//! measured against (`cargo xtask bench`).
//!
//! `bare_listener SECONDS` prints how many events there were.
#![allow(clippy::disallowed_methods, reason = "a composition root")]

use btleplug::api::{Central, Manager as _, ScanFilter};
use btleplug::platform::Manager;
use futures::StreamExt;
use std::error::Error;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let seconds = std::env::args().nth(1).ok_or("usage: bare_listener SECONDS")?.parse()?;
    let manager = Manager::new().await?;
    let adapter = manager.adapters().await?.into_iter().next().ok_or("there is no Bluetooth adapter")?;
    let mut events = adapter.events().await?;
    adapter.start_scan(ScanFilter::default()).await?;
    let mut end = std::pin::pin!(tokio::time::sleep(Duration::from_secs(seconds)));
    let mut heard = 0_u64;
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(_) => heard = heard.saturating_add(1),
                None => break,
            },
            () = &mut end => break,
        }
    }
    adapter.stop_scan().await?;
    println!("{heard}");
    Ok(())
}
