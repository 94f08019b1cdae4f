//! The item lines on the page: each one's verdict, reasons, loggers and stability budgets.

use super::section::{column, fact, number, wide};
use super::{Block, Fact, Listing, Matter, Section, text, words};
use firn_model::api::{ForeignLegShown, JudgedLine, JudgedLineSeries, LabelWarning, LegWarning};
use firn_model::profile::Scale;
use firn_model::record::{BudgetKnown, LineBudget, Recognition};

/// How each item line stands, and what of its budgets is left; without lines there are no such sections.
pub(super) fn sections(matter: &Matter<'_>) -> Vec<Section> {
    if matter.detail.lines.is_empty() {
        return Vec::new();
    }
    let columns = vec![
        number("Line"),
        wide("Product", 3),
        wide("Package", 2),
        wide("Profile", 2),
        column("Verdict"),
        wide("Stock", 2),
        wide("Reasons", 3),
        wide("Judged by", 4),
    ];
    let rows = lines(matter).map(|(place, line)| line_row(matter, place, line)).collect();
    let listing = Listing { columns, rows, none: "–" };
    let mut blocks = vec![Block::Table(listing)];
    let labels = labels(matter);
    if !labels.is_empty() {
        blocks.push(Block::Facts { rows: labels });
    }
    let judged = Section::new("Item lines", blocks);
    [Some(judged), budgets(matter)].into_iter().flatten().collect()
}

/// Where a line's profile allows more than its label, and where an earlier leg is not of the same goods.
fn labels(matter: &Matter<'_>) -> Vec<Fact> {
    let told = |(place, line): (usize, &JudgedLine)| -> Vec<Fact> {
        let warning = |warning: &LabelWarning| fact("Label", format!("Line {place}: {warning}."));
        let leg = |warning: &LegWarning| fact("Earlier leg", format!("Line {place}: {warning}."));
        let foreign = |leg: &ForeignLegShown| {
            let known = match leg.recognition {
                Recognition::Pinned => "pinned",
                Recognition::Unknown => "unknown",
            };
            let (line, organisation) =
                (leg.leg_line.saturating_add(1), text::grouped_hex(&leg.partner.organisation.0));
            let ahead = leg.clock_difference.as_ref().map(|one| one.difference_s);
            let ahead =
                ahead.map(|seconds| format!(", dated {seconds} s after it was taken")).unwrap_or_default();
            let apart = leg.histories.map(|count| format!("; {count} histories that contradict each other"));
            let apart = apart.unwrap_or_default();
            let told = format!(
                "Line {place}: line {line} of shipment {}, by organisation {organisation} ({known}){ahead}{apart}.",
                leg.shipment
            );
            fact("Earlier leg", told)
        };
        let warned = line.warnings.iter().map(warning).chain(line.leg_warnings.iter().map(leg));
        warned.chain(line.foreign_legs.iter().map(foreign)).collect()
    };
    lines(matter).flat_map(told).collect()
}

fn lines<'a>(matter: &Matter<'a>) -> impl Iterator<Item = (usize, &'a JudgedLine)> + use<'a> {
    (1..).zip(&matter.detail.lines)
}

fn line_row(matter: &Matter<'_>, place: usize, line: &JudgedLine) -> Vec<String> {
    let item = matter.detail.items.get(place.saturating_sub(1));
    let profile = item.and_then(|item| item.profile.as_ref()).or(matter.detail.profile.as_ref());
    let scale = profile.map(|profile| profile.scale).unwrap_or_default();
    let reasons: Vec<&str> = line.reasons.iter().chain(&line.found).map(|reason| reason.code()).collect();
    let series: Vec<String> = line.series.iter().map(|one| series(matter, one, scale)).collect();
    let or_dash = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    vec![
        place.to_string(),
        item.map(|item| item.product.clone()).unwrap_or_default(),
        or_dash(item.and_then(|item| item.package.clone()).unwrap_or_default()),
        line.profile.clone(),
        words::verdict(line.verdict).to_owned(),
        line.stock.map_or("–", words::stock).to_owned(),
        or_dash(reasons.join(", ")),
        or_dash(series.join("; ")),
    ]
}

/// A logger with what it measured for a line: `Box 7, 2.1 to 9.4 °C, from …`.
fn series(matter: &Matter<'_>, one: &JudgedLineSeries, scale: Scale) -> String {
    let numbers = &one.assessment.statistics;
    let mut said = vec![matter.logger(one.series.logger)];
    if let (Some(min), Some(max)) = (numbers.min, numbers.max) {
        said.push(match scale {
            Scale::Celsius => format!("{} to {}", text::degrees(min), text::celsius(max)),
            Scale::Fahrenheit => format!("{} to {}", text::at_scale(min, scale), text::at_scale(max, scale)),
        });
    }
    said.extend(one.series.window.from.map(|from| format!("from {}", matter.local(from))));
    said.extend(one.series.window.to.map(|to| format!("until {}", matter.local(to))));
    said.join(", ")
}

fn budgets(matter: &Matter<'_>) -> Option<Section> {
    let columns = vec![
        number("Line"),
        wide("Budget", 2),
        number("Allowed"),
        number("Used"),
        number("By earlier legs"),
        number("At most, with gaps"),
        wide("Left", 2),
        column("Spent at"),
    ];
    let of_line = |(place, line): (usize, &JudgedLine)| -> Vec<Vec<String>> {
        line.budgets.iter().map(|budget| budget_row(matter, place, budget)).collect()
    };
    let rows: Vec<Vec<String>> = lines(matter).flat_map(of_line).collect();
    let told = !rows.is_empty();
    let listing = Listing { columns, rows, none: "–" };
    told.then(|| Section::new("Stability budgets of the lines", vec![Block::Table(listing)]))
}

fn budget_row(matter: &Matter<'_>, place: usize, budget: &LineBudget) -> Vec<String> {
    vec![
        place.to_string(),
        budget.id.clone(),
        text::duration(u64::from(budget.allowance_s).saturating_mul(1000)),
        text::duration(budget.used.0),
        text::duration(budget.used_before.0),
        text::duration(budget.used_max.0),
        left(budget),
        matter.local_or_dash(budget.spent_at),
    ]
}

/// What is left; where a leg is missing or time without data touches the band, at most so much.
fn left(budget: &LineBudget) -> String {
    let left = text::duration(budget.left().0);
    match budget.known {
        BudgetKnown::LegMissing => format!("at most {left}, a leg is missing or was not watched"),
        BudgetKnown::Complete if budget.used_max > budget.used => format!("at most {left}"),
        BudgetKnown::Complete => left,
    }
}
