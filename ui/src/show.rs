//! Numbers, instants and lengths of time as the reader's language writes them, by the web view's `Intl`.

use crate::age::{self, Age};
use crate::degrees;
use crate::i18n::{Language, Plural, fill};
use firn_model::assess::{MicroCelsius, Milliseconds};
use firn_model::gs1::LabelLimit;
use firn_model::profile::{Limits, Scale};
use firn_model::reading::Quantity;
use firn_model::time::UtcMillis;
use firn_model::units::{CentiFahrenheit, MilliCelsius};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &JsValue) -> NumberFormat;
    #[wasm_bindgen(method)]
    fn format(this: &NumberFormat, number: f64) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &JsValue) -> DateTimeFormat;
    #[wasm_bindgen(method)]
    fn format(this: &DateTimeFormat, milliseconds: f64) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    type RelativeTimeFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &JsValue) -> RelativeTimeFormat;
    #[wasm_bindgen(method)]
    fn format(this: &RelativeTimeFormat, count: f64, unit: &str) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    type ListFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &JsValue) -> ListFormat;
    #[wasm_bindgen(method)]
    fn format(this: &ListFormat, names: &js_sys::Array) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    type PluralRules;
    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(locale: &str) -> PluralRules;
    #[wasm_bindgen(method)]
    fn select(this: &PluralRules, count: f64) -> String;
}

/// Keeps a number's signs and unit in order within text that runs from right to left (UAX 9).
fn left_to_right(text: &str) -> String {
    format!("\u{2066}{text}\u{2069}")
}

/// A name that a person gave, so that its direction changes nothing around it (Unicode UAX 9, FSI to PDI).
pub(crate) fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// Keeps what is compared character by character, as a lot is with a box, on one line.
pub(crate) fn unbroken(text: &str) -> String {
    text.replace('-', "-\u{2060}").replace(' ', "\u{a0}")
}

/// Options are JSON written in this file; what cannot be read leaves the language's default.
fn options(json: &str) -> JsValue {
    js_sys::JSON::parse(json).unwrap_or(JsValue::UNDEFINED)
}

/// Writes values in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Show(pub Language);

