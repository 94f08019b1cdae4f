//! The goods of a new shipment, line by line, as they are typed or scanned.

use crate::app::Ui;
use crate::part::action::refused;
use crate::part::icon;
use crate::wording::NO_GOODS;
use firn_model::api::Refusal;
use firn_model::gs1::{Goods, LabelLimits, ScanError, scanned};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// One line of goods as it is typed.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub key: usize,
    pub product: RwSignal<String>,
    pub gtin: RwSignal<String>,
    pub lot: RwSignal<String>,
    pub expiry: RwSignal<String>,
    pub quantity: RwSignal<String>,
    /// What the label says of temperature, once it was scanned.
    pub label: RwSignal<Option<LabelLimits>>,
    /// Into which field the last scan went that was not taken, and why.
    refusal: RwSignal<Option<(RwSignal<String>, Refusal)>>,
}

impl Line {
    pub fn new(key: usize) -> Self {
        let empty = || RwSignal::new(String::new());
        Self {
            key,
            product: empty(),
            gtin: empty(),
            lot: empty(),
            expiry: empty(),
            quantity: RwSignal::new("1".to_owned()),
            label: RwSignal::default(),
            refusal: RwSignal::default(),
        }
    }

    /// Takes what was scanned into `field` to where it belongs; what is refused stays where it is. Whether it
    /// was a scan at all.
    fn take(self, field: RwSignal<String>) -> bool {
        self.refusal.set(None);
        let Some(read) = field.with_untracked(|text| scanned(text)) else { return false };
        match goods_of(read.map(|scan| scan.goods())) {
            Ok(goods) => {
                field.set(String::new());
                self.fill(goods);
            }
            Err(refusal) => self.refusal.set(Some((field, refusal))),
        }
        true
    }

    fn fill(self, goods: Goods) {
        let texts = [
            (self.gtin, goods.gtin.map(|gtin| gtin.to_string())),
            (self.lot, goods.lot.map(|lot| lot.as_str().to_owned())),
            (self.expiry, goods.expiry.map(|expiry| expiry.as_str().to_owned())),
            (self.quantity, goods.quantity.map(|quantity| quantity.to_string())),
        ];
        texts.into_iter().for_each(|(field, text)| {
            if let Some(text) = text {
                field.set(text);
            }
        });
        if let Some(label) = goods.label {
            self.label.set(Some(label));
        }
        if self.quantity.with_untracked(String::is_empty) {
            self.quantity.set("1".to_owned());
        }
    }

    /// What keyboard wedges send as keys: Ctrl+] or F8 for a separator, Enter behind a scan.
    fn pressed(self, field: RwSignal<String>, event: &KeyboardEvent) {
        let separator = event.key() == "F8" || event.ctrl_key() && event.key() == "]";
        if separator {
            field.update(|text| text.push('\u{1D}'));
        }
        if separator || event.key() == "Enter" && self.take(field) {
            event.prevent_default();
        }
    }
}

/// What a scan names, or why it does not help here.
fn goods_of(read: Result<Goods, ScanError>) -> Result<Goods, Refusal> {
    match read {
        Ok(goods) if goods == Goods::default() => {
            Err(Refusal { code: NO_GOODS.into(), cause: String::new(), next_step: String::new() })
        }
        Ok(goods) => Ok(goods),
        Err(error) => Err(Refusal {
            code: error.code().into(),
            cause: error.to_string(),
            next_step: error.next_step().into(),
        }),
    }
}

/// Every line, and a button for one more.
pub(super) fn goods(ui: Ui, lines: RwSignal<Vec<Line>>) -> AnyView {
    let texts = &ui.texts.create;
    let add = move |_| {
        lines.update(|lines| {
            let key = lines.last().map_or(0, |line| line.key.saturating_add(1));
            lines.push(Line::new(key));
        })
    };
    view! {
        <fieldset class="goods">
            <legend>{ui.texts.shipment.items}</legend>
            <p class="hint">{texts.scan_hint}</p>
            <For each=move || lines.get() key=|line| line.key children=move |line| goods_line(ui, line, lines) />
            <button type="button" class="button" on:click=add>{icon::outline(icon::path::ADD)}{texts.add_item}</button>
        </fieldset>
    }
    .into_any()
}

fn goods_line(ui: Ui, line: Line, lines: RwSignal<Vec<Line>>) -> AnyView {
    let (texts, facts) = (&ui.texts.create, &ui.texts.shipment);
    let refusal_id = format!("refused-{}", line.key);
    let is_refused = move |value: RwSignal<String>| {
        line.refusal.with(|refused| refused.as_ref().is_some_and(|(field, _)| *field == value))
    };
    let cell = |label: &'static str, value: RwSignal<String>, class: &'static str, mode: &'static str| {
        let form = (label == facts.expiry).then_some(texts.expiry_form);
        let refusal_id = refusal_id.clone();
        view! {
            <label class=class>
                <span>{label}</span>
                <input
                    type="text"
                    inputmode=mode
                    dir="auto"
                    autocomplete="off"
                    placeholder=form
                    aria-invalid=move || is_refused(value).then_some("true")
                    aria-describedby=move || is_refused(value).then(|| refusal_id.clone())
                    prop:value=move || value.get()
                    on:input=move |event| value.set(event_target_value(&event))
                    on:keydown=move |event| line.pressed(value, &event)
                    on:change=move |_| {
                        line.take(value);
                    }
                />
            </label>
        }
    };
    let remove = move |_| lines.update(|lines| lines.retain(|known| known.key != line.key));
    view! {
        <div class="goods-line">
            {cell(texts.product, line.product, "cell cell-wide", "text")}
            {cell(facts.gtin, line.gtin, "cell", "text")}
            {cell(facts.lot, line.lot, "cell", "text")}
            {cell(facts.expiry, line.expiry, "cell", "text")}
            {cell(facts.quantity, line.quantity, "cell cell-short", "numeric")}
            <div class="outcome" role="alert" id=refusal_id.clone()>
                {move || line.refusal.get().map(|(_, refusal)| refused(ui, &refusal))}
            </div>
            <button type="button" class="button button-quiet" on:click=remove>{texts.remove_item}</button>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_into_any_field_fills_the_line_and_leaves_a_refused_one_where_it_is() {
        let owner = Owner::new();
        owner.with(|| {
            let line = Line::new(0);
            line.product.set("MMR vaccine".into());
            line.lot.set("0109521234543213172711003024\u{1D}10A1".into());
            assert!(!line.take(line.product), "what a person typed is no scan");
            assert!(line.take(line.lot));
            let fields =
                [line.product, line.gtin, line.lot, line.expiry, line.quantity].map(|field| field.get());
            assert_eq!(fields, ["MMR vaccine", "09521234543213", "A1", "271100", "24"]);
            assert_eq!(line.label.get(), None);
            line.lot.set("]C100095212345432100010\u{1D}4331000800".into());
            assert!(line.take(line.lot) && line.label.get().is_some_and(|label| label.highest.is_some()));
            line.quantity.set("]C100095212345432100010".into());
            assert!(line.take(line.quantity));
            assert_eq!(line.refusal.get().map(|(_, refusal)| refusal.code).as_deref(), Some(NO_GOODS));
            assert_eq!(line.quantity.get(), "]C100095212345432100010");
        });
    }
}
