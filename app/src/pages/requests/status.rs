//! Where a request stands, for whoever made it.

use domain::privacy::{RequestKind, RequestState};
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::Wardesk;
use wardesk_core::privacy::erase::Waiting;
use wardesk_core::privacy::requests::{self, Followed};
use words::Words;

use super::{delay_text, kind_name, reason_text, state_badge, steps};
use crate::context::{self, words};
use crate::pages::flash::flash;
use crate::pages::load::{Instead, asker, loaded};
use crate::pages::query::param;
use crate::ui::{Alert, Button, ButtonKind, Card, Time, Tone};

/// The facts and the words of a request, as everybody sees them who may.
pub(super) fn facts(w: Words, one: &Followed, zone: &str) -> impl IntoView + use<> {
    let (request, zone) = (one.request.clone(), zone.to_owned());
    let (made, due) = (zone.clone(), zone.clone());
    let open = !request.state.is_decided() && request.state != RequestState::UnderWay;
    let delay = request.delay.filter(|_| open);
    let (server, answer) = (one.server.clone(), one.answer.clone());
    let waiting = waiting(w, one);
    view! {
        <Card>
            <dl class="facts facts-wide">
                <div><dt>{w.requests_status_state()}</dt><dd>{state_badge(w, request.state)}</dd></div>
                <div><dt>{w.requests_status_asked()}</dt><dd>{kind_name(w, request.kind)}</dd></div>
                <div><dt>{w.requests_status_made()}</dt><dd><Time at=request.made zone=made/></dd></div>
                {open.then(|| view! { <div><dt>{w.requests_status_due()}</dt><dd><Time at=request.due zone=due/></dd></div> })}
                {server.map(|name| view! { <div><dt>{w.requests_status_server()}</dt><dd class="wrap-anywhere">{name}</dd></div> })}
                {request.reason.map(|reason| view! { <div><dt>{w.requests_status_reason()}</dt><dd>{reason_text(w, reason)}</dd></div> })}
            </dl>
            {delay.map(|delay| view! { <p>{delay_text(w, delay)}</p> })}
            {waiting}
        </Card>
        {answer.map(|text| view! {
            <Card title=w.requests_status_answer()><p class="wrap-anywhere pre-line">{text}</p></Card>
        })}
    }
}

/// What an erasure waits for that is under way.
fn waiting(w: Words, one: &Followed) -> impl IntoView + use<> {
    if (one.request.kind, one.request.state) != (RequestKind::Erase, RequestState::UnderWay) {
        return ().into_any();
    }
    if one.waits.is_empty() {
        return view! { <p>{w.requests_status_erasing()}</p> }.into_any();
    }
    let lines = one.waits.iter().map(|(server, waiting)| {
        let why = match waiting {
            Waiting::Tickets => w.privacy_waits_tickets(),
            Waiting::Hold => w.privacy_waits_hold(),
        };
        let server = server.clone();
        view! { <li class="wrap-anywhere">{server}": "{why}</li> }
    });
    let lines = lines.collect_view();
    view! { <p>{w.requests_status_erasing_waits()}</p><ul class="bullets">{lines}</ul> }.into_any()
}

/// How far the copy is that was asked for, and where it is fetched.
fn copy(w: Words, one: &Followed) -> impl IntoView + use<> {
    if one.request.kind != RequestKind::Access || one.request.guild.is_some() {
        return ().into_any();
    }
    match one.request.state {
        RequestState::UnderWay => view! { <p>{w.requests_status_copy_made()}</p> }.into_any(),
        RequestState::Done => view! {
            <p>{w.requests_status_copy_ready()}" "<a href="/account/privacy">{w.requests_form_own_link()}</a></p>
        }
        .into_any(),
        _ => ().into_any(),
    }
}

/// What was said, if it is still kept.
pub(super) fn said(w: Words, one: &Followed) -> impl IntoView + use<> {
    one.said.clone().map(|said| {
        view! { <Card title=w.requests_status_said()><p class="wrap-anywhere pre-line">{said.words}</p></Card> }
    })
}

/// How to show that the account is one's own.
fn verify(w: Words, one: &Followed, path: &str) -> impl IntoView + use<> {
    if one.request.state != RequestState::Unverified {
        return ().into_any();
    }
    let path = path.to_owned();
    let needed = one.request.kind.concerns_account();
    let due = one.request.due;
    let text = if needed {
        let due = crate::ui::format_time(due, "UTC", w.locale());
        w.requests_status_verify_text(due)
    } else {
        w.requests_status_verify_text_open().to_owned()
    };
    let act = match context::session() {
        Some(session) => view! {
            <p>{w.requests_status_verify_as(session.name())}</p>
            <form method="post" action=path>
                <Button kind=ButtonKind::Primary name="action" value="verify">{w.requests_status_verify()}</Button>
            </form>
        }
        .into_any(),
        None => view! {
            <form method="post" action="/auth/login">
                <input type="hidden" name="return" value=path/>
                <Button kind=ButtonKind::Primary>{w.requests_status_verify_sign_in()}</Button>
            </form>
        }
        .into_any(),
    };
    view! { <Card title=w.requests_status_verify_title()><p>{text}</p>{act}</Card> }.into_any()
}

fn page(w: Words, one: Followed, secret: Option<String>) -> impl IntoView {
    let keep = secret.is_some().then(|| {
        view! {
            <Alert tone=Tone::Warn title=w.requests_status_keep_title()><p>{w.requests_status_keep()}</p></Alert>
        }
    });
    let number = one.request.id.to_string();
    view! {
        <Title text=w.requests_status_title()/>
        <div class="page-middle stack">
            <div class="page-head"><div><h1>{w.requests_status_title()}</h1><p class="lede wrap-anywhere">{w.requests_status_number()}" "<code>{number}</code></p></div></div>
            {flash()}
            {keep}
            {facts(w, &one, "UTC")}
            {copy(w, &one)}
            {secret.map(|path| verify(w, &one, &path))}
            {said(w, &one)}
            <section class="stack-s"><h2>{w.requests_status_steps()}</h2>{steps(w, one.steps, "UTC")}</section>
            <p class="muted">{w.requests_status_complain()}</p>
        </div>
    }
}

/// The page `/privacy/requests/{token}`: for whoever has the address.
#[component]
pub fn RequestStatus() -> impl IntoView {
    loaded(async move {
        let wardesk: Wardesk = use_context().ok_or(Instead::NotFound)?;
        let token = param("token");
        let one = requests::follow(&wardesk, &token).await?;
        Ok(page(words(), one, Some(format!("/privacy/requests/{token}"))))
    })
}

/// The page `/account/requests/{request}`: for the account that asked.
#[component]
pub fn OwnRequest() -> impl IntoView {
    loaded(async move {
        let (wardesk, session) = asker()?;
        let id = param("request").parse().map_err(|_| Instead::NotFound)?;
        let one = requests::of_session(&wardesk, &session, id).await?;
        Ok(page(words(), one, None))
    })
}
