//! What somebody may do about what is held of them.

use domain::time::Millis;
use leptos::prelude::*;
use wardesk_core::privacy::download::{Download, DownloadState};
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

/// The card of the download: to ask for one, how far it is, or where it is.
fn copy(w: Words, download: Option<Download>) -> impl IntoView {
    let ask = || act("download", w.privacy_download());
    let state = match download {
        Some(Download { state: DownloadState::Asked, .. }) => {
            view! { <p>{w.privacy_download_asked()}</p> }.into_any()
        }
        Some(Download { state: DownloadState::Ready, length, expires_at, .. }) => view! {
            <p>
                <a href="/account/privacy/download" download="my-data.zip">{w.privacy_download_ready()}</a>
                " ("{size(w, length.unwrap_or_default())}") · "{w.privacy_download_until()}<Time at=expires_at/>
            </p>
            {ask()}
        }
        .into_any(),
        Some(Download { state: DownloadState::Failed, .. }) => {
            view! { <p>{w.privacy_download_failed()}</p>{ask()} }.into_any()
        }
        None => ask().into_any(),
    };
    view! { <Card title=w.privacy_download_title() lede=w.privacy_download_text()>{state}</Card> }
}

/// The cards of the choices. `since`: the use is restricted since then.
pub(super) fn cards(w: Words, since: Option<Millis>, download: Option<Download>) -> impl IntoView {
    let restriction = match since {
        Some(at) => view! {
            <Alert tone=Tone::Info>
                <p>{w.privacy_restricted_since()}<Time at=at/>"."</p>
                <p>{w.privacy_restricted_text()}</p>
            </Alert>
            {act("lift", w.privacy_lift())}
        }
        .into_any(),
        None => act("restrict", w.privacy_restrict()).into_any(),
    };
    view! {
        {copy(w, download)}
        <Card title=w.privacy_correct_title() lede=w.privacy_correct_text()>
            <p><a href="/account">{w.privacy_correct_choices()}</a></p>
            {act("refresh", w.privacy_refresh())}
        </Card>
        <Card title=w.privacy_restrict_title() lede=w.privacy_restrict_text()>{restriction}</Card>
        <Card title=w.privacy_object_title() lede=w.privacy_object_text()>
            <p><a href="/privacy/request">{w.privacy_object()}</a></p>
        </Card>
        <Card title=w.privacy_withdraw_title() lede=w.privacy_withdraw_text()>
            {act("withdraw", w.privacy_withdraw())}
        </Card>
        <Card title=w.privacy_erase_title() lede=w.privacy_erase_text()>
            <div><LinkButton kind=ButtonKind::Danger href="/account/privacy/erase">{w.privacy_erase()}</LinkButton></div>
        </Card>
    }
}
