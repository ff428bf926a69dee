use std::cmp::Ordering;

use leptos::prelude::*;
use leptos_meta::Title;

use super::{day, name, wardesk};
use crate::context::words;
use crate::pages::load::loaded;
use crate::ui::{Badge, Table, Tone};

/// The page `/privacy/changes`: every version of both documents, the newest first.
#[component]
pub fn Changes() -> impl IntoView {
    loaded(async move {
        let wardesk = wardesk()?;
        let w = words();
        let now = wardesk.now();
        let documents = wardesk.documents();
        let mut all: Vec<_> = documents.all().collect();
        all.sort_by_key(|document| {
            (
                std::cmp::Reverse(document.effective),
                document.kind,
                std::cmp::Reverse(document.version),
            )
        });
        let columns = [
            w.documents_document(),
            w.documents_from_on(),
            w.documents_state(),
            w.documents_what_is_new(),
        ];
        let lines = all.into_iter().map(|document| {
            let kind = document.kind;
            let held = documents.in_effect(kind, now).map(|held| held.version);
            let (state, tone) = match Some(document.version).cmp(&held) {
                Ordering::Equal => (w.documents_current(), Tone::Good),
                Ordering::Greater => (w.documents_coming(), Tone::Info),
                Ordering::Less => (w.documents_former(), Tone::Warn),
            };
            let title = format!("{}, {}", name(w, kind), w.documents_version(document.version));
            let to = format!("/{}/versions/{}", kind.as_str(), document.version);
            let summary = document.wording(w.locale()).summary.clone();
            view! {
                <tr>
                    <td data-label=columns[0]><a href=to>{title}</a></td>
                    <td data-label=columns[1]>{day(w, document.effective)}</td>
                    <td data-label=columns[2]><Badge label=state tone=tone/></td>
                    <td data-label=columns[3]>{summary}</td>
                </tr>
            }
        });
        let lines = lines.collect_view();
        Ok(view! {
            <Title text=w.documents_changes()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{w.documents_changes()}</h1><p class="lede">{w.documents_changes_text()}</p></div></div>
                <Table caption=w.documents_changes() columns=columns.map(str::to_owned).to_vec()>{lines}</Table>
            </div>
        })
    })
}
