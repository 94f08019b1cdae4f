//! Pictures: each mark has a shape of its own, so that colour is never the only sign.

use crate::wording::Mark;
use firn_model::api::Stock;
use firn_model::assess::Verdict;
use leptos::prelude::*;

/// Firn's own: layers of snow, the older the denser.
pub(crate) fn brand() -> AnyView {
    view! {
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
            <path class="layer-new" d="M2 12C8 8 14 10 19 12S28 13 30 10V16C28 18 24 18 19 17S8 14 2 17Z" />
            <path class="layer-mid" d="M2 19C8 16 14 17 19 19S28 20 30 18V23C28 25 24 25 19 24S8 21 2 24Z" />
            <path class="layer-old" d="M2 26C8 23 14 24 19 26S28 27 30 25V30H2Z" />
        </svg>
    }
    .into_any()
}

/// A cut through the snow, for the foot of the rail and the empty page; decoration.
pub(crate) fn strata() -> AnyView {
    view! {
        <svg class="strata" viewBox="0 0 320 140" preserveAspectRatio="none" aria-hidden="true">
            <path class="stratum-1" d="M0 34C40 22 84 20 128 30S216 46 252 38S304 24 320 28V140H0Z" />
            <path class="stratum-2" d="M0 62C48 52 92 56 136 64S220 74 260 64S306 54 320 58V140H0Z" />
            <path class="stratum-3" d="M0 88C52 80 96 84 144 90S232 98 268 90S308 82 320 84V140H0Z" />
            <path class="stratum-4" d="M0 112C56 106 104 110 152 114S240 120 276 114S310 108 320 110V140H0Z" />
        </svg>
    }
    .into_any()
}

/// The shape of a verdict: circle with a tick, triangle with a mark, octagon with a cross.
pub(crate) fn verdict(mark: Mark) -> AnyView {
    let class = format!("shape shape-{}", mark.class());
    match mark {
        Mark::Pending => view! {
            <svg class=class viewBox="0 0 24 24" aria-hidden="true">
                <circle class="shape-outline" cx="12" cy="12" r="9" stroke-dasharray="3.5 3.5" />
                <path class="shape-line" d="M12 7.5V12l3 2" />
            </svg>
        }
        .into_any(),
        Mark::Judged(Verdict::Ok) => view! {
            <svg class=class viewBox="0 0 24 24" aria-hidden="true">
                <circle class="shape-body" cx="12" cy="12" r="10" />
                <path class="shape-sign" d="M7.4 12.4l3.1 3.1 6.1-6.6" />
            </svg>
        }
        .into_any(),
        Mark::Judged(Verdict::Review) => view! {
            <svg class=class viewBox="0 0 24 24" aria-hidden="true">
                <path class="shape-body" d="M12 2.2c.8 0 1.4.4 1.8 1.1l8.6 15.2c.8 1.4-.2 3.1-1.8 3.1H3.4c-1.6 0-2.6-1.7-1.8-3.1L10.2 3.3c.4-.7 1-1.1 1.8-1.1Z" />
                <path class="shape-sign" d="M12 8.6v5.2M12 17.4v.1" />
            </svg>
        }
        .into_any(),
        Mark::Judged(Verdict::Excursion) => view! {
            <svg class=class viewBox="0 0 24 24" aria-hidden="true">
                <path class="shape-body" d="M8 2h8l6 6v8l-6 6H8l-6-6V8Z" />
                <path class="shape-sign" d="M8.5 8.5l7 7M15.5 8.5l-7 7" />
            </svg>
        }
        .into_any(),
    }
}

/// The shape of a stock's standing: a barred circle says DO NOT USE.
pub(crate) fn stock(stock: Stock) -> AnyView {
    let path = match stock {
        Stock::Quarantine => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M5.8 5.8l12.4 12.4",
        Stock::Received => "M4 8l8-4 8 4v8l-8 4-8-4ZM4 8l8 4 8-4M12 12v8",
        Stock::Released => "M5 12.5l4.5 4.5L19 7.5",
        Stock::ReleasedInPart => "M5 12.5l4.5 4.5L14 12M16 9.5l3-3",
        Stock::Rejected => "M6 6l12 12M18 6L6 18",
    };
    outline(path)
}

/// A drawing in lines, in the colour of the text around it.
pub(crate) fn outline(path: &'static str) -> AnyView {
    view! {
        <svg class="outline" viewBox="0 0 24 24" aria-hidden="true">
            <path d=path />
        </svg>
    }
    .into_any()
}

