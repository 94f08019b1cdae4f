//! Corrections of a shipment's times, and the agreement of a second person.

use super::shipment::{Place, step, told};
use crate::arguments::Shipment;
use crate::failure::Failure;
use crate::opened;
use crate::output::Output;
use crate::written::instant;
use firn_app::PickUpCorrected;
use firn_model::time::UtcMillis;

/// The corrections of the pick-up and the arrival, and their approvals.
pub fn run(output: &mut Output, place: &Place<'_>, command: &Shipment) -> Result<(), Failure> {
    let approved = "approved: the verdict was computed anew";
    match command {
        Shipment::MoveArrival { shipment, at, reason } => {
            let at = instant(at)?;
            let words = "correction proposed: a second person has to approve it";
            step(output, place, shipment, words, |app, id| {
                opened::wait(app.move_arrival(id, at, reason.clone()))
            })
        }
        Shipment::MovePickUp { shipment, at, reason, device } => {
            let (at, reason, device) = (instant(at)?, reason.clone(), device.clone());
            move_pick_up(output, place, shipment, (at, reason, device))
        }
        Shipment::Approve { shipment } => {
            step(output, place, shipment, approved, |app, id| opened::wait(app.approve_arrival(id)))
        }
        Shipment::ApprovePickUp { shipment } => {
            step(output, place, shipment, approved, |app, id| opened::wait(app.approve_pick_up(id)))
        }
        // Steps of other commands.
        Shipment::New { .. }
        | Shipment::List
        | Shipment::Show { .. }
        | Shipment::Start { .. }
        | Shipment::Receive { .. }
        | Shipment::Handover { .. }
        | Shipment::Dispose { .. }
        | Shipment::Acknowledge { .. }
        | Shipment::Review { .. }
        | Shipment::Reply { .. }
        | Shipment::ExcursionRecord(_)
        | Shipment::Quarantine { .. }
        | Shipment::QueryPack { .. }
        | Shipment::Cancel { .. }
        | Shipment::Close { .. } => Ok(()),
    }
}

/// Corrects the pick-up, and tells whether it counts.
fn move_pick_up(
    output: &mut Output,
    place: &Place<'_>,
    shipment: &str,
    (at, reason, device): (UtcMillis, String, Option<String>),
) -> Result<(), Failure> {
    let app = place.opened()?;
    let shipment = opened::wait(app.shipment_named(shipment))??;
    let corrected = PickUpCorrected { shipment, device, at, reason };
    let entries = opened::wait(app.move_pick_up(corrected))??;
    let detail = opened::wait(app.shipment(shipment))??;
    let waits = detail.pick_up_proposed.is_some_and(|proposed| proposed.at == at);
    let words = match (waits, detail.summary.started) {
        (false, Some(from)) => format!("corrected: readings count from {from}"),
        _ => "correction proposed: a second person, who neither picked up nor carried, has to approve it"
            .into(),
    };
    told(output, shipment, &entries, &words)
}
