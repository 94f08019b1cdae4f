//! The chart as SVG, with a cursor for the pointer and the keyboard.

use super::plan::{self, OutStretch, Plan};
use crate::app::Ui;
use crate::i18n::fill;
use crate::show;
use crate::wording;
use firn_model::api::{AssessedSeries, Point};
use firn_model::profile::{Bound, Limits};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// How tall the picture is, in pixels.
const HEIGHT: f64 = 280.0;

/// How far Page Up and Page Down move, as a part of all readings.
const LEAP: usize = 20;

/// The chart with its legend and the reading under the cursor; both follow the series as it grows.
pub(crate) fn chart(ui: Ui, series: Memo<AssessedSeries>, limits: Limits, index: usize) -> AnyView {
    let frame = NodeRef::<html::Div>::new();
    let width = watched_width(frame);
    let cursor = RwSignal::new(None::<usize>);
    let plan = Memo::new(move |_| {
        series.with(|series| {
            let offset = series.points.first().map_or(0, |point| show::offset_ms(point.time));
            plan::plan(series, limits, (width.get(), HEIGHT), offset)
        })
    });
    let label = series.with_untracked(|series| fill(ui.texts.chart.label, &[("logger", &series.label)]));
    let count = move || series.with(|series| series.points.len());
    let spoken = move || series.with(|series| at_cursor(ui, &series.points, cursor.get(), limits));
    let on_key = move |event: web_sys::KeyboardEvent| {
        let count = series.with_untracked(|series| series.points.len());
        if let Some(next) = moved(&event.key(), cursor.get_untracked(), count) {
            event.prevent_default();
            cursor.set(Some(next));
        }
    };
    let on_pointer = move |event: web_sys::PointerEvent| {
        let Some(frame) = frame.get_untracked() else { return };
        let x = f64::from(event.client_x()) - frame.get_bounding_client_rect().left();
        let nearest = |plan: &Plan| series.with_untracked(|s| plan.scale.nearest(&s.points, x));
        cursor.set(plan.with_untracked(|plan| plan.as_ref().and_then(nearest)));
    };
    let cursor_lines = move || {
        let point = series.with(|series| series.points.get(cursor.get()?).copied())?;
        plan.with(|plan| plan.as_ref().map(|plan| cursor_lines(plan, point)))
    };
    view! {
        <figure class="chart">
            <div
                node_ref=frame
                class="chart-frame"
                dir="ltr"
                tabindex="0"
                role="slider"
                aria-label=label
                aria-valuemin="1"
                aria-valuemax=count
                aria-valuenow=move || cursor.get().map_or_else(count, |index| index.saturating_add(1))
                aria-valuetext=spoken
                on:keydown=on_key
                on:pointermove=on_pointer
            >
                {move || plan.with(|plan| plan.as_ref().map(|plan| picture(ui, plan, index)))}
                {cursor_lines}
            </div>
            <figcaption>
                <output class="chart-reading">{spoken}</output>
                {move || plan.with(|plan| plan.as_ref().map(|plan| legend(ui, plan, index)))}
                <p class="hint chart-hint">{ui.texts.chart.hint}</p>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// The frame's width, followed while the chart is on the page.
fn watched_width(frame: NodeRef<html::Div>) -> RwSignal<f64> {
    let width = RwSignal::new(640.0);
    Effect::new(move |_| {
        let Some(element) = frame.get() else { return };
        let measured = element.clone();
        let measure = Closure::<dyn Fn()>::new(move || {
            let now = f64::from(measured.client_width());
            if now > 0.0 && width.try_get_untracked().is_some_and(|before| before != now) {
                width.set(now);
            }
        });
        let observer = web_sys::ResizeObserver::new(measure.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(&element);
        }
        // The observer and what it calls end with the chart.
        let kept = StoredValue::new_local((observer, measure));
        on_cleanup(move || {
            kept.with_value(|(observer, _)| observer.as_ref().map(web_sys::ResizeObserver::disconnect));
        });
    });
    width
}

/// Where a key moves the cursor.
fn moved(key: &str, cursor: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let leap = (count / LEAP).max(1);
    let at = cursor.unwrap_or(last);
    let next = match key {
        "ArrowLeft" | "ArrowDown" => at.saturating_sub(1),
        "ArrowRight" | "ArrowUp" => at.saturating_add(1),
        "PageDown" => at.saturating_sub(leap),
        "PageUp" => at.saturating_add(leap),
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    Some(next.min(last))
}

/// The reading under the cursor in words; the last one where there is no cursor yet.
fn at_cursor(ui: Ui, points: &[Point], cursor: Option<usize>, limits: Limits) -> String {
    let Some(point) = cursor.and_then(|index| points.get(index)).or_else(|| points.last()) else {
        return String::new();
    };
    let side = wording::side_words(wording::side(point.value, limits), ui.texts);
    let values = [
        ("time", ui.show.instant(point.time)),
        ("value", ui.show.exact_degrees(point.value)),
        ("state", side.to_owned()),
    ];
    fill(ui.texts.chart.reading, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

fn picture(ui: Ui, plan: &Plan, index: usize) -> AnyView {
    let area = plan.scale.area;
    let (width, height) = (area.right + 12.0, HEIGHT);
    let (band_top, band_bottom) = plan.band;
    let hatch = format!("url(#hatch-{index})");
    let clip = format!("url(#out-{index})");
    let lines: Vec<_> =
        plan.lines.iter().map(|line| view! { <polyline class="line" points=line.clone() /> }).collect();
    let out_lines: Vec<_> = plan
        .lines
        .iter()
        .map(|line| view! { <polyline class="line line-out" points=line.clone() /> })
        .collect();
    let dots: Vec<_> =
        plan.dots.iter().map(|(x, y)| view! { <circle class="dot" cx=*x cy=*y r="2.5" /> }).collect();
    let gaps: Vec<_> = plan
        .gaps
        .iter()
        .map(|gap| {
            let fill = hatch.clone();
            view! { <rect class="gap" x=gap.x y=area.top width=gap.width height=area.height() fill=fill /> }
        })
        .collect();
    view! {
        <svg class="chart-picture" viewBox=format!("0 0 {width} {height}") width=width height=height aria-hidden="true">
            <defs>
                <pattern id=format!("hatch-{index}") width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <line class="hatch" x1="0" y1="0" x2="0" y2="7" />
                </pattern>
                <clipPath id=format!("out-{index}")>
                    <rect x="0" y="0" width=width height=band_top.max(0.0) />
                    <rect x="0" y=band_bottom width=width height=(height - band_bottom).max(0.0) />
                </clipPath>
            </defs>
            <rect class="band" x=area.left y=band_top width=area.width() height=(band_bottom - band_top).max(0.0) />
            {axes(ui, plan)}
            {gaps}
            {plan.excursions.iter().map(excursion).collect::<Vec<_>>()}
            {limits(ui, plan)}
            {lines}
            <g clip-path=clip>{out_lines}</g>
            {dots}
        </svg>
    }
    .into_any()
}

fn axes(ui: Ui, plan: &Plan) -> AnyView {
    let area = plan.scale.area;
    let values: Vec<_> = plan
        .values
        .iter()
        .map(|(y, value)| {
            view! {
                <line class="grid" x1=area.left x2=area.right y1=*y y2=*y />
                <text class="tick tick-value" x=area.left - 8.0 y=*y + 4.0>{ui.show.axis(*value)}</text>
            }
        })
        .collect();
    let times: Vec<_> = plan
        .times
        .iter()
        .map(|(x, tick)| {
            let label = if tick.is_midnight { ui.show.day(tick.at) } else { ui.show.clock(tick.at) };
            let class = if tick.is_midnight { "tick tick-time tick-day" } else { "tick tick-time" };
            view! {
                <line class="grid grid-time" x1=*x x2=*x y1=area.bottom y2=area.bottom + 5.0 />
                <text class=class x=x.max(area.left + 16.0).min(area.right - 18.0) y=area.bottom + 20.0>{label}</text>
            }
        })
        .collect();
    view! {
        {values}
        {times}
        <line class="axis" x1=area.left x2=area.right y1=area.bottom y2=area.bottom />
    }
    .into_any()
}

fn limits(ui: Ui, plan: &Plan) -> AnyView {
    let area = plan.scale.area;
    plan.limits
        .iter()
        .map(|(y, value)| {
            view! {
                <line class="limit" x1=area.left x2=area.right y1=*y y2=*y />
                <text class="tick limit-label" x=area.right - 4.0 y=*y - 5.0>{ui.show.axis(*value)}" °C"</text>
            }
        })
        .collect::<Vec<_>>()
        .into_any()
}

/// Tinted from the limit outwards, with an arrowhead that points to the side.
fn excursion(out: &OutStretch) -> AnyView {
    let middle = out.stretch.x + out.stretch.width / 2.0;
    let head = match out.bound {
        Bound::Above => format!("M{} {}l6 9h-12z", middle, out.y - 11.0),
        Bound::Below => format!("M{} {}l6 -9h-12z", middle, out.y + out.height + 11.0),
    };
    view! {
        <rect class="excursion" x=out.stretch.x y=out.y width=out.stretch.width height=out.height />
        <path class="excursion-head" d=head />
    }
    .into_any()
}

fn cursor_lines(plan: &Plan, point: Point) -> AnyView {
    let (x, y) = (plan.scale.x(point.time), plan.scale.y(point.value));
    let area = plan.scale.area;
    let (width, height) = (area.right + 12.0, HEIGHT);
    view! {
        <svg class="chart-cursor" viewBox=format!("0 0 {width} {height}") width=width height=height aria-hidden="true">
            <line class="cursor" x1=x x2=x y1=area.top y2=area.bottom />
            <circle class="cursor-dot" cx=x cy=y r="4.5" />
        </svg>
    }
    .into_any()
}

/// What the shapes mean; only those that the chart shows.
fn legend(ui: Ui, plan: &Plan, index: usize) -> AnyView {
    let texts = &ui.texts.chart;
    let (out, gaps) = (!plan.excursions.is_empty(), !plan.gaps.is_empty());
    let hatch = format!("url(#hatch-{index})");
    view! {
        <ul class="legend">
            <li>
                <svg viewBox="0 0 18 12" aria-hidden="true">
                    <rect class="band" width="18" height="12" />
                    <line class="limit" x1="0" x2="18" y1="1" y2="1" />
                    <line class="limit" x1="0" x2="18" y1="11" y2="11" />
                </svg>
                {texts.limits}
            </li>
            {out.then(|| view! {
                <li>
                    <svg viewBox="0 0 18 12" aria-hidden="true">
                        <rect class="excursion" width="18" height="12" />
                        <path class="excursion-head" d="M9 2l5 8h-10z" />
                    </svg>
                    {texts.excursion}
                </li>
            })}
            {gaps.then(|| view! {
                <li>
                    <svg viewBox="0 0 18 12" aria-hidden="true"><rect class="gap" width="18" height="12" fill=hatch /></svg>
                    {texts.gap}
                </li>
            })}
        </ul>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyboard_reaches_every_reading_and_stays_among_them() {
        assert_eq!(moved("ArrowLeft", None, 10), Some(8));
        assert_eq!(moved("ArrowRight", Some(9), 10), Some(9));
        assert_eq!(moved("Home", Some(5), 10), Some(0));
        assert_eq!(moved("PageUp", Some(5), 1000), Some(55));
        assert_eq!(moved("a", Some(5), 10), None);
        assert_eq!(moved("Home", None, 0), None);
    }
}