/// Paths for [`outline`].
pub(crate) mod path {
    pub(crate) const SHIPMENTS: &str =
        "M3.5 8.2L12 4l8.5 4.2v7.9L12 20.2l-8.5-4.1ZM3.5 8.2L12 12.3l8.5-4.1M12 12.3v7.9M7.6 6.2l8.6 4.2";
    pub(crate) const ALARM: &str = "M12 4L2.8 20h18.4ZM12 10v4.6M12 17.3v.1";
    pub(crate) const TASKS: &str = "M4 6.2l1.6 1.6L8.4 5M4 12.2l1.6 1.6L8.4 11M4 18.2l1.6 1.6L8.4 17M11.5 6.5H20M11.5 12.5H20M11.5 18.5H20";
    pub(crate) const NEARBY: &str =
        "M12 12v8M8.5 20h7M9.4 11.2a3.6 3.6 0 1 1 5.2 0M6.9 13.6a7 7 0 1 1 10.2 0";
    pub(crate) const PEERS: &str = "M4 5h9v12H4ZM16 8.5h4.5V19H16ZM7.5 20.5h5M18.2 16.4v.1";
    pub(crate) const DEVICE: &str =
        "M12 3l7.5 3v5.6c0 4.4-3 7.7-7.5 9.4-4.5-1.7-7.5-5-7.5-9.4V6ZM8.8 12l2.3 2.3 4.2-4.4";
    pub(crate) const WATCHING: &str = "M2.5 12S6 5.8 12 5.8 21.5 12 21.5 12 18 18.2 12 18.2 2.5 12 2.5 12ZM12 9.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6";
    pub(crate) const NOT_WATCHING: &str = "M4 4l16 16M9.9 6c.7-.1 1.4-.2 2.1-.2 6 0 9.5 6.2 9.5 6.2a16 16 0 0 1-2.9 3.6M6.3 7.7A15.6 15.6 0 0 0 2.5 12S6 18.2 12 18.2c1.6 0 3-.4 4.3-1M9.9 9.9a2.8 2.8 0 0 0 4 4";
    pub(crate) const BACK: &str = "M14.5 5.5L8 12l6.5 6.5";
    pub(crate) const NEXT: &str = "M4.5 12h14M13 6.5l5.5 5.5-5.5 5.5";
    pub(crate) const ADD: &str = "M12 5v14M5 12h14";
    pub(crate) const SEARCH: &str = "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13M15.3 15.3L20 20";
    pub(crate) const DEMO: &str = "M9.5 3.5h5M10.5 3.5v6L5 18.3c-.8 1.3.1 2.7 1.5 2.7h11c1.4 0 2.3-1.4 1.5-2.7L13.5 9.5v-6M7.8 14.5h8.4";
    pub(crate) const LOST: &str = "M4 4l16 16M8.5 15.6a5 5 0 0 1 6.5-.3M5.3 12.3a10 10 0 0 1 4.6-2.6M14 9.6a10 10 0 0 1 4.7 2.7M12 19v.1M2.2 9a14.5 14.5 0 0 1 4.6-3M10.3 5a14.5 14.5 0 0 1 11.5 4";
    pub(crate) const CLOCK: &str = "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17M12 7.5V12l3 2";
    pub(crate) const DONE: &str = "M5 12.5l4.5 4.5L19 7.5";
    pub(crate) const WARNING: &str = "M12 4L21 19.5H3ZM12 10v4M12 16.9v.1";
    pub(crate) const COPY: &str = "M8.5 8.5h11v11h-11ZM15.5 8.5v-4h-11v11h4";
    pub(crate) const PERSON: &str = "M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8M4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6";
    pub(crate) const LOCK: &str = "M6 10.5h12v9.5H6ZM8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3M12 14.2v2.4";
    pub(crate) const SYNC: &str = "M4.5 12a7.5 7.5 0 0 1 13-5.1L20 9.3M20 4.5v4.8h-4.8M19.5 12a7.5 7.5 0 0 1-13 5.1L4 14.7M4 19.5v-4.8h4.8";
}

/// Four bars, of which so many are full.
pub(crate) fn bars(full: u8) -> AnyView {
    let class = |bar: u8| if bar <= full { "bar-full" } else { "bar-empty" };
    view! {
        <svg class="bars" viewBox="0 0 20 16" aria-hidden="true">
            <rect class=class(1) x="0.5" y="11" width="3.5" height="5" rx="1" />
            <rect class=class(2) x="5.5" y="8" width="3.5" height="8" rx="1" />
            <rect class=class(3) x="10.5" y="4.5" width="3.5" height="11.5" rx="1" />
            <rect class=class(4) x="15.5" y="1" width="3.5" height="15" rx="1" />
        </svg>
    }
    .into_any()
}
