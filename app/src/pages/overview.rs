//! The first page of a server: what is still to be set up.

use domain::access::Capability;
use leptos::prelude::*;
use wardesk_core::guilds;
use wardesk_core::tickets::{StateFilter, TicketFilter, list, panels};

use super::flash::flash;
use super::load::loaded;
use super::server::{self, Area};
use super::ticket_rows::rows;
use crate::context::words;
use crate::ui::{Alert, Card, LinkButton, Step, Time, Tone};

/// Tickets on this page, at most.
const SHOWN: u32 = 10;

/// The page `/servers/{guild}`.
#[component]
pub fn Overview() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::See).await?;
        let w = words();
        let server = server::name(&access).await?;
        let base = format!("/servers/{}", access.guild());
        let settings = guilds::settings(&access).await?.settings;
        let panels = if access.is_manager() { panels::list(&access).await? } else { Vec::new() };
        let filter = TicketFilter { state: StateFilter::Active, ..TicketFilter::default() };
        let open = list(&access, &filter, None, SHOWN).await?;
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
        let steps = (1_u8..).zip(steps).map(|(number, (done, title, text, path))| {
            let href = format!("{base}{path}");
            let label = if done { w.guilds_step_change() } else { w.guilds_step_go() };
            view! {
                <Step number=number done=done title=title text=text done_label=w.guilds_step_done()>
                    <LinkButton href=href small=true>{label}<span class="visually-hidden">": "{title}</span></LinkButton>
                </Step>
            }
        }).collect_view();
        let body = view! {
            <h1>{server.clone()}</h1>
            {flash()}
            {alerts}
            {setting_up.then(|| view! {
                <Card title=w.guilds_setup_title() lede=w.guilds_setup_text()><ol class="steps">{steps}</ol></Card>
            })}
            <section class="stack-s">
                <h2>{w.guilds_tickets()}</h2>
                {rows(open.items, &zone)}
            </section>
        };
        Ok(server::frame(&access, server, Area::Overview, w.guilds_overview().to_owned(), body))
    })
}
