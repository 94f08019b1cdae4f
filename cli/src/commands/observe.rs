//! `firn observe`: signs what a person saw, with the hash of a photo.

use super::shipment::told;
use crate::arguments::{Global, Observe, WhatArgument};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::written::instant_if;
use crate::{opened, words};
use firn_app::Host;
use firn_model::record::{Address, Coolant, FreezeIndicator, Observation, Observed, Seal, VialMonitorStage};
use firn_model::shipment::gives_cause;

/// Records one observation.
pub fn run(output: &mut Output, global: &Global, observe: &Observe) -> Result<Exit, Failure> {
    let observed = observed(observe.what, observe.state.as_deref())?;
    let at = instant_if(observe.at.as_deref())?;
    let photo = observe.photo.as_deref().map(crate::commands::evidence::read).transpose()?;
    if photo.as_ref().is_some_and(Vec::is_empty) {
        return Err(Failure::new("cli/photo-empty", "the photo's file is empty", "check which file it is"));
    }
    let app = opened::to_write(global)?;
    let observation = Observation {
        observed,
        at: at.unwrap_or_else(|| app.host().now().utc),
        place: observe.package.clone(),
        note: observe.note.clone(),
        photo: photo.map(|bytes| Address::of(&bytes)),
        reason: observe.reason.clone(),
    };
    let id = opened::wait(app.shipment_named(&observe.shipment))??;
    let entries = opened::wait(app.observe(id, observation))??;
    let cause = if gives_cause(observed) { "a reason for review" } else { "no reason for review" };
    let stands = words::stands(&opened::wait(app.shipment(id))??);
    told(output, id, &entries, &format!("observed: {}; {cause}\n{stands}", observed.words()))?;
    Ok(Exit::Success)
}

fn observed(what: WhatArgument, state: Option<&str>) -> Result<Observed, Failure> {
    let found = match (what, state) {
        (WhatArgument::Vvm, Some(stage)) => {
            let stage = stage.parse().ok().and_then(|stage: u8| VialMonitorStage::try_from(stage).ok());
            stage.map(Observed::VialMonitor)
        }
        (WhatArgument::FreezeIndicator, Some("intact")) => {
            Some(Observed::FreezeIndicator(FreezeIndicator::Intact))
        }
        (WhatArgument::FreezeIndicator, Some("activated")) => {
            Some(Observed::FreezeIndicator(FreezeIndicator::Activated))
        }
        (WhatArgument::Coolant, Some("frozen")) => Some(Observed::Coolant(Coolant::Frozen)),
        (WhatArgument::Coolant, Some("partly-melted")) => Some(Observed::Coolant(Coolant::PartlyMelted)),
        (WhatArgument::Coolant, Some("melted")) => Some(Observed::Coolant(Coolant::Melted)),
        (WhatArgument::Seal, Some("intact")) => Some(Observed::Seal(Seal::Intact)),
        (WhatArgument::Seal, Some("broken")) => Some(Observed::Seal(Seal::Broken)),
        (WhatArgument::Other, None) => Some(Observed::Other),
        _ => None,
    };
    found.ok_or_else(|| {
        let why = format!("`{}` is no state of this", state.unwrap_or_default());
        Failure::new("cli/observed", why, states(what))
    })
}

fn states(what: WhatArgument) -> &'static str {
    match what {
        WhatArgument::Vvm => "write the stage of the vaccine vial monitor: 1, 2, 3 or 4",
        WhatArgument::FreezeIndicator => "write intact or activated",
        WhatArgument::Coolant => "write frozen, partly-melted or melted",
        WhatArgument::Seal => "write intact or broken",
        WhatArgument::Other => "write what was seen with --note, and no state",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_is_read_and_one_of_something_else_is_refused_with_what_to_write() {
        assert_eq!(
            observed(WhatArgument::Vvm, Some("3")),
            Ok(Observed::VialMonitor(VialMonitorStage::Three))
        );
        assert_eq!(observed(WhatArgument::Other, None), Ok(Observed::Other));
        for (what, state) in [
            (WhatArgument::Vvm, Some("5")),
            (WhatArgument::Vvm, None),
            (WhatArgument::FreezeIndicator, Some("broken")),
            (WhatArgument::Other, Some("wet")),
        ] {
            assert_eq!(observed(what, state).unwrap_err().code, "cli/observed", "{what:?} {state:?}");
        }
    }
}
