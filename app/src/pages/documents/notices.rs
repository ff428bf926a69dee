//! News of documents: what a signed-in person is asked to take note of, and a line for everybody on `/status`.

use domain::time::Millis;
use leptos::prelude::*;
use wardesk_core::Wardesk;
use wardesk_core::privacy::documents::{Document, DocumentKind, pending};
use words::Words;

use super::day;
use crate::context::{request, session, words};
use crate::ui::{Alert, Button, Tone};

/// What somebody has not taken note of yet, above every page. Nothing for others.
#[component]
pub fn Notices() -> impl IntoView {
    let wardesk: Option<Wardesk> = use_context();
    let visitor = wardesk.zip(session());
    let (w, path) = (words(), request().path);
    view! {
        <Suspense>
            {Suspend::new(async move {
                let (wardesk, session) = visitor?;
                // A page is not worth less without its notice.
                let open = pending(&wardesk, &session).await.unwrap_or_else(|error| {
                    tracing::error!(%error, "what is to be taken note of could not be read");
                    Vec::new()
                });
                let now = wardesk.now();
                let asked = open.into_iter().map(|document| asked(w, document, now, path.clone()));
                Some(view! { <div class="notices stack-s">{asked.collect_view()}</div> })
            })}
        </Suspense>
    }
}

fn asked(w: Words, document: &Document, now: Millis, path: String) -> impl IntoView + use<> {
    let (kind, version) = (document.kind.as_str(), document.version);
    let title = match document.kind {
        DocumentKind::Privacy => w.documents_asked_privacy(),
        DocumentKind::Terms => w.documents_asked_terms(),
    };
    let (date, summary) = (day(w, document.effective), &document.wording(w.locale()).summary);
    let text = if document.effective <= now {
        w.documents_asked_held(version, date, summary)
    } else {
        w.documents_asked_coming(version, date, summary)
    };
    view! {
        <Alert tone=Tone::Info title=title>
            <p>{text}</p>
            <form method="post" action="/account/documents" class="row">
                <input type="hidden" name="document" value=kind/>
                <input type="hidden" name="version" value=version.to_string()/>
                <input type="hidden" name="return" value=path/>
                <a href=format!("/{kind}/versions/{version}")>{w.documents_read_it(version)}</a>
                <Button small=true>{w.documents_acknowledge()}</Button>
            </form>
        </Alert>
    }
}

/// Material changes that are coming or new, for everybody.
#[component]
pub fn StatusNews() -> impl IntoView {
    let wardesk: Option<Wardesk> = use_context();
    let w = words();
    let now = wardesk.as_ref().map(Wardesk::now);
    let news = wardesk.as_ref().zip(now).map(|(wardesk, now)| wardesk.documents().news(now));
    news.unwrap_or_default()
        .into_iter()
        .map(|document| {
            let (version, date) = (document.version, day(w, document.effective));
            let text = match document.kind {
                DocumentKind::Privacy => w.documents_status_privacy(version, date),
                DocumentKind::Terms => w.documents_status_terms(version, date),
            };
            let to = format!("/{}/versions/{version}", document.kind.as_str());
            view! {
                <Alert tone=Tone::Info>
                    <p>{text}" "<a href=to>{w.documents_read_it(version)}</a></p>
                </Alert>
            }
        })
        .collect_view()
}
