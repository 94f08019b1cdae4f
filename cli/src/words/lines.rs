//! Item lines, their budgets, and what is shown beside a series for information.

use firn_model::api::{AssessedSeries, Counting, JudgedLine, ShipmentDetail};
use firn_model::assess::KineticOutcomeView;
use firn_model::record::{BudgetKnown, LineBudget};
use firn_model::shipment::Window;
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
pub(super) fn information(detail: &ShipmentDetail, series: &AssessedSeries) -> Vec<String> {
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
    counting(detail, series).chain(near).chain(offset).chain(kinetic).collect()
}

/// What its verdict as one series is about, and which of its readings count for nothing.
fn counting(detail: &ShipmentDetail, series: &AssessedSeries) -> impl Iterator<Item = String> {
    let Window { from, to } = series.window;
    let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
    let to = to.map(|to| format!(" until {to}")).unwrap_or_default();
    let parts = detail.counts_in_parts(series).then(|| {
        format!("as one series{from}{to}; lines and shipment stand by the parts that counted for each")
    });
    let told = |counting: Counting, why: &str| {
        let count = super::wide(detail.count_of(series, counting));
        let readings = || super::counted(count, "reading counts", "readings count");
        (count > 0).then(|| format!("{} for nothing: {why}", readings()))
    };
    let uncounted = [
        told(Counting::Outside, "outside pick-up and receipt"),
        told(Counting::Unplaced, "the logger was placed nowhere"),
    ];
    parts.into_iter().chain(uncounted.into_iter().flatten())
}
