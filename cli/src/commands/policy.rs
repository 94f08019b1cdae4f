//! `firn policy`: rules of the organisation.

use crate::arguments::{Global, Policy, RuleArgument, SettingArgument};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::{opened, words};
use firn_model::api::Changed;
use firn_model::record::{ChangeReason, Policy as Rule, SinglePersonRelease};
use firn_model::time::UtcMillis;
use serde::Serialize;

/// The rules as they stand.
#[derive(Serialize)]
struct Rules {
    single_person_release: SinglePersonRelease,
    /// Since when; absent where no admin has signed one.
    since: Option<UtcMillis>,
    /// Every rule that was signed, each with the one before it, and who signed it, when and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Changed<Rule>>,
}

/// Sets a rule, or shows the rules.
pub fn run(output: &mut Output, global: &Global, command: &Policy) -> Result<Exit, Failure> {
    let app = match command {
        Policy::Set { rule: RuleArgument::SinglePersonRelease, setting, reason } => {
            let rule = match setting {
                SettingArgument::Allowed => SinglePersonRelease::Allowed,
                SettingArgument::Refused => SinglePersonRelease::Refused,
            };
            let reason = reason.as_deref().and_then(ChangeReason::parse);
            let app = opened::to_write(global)?;
            opened::wait(app.set_single_person_release(rule, reason))??;
            app
        }
        Policy::Show => opened::to_read(global)?,
    };
    let organisation = opened::wait(app.organisation_story())??;
    let at = UtcMillis(i64::MAX);
    let since = organisation.policy(at).map(|policy| policy.at);
    let single_person_release = organisation.single_person_release();
    let rules = Rules { single_person_release, since, changes: organisation.policy_changes() };
    output.answer(&rules, || {
        let rule = words::change::release(rules.single_person_release);
        let changes = words::change::policies(&rules.changes).into_iter().map(|line| format!("\n  {line}"));
        format!("single-person release  {rule}") + &changes.collect::<String>()
    })?;
    Ok(Exit::Success)
}
