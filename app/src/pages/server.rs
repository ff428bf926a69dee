//! The frame of a server's pages.

use domain::access::Capability;
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::guilds::{self, GuildAccess, GuildError};
use wardesk_core::status::BotState;

use super::load::{Instead, asker};
use super::query::param;
use crate::context::words;
use crate::ui::{Alert, IconName, NavItem, SideNav, Tone};

/// The part of a server that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// The first page.
    Overview,
    /// The list of tickets, and one.
    Tickets,
    /// The list of panels, and one.
    Panels,
    /// The settings.
    Settings,
    /// The audit log.
    Audit,
}

/// Proves that the person may do `need` on the server that the address names.
pub async fn access(need: Capability) -> Result<GuildAccess, Instead> {
    let (wardesk, session) = asker()?;
    let guild = param("guild").parse().map_err(|_| Instead::NotFound)?;
    Ok(guilds::authorize(&wardesk, &session, guild, need).await?)
}

/// The name of a server, as last seen.
pub async fn name(access: &GuildAccess) -> Result<String, GuildError> {
    let found = guilds::installation(access.wardesk(), access.guild()).await?;
    Ok(found.map_or_else(|| access.guild().to_string(), |i| i.name))
}

/// Navigation, state of the bot, and the page.
pub fn frame<B: IntoView + 'static>(
    access: &GuildAccess,
    server: String,
    area: Area,
    title: String,
    body: B,
) -> impl IntoView + use<B> {
    let w = words();
    let base = format!("/servers/{}", access.guild());
    let all = [
        (Area::Overview, "", w.guilds_overview(), IconName::Home, Capability::See),
        (Area::Tickets, "/tickets", w.guilds_tickets(), IconName::Ticket, Capability::See),
        (Area::Panels, "/panels", w.guilds_panels(), IconName::Panel, Capability::Configure),
        (
            Area::Settings,
            "/settings",
            w.guilds_settings(),
            IconName::Settings,
            Capability::Configure,
        ),
        (Area::Audit, "/audit", w.guilds_audit(), IconName::Logs, Capability::Configure),
    ];
    let items = all
        .into_iter()
        .filter(|(.., need)| access.capabilities().has(*need))
        .map(|(item, path, label, icon, _)| NavItem {
            href: format!("{base}{path}"),
            label: label.to_owned(),
            icon: Some(icon),
            current: item == area,
        })
        .collect();
    let problem = match access.wardesk().status().bot {
        BotState::BadToken => Some(w.accounts_status_bad_token()),
        BotState::MissingIntent => Some(w.accounts_status_missing_intents()),
        BotState::Refused => Some(w.accounts_status_refused()),
        _ => None,
    };
    view! {
        <Title text=format!("{title} · {server}")/>
        <div class="with-side">
            <div class="side">
                <p class="side-head">{server}</p>
                <SideNav label=w.common_server_navigation() items=items/>
            </div>
            <div class="stack">
                {problem.map(|text| view! {
                    <Alert tone=Tone::Danger title=w.guilds_bot_problem_title()><p>{text}</p></Alert>
                })}
                {body}
            </div>
        </div>
    }
}
