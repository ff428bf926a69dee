//! One request on the operators' desk.

use domain::privacy::{Delay, RequestKind, RequestState, Step};
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::privacy::requests::{self, Followed, Said};
use words::Words;

use super::status::{facts, said};
use super::{DESK, answer, kind_name, steps, via_name};
use crate::context::words;
use crate::forms::{self, Fields};
use crate::pages::flash::flash;
use crate::pages::load::{Instead, asker, loaded};
use crate::pages::operator;
use crate::pages::query::{param, query};
use crate::ui::{Button, ButtonKind, Card, Checkbox, Select, SelectOption, TextInput};

/// Who asks, and how it came.
fn from(w: Words, one: &Followed) -> impl IntoView + use<> {
    let request = &one.request;
    let account = request
        .user
        .map_or_else(|| w.requests_desk_account_none().to_owned(), |user| user.to_string());
    let (via, words) = (via_name(w, request.via), one.said.clone().unwrap_or_default());
    let named = [
        (w.requests_desk_contact(), words.contact),
        (w.requests_account(), words.account),
        (w.requests_server(), words.server),
    ];
    let named = named.into_iter().filter(|(_, text)| !text.is_empty());
    let named = named
        .map(|(label, text)| view! { <div><dt>{label}</dt><dd class="wrap-anywhere">{text}</dd></div> })
        .collect_view();
    view! {
        <Card>
            <dl class="facts facts-wide">
                <div><dt>{w.requests_desk_via()}</dt><dd>{via}</dd></div>
                <div><dt>{w.requests_desk_account()}</dt><dd class="num">{account}</dd></div>
                {named}
            </dl>
        </Card>
    }
}

fn decide(w: Words, one: &Followed, path: &str, given: &Fields) -> impl IntoView + use<> {
    let names = [
        w.requests_desk_outcome_done(),
        w.requests_desk_outcome_partly(),
        w.requests_desk_outcome_declined(),
    ];
    let young = one.request.kind == RequestKind::UnderAge;
    let erases = young || one.request.kind == RequestKind::Erase;
    // Only who was named: whoever reports somebody is not the one who is too young.
    let account = one.said.as_ref().and_then(Said::account_named);
    let account = account.map(|user| user.to_string()).unwrap_or_default();
    let account = if given.has("account") { given.get("account").to_owned() } else { account };
    let fields = answer::fields(w, names, &one.request.id.to_string(), given);
    let (path, sure) = (path.to_owned(), given.has("sure"));
    view! {
        <Card title=w.requests_desk_decide() lede=w.requests_desk_decide_text()>
            <form method="post" action=path class="stack">
                {fields}
                {young.then(|| view! {
                    <TextInput name="account" label=w.requests_desk_erase_account() hint=w.requests_desk_erase_account_hint() value=account optional=true/>
                })}
                {erases.then(|| view! { <Checkbox name="sure" label=w.requests_desk_sure() checked=sure/> })}
                <div><Button kind=ButtonKind::Primary name="action" value="decide">{w.requests_desk_decide()}</Button></div>
            </form>
        </Card>
    }
}

fn extend(w: Words, path: &str, given: &Fields) -> impl IntoView + use<> {
    let name = |delay| match delay {
        Delay::Complex => w.requests_delay_complex(),
        Delay::Many => w.requests_delay_many(),
    };
    let delays = Delay::ALL.iter().map(|delay| SelectOption::new(delay.as_str(), name(*delay)));
    let (path, delays) = (path.to_owned(), delays.collect());
    let (until, delay) = (given.get("until").to_owned(), given.get("delay").to_owned());
    view! {
        <Card title=w.requests_desk_extend() lede=w.requests_desk_extend_text()>
            <form method="post" action=path class="inline-form">
                <TextInput name="until" input_type="date" label=w.requests_desk_extend_until() value=until/>
                <Select name="delay" label=w.requests_desk_extend_reason() value=delay options=delays/>
                <Button name="action" value="extend">{w.requests_desk_extend()}</Button>
            </form>
        </Card>
    }
}

fn sort(w: Words, path: &str) -> impl IntoView + use<> {
    let kinds = RequestKind::ALL.iter().filter(|kind| **kind != RequestKind::Other);
    let kinds = kinds.map(|kind| SelectOption::new(kind.as_str(), kind_name(w, *kind))).collect();
    let path = path.to_owned();
    view! {
        <Card title=w.requests_desk_sort() lede=w.requests_desk_sort_text()>
            <form method="post" action=path class="inline-form">
                <Select name="kind" label=w.requests_kind() options=kinds/>
                <Button name="action" value="sort">{w.requests_desk_sort()}</Button>
            </form>
        </Card>
    }
}

/// The forms for what may be done as things stand.
fn acts(w: Words, one: &Followed, path: &str, given: &Fields) -> impl IntoView + use<> {
    let request = &one.request;
    if request.state.is_decided() || request.state == RequestState::UnderWay {
        return ().into_any();
    }
    let owners = request.state == RequestState::WithOwner;
    let came_back = one.steps.iter().any(|taken| taken.step == Step::CameBack);
    let hands = request.state == RequestState::Open
        && request.guild.is_some()
        && request.kind.is_owners()
        && !came_back;
    let to = path.to_owned();
    view! {
        {(!owners).then(|| decide(w, one, path, given))}
        {(request.kind == RequestKind::Other && !owners).then(|| sort(w, path))}
        {hands.then(|| view! {
            <Card title=w.requests_desk_hand_over() lede=w.requests_desk_hand_over_text()>
                <form method="post" action=to><Button name="action" value="hand_over">{w.requests_desk_hand_over()}</Button></form>
            </Card>
        })}
        {request.delay.is_none().then(|| extend(w, path, given))}
    }
    .into_any()
}

/// The page `/operator/privacy/{request}`.
#[component]
pub fn DeskRequest() -> impl IntoView {
    loaded(async move {
        let access = operator::access()?;
        let w = words();
        let id = param("request").parse().map_err(|_| Instead::NotFound)?;
        let one = requests::show(&access, id).await?;
        let path = format!("{DESK}/{id}");
        let (wardesk, session) = asker()?;
        let draft = match query("draft") {
            Some(draft) => forms::take(&wardesk, &session, &path, &draft).await,
            None => None,
        };
        let given = draft.unwrap_or_default().fields;
        let title = kind_name(w, one.request.kind);
        Ok(view! {
            <Title text=title/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{title}</h1><p class="lede wrap-anywhere"><code>{id.to_string()}</code></p></div></div>
                {flash()}
                {facts(w, &one, "UTC")}
                {from(w, &one)}
                {said(w, &one)}
                {acts(w, &one, &path, &given)}
                <section class="stack-s"><h2>{w.requests_status_steps()}</h2>{steps(w, one.steps, "UTC")}</section>
                <p><a href=DESK>{w.requests_desk_all()}</a></p>
            </div>
        })
    })
}
