use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use wardesk_core::Wardesk;
use wardesk_core::privacy::documents::{Document, DocumentKind, DocumentVersion};

use super::body::{Stands, body, contents};
use super::{day, name, wardesk};
use crate::context::words;
use crate::pages::load::{Instead, loaded};
use crate::ui::{Alert, Tone};

/// The page `/privacy`.
#[component]
pub fn PrivacyPage() -> impl IntoView {
    in_effect(DocumentKind::Privacy)
}

/// The page `/terms`.
#[component]
pub fn TermsPage() -> impl IntoView {
    in_effect(DocumentKind::Terms)
}

/// The page `/privacy/versions/{version}`.
#[component]
pub fn PrivacyVersion() -> impl IntoView {
    version(DocumentKind::Privacy)
}

/// The page `/terms/versions/{version}`.
#[component]
pub fn TermsVersion() -> impl IntoView {
    version(DocumentKind::Terms)
}

fn in_effect(kind: DocumentKind) -> impl IntoView {
    loaded(async move {
        let wardesk = wardesk()?;
        let found = wardesk.documents().in_effect(kind, wardesk.now());
        let document = found.ok_or(Instead::NotFound)?;
        Ok(drawn(&wardesk, document))
    })
}

fn version(kind: DocumentKind) -> impl IntoView {
    let asked = use_params_map().read_untracked().get("version").unwrap_or_default();
    loaded(async move {
        let wardesk = wardesk()?;
        let version: DocumentVersion = asked.parse().map_err(|()| Instead::NotFound)?;
        let document = wardesk.documents().get(kind, version).ok_or(Instead::NotFound)?;
        Ok(drawn(&wardesk, document))
    })
}

fn drawn(wardesk: &Wardesk, document: &Document) -> impl IntoView + use<> {
    let w = words();
    let (kind, now) = (document.kind, wardesk.now());
    let documents = wardesk.documents();
    let held = documents.in_effect(kind, now).map(|held| held.version);
    let is_held = held == Some(document.version);
    let date = day(w, document.effective);
    let since = if is_held && document.effective <= now {
        w.documents_holds_since(document.version, date)
    } else if Some(document.version) < held {
        w.documents_held_before(document.version, date)
    } else {
        w.documents_holds_from(document.version, date)
    };
    let coming = documents.coming(kind, now).next().filter(|_| is_held).map(|next| {
        let text = w.documents_coming_text(day(w, next.effective), next.version);
        let (next, to) = (next.version, format!("/{}/versions/{}", kind.as_str(), next.version));
        view! {
            <Alert tone=Tone::Info title=w.documents_coming_title()>
                <p>{text}" "<a href=to>{w.documents_read_it(next)}</a></p>
            </Alert>
        }
    });
    let current = (!is_held).then(|| {
        view! { <p><a href=format!("/{}", kind.as_str())>{w.documents_to_current()}</a></p> }
    });
    let text = document.wording(w.locale()).body.clone();
    let (contents, stands) = (contents(w, &text), Stands::of(w, wardesk.imprint()));
    let body = body(text, &stands);
    view! {
        <Title text=name(w, kind)/>
        <div class="page-narrow stack">
            <div class="page-head"><div>
                <h1>{name(w, kind)}</h1>
                <p class="lede">{since}". "<a href="/privacy/changes">{w.documents_changes()}</a></p>
            </div></div>
            {coming}
            {current}
            {contents}
            {body}
        </div>
    }
}
