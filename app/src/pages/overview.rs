//! The first page of a server: what waits, what is still to be set up, and the tickets in work.

use domain::access::Capability;
use leptos::prelude::*;
use wardesk_core::guilds;
use wardesk_core::tickets::overview::{Counts, counts};
use wardesk_core::tickets::{StateFilter, TicketFilter, list, panels};
use words::Words;

use super::flash::flash;
use super::load::loaded;
use super::server::{self, Area};
use super::ticket_rows::rows;
use crate::context::words;
use crate::ui::{Alert, ButtonKind, Card, LinkButton, Step, Time, Tone};

/// Tickets on this page, at most.
const SHOWN: u32 = 10;

/// Three numbers, each a way to the tickets that it counts.
fn figures(w: Words, counts: Counts, base: &str, user: String) -> impl IntoView + use<> {
    let link = |query: &str| format!("{base}/tickets?state=active{query}");
    let (active, unclaimed) = (counts.active.unsigned_abs(), counts.unclaimed.unsigned_abs());
    let all = [
        (link(""), active, w.guilds_figure_active(active)),
        (link("&staff=none"), unclaimed, w.guilds_figure_unclaimed(unclaimed)),
        (
            link(&format!("&staff={user}")),
            counts.own.unsigned_abs(),
            w.guilds_figure_own().to_owned(),
        ),
    ];
    let all = all.map(|(href, count, label)| {
        view! {
            <li class="figure">
                <a href=href><span class="figure-number num">{count}</span>" "<span class="figure-label">{label}</span></a>
            </li>
        }
    });
    view! { <ul class="figures">{all}</ul> }
}

/// The page `/servers/{guild}`.
#[component]
pub fn Overview() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::See).await?;
        let w = words();
        let place = server::place(&access).await?;
        let base = format!("/servers/{}", access.guild());
        let settings = guilds::settings(&access).await?.settings;
        let panels = if access.is_manager() { panels::list(&access).await? } else { Vec::new() };
        let filter = TicketFilter { state: StateFilter::Active, ..TicketFilter::default() };
        let open = list(&access, &filter, None, SHOWN).await?;
        let counts = counts(&access).await?;
        let zone = settings.time_zone.clone();
        let alerts = guilds::alerts(&access, w)
            .await?
            .into_iter()
            .map(|alert| {
                let zone = zone.clone();
                view! {
                    <Alert tone=Tone::Warn title=alert.title>
                        <p>{alert.text}" "<span class="muted"><Time at=alert.last_at zone=zone/></span></p>
                    </Alert>
                }
            })
            .collect_view();
        let steps = [
            (
                !settings.support_roles.is_empty(),
                w.guilds_step_roles_title(),
                w.guilds_step_roles_text(),
                "/settings#support_roles",
            ),
            (
                settings.ticket_category.is_some(),
                w.guilds_step_category_title(),
                w.guilds_step_category_text(),
                "/settings#ticket_category",
            ),
            (
                panels.iter().any(|p| p.message.is_some()),
                w.guilds_step_panel_title(),
                w.guilds_step_panel_text(),
                "/panels",
            ),
        ];
        let setting_up = access.is_manager() && steps.iter().any(|(done, ..)| !done);
        let next = steps.iter().position(|(done, ..)| !done);
        let steps = steps.into_iter().enumerate().map(|(index, (done, title, text, path))| {
            let href = format!("{base}{path}");
            let label = if done { w.guilds_step_change() } else { w.guilds_step_go() };
            // The one thing to do next stands out.
            let kind = if next == Some(index) { ButtonKind::Primary } else { ButtonKind::Plain };
            let number = u8::try_from(index + 1).unwrap_or(u8::MAX);
            view! {
                <Step number=number done=done title=title text=text done_label=w.guilds_step_done()>
                    <LinkButton href=href small=true kind=kind>{label}<span class="visually-hidden">": "{title}</span></LinkButton>
                </Step>
            }
        }).collect_view();
        let more = open.next.map(|_| format!("{base}/tickets?state=active"));
        let body = view! {
            <h1 class="wrap-anywhere">{place.name.clone()}</h1>
            {flash()}
            {alerts}
            {setting_up.then(|| view! {
                <Card title=w.guilds_setup_title() lede=w.guilds_setup_text()><ol class="steps">{steps}</ol></Card>
            })}
            {figures(w, counts, &base, access.user().to_string())}
            <section class="stack-s">
                <div class="section-head">
                    <h2>{w.guilds_in_work()}</h2>
                    <a href=format!("{base}/tickets")>{w.guilds_all_tickets()}</a>
                </div>
                {rows(&open.items, &zone)}
                {more.map(|href| view! { <p><LinkButton href=href>{w.guilds_more_open()}</LinkButton></p> })}
            </section>
        };
        Ok(server::frame(&access, place, Area::Overview, w.guilds_overview().to_owned(), body))
    })
}
