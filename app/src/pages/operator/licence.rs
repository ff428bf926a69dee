//! One licence, and what operators do with it.

use domain::licences::Status;
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::licences::operator::{self, OperatorLicence};
use words::Words;

use super::{BASE, access, log};
use crate::context::words;
use crate::pages::flash::flash;
use crate::pages::load::{Instead, loaded};
use crate::pages::query::param;
use crate::pages::subscription::{end, source, standing};
use crate::ui::{Button, ButtonKind, Card, Dialog, DialogButton, TextInput, Time};

fn facts(w: Words, one: &OperatorLicence) -> impl IntoView + use<> {
    let licence = one.licence.clone();
    let (state, held) = (standing(w, one.standing), one.held);
    let used = w.licences_seats_used(licence.seated.len().to_string(), licence.seats.to_string());
    let seats = licence.seated.into_iter().map(move |seat| {
        view! {
            <li class="wrap-anywhere">{seat.guild_name}" "<span class="faint num">{seat.guild.to_string()}</span>
                " · "{w.licences_seat_since()}<Time at=seat.since/></li>
        }
    });
    let seats: Vec<_> = seats.collect();
    view! {
        <Card>
            <dl class="facts facts-wide">
                <div><dt>{w.licences_standing()}</dt><dd>{state}
                    {held.map(|at| view! { <span class="faint">" "{w.licences_held_back()}<Time at=at/></span> })}
                </dd></div>
                <div><dt>{w.licences_from()}</dt><dd>{source(w, licence.source)}</dd></div>
                <div><dt>{w.licences_operator_holder()}</dt><dd class="num">{licence.contact.to_string()}</dd></div>
                <div><dt>{w.licences_issued()}</dt><dd><Time at=licence.issued/></dd></div>
                <div><dt>{w.licences_until()}</dt><dd>{end(w, licence.expires, "UTC")}</dd></div>
                <div><dt>{w.licences_seats()}</dt><dd>{used}</dd></div>
            </dl>
            {(!seats.is_empty()).then(|| view! { <ul class="bullets">{seats}</ul> })}
        </Card>
    }
}

/// The forms for what may be done as things stand.
fn acts(w: Words, one: &OperatorLicence, path: &str) -> impl IntoView + use<> {
    let over = matches!(one.licence.status, Status::Revoked | Status::Ended);
    if over {
        return ().into_any();
    }
    let extends = !one.licence.source.is_paid() && one.licence.expires.is_some();
    let path = path.to_owned();
    let extend = extends.then(|| {
        let path = path.clone();
        view! {
            <Card title=w.licences_operator_extend() lede=w.licences_operator_extend_text()>
                <form method="post" action=path class="inline-form">
                    <TextInput name="expires" input_type="date" label=w.licences_operator_expires() hint=w.licences_operator_expires_hint() optional=true/>
                    <Button name="action" value="extend">{w.licences_operator_extend()}</Button>
                </form>
            </Card>
        }
    });
    let hold = if one.held.is_some() {
        view! { <Button name="action" value="resume">{w.licences_operator_resume()}</Button> }
            .into_any()
    } else {
        view! { <Button name="action" value="suspend">{w.licences_operator_suspend()}</Button> }
            .into_any()
    };
    let (to, revoke) = (path.clone(), path);
    view! {
        {extend}
        <Card title=w.licences_operator_suspend() lede=w.licences_operator_suspend_text()>
            <form method="post" action=to>{hold}</form>
        </Card>
        <div><DialogButton target="revoke" kind=ButtonKind::Danger>{w.licences_operator_revoke()}</DialogButton></div>
        <Dialog id="revoke" title=w.licences_operator_revoke_title()>
            <form method="post" action=revoke class="stack">
                <p>{w.licences_operator_revoke_text()}</p>
                <div><Button kind=ButtonKind::Danger name="action" value="revoke">{w.licences_operator_revoke()}</Button></div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// The page `/operator/licences/{licence}`.
#[component]
pub fn OperatorLicencePage() -> impl IntoView {
    loaded(async move {
        let access = access()?;
        let w = words();
        let id = param("licence").parse().map_err(|_| Instead::NotFound)?;
        let details = operator::show(&access, id).await?;
        let one = details.licence;
        let name = one.plan_name.clone().unwrap_or_else(|| one.licence.plan.to_string());
        let path = format!("{BASE}/{id}");
        Ok(view! {
            <Title text=name.clone()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{name}</h1><p class="lede wrap-anywhere"><code>{id.to_string()}</code></p></div></div>
                {flash()}
                {facts(w, &one)}
                {acts(w, &one, &path)}
                <section class="stack-s"><h2>{w.licences_operator_log()}</h2>{log(w, details.entries)}</section>
                <p><a href=BASE>{w.licences_operator_all()}</a></p>
            </div>
        })
    })
}
