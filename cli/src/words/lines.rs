//! Item lines, their budgets, and what is shown beside a series for information.

use firn_model::api::{AssessedSeries, JudgedLine, ShipmentDetail};
use firn_model::assess::KineticOutcomeView;
use firn_model::record::{BudgetKnown, LineBudget};
use firn_model::units::{Decimal, MilliCelsius};

pub(super) fn item_line(place: usize, judged: &JudgedLine, detail: &ShipmentDetail) -> String {
    let product = detail.items.get(place.saturating_sub(1)).map_or("", |item| item.product.as_str());
    let reasons: Vec<String> = judged.reasons.iter().chain(&judged.found).map(super::name).collect();
    let because = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    let stock = judged.stock.map(|stock| format!(", {}", super::stock(stock))).unwrap_or_default();
    let verdict = super::verdict(judged.verdict);
    format!("line {place} {product}: {verdict}{because}, by {}{stock}", judged.profile)
}

pub(super) fn budget(budget: &LineBudget) -> String {
    let time = firn_report::print::text::duration;
    let at_most = match budget.known {
        BudgetKnown::LegMissing => "at most ",
        BudgetKnown::Complete if budget.used_max > budget.used => "at most ",
        BudgetKnown::Complete => "",
    };
    let spent = budget.spent_at.map(|at| format!(", spent at {at}")).unwrap_or_default();
    format!(
        "budget {}: {} of {} used, {} by earlier legs, {at_most}{} left{spent}",
        budget.id,
        time(budget.used.0),
        time(u64::from(budget.allowance_s).saturating_mul(1000)),
        time(budget.used_before.0),
        time(budget.left().0)
    )
}

/// What was measured beside what is judged.
fn offset_words(series: &AssessedSeries, offset: i32) -> String {
    let measured = |judged: MilliCelsius| MilliCelsius(judged.0.saturating_sub(offset));
    let numbers = &series.assessment.statistics;
    let both = numbers.min.zip(numbers.max).map(|(min, max)| {
        format!(": measured {} to {} °C, judged by {min} to {max} °C", measured(min), measured(max))
    });
    format!("{} °C added to each value as measured{}", MilliCelsius(offset), both.unwrap_or_default())
}

/// What is shown beside a series and changes no verdict.
pub(super) fn information(series: &AssessedSeries) -> Vec<String> {
    let near = series.near_limits.map(|near| {
        let accuracy = MilliCelsius(series.accuracy_mc.and_then(|one| i32::try_from(one).ok()).unwrap_or(0));
        format!("{} min within ±{accuracy} °C, the logger's accuracy, of a limit", super::life::minutes(near))
    });
    let offset = series.offset_mc.map(|offset| offset_words(series, offset));
    let kinetic = series.kinetic.iter().map(|window| match &window.outcome {
        KineticOutcomeView::Measured { mkt_c, exceeds, .. } => format!(
            "mean kinetic temperature over {} h around {}: {} °C, {} {} °C; for information",
            window.window_h,
            window.excursion.0.at,
            Decimal { mantissa: mkt_c.0, scale: 6 },
            if *exceeds { "above" } else { "not above" },
            window.limit_c
        ),
        KineticOutcomeView::Refused { why, .. } => {
            format!("mean kinetic temperature around {}: none, {why}", window.excursion.0.at)
        }
    });
    near.into_iter().chain(offset).chain(kinetic).collect()
}
