//! `firn demo`: the whole story on virtual loggers and two homes of this machine.

use crate::arguments::Global;
use crate::commands::evidence::{pdf, write_whole};
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use crate::words;
use crate::written::instant;
use firn_app::{App, Founding, Receipt};
use firn_ble::radio::TokioClock;
use firn_ble::virtual_logger::VirtualRadio;
use firn_host::demo::{self, Delivery, Journey};
use firn_host::{Comparison, KdfCost, LocalHost, Network, Passphrase, Sealing, invitation_for};
use firn_model::api::ShipmentDetail;
use firn_model::id::Id;
use firn_model::record::Logger;
use firn_model::role::Role;
use firn_model::time::UtcMillis;
use firn_peer::address::PeerAddress;
use firn_report::print::text::counted;
use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the homes of the demo are opened with; they hold nothing that is worth more.
const PASSPHRASE: &str = "demo";
/// The one delivery that is told.
const DELIVERY: Delivery = Delivery { reference: "DN-4711", to: "Nordvik Pharmacy", label: "Box 7" };
/// Only this machine is part of the story.
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// What the demo did, in numbers that a second run repeats.
#[derive(Serialize)]
struct Told {
    ok: bool,
    seed: u64,
    start: UtcMillis,
    readings: usize,
    verdict: firn_model::assess::Verdict,
    assessment: firn_model::assess::Assessment,
    stock: Option<firn_model::api::Stock>,
    entries: u64,
    agreed: bool,
    verified: bool,
    tampering_found: bool,
    /// Where the homes and files are left; absent where they were temporary.
    left_in: Option<PathBuf>,
}

/// Runs the story and prints what it did.
pub fn run(output: &mut Output, global: &Global, seed: u64, start: Option<&str>) -> Result<Exit, Failure> {
    let start = match start {
        Some(text) => instant(text)?,
        None => whole_minute(now()?).plus_seconds(-demo::LASTS_S),
    };
    let temporary = match &global.home {
        Some(_) => None,
        None => Some(tempfile::tempdir().map_err(|error| Failure::stream(&error))?),
    };
    let folder = temporary.as_ref().map(|folder| folder.path().to_owned()).or_else(|| global.home.clone());
    let folder = folder.unwrap_or_default();
    if folder.join("format").exists() {
        return Err(Failure::new(
            "cli/demo-in-a-home",
            format!("{} is a home of its own", folder.display()),
            "name another folder with --home, or unset FIRN_HOME",
        ));
    }
    let journey = Journey::new(seed, start);
    let mut story = Story { output, told: Vec::new(), is_json: global.json };
    let told = opened::wait(tell(&mut story, &folder, journey, temporary.is_none()))??;
    if global.json {
        story.output.json(&told)?;
    }
    Ok(if told.agreed && told.verified && told.tampering_found { Exit::Success } else { Exit::Wanting })
}

/// Prints each step as it happens.
struct Story<'a> {
    output: &'a mut Output,
    told: Vec<String>,
    is_json: bool,
}

impl Story<'_> {
    fn say(&mut self, what: String) -> Result<(), Failure> {
        if self.is_json {
            eprintln!("firn: {what}");
        } else {
            self.output.line(&format!("{:>2}. {what}", self.told.len() + 1))?;
            self.output.flush()?;
        }
        self.told.push(what);
        Ok(())
    }
}

fn now() -> Result<UtcMillis, Failure> {
    Ok(firn_host::SystemClock::new(firn_host::random_array()?).now().utc)
}

fn whole_minute(at: UtcMillis) -> UtcMillis {
    UtcMillis(at.0 - at.0.rem_euclid(60_000))
}

fn sealing() -> Result<Sealing, Failure> {
    let passphrase = Passphrase::new(PASSPHRASE).ok_or(firn_host::HomeError::PassphraseNeeded)?;
    Ok(Sealing { passphrase, cost: KdfCost::Low })
}

