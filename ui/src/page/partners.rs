//! The other organisations that admins pinned: their names, numbers and fingerprints.

use super::{device, known};
use crate::app::Ui;
use crate::i18n::fill;
use crate::part::icon;
use firn_model::api::{PartnerKnown, PartnerShown};
use leptos::prelude::*;

/// The list; nothing where there is none, for pinning is an admin's act at the command.
pub(super) fn partners(ui: Ui) -> AnyView {
    let texts = &ui.texts.device;
    let partners = known(ui, |snapshot| snapshot.partners.clone());
    let list = move || {
        let partners = partners.get().filter(|partners| !partners.is_empty())?;
        let rows: Vec<_> = partners.iter().map(|partner| row(ui, partner)).collect();
        Some(view! {
            <section class="card" aria-labelledby="partners-title">
                <h2 id="partners-title">{texts.partners}</h2>
                <p class="quiet">{texts.partners_hint}</p>
                <ul class="plain">{rows}</ul>
            </section>
        })
    };
    view! { {list} }.into_any()
}

fn row(ui: Ui, partner: &PartnerShown) -> AnyView {
    let texts = &ui.texts.device;
    let since = ui.show.day_and_clock(partner.since);
    let standing = match partner.standing {
        PartnerKnown::Pinned => {
            let words = fill(texts.partner_pinned, &[("time", &since)]);
            view! { <p class="quiet">{words}</p> }.into_any()
        }
        PartnerKnown::Revoked => {
            let words = fill(texts.partner_revoked, &[("time", &since)]);
            view! { <p class="standing standing-review">{icon::outline(icon::path::WARNING)}<span>{words}</span></p> }
                .into_any()
        }
    };
    let gln = partner
        .gln
        .as_ref()
        .map(|gln| view! { <div><dt>"GLN"</dt><dd class="mono" dir="ltr">{gln.clone()}</dd></div> });
    view! {
        <li>
            <strong><bdi>{partner.name.clone()}</bdi></strong>
            {standing}
            <dl class="facts">
                {gln}
                <div><dt>{texts.fingerprint}</dt><dd class="mono" dir="ltr">{device::grouped(&partner.organisation.to_string())}</dd></div>
            </dl>
        </li>
    }
    .into_any()
}
