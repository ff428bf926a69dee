//! What a server may use and uses, and what it pays.

mod change;
mod offers;
mod paid;

pub use change::Change;
pub use paid::portal;

use domain::access::Capability;
use domain::licences::{Limits, Plan, Source, Standing};
use domain::time::Millis;
use leptos::prelude::*;
use wardesk_core::licences::{self, ServerLicence, ServerPlan, payments};
use words::Words;

use super::flash::flash;
use super::load::loaded;
use super::query::query;
use super::server::{self, Area};
use crate::context::words;
use crate::ui::{Alert, Badge, Card, EmptyState, IconName, Table, Time, Tone, size};

/// Where a licence comes from, in words.
pub fn source(w: Words, source: Source) -> &'static str {
    match source {
        Source::Subscription => w.licences_source_subscription(),
        Source::Gift => w.licences_source_gift(),
        Source::Operator => w.licences_source_operator(),
        Source::Trial => w.licences_source_trial(),
    }
}

/// Whether a licence counts, in a word.
pub fn standing(w: Words, standing: Standing) -> impl IntoView + use<> {
    let (label, tone) = match standing {
        Standing::Counts => (w.licences_counts_too(), Tone::Good),
        Standing::Suspended => (w.licences_suspended(), Tone::Warn),
        Standing::Revoked => (w.licences_revoked(), Tone::Danger),
        Standing::SeatLost => (w.licences_seat_lost(), Tone::Warn),
        Standing::UnknownPlan => (w.licences_unknown_plan(), Tone::Warn),
        Standing::Ended => return view! { <Badge label=w.licences_ended()/> }.into_any(),
        Standing::Expired => return view! { <Badge label=w.licences_expired()/> }.into_any(),
        Standing::NotSeated => return view! { <Badge label=w.licences_not_seated()/> }.into_any(),
    };
    view! { <Badge label=label tone=tone/> }.into_any()
}

/// An end, or that there is none.
pub fn end(w: Words, at: Option<Millis>, zone: &str) -> impl IntoView + use<> {
    let zone = zone.to_owned();
    match at {
        Some(at) => view! { <Time at=at zone=zone/> }.into_any(),
        None => w.licences_no_end().into_any(),
    }
}

/// How long transcripts are kept, in words.
fn kept(w: Words, limits: &Limits) -> String {
    match limits.keep_days {
        None => w.licences_kept_for_ever().to_owned(),
        Some(days) => w.licences_kept_days(days.into()),
    }
}

/// How much of something is used, in words and as a bar.
fn used(
    w: Words,
    label: &'static str,
    used: (u64, String),
    limit: (u64, String),
) -> impl IntoView + use<> {
    let line = w.licences_used_of(&used.1, &limit.1);
    view! {
        <div>
            <dt>{label}</dt>
            <dd>
                <span class="num">{line.clone()}</span>
                <progress class="progress" max=limit.0.max(1) value=used.0.min(limit.0) aria-label=format!("{label}: {line}")></progress>
            </dd>
        </div>
    }
}

/// What is amiss: a payment, panels, files.
fn troubles(
    w: Words,
    plan: &ServerPlan,
    base: &str,
    zone: &str,
    is_told: bool,
) -> impl IntoView + use<> {
    let name = &plan.plan.name;
    let unlocked = |by: &Option<Plan>| by.as_ref().map(|plan| w.licences_unlocked_by(&plan.name));
    let grace = plan.entitlements.grace_until.filter(|_| !is_told).map(|at| {
        let (text, zone) = (w.licences_grace_text(name), zone.to_owned());
        view! {
            <Alert tone=Tone::Warn title=w.licences_grace_title()>
                <p>{text}<Time at=at zone=zone/>{w.licences_grace_then()}</p>
            </Alert>
        }
    });
    let panels = (!plan.panels_off.is_empty()).then(|| {
        let off = plan.panels_off.iter().map(|panel| {
            let href = format!("{base}/panels/{}", panel.id);
            view! { <li><a href=href>{panel.name.clone()}</a></li> }
        });
        let (off, more) = (off.collect_view(), unlocked(&plan.panels_unlocked_by));
        let text = w.licences_panels_off_text(name);
        let count = u64::try_from(plan.panels_off.len()).unwrap_or(u64::MAX);
        view! {
            <Alert tone=Tone::Warn title=w.licences_panels_off_title(count)>
                <p>{text}" "{more}</p>
                <ul class="bullets">{off}</ul>
            </Alert>
        }
    });
    let files = plan.storage_full.then(|| {
        let more = unlocked(&plan.storage_unlocked_by);
        view! {
            <Alert tone=Tone::Warn title=w.licences_storage_full_title()>
                <p>{w.licences_storage_full_text()}" "{more}</p>
            </Alert>
        }
    });
    view! { {grace}{panels}{files} }
}