async fn tell(story: &mut Story<'_>, folder: &Path, journey: Journey, stays: bool) -> Result<Told, Failure> {
    let founding = Founding { organisation: "Nordvik Pharmacy (demo)".into(), device: "Dock phone".into() };
    let pharmacy = App::new(Arc::new(LocalHost::found(&folder.join("pharmacy"), &founding, &sealing()?)?));
    let who = pharmacy.organisation().await?;
    story.say(format!("founded {} on the {}: fingerprint {}", who.name, who.device, who.fingerprint))?;
    let (logger, shipment) = ship(story, &pharmacy, &journey).await?;
    let courier = enlist(story, &pharmacy, &folder.join("courier")).await?;
    hand_over(story, &pharmacy, &courier, shipment).await?;
    let readings = read(story, &courier, &journey, shipment, &logger).await?;
    let detail = courier.shipment(shipment).await?;
    say_verdict(story, &detail)?;
    let agreed = arrive(story, &pharmacy, &courier, &journey, shipment).await?;
    let (verified, tampering_found) = export(story, &pharmacy, folder, shipment).await?;
    let detail = pharmacy.shipment(shipment).await?;
    let entries = pharmacy.verify_logs(true).await?.logs.iter().map(|log| log.size).sum();
    let assessment = detail.series.first().map(|series| series.assessment.clone()).ok_or_else(|| {
        Failure::new("cli/demo", "the shipment has no readings", "report this as a mistake in Firn")
    })?;
    if stays {
        story.say(format!("left it all in {} (passphrase: {PASSPHRASE})", folder.display()))?;
    }
    Ok(Told {
        ok: agreed && verified && tampering_found,
        seed: journey.seed,
        start: journey.start,
        readings,
        verdict: detail.summary.verdict,
        assessment,
        stock: detail.summary.stock,
        entries,
        agreed,
        verified,
        tampering_found,
        left_in: stays.then(|| folder.to_owned()),
    })
}

/// Enrols the logger, creates the shipment and signs its pick-up.
async fn ship(
    story: &mut Story<'_>,
    pharmacy: &App<LocalHost>,
    journey: &Journey,
) -> Result<(Logger, Id), Failure> {
    let logger = DELIVERY.enrol(pharmacy, journey).await?;
    story.say(format!("enrolled the virtual logger {} at {}", logger.label, journey.tag().address))?;
    let shipment = DELIVERY.ship(pharmacy, journey, &logger).await?;
    story.say(format!("created shipment DN-4711 and signed its pick-up at {}", journey.start))?;
    Ok((logger, shipment))
}

/// Invites the courier's phone, which joins and syncs over loopback.
async fn enlist(
    story: &mut Story<'_>,
    pharmacy: &App<LocalHost>,
    folder: &Path,
) -> Result<App<LocalHost>, Failure> {
    let joined = served(pharmacy, async |network: &Network, address| {
        let invitation = invitation_for(pharmacy, address, Role::Courier, 10).await?;
        network.invite(invitation.clone(), Comparison::Shown).await;
        let host = LocalHost::join(folder, "Van phone", &sealing()?, &invitation, LOOPBACK, &|_| ()).await?;
        let app = App::new(Arc::new(host));
        let peer = Network::new(app.clone());
        let endpoint = peer.bind(LOOPBACK).await?;
        let synced = peer.sync(&endpoint, &invitation.inviter).await;
        endpoint.close().await;
        synced?;
        Ok(app)
    })
    .await?;
    story.say("invited the Van phone; it joined as courier and holds the same logs".into())?;
    Ok(joined)
}

