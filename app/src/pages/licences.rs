//! The licences that a person holds, and the servers in their seats.

use domain::licences::{Standing, Status};
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::licences::{self, HeldLicence, HeldSeat, SeatChoice, payments};
use words::Words;

use super::flash::flash;
use super::load::{asker, loaded};
use super::subscription::{end, portal, source, standing};
use crate::context::words;
use crate::ui::{
    Alert, Button, ButtonKind, Card, Checkbox, Dialog, DialogButton, EmptyState, IconName, Select,
    SelectOption, Time, Tone,
};

/// The address of this page.
const PATH: &str = "/account/licences";

/// How a licence stands, apart from its seats.
fn state(w: Words, held: &HeldLicence, over: bool) -> impl IntoView + use<> {
    let status = match held.licence.status {
        Status::Active if over => Standing::Expired,
        Status::Active if held.plan.is_none() => Standing::UnknownPlan,
        Status::Active => Standing::Counts,
        Status::Suspended => Standing::Suspended,
        Status::Revoked => Standing::Revoked,
        Status::Ended => Standing::Ended,
    };
    standing(w, status)
}

/// The choice of a server, as far as Discord tells which there are.
fn servers(
    w: Words,
    id: String,
    label: String,
    choices: &[SeatChoice],
    hint: Option<&'static str>,
) -> impl IntoView + use<> {
    let options =
        choices.iter().map(|c| SelectOption::new(c.guild.to_string(), c.name.clone())).collect();
    view! { <Select name="guild" id=id label=label options=options hint=hint.unwrap_or(w.licences_move_hint())/> }
}

fn seat(
    w: Words,
    held: &HeldLicence,
    seat: HeldSeat,
    choices: &[SeatChoice],
    usable: bool,
) -> impl IntoView + use<> {
    let licence = held.licence.id.to_string();
    let server = seat.seat.guild.to_string();
    let id = format!("move-{licence}-{server}");
    let lost = (seat.standing == Standing::SeatLost).then(|| standing(w, seat.standing));
    let others: Vec<SeatChoice> = choices
        .iter()
        .filter(|choice| held.seats.iter().all(|seat| seat.seat.guild != choice.guild))
        .cloned()
        .collect();
    let moving = match seat.movable_from {
        Some(at) => {
            view! { <p class="faint">{w.licences_movable_from()}<Time at=at/></p> }.into_any()
        }
        None if !usable || others.is_empty() => ().into_any(),
        None => {
            let choice =
                servers(w, format!("{id}-to"), w.licences_move_to(&seat.name), &others, None);
            let (licence, server) = (licence.clone(), server.clone());
            view! {
                <form method="post" action=PATH class="inline-form">
                    <input type="hidden" name="licence" value=licence/>
                    <input type="hidden" name="from" value=server/>
                    {choice}
                    <Button small=true name="action" value="move">{w.licences_move()}</Button>
                </form>
            }
            .into_any()
        }
    };
    view! {
        <li class="hit stack-s">
            <p class="row">
                <strong class="wrap-anywhere">{seat.name.clone()}</strong>
                <span class="faint">{w.licences_seat_since()}<Time at=seat.seat.since/></span>
                {lost}
            </p>
            {(!seat.bot_here).then(|| view! { <p class="muted">{w.licences_bot_gone()}</p> })}
            {moving}
            <form method="post" action=PATH>
                <input type="hidden" name="licence" value=licence/>
                <input type="hidden" name="guild" value=server/>
                <Button small=true kind=ButtonKind::Quiet name="action" value="release" label=w.licences_release_label(&seat.name)>{w.licences_release()}</Button>
            </form>
        </li>
    }
}

/// The form that gives a free seat to a server.
fn free(w: Words, held: &HeldLicence, choices: Option<&[SeatChoice]>) -> impl IntoView + use<> {
    let Some(choices) = choices else {
        return view! { <p class="muted">{w.licences_choices_unknown()}</p> }.into_any();
    };
    let open: Vec<SeatChoice> = choices
        .iter()
        .filter(|choice| held.seats.iter().all(|seat| seat.seat.guild != choice.guild))
        .cloned()
        .collect();
    if open.is_empty() {
        return view! { <p class="muted">{w.licences_no_choices()}</p> }.into_any();
    }
    let licence = held.licence.id.to_string();
    let later = held.free_from.map(|at| {
        view! { <p class="faint">{w.licences_free_from()}<Time at=at/></p> }
    });
    let label = w.licences_assign_to().to_owned();
    let choice = servers(w, format!("assign-{licence}"), label, &open, None);
    view! {
        <form method="post" action=PATH class="inline-form">
            <input type="hidden" name="licence" value=licence/>
            {choice}
            <Button small=true name="action" value="assign">{w.licences_assign()}</Button>
        </form>
        {later}
    }
    .into_any()
}

