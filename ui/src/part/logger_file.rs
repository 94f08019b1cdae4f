//! A logger's own file, chosen here and read into a shipment.

use super::action::Action;
use super::form::{Entry, Look, field};
use crate::app::Ui;
use crate::browser;
use crate::i18n::fill;
use crate::show;
use crate::show::isolated;
use firn_model::api::{FileContent, FileTaken, Request, Response};
use firn_model::id::Id;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The largest file that is handed over, in bytes; `file/too-large` refuses less than that already.
const LARGEST: f64 = 64.0 * 1024.0 * 1024.0;

/// What became of the last file that was read at this window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LastFile {
    /// What the file is called.
    pub name: String,
    /// What of it was taken.
    pub taken: FileTaken,
}

/// The form: a file, and where the logger's clock stood.
pub(crate) fn logger_file(ui: Ui, shipment: Id, logger: Id) -> AnyView {
    let texts = &ui.texts.file;
    let (action, input) = (Action::new(), NodeRef::<html::Input>::new());
    let (zone, wrong) = (Entry::new(format!("file-zone-{logger}")), RwSignal::new(None::<&'static str>));
    zone.value.set(show::zone());
    let (id, wrong_id) = (format!("file-{logger}"), format!("file-{logger}-wrong"));
    let described = wrong_id.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let files = input.get_untracked().and_then(|input| input.files());
        let Some(file) = files.and_then(|files| files.get(0)) else { return wrong.set(Some(texts.none)) };
        if file.size() > LARGEST {
            return wrong.set(Some(texts.unread));
        }
        let zone = zone.given();
        spawn_local(async move {
            let Some(bytes) = browser::bytes_of(&file).await else {
                if wrong.try_set(Some(texts.unread)).is_some() {
                    leptos::logging::warn!("the form that asked is gone");
                }
                return;
            };
            let (name, content) = (file.name(), FileContent(bytes));
            let request = Request::ReadFile { shipment, logger, name: name.clone(), content, zone };
            action.ask_kept(ui, request, move |answer| {
                if let Response::FileTaken(taken) = answer {
                    ui.store.file.set(Some(LastFile { name, taken }));
                }
            });
        });
    };
    view! {
        <form class="step-form logger-file" novalidate on:submit=submit>
            <div class="field">
                <label for=id.clone()>{texts.choose}</label>
                <input
                    id=id
                    node_ref=input
                    type="file"
                    aria-describedby=move || wrong.get().map(|_| described.clone())
                    on:change=move |_| wrong.set(None)
                />
                {move || wrong.get().map(|words| view! { <p class="field-wrong" id=wrong_id.clone()>{words}</p> })}
            </div>
            {field(zone, Look::Line, texts.zone, Some(texts.zone_hint.to_owned()))}
            {action.outcome(ui)}
            <button type="submit" class="button" disabled=move || action.busy.get()>{texts.submit}</button>
        </form>
    }
    .into_any()
}

/// What became of the last file, above the screen: the form that read it may be gone with its step.
pub(crate) fn told(ui: Ui, last: &LastFile) -> AnyView {
    let texts = &ui.texts.file;
    let readings = ui.show.counted(last.taken.readings, &ui.texts.readings);
    let sealed = ui.show.count(last.taken.sealed);
    let name = isolated(&last.name);
    let taken = fill(texts.taken, &[("file", &name), ("readings", &readings), ("sealed", &sealed)]);
    let skipped = (!last.taken.skipped.is_empty()).then(|| {
        let lines: Vec<String> =
            last.taken.skipped.iter().take(8).map(|line| ui.show.count(u64::from(*line))).collect();
        let more = if last.taken.skipped.len() > lines.len() { " …" } else { "" };
        let lines = format!("{}{more}", ui.show.list(&lines));
        view! { <p>{fill(texts.skipped, &[("lines", &lines)])}</p> }
    });
    let notes: Vec<_> =
        last.taken.notes.iter().map(|note| view! { <p lang="en" dir="ltr">{note.clone()}</p> }).collect();
    view! { <div>{view! { <p>{taken}</p> }}{skipped}{notes}</div> }.into_any()
}
