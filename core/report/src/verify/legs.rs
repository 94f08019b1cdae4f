//! The earlier shipments that lines went through: whether they are here, and whether what was signed of budgets
//! comes out of them.

use super::recomputed::{Outcome, Recomputed, all, may_follow};
use super::{CheckId, Checks};
use crate::bundle::{Assessed, Bundle, earlier_shipments};
use crate::foreign::Opened;
use crate::forked;
use crate::print::text;
use crate::print::text::counted;
use firn_model::id::Id;
use firn_model::record::{BudgetKnown, ItemLine, LineAssessment, LineBudget};
use firn_model::shipment::LineJudgement;
use std::collections::BTreeSet;

/// Checks them, where a line names any.
pub(super) fn check(
    bundle: &Bundle,
    opened: &Opened,
    assessed: &Assessed,
    recomputed: &[Recomputed<'_>],
    checks: &mut Checks,
) {
    let items = assessed.story.created.iter().flat_map(|created| &created.says.items);
    let lines: Vec<Line<'_>> = (1..)
        .zip(items.zip(&assessed.judgement.lines))
        .map(|(number, (item, judged))| Line { number, item, judged })
        .filter(|line| line.item.legs.is_some())
        .collect();
    if lines.is_empty() {
        return;
    }
    let absent = absent(bundle);
    let against = |one: &Recomputed<'_>| contradictions(one, !absent.is_empty());
    let mut faults: Vec<String> = recomputed.iter().filter(|one| !one.elsewhere).flat_map(against).collect();
    faults.extend(earlier(bundle, opened));
    let elsewhere = recomputed.iter().filter(|one| one.elsewhere && !against(one).is_empty());
    let elsewhere = elsewhere.map(|one| format!("{} {}", one.name(), forked::RESTS));
    let left: Vec<String> = lines.iter().flat_map(Line::at_most).chain(elsewhere).collect();
    if faults.is_empty() && !(left.is_empty() && absent.is_empty()) {
        let absent: Vec<String> = absent
            .iter()
            .map(|shipment| format!("Shipment {shipment}, an earlier leg, is not in the file."))
            .collect();
        let all: Vec<&str> = absent.iter().chain(&left).map(String::as_str).collect();
        return checks.cannot(CheckId::Legs, all.join(" "));
    }
    let proved = format!(
        "The legs before of {} are here, and the budgets come out of them again.",
        counted(lines.len(), "line", "lines")
    );
    checks.settle(CheckId::Legs, &faults, proved);
}

/// A line that names earlier legs.
struct Line<'a> {
    number: usize,
    item: &'a ItemLine,
    judged: &'a LineJudgement,
}

impl Line<'_> {
    /// What is left at most of each budget of which a leg is missing.
    fn at_most(&self) -> Vec<String> {
        let missing = self.judged.budgets.iter().filter(|budget| budget.known == BudgetKnown::LegMissing);
        let told = |budget: &LineBudget| {
            let left = text::duration(budget.left().0);
            format!(
                "Line {}, budget “{}”: at most {left} left, for a leg is missing or was not watched throughout.",
                self.number, budget.id
            )
        };
        missing.map(told).collect()
    }
}

/// The shipments that legs name, at however many removes, of which nothing is in the file.
pub(super) fn absent(bundle: &Bundle) -> BTreeSet<Id> {
    let held = bundle.earlier.iter().filter(|earlier| !earlier.records.is_empty());
    let held: BTreeSet<Id> = held.map(|earlier| earlier.shipment).chain([bundle.shipment]).collect();
    earlier_shipments(bundle.all_records()).difference(&held).copied().collect()
}

/// What a signed assessment says of a budget, where the legs in the file give something else, or, where some are
/// not in it, more than was signed.
fn contradictions(one: &Recomputed<'_>, legs_lack: bool) -> Vec<String> {
    let Some(again) = &one.again else { return Vec::new() };
    let lines = |lines: &Option<Vec<LineAssessment>>| lines.clone().unwrap_or_default();
    let mut faults = Vec::new();
    for (said, out) in lines(&one.signed.lines).iter().zip(&lines(&again.lines)) {
        for (budget, comes_out) in said.budgets.iter().zip(&out.budgets) {
            if !(budget == comes_out || (legs_lack && may_follow(budget, comes_out))) {
                faults.push(contradiction(&one.name(), said.line, budget, comes_out));
            }
        }
    }
    faults
}

fn contradiction(name: &str, line: u32, said: &LineBudget, out: &LineBudget) -> String {
    let used = |budget: &LineBudget| {
        let (used, before) = (text::duration(budget.used.0), text::duration(budget.used_before.0));
        format!("{used} used, {before} of it by earlier legs")
    };
    format!(
        "{name}, line {}, budget “{}”: {} was signed, and {} comes out.",
        line.saturating_add(1),
        said.id,
        used(said),
        used(out)
    )
}

/// The signed assessments of the earlier shipments that do not come out of their readings.
fn earlier(bundle: &Bundle, opened: &Opened) -> Vec<String> {
    let mut faults = Vec::new();
    for one in &bundle.earlier {
        let of_it = bundle.of_earlier(one);
        let Ok(assessed) = of_it.assess_with(opened) else { continue };
        let recomputed = all(&of_it, opened, &assessed.story);
        let others = recomputed.iter().filter(|one| one.outcome == Outcome::Other);
        faults.extend(others.map(|other| {
            format!(
                "{} in earlier shipment {} does not come out of its readings.",
                other.name(),
                one.shipment
            )
        }));
    }
    faults
}
