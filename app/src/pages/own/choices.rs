//! What somebody may do about what is held of them.

use domain::privacy::RequestKind;
use leptos::prelude::*;
use wardesk_core::privacy::download::{Download, DownloadState, Failure};
use wardesk_core::privacy::restrict::Restriction;
use words::Words;

use super::PATH;
use crate::ui::{Alert, Button, ButtonKind, Card, LinkButton, Time, Tone, size};

/// A form of one button.
fn act(action: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <form method="post" action=PATH>
            <Button name="action" value=action>{label}</Button>
        </form>
    }
}

/// Why a download could not be made.
fn why(w: Words, failure: Failure) -> &'static str {
    match failure {
        Failure::Unreadable => w.privacy_download_unreadable(),
        Failure::Unwritable => w.privacy_download_unwritable(),
        Failure::Interrupted => w.privacy_download_interrupted(),
    }
}

/// The card of the download: to ask for one, how far it is, or where it is.
fn copy(w: Words, download: Option<Download>) -> impl IntoView {
    let ask = || act("download", w.privacy_download());
    let state = match download {
        Some(Download { state: DownloadState::Asked, failure: None, .. }) => {
            view! { <p>{w.privacy_download_asked()}</p> }.into_any()
        }
        Some(Download { state: DownloadState::Asked, failure: Some(failure), .. }) => {
            view! { <p>{why(w, failure)}" "{w.privacy_download_again()}</p> }.into_any()
        }
        Some(Download { state: DownloadState::Ready, length, expires_at, .. }) => view! {
            <p>
                <a href="/account/privacy/download" download="my-data.zip">{w.privacy_download_ready()}</a>
                " ("{size(w, length.unwrap_or_default())}") · "{w.privacy_download_until()}<Time at=expires_at/>
            </p>
            {ask()}
        }
        .into_any(),
        Some(Download { state: DownloadState::Failed, failure, .. }) => view! {
            <Alert tone=Tone::Warn>
                <p>{w.privacy_download_failed()}" "{failure.map(|failure| why(w, failure))}</p>
            </Alert>
            {act("download", w.privacy_download_try())}
        }
        .into_any(),
        None => ask().into_any(),
    };
    view! { <Card title=w.privacy_download_title() lede=w.privacy_download_text()>{state}</Card> }
}

/// What restricts the use, one thing in a line; `server`: where it does not everywhere.
fn restricted(w: Words, restriction: Restriction, server: Option<String>) -> impl IntoView {
    let why = match restriction.kind {
        Some(RequestKind::Restrict) => w.privacy_restricted_request(),
        _ => w.privacy_restricted_objection(),
    };
    // A request goes a time after its answer, and what it brought stays.
    let about = restriction.request.filter(|_| restriction.kind.is_some());
    let about = about.map(|id| {
        view! { " · "<a href=format!("/account/requests/{id}")>{why}</a> }
    });
    let place = server.map(|name| view! { " · "<span class="wrap-anywhere">{name}</span> });
    view! { <p>{w.privacy_restricted_since()}<Time at=restriction.since/>{about}{place}</p> }
}

/// The cards of the choices. `restrictions`: what restricts the use, and the server where that is not everywhere.
pub(super) fn cards(
    w: Words,
    restrictions: Vec<(Restriction, Option<String>)>,
    download: Option<Download>,
) -> impl IntoView {
    let everywhere = restrictions.iter().any(|(one, _)| one.request.is_none());
    let lines = restrictions.into_iter().map(|(one, server)| restricted(w, one, server));
    let lines = lines.collect::<Vec<_>>();
    let restriction = (!lines.is_empty()).then(|| {
        view! {
            <Alert tone=Tone::Info>
                {lines}
                <p>{w.privacy_restricted_text()}</p>
            </Alert>
            {act("lift", w.privacy_lift())}
        }
    });
    let restrict = (!everywhere).then(|| act("restrict", w.privacy_restrict()));
    view! {
        {copy(w, download)}
        <Card title=w.privacy_correct_title() lede=w.privacy_correct_text()>
            <p><a href="/account">{w.privacy_correct_choices()}</a></p>
            {act("refresh", w.privacy_refresh())}
        </Card>
        <Card title=w.privacy_restrict_title() lede=w.privacy_restrict_text()>{restriction}{restrict}</Card>
        <Card title=w.privacy_object_title() lede=w.privacy_object_text()>
            <p><a href="/privacy/request?kind=object">{w.privacy_object()}</a></p>
        </Card>
        <Card title=w.privacy_withdraw_title() lede=w.privacy_withdraw_text()>
            {act("withdraw", w.privacy_withdraw())}
        </Card>
        <Card title=w.privacy_erase_title() lede=w.privacy_erase_text()>
            <div><LinkButton kind=ButtonKind::Danger href="/account/privacy/erase">{w.privacy_erase()}</LinkButton></div>
        </Card>
    }
}