/// Runs `body` while `app` serves peers on loopback.
async fn served<T>(
    app: &App<LocalHost>,
    body: impl AsyncFnOnce(&Network, PeerAddress) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let network = Arc::new(Network::new(app.clone()));
    let endpoint = network.bind(LOOPBACK).await?;
    let (done, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = network.clone().serve(&endpoint, |_| {}, async { drop(ended.await) });
    let working = async {
        let result = body(&network, endpoint.address()).await;
        drop(done);
        result
    };
    let ((), result) = tokio::join!(serving, working);
    endpoint.close().await;
    result
}

/// One sync of the courier with the pharmacy; true where both hold the same afterwards.
async fn sync(pharmacy: &App<LocalHost>, courier: &App<LocalHost>) -> Result<bool, Failure> {
    served(pharmacy, async |_: &Network, address| {
        let peer = Network::new(courier.clone());
        let endpoint = peer.bind(LOOPBACK).await?;
        let report = peer.sync(&endpoint, &address).await;
        endpoint.close().await;
        Ok(report?.agreed)
    })
    .await
}

/// Custody goes from the pharmacy to the courier: offered, accepted, confirmed.
async fn hand_over(
    story: &mut Story<'_>,
    pharmacy: &App<LocalHost>,
    courier: &App<LocalHost>,
    shipment: Id,
) -> Result<(), Failure> {
    for app in [pharmacy, courier, pharmacy] {
        let (step, _) = app.hand_over(shipment, None).await?;
        story.say(words::custody(step).to_owned())?;
        sync(pharmacy, courier).await?;
    }
    Ok(())
}

/// Reads the logger's memory over the virtual radio.
async fn read(
    story: &mut Story<'_>,
    courier: &App<LocalHost>,
    journey: &Journey,
    shipment: Id,
    logger: &Logger,
) -> Result<usize, Failure> {
    let arrival = journey.arrival();
    let clock = TokioClock(move || arrival);
    let radio = VirtualRadio::new([journey.tag()], clock.clone());
    let done = demo::read(courier, (&radio, &clock), shipment, logger).await?;
    let (readings, sealed) = (done.summary.readings, done.sealed);
    let (read, values) = (counted(readings, "reading", "readings"), counted(sealed, "value", "values"));
    story.say(format!("downloaded {read} from {} and sealed {values}", logger.label))?;
    Ok(readings)
}

fn say_verdict(story: &mut Story<'_>, detail: &ShipmentDetail) -> Result<(), Failure> {
    for line in words::verdict_lines(detail) {
        story.say(line)?;
    }
    Ok(())
}

/// The pharmacy receives the shipment; stock that was out of range goes into quarantine by itself.
async fn arrive(
    story: &mut Story<'_>,
    pharmacy: &App<LocalHost>,
    courier: &App<LocalHost>,
    journey: &Journey,
    shipment: Id,
) -> Result<bool, Failure> {
    sync(pharmacy, courier).await?;
    let receipt = Receipt {
        shipment,
        at: Some(journey.arrival()),
        note: Some("seal intact".into()),
        checklist: None,
        reason: Some(demo::LATE.into()),
    };
    pharmacy.receive_shipment(receipt).await?;
    let agreed = sync(pharmacy, courier).await?;
    let detail = courier.shipment(shipment).await?;
    let same = detail == pharmacy.shipment(shipment).await?;
    story.say(format!("received at {}: {}", journey.arrival(), words::state(&detail.summary)))?;
    story.say(format!(
        "synced: both devices hold {} and come to {}",
        if agreed { "the same logs" } else { "different logs" },
        if same { "the same verdict" } else { "different verdicts" }
    ))?;
    Ok(agreed && same)
}

/// Exports the three files, verifies them, and shows that a changed byte is found.
async fn export(
    story: &mut Story<'_>,
    pharmacy: &App<LocalHost>,
    folder: &Path,
    shipment: Id,
) -> Result<(bool, bool), Failure> {
    let exported = pharmacy.export(shipment).await?;
    let evidence = exported.evidence();
    let report = pdf(pharmacy, &exported)?;
    let csv = exported.csv(firn_model::time::UtcOffset(0));
    for (name, bytes) in
        [("DN-4711.firn", evidence.as_slice()), ("DN-4711.pdf", &report), ("DN-4711.csv", csv.as_bytes())]
    {
        write_whole(&folder.join(name), bytes)?;
    }
    story.say(format!(
        "exported the report ({} bytes PDF/A-3), the readings ({} lines) and the evidence ({} bytes)",
        report.len(),
        csv.lines().count().saturating_sub(1),
        evidence.len()
    ))?;
    let anchor = firn_app::Host::identity(pharmacy.host()).organisation;
    let verified = [&evidence, &report].into_iter().all(|file| firn_report::verify(file, Some(&anchor)).ok);
    story.say(format!(
        "verified report and evidence by themselves: {}",
        if verified { "they hold" } else { "FAILED" }
    ))?;
    let mut changed = evidence;
    let middle = changed.len() / 2;
    if let Some(byte) = changed.get_mut(middle) {
        *byte ^= 1;
    }
    let found = !firn_report::verify(&changed, Some(&anchor)).ok;
    story.say(format!("changed one bit of the evidence: {}", if found { "found" } else { "NOT FOUND" }))?;
    Ok((verified, found))
}