/// What the server uses of what it may.
fn uses(w: Words, plan: &ServerPlan, zone: &str) -> impl IntoView + use<> {
    let (limits, right) = (plan.entitlements.limits, &plan.entitlements);
    let by = right.source.map_or(w.licences_from_default(), |from| source(w, from));
    let ends = right.licence.map(|_| {
        let end = end(w, right.until, zone);
        view! { <div><dt>{w.licences_until()}</dt><dd>{end}</dd></div> }
    });
    let panels = (u64::from(plan.panels), plan.panels.to_string());
    let most = (u64::from(limits.panels), limits.panels.to_string());
    let files = (plan.storage, size(w, plan.storage));
    let room = (limits.storage, size(w, limits.storage));
    let cut = plan.retention_cut.then(|| {
        let by = plan.retention_unlocked_by.as_ref();
        let by = by.map(|plan| w.licences_unlocked_by(&plan.name));
        view! { <p class="muted">{w.licences_retention_cut()}" "{by}</p> }
    });
    let panels = used(w, w.licences_panels(), panels, most);
    let files = used(w, w.licences_files(), files, room);
    let (name, kept) = (plan.plan.name.clone(), kept(w, &limits));
    view! {
        <Card title=w.licences_this_server()>
            <dl class="facts facts-wide">
                <div><dt>{w.licences_plan()}</dt><dd><strong>{name}</strong></dd></div>
                <div><dt>{w.licences_from()}</dt><dd>{by}</dd></div>
                {ends}
                {panels}
                {files}
                <div><dt>{w.licences_kept()}</dt><dd>{kept}</dd></div>
            </dl>
            {cut}
        </Card>
    }
}

fn line(w: Words, licence: ServerLicence, zone: &str) -> impl IntoView + use<> {
    let state = if licence.used {
        view! { <Badge label=w.licences_counts() tone=Tone::Good/> }.into_any()
    } else {
        standing(w, licence.standing).into_any()
    };
    let name = licence.plan_name.unwrap_or_else(|| licence.plan.to_string());
    view! {
        <tr>
            <td data-label=w.licences_licence()>
                <strong>{name}</strong>
                {licence.mine.then(|| view! { " "<a href="/account/licences">{w.licences_yours()}</a> })}
            </td>
            <td data-label=w.licences_from()>{source(w, licence.source)}</td>
            <td data-label=w.licences_standing()>{state}</td>
            <td data-label=w.licences_until()>{end(w, licence.expires, zone)}</td>
        </tr>
    }
}

fn licences_here(w: Words, all: Vec<ServerLicence>, zone: &str) -> impl IntoView + use<> {
    if all.is_empty() {
        let (title, text) = (w.licences_no_licences_title(), w.licences_no_licences_text());
        return view! { <EmptyState icon=IconName::Ticket title=title text=text/> }.into_any();
    }
    let columns =
        [w.licences_licence(), w.licences_from(), w.licences_standing(), w.licences_until()];
    let lines = all.into_iter().map(|licence| line(w, licence, zone)).collect_view();
    view! {
        <Table caption=w.licences_server_licences() columns=columns.map(str::to_owned).to_vec()>{lines}</Table>
    }
    .into_any()
}

/// The page `/servers/{guild}/subscription`.
#[component]
pub fn Subscription() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::Billing).await?;
        let w = words();
        let place = server::place(&access).await?;
        let zone = access.time_zone().to_owned();
        let base = format!("/servers/{}", access.guild());
        let plan = licences::of_server(&access).await?;
        let paid = payments::subscription_of(&access, query("currency").as_deref()).await?;
        let own = paid.subscription.as_ref();
        let offers = offers::offers(w, access.wardesk(), &plan, &paid, &base);
        let subscription = own.map(|own| paid::subscription(w, &access, own, &base, &zone));
        let has_portal = own.is_none() && paid.has_portal;
        let portal = has_portal.then(|| paid::portal(w, format!("{base}/subscription/portal")));
        // The subscription's own card says more of it.
        let is_told =
            own.is_some_and(|own| matches!(own.payment, payments::PaymentState::Failed { .. }));
        let troubles = troubles(w, &plan, &base, &zone, is_told);
        let uses = uses(w, &plan, &zone);
        let here = licences_here(w, plan.licences, &zone);
        let body = view! {
            <div class="page-head"><div><h1>{w.licences_plan()}</h1><p class="lede">{w.licences_plan_lede()}</p></div></div>
            {flash()}
            {troubles}
            {subscription}
            {portal}
            {uses}
            <section class="stack-s">
                <h2>{w.licences_server_licences()}</h2>
                {here}
                <p><a href="/account/licences">{w.licences_go_to_licences()}</a></p>
            </section>
            {offers}
        };
        Ok(server::frame(&access, place, Area::Plan, w.licences_plan().to_owned(), body))
    })
}