fn licence(
    w: Words,
    held: HeldLicence,
    choices: Option<&[SeatChoice]>,
    now: domain::time::Millis,
) -> impl IntoView + use<> {
    let over = held.licence.expires.is_some_and(|end| end <= now);
    let gone = matches!(held.licence.status, Status::Revoked | Status::Ended);
    let usable = !over && !gone;
    let name = held.plan.as_ref().map_or_else(|| held.licence.plan.to_string(), |p| p.name.clone());
    let state = state(w, &held, over);
    let used = w.licences_seats_used(held.seats.len().to_string(), held.licence.seats.to_string());
    let free = (usable && held.free > 0).then(|| free(w, &held, choices));
    let seats = held.seats.clone();
    let list =
        seats.into_iter().map(|one| seat(w, &held, one, choices.unwrap_or_default(), usable));
    let list = list.collect_view();
    let grace = held.licence.grace_until.filter(|_| usable).map(|at| {
        let name = name.clone();
        view! {
            <Alert tone=Tone::Warn title=w.licences_grace_title()>
                <p>{w.licences_grace_text(name)}<Time at=at/>"."</p>
            </Alert>
        }
    });
    view! {
        <Card title=name>
            {grace}
            <dl class="facts facts-wide">
                <div><dt>{w.licences_standing()}</dt><dd>{state}
                    {held.held_back.map(|at| view! { <span class="faint">" "{w.licences_held_back()}<Time at=at/></span> })}
                </dd></div>
                <div><dt>{w.licences_from()}</dt><dd>{source(w, held.licence.source)}</dd></div>
                <div><dt>{w.licences_issued()}</dt><dd><Time at=held.licence.issued/></dd></div>
                <div><dt>{w.licences_until()}</dt><dd>{end(w, held.licence.expires, "UTC")}</dd></div>
                <div><dt>{w.licences_seats()}</dt><dd>{used}</dd></div>
            </dl>
            <ul class="hits">{list}</ul>
            {free}
        </Card>
    }
}

/// The end of a customer.
fn ending(w: Words) -> impl IntoView {
    view! {
        <Card title=w.licences_end_title() lede=w.licences_end_text()>
            <div><DialogButton target="end-customer" kind=ButtonKind::Danger>{w.licences_end_open()}</DialogButton></div>
            <Dialog id="end-customer" title=w.licences_end_title()>
                <form method="post" action=PATH class="stack">
                    <p>{w.licences_end_text()}</p>
                    <Checkbox name="acknowledged" label=w.licences_end_acknowledge()/>
                    <div><Button kind=ButtonKind::Danger name="action" value="end">{w.licences_end_do()}</Button></div>
                </form>
            </Dialog>
        </Card>
    }
}

/// The page `/account/licences`.
#[component]
pub fn Licences() -> impl IntoView {
    loaded(async move {
        let (wardesk, session) = asker()?;
        let w = words();
        let held = licences::of_holder(&wardesk, &session).await?;
        // Whoever lost the server, or took the bot away, pays and cancels here.
        let has_portal = payments::has_portal(&wardesk, &session).await?;
        let portal = has_portal.then(|| portal(w, format!("{PATH}/portal")));
        let (none, now) = (held.licences.is_empty(), wardesk.now());
        let choices = held.choices;
        let all = held
            .licences
            .into_iter()
            .map(|one| licence(w, one, choices.as_deref(), now))
            .collect_view();
        Ok(view! {
            <Title text=w.licences_your_licences()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{w.licences_your_licences()}</h1><p class="lede">{w.licences_your_licences_text()}</p></div></div>
                {flash()}
                {if none {
                    view! { <EmptyState icon=IconName::Ticket title=w.licences_none_title() text=w.licences_none_text()/> }.into_any()
                } else {
                    all.into_any()
                }}
                {portal}
                {(!none || has_portal).then(|| ending(w))}
            </div>
        })
    })
}
