//! The requests that the owner of a server answers.

use domain::access::Capability;
use domain::privacy::RequestState;
use leptos::prelude::*;
use wardesk_core::privacy::requests::{self, OwnerRequest};
use words::Words;

use super::{answer, kind_name, reason_text, state_badge, steps};
use crate::context::words;
use crate::forms::{self, Fields};
use crate::pages::flash::flash;
use crate::pages::load::{asker, loaded};
use crate::pages::query::query;
use crate::pages::server::{Area, access, frame, place};
use crate::ui::{Button, ButtonKind, Card, EmptyState, IconName, Time};

fn one(
    w: Words,
    one: OwnerRequest,
    base: &str,
    zone: &str,
    given: &Fields,
) -> impl IntoView + use<> {
    let request = one.followed.request.clone();
    let (made, until) = (zone.to_owned(), zone.to_owned());
    let id = request.id.to_string();
    let user = request.user.map(|user| user.to_string());
    let opener = user.clone().map(|user| format!("{base}/tickets?opener={user}"));
    let from = match (one.person, user) {
        (Some(name), Some(user)) => {
            view! { {name}" "<span class="faint num">{user}</span> }.into_any()
        }
        (None, Some(user)) => view! { <span class="num">{user}</span> }.into_any(),
        (_, None) => view! { "–" }.into_any(),
    };
    let waits = request.state == RequestState::WithOwner;
    let none = Fields::default();
    let given = if given.get("request") == id { given } else { &none };
    let act = waits.then(|| {
        let names =
            [w.requests_owner_done(), w.requests_owner_partly(), w.requests_owner_decline()];
        view! {
            <p>{w.requests_owner_do()}</p>
            <p class="row">
                {opener.map(|href| view! { <a href=href>{w.requests_owner_tickets()}</a> })}
                <a href=format!("{base}/search")>{w.requests_owner_search()}</a>
            </p>
            <form method="post" action=format!("{base}/privacy") class="stack">
                <input type="hidden" name="request" value=id.clone()/>
                {answer::fields(w, names, &id, given)}
                <div><Button kind=ButtonKind::Primary>{w.requests_owner_answer()}</Button></div>
            </form>
        }
    });
    let steps = steps(w, one.followed.steps, zone);
    let until = request.owner_until.filter(|_| waits).map(|at| {
        view! { <div><dt>{w.requests_owner_until()}</dt><dd><Time at=at zone=until/></dd></div> }
    });
    view! {
        <Card title=kind_name(w, request.kind)>
            <dl class="facts facts-wide">
                <div><dt>{w.requests_status_state()}</dt><dd>{state_badge(w, request.state)}</dd></div>
                <div><dt>{w.requests_owner_from()}</dt><dd class="wrap-anywhere">{from}</dd></div>
                <div><dt>{w.requests_status_made()}</dt><dd><Time at=request.made zone=made/></dd></div>
                {until}
                {request.reason.map(|reason| view! { <div><dt>{w.requests_status_reason()}</dt><dd>{reason_text(w, reason)}</dd></div> })}
            </dl>
            {one.followed.said.map(|said| view! { <p class="wrap-anywhere pre-line">{said.words}</p> })}
            {act}
            {steps}
        </Card>
    }
}

/// The page `/servers/{guild}/privacy`.
#[component]
pub fn ServerRequests() -> impl IntoView {
    loaded(async move {
        let access = access(Capability::Privacy).await?;
        let w = words();
        let all = requests::of_server(&access).await?;
        let shown = place(&access).await?;
        let (base, zone) = (format!("/servers/{}", access.guild()), access.time_zone().to_owned());
        let (wardesk, session) = asker()?;
        let draft = match query("draft") {
            Some(draft) => {
                forms::take(&wardesk, &session, &format!("{base}/privacy"), &draft).await
            }
            None => None,
        };
        let given = draft.unwrap_or_default().fields;
        let none = all.is_empty();
        let list = all.into_iter().map(|request| one(w, request, &base, &zone, &given));
        let list = list.collect_view();
        let body = view! {
            <div class="page-head"><div><h1>{w.requests_owner_title()}</h1><p class="lede">{w.requests_owner_lede()}</p></div></div>
            {flash()}
            {if none {
                view! { <EmptyState icon=IconName::Shield title=w.requests_owner_none_title() text=w.requests_owner_none_text()/> }.into_any()
            } else {
                list.into_any()
            }}
        };
        Ok(frame(&access, shown, Area::Privacy, w.requests_owner_title().to_owned(), body))
    })
}
