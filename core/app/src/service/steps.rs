//! The steps of a shipment's life that a person takes at the front end.

use super::{Service, Site, by_person};
use crate::{Acting, Answer, App, AppError, Disposing, Host, NewShipment, PickUpCorrected, Receipt, Start};
use firn_model::api::{Request, Response};
use firn_model::id::Id;
use firn_model::profile::preset;
use firn_model::record::{Placement, Position};
use firn_model::shipment::QuestionNamed;

impl<S: Site> Service<S> {
    /// Takes one step, signed by a person and at a position where these are given, and tells the front end how
    /// the shipment stands then.
    pub(super) async fn shipment_step(
        &self,
        request: Request,
        by: Option<Acting>,
        position: Option<Position>,
    ) -> Result<Response, AppError> {
        let at = |app: App<S::Host>| position.map_or(app.clone(), |position| app.at(position));
        if let Request::CreateShipment { reference, profile, from, to, items, packages } = request {
            let app = match self.site.app()? {
                Some(app) => app,
                // A name that nobody knows founds no home.
                None if preset(&profile).is_none() => {
                    return Err(AppError::NotFound { what: "profile", name: profile });
                }
                None => self.site.app_or_found().await?,
            };
            let profile = app.profile_named(&profile).await?;
            let app = at(by_person(app, by));
            let new = NewShipment { reference, profile, from, to, items, packages };
            let id = app.create_shipment(new).await?;
            self.tell_shipment(&app, id).await?;
            return Ok(Response::Created { id });
        }
        let Some(shipment) = about(&request).filter(|_| request.is_step()) else {
            return Err(AppError::OutOfOrder("this is no step of a shipment's life"));
        };
        let app = at(self.opened(by, "shipment", &shipment)?);
        take(&app, request).await?;
        self.tell_shipment(&app, shipment).await?;
        Ok(Response::Done)
    }
}

fn about(request: &Request) -> Option<Id> {
    match request {
        Request::StartShipment { shipment, .. }
        | Request::ReceiveShipment { shipment, .. }
        | Request::DisposeShipment { shipment, .. }
        | Request::QuarantineShipment { shipment, .. }
        | Request::AcknowledgeShipment { shipment, .. }
        | Request::ReviewShipment { shipment, .. }
        | Request::RecordReply { shipment, .. }
        | Request::MoveArrival { shipment, .. }
        | Request::MovePickUp { shipment, .. }
        | Request::HandOver { shipment, .. }
        | Request::ApproveArrival { shipment }
        | Request::ApprovePickUp { shipment }
        | Request::RecordExcursion { shipment, .. }
        | Request::Observe { shipment, .. }
        | Request::CloseShipment { shipment, .. } => Some(*shipment),
        _ => None,
    }
}

async fn take<H: Host>(app: &App<H>, request: Request) -> Result<(), AppError> {
    let signed = match request {
        Request::StartShipment { shipment, loggers, overrides, at, reason } => {
            let place = |logger| Placement { logger, package: None, from: None, to: None };
            let placements = loggers.into_iter().map(place).collect();
            app.start_shipment(Start { shipment, placements, at, overrides, reason }).await?
        }
        Request::ReceiveShipment { shipment, note, checklist, at, reason } => {
            app.receive_shipment(Receipt { shipment, at, note, checklist, reason }).await?
        }
        Request::DisposeShipment { shipment, decision, reason, lines } => {
            app.dispose_shipment(Disposing { shipment, decision, reason, lines }).await?
        }
        Request::QuarantineShipment { shipment, reason } => app.quarantine_shipment(shipment, reason).await?,
        Request::AcknowledgeShipment { shipment, reasons } => {
            app.acknowledge_shipment(shipment, reasons).await?
        }
        Request::ReviewShipment { shipment, review } => app.review_shipment(shipment, review).await?,
        Request::RecordReply { shipment, lots, advice, words, manufacturer, case_number } => {
            let question = QuestionNamed { manufacturer, case_number };
            app.record_reply(Answer { shipment, question, lots, advice, words }).await?
        }
        Request::MoveArrival { shipment, at, reason } => app.move_arrival(shipment, at, reason).await?,
        Request::MovePickUp { shipment, at, reason, device } => {
            app.move_pick_up(PickUpCorrected { shipment, device, at, reason }).await?
        }
        Request::HandOver { shipment, step } => app.hand_over(shipment, step).await?.1,
        Request::ApproveArrival { shipment } => app.approve_arrival(shipment).await?,
        Request::ApprovePickUp { shipment } => app.approve_pick_up(shipment).await?,
        Request::RecordExcursion { shipment, record } => app.record_excursion(shipment, record).await?,
        Request::Observe { shipment, observation } => app.observe(shipment, observation).await?,
        Request::CloseShipment { shipment, reason } => app.close_shipment(shipment, reason).await?,
        _ => Vec::new(),
    };
    drop(signed);
    Ok(())
}