impl Show {
    fn locale(self) -> &'static str {
        self.0.locale()
    }

    fn decimal(self, value: f64, fewest: u8, most: u8) -> String {
        let digits = format!(r#"{{"minimumFractionDigits":{fewest},"maximumFractionDigits":{most}}}"#);
        NumberFormat::new(self.locale(), &options(&digits)).format(value)
    }

    /// A whole number.
    pub(crate) fn count(self, count: u64) -> String {
        self.decimal(count as f64, 0, 0)
    }

    /// Degrees Celsius with the decimals that decided.
    pub(crate) fn degrees(self, value: MilliCelsius, limits: Option<Limits>) -> String {
        let decimals = degrees::decimals(value, limits);
        left_to_right(&format!("{}\u{a0}°C", self.decimal(f64::from(value.0) / 1e3, decimals, decimals)))
    }

    /// Degrees Celsius with every digit there is, at least one decimal.
    pub(crate) fn exact_degrees(self, value: MilliCelsius) -> String {
        left_to_right(&format!("{}\u{a0}°C", self.decimal(f64::from(value.0) / 1e3, 1, 3)))
    }

    /// From one temperature to another, each with every digit there is.
    pub(crate) fn degrees_between(self, low: MilliCelsius, high: MilliCelsius) -> String {
        let number = |value: MilliCelsius| self.decimal(f64::from(value.0) / 1e3, 1, 3);
        left_to_right(&format!("{}\u{a0}°C – {}\u{a0}°C", number(low), number(high)))
    }

    /// A limit in the scale that its profile compares in, in °F beside °C.
    pub(crate) fn limit(self, value: MilliCelsius, scale: Scale) -> String {
        let celsius = self.exact_degrees(value);
        match scale.fahrenheit(value) {
            Some(fahrenheit) => format!("{} ({celsius})", self.fahrenheit(fahrenheit)),
            None => celsius,
        }
    }

    /// From one limit to another, likewise.
    pub(crate) fn limits(self, low: MilliCelsius, high: MilliCelsius, scale: Scale) -> String {
        let celsius = self.degrees_between(low, high);
        match scale.fahrenheit(low).zip(scale.fahrenheit(high)) {
            Some((low, high)) => {
                let fahrenheit = format!("{} – {}", self.fahrenheit(low), self.fahrenheit(high));
                left_to_right(&format!("{} ({celsius})", left_to_right(&fahrenheit)))
            }
            None => celsius,
        }
    }

    fn fahrenheit(self, value: CentiFahrenheit) -> String {
        self.label_limit(LabelLimit { scale: Scale::Fahrenheit, hundredths: value.0 })
    }

    /// A limit as a label prints it, in the scale that it is printed in.
    pub(crate) fn label_limit(self, limit: LabelLimit) -> String {
        let unit = match limit.scale {
            Scale::Celsius => "°C",
            Scale::Fahrenheit => "°F",
        };
        left_to_right(&format!("{}\u{a0}{unit}", self.decimal(f64::from(limit.hundredths) / 1e2, 1, 2)))
    }

    /// Names in a list, as the language joins them: "Ana, Quinn".
    pub(crate) fn list<T: AsRef<str>>(self, names: &[T]) -> String {
        let names: js_sys::Array = names.iter().map(|name| JsValue::from_str(name.as_ref())).collect();
        ListFormat::new(self.locale(), &options(r#"{"style":"short","type":"unit"}"#)).format(&names)
    }

    /// A computed mean in degrees Celsius, to two decimals.
    pub(crate) fn mean(self, value: MicroCelsius) -> String {
        left_to_right(&format!("{}\u{a0}°C", self.decimal(value.0 as f64 / 1e6, 2, 2)))
    }

    /// A bare number of degrees for an axis.
    pub(crate) fn axis(self, value: MilliCelsius) -> String {
        self.decimal(f64::from(value.0) / 1e3, 0, 3)
    }

    /// A battery's voltage to two decimals.
    pub(crate) fn volts(self, millivolts: u32) -> String {
        left_to_right(&format!("{}\u{a0}V", self.decimal(f64::from(millivolts) / 1e3, 2, 2)))
    }

    /// Percent with at most one decimal.
    pub(crate) fn percent(self, value: f64) -> String {
        left_to_right(&format!("{}\u{a0}%", self.decimal(value, 0, 1)))
    }

    /// A value other than a temperature with its unit, with every digit that may have decided.
    pub(crate) fn quantity(self, quantity: Quantity, value: i32) -> String {
        let number = self.scaled(quantity, value);
        left_to_right(format!("{number}\u{a0}{}", quantity.unit().0).trim_end())
    }

    /// From one value to another, with their unit.
    pub(crate) fn quantities(self, quantity: Quantity, low: i32, high: i32) -> String {
        let (low, high) = (self.scaled(quantity, low), self.scaled(quantity, high));
        left_to_right(format!("{low} – {high}\u{a0}{}", quantity.unit().0).trim_end())
    }

    fn scaled(self, quantity: Quantity, value: i32) -> String {
        let scale = quantity.unit().1;
        let most = u8::try_from(scale).unwrap_or(0);
        self.decimal(f64::from(value) / f64::from(10_u32.saturating_pow(scale)), 0, most)
    }

    /// The time of day; with the date where it is not today's.
    pub(crate) fn time(self, at: UtcMillis, now: UtcMillis) -> String {
        let today = self.with(r#"{"dateStyle":"short"}"#, at) == self.with(r#"{"dateStyle":"short"}"#, now);
        if today { self.clock(at) } else { self.day_and_clock(at) }
    }

    /// The time of day.
    pub(crate) fn clock(self, at: UtcMillis) -> String {
        self.with(r#"{"hour":"2-digit","minute":"2-digit","hourCycle":"h23"}"#, at)
    }

    /// Day, month and time of day.
    pub(crate) fn day_and_clock(self, at: UtcMillis) -> String {
        let json =
            r#"{"day":"numeric","month":"short","hour":"2-digit","minute":"2-digit","hourCycle":"h23"}"#;
        self.with(json, at)
    }

    /// Day and month.
    pub(crate) fn day(self, at: UtcMillis) -> String {
        self.with(r#"{"day":"numeric","month":"short"}"#, at)
    }

    /// Day, month and year.
    pub(crate) fn date(self, at: UtcMillis) -> String {
        self.with(r#"{"day":"numeric","month":"short","year":"numeric"}"#, at)
    }

    /// All of an instant, to the second and with the offset that it is shown in.
    pub(crate) fn instant(self, at: UtcMillis) -> String {
        let json = r#"{"day":"numeric","month":"short","year":"numeric","hour":"2-digit","minute":"2-digit",
                      "second":"2-digit","hourCycle":"h23","timeZoneName":"shortOffset"}"#;
        self.with(json, at)
    }

    fn with(self, json: &str, at: UtcMillis) -> String {
        DateTimeFormat::new(self.locale(), &options(json)).format(at.0 as f64)
    }

    /// How long ago something was: "4 min ago".
    pub(crate) fn age(self, now: UtcMillis, then: UtcMillis) -> String {
        let (count, unit) = match age::age(now, then) {
            Age::Ahead => return self.day_and_clock(then),
            Age::Seconds(count) => (count, "second"),
            Age::Minutes(count) => (count, "minute"),
            Age::Hours(count) => (count, "hour"),
            Age::Days(count) => (count, "day"),
        };
        let format =
            RelativeTimeFormat::new(self.locale(), &options(r#"{"style":"short","numeric":"always"}"#));
        // Minus zero is said as "0 sec. ago", not "in 0 sec."
        format.format(-(count as f64), unit)
    }

    /// A length of time in its two largest units.
    pub(crate) fn duration(self, length: Milliseconds) -> String {
        let parts = age::parts(length.0).into_iter().map(|(count, unit)| {
            let json = format!(r#"{{"style":"unit","unit":"{}","unitDisplay":"short"}}"#, unit.name());
            NumberFormat::new(self.locale(), &options(&json)).format(count as f64)
        });
        parts.collect::<Vec<_>>().join(" ")
    }

    /// A counted noun.
    pub(crate) fn counted(self, count: u64, noun: &Plural) -> String {
        let category = PluralRules::new(self.locale()).select(count as f64);
        fill(noun.form(&category), &[("count", &self.count(count))])
    }
}

/// This device's clock.
pub(crate) fn now() -> UtcMillis {
    UtcMillis(js_sys::Date::now() as i64)
}

/// How a local date and time is typed where the web view offers no picker.
pub(crate) const INSTANT_FORM: &str = "2026-01-31 14:00";

/// A local date and time as a field holds it: `2026-11-30T14:00`, or with a blank in the middle.
pub(crate) fn local_instant(text: &str) -> Option<UtcMillis> {
    let text = text.trim().replacen(' ', "T", 1);
    let at = js_sys::Date::new(&JsValue::from_str(&text)).get_time();
    (text.contains('T') && at.is_finite()).then_some(UtcMillis(at as i64))
}

/// The name of this device's time zone in the IANA database, or its offset where the web view names none.
pub(crate) fn zone() -> String {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    let name = js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into()).ok();
    name.and_then(|name| name.as_string()).filter(|name| !name.is_empty()).unwrap_or_else(|| {
        let minutes = offset_ms(now()) / 60_000;
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    })
}

/// How far local time is east of UTC at that instant, in milliseconds.
pub(crate) fn offset_ms(at: UtcMillis) -> i64 {
    let date = js_sys::Date::new(&JsValue::from_f64(at.0 as f64));
    (date.get_timezone_offset() * -60_000.0) as i64
}
