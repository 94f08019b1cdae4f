//! `firn policy`: rules of the organisation.

use crate::arguments::{Global, Policy, RuleArgument, SettingArgument};
use crate::failure::{Exit, Failure};
use crate::opened;
use crate::output::Output;
use firn_model::record::SinglePersonRelease;
use firn_model::time::UtcMillis;
use serde::Serialize;

/// The rules as they stand.
#[derive(Serialize)]
struct Rules {
    single_person_release: SinglePersonRelease,
    /// Since when; absent where no admin has signed one.
    since: Option<UtcMillis>,
}

/// Sets a rule, or shows the rules.
pub fn run(output: &mut Output, global: &Global, command: &Policy) -> Result<Exit, Failure> {
    let app = match command {
        Policy::Set { rule: RuleArgument::SinglePersonRelease, setting } => {
            let rule = match setting {
                SettingArgument::Allowed => SinglePersonRelease::Allowed,
                SettingArgument::Refused => SinglePersonRelease::Refused,
            };
            let app = opened::to_write(global)?;
            opened::wait(app.set_single_person_release(rule))??;
            app
        }
        Policy::Show => opened::to_read(global)?,
    };
    let organisation = opened::wait(app.organisation_story())??;
    let at = UtcMillis(i64::MAX);
    let since = organisation.policy(at).map(|policy| policy.at);
    let rules = Rules { single_person_release: organisation.single_person_release(), since };
    output.answer(&rules, || {
        let rule = match rules.single_person_release {
            SinglePersonRelease::Allowed => "allowed",
            SinglePersonRelease::Refused => "refused",
        };
        format!("single-person release  {rule}")
    })?;
    Ok(Exit::Success)
}
