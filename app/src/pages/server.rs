//! The frame of a server's pages.

use domain::access::Capability;
use domain::permissions::Permissions;
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::guilds::{self, GuildAccess, GuildError};
use wardesk_core::status::BotState;
use words::Words;

use super::load::{Instead, asker};
use super::query::param;
use crate::context::words;
use crate::ui::{Alert, Avatar, AvatarSize, IconName, NavItem, SideNav, Tone};

/// The part of a server that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// The first page.
    Overview,
    /// The list of tickets, and one.
    Tickets,
    /// Looking for words in transcripts.
    Search,
    /// The list of panels, and one.
    Panels,
    /// The settings.
    Settings,
    /// The plan, and what is used of it.
    Plan,
    /// The audit log.
    Audit,
    /// What is held of the server.
    Held,
    /// Requests of people about what is kept of them here.
    Privacy,
}

/// Proves that the person may do `need` on the server that the address names.
pub async fn access(need: Capability) -> Result<GuildAccess, Instead> {
    let (wardesk, session) = asker()?;
    let guild = param("guild").parse().map_err(|_| Instead::NotFound)?;
    Ok(guilds::authorize(&wardesk, &session, guild, need).await?)
}

/// A server as its pages show it.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Its icon's address.
    icon: Option<String>,
    /// What keeps the bot from working there; told to those who can change it.
    problems: Vec<Obstacle>,
}

/// Something that keeps the bot from working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// The connection to Discord: a matter of the operator.
    Bot(&'static str),
    /// Message contents are withheld.
    Contents,
    /// Permissions that were not granted.
    Permissions(Permissions),
}

/// What keeps the bot from connecting, where the operator has to act.
pub fn bot_problem(w: Words, bot: BotState) -> Option<&'static str> {
    match bot {
        BotState::BadToken => Some(w.accounts_status_bad_token()),
        BotState::MissingIntent => Some(w.accounts_status_missing_intents()),
        BotState::Refused | BotState::TooManyServers => Some(w.accounts_status_refused()),
        _ => None,
    }
}

/// Reads what the frame of a server's pages shows.
pub async fn place(access: &GuildAccess) -> Result<Place, GuildError> {
    let w = words();
    let wardesk = access.wardesk();
    // What was proved a moment ago is still in memory.
    let facts = wardesk.discord().guild(access.guild()).await?;
    let status = wardesk.status();
    let mut problems = Vec::new();
    problems.extend(bot_problem(w, status.bot).map(Obstacle::Bot));
    if !status.content_available {
        problems.push(Obstacle::Contents);
    }
    if access.is_manager() {
        let missing = guilds::missing_permissions(access).await?;
        if !missing.is_empty() {
            problems.push(Obstacle::Permissions(missing));
        }
    }
    let icon = guilds::icon_url(access.guild(), facts.icon.as_deref());
    Ok(Place { name: facts.name.clone(), icon, problems })
}

/// The permissions of a set by the names that Discord's settings show.
fn permission_names(w: Words, set: Permissions) -> Vec<&'static str> {
    [
        (Permissions::VIEW_CHANNEL, w.guilds_permission_view_channels()),
        (Permissions::MANAGE_CHANNELS, w.guilds_permission_manage_channels()),
        (Permissions::MANAGE_ROLES, w.guilds_permission_manage_roles()),
        (Permissions::SEND_MESSAGES, w.guilds_permission_send_messages()),
        (Permissions::MANAGE_MESSAGES, w.guilds_permission_manage_messages()),
        (Permissions::EMBED_LINKS, w.guilds_permission_embed_links()),
        (Permissions::ATTACH_FILES, w.guilds_permission_attach_files()),
        (Permissions::READ_MESSAGE_HISTORY, w.guilds_permission_read_history()),
        (Permissions::USE_EXTERNAL_EMOJIS, w.guilds_permission_external_emojis()),
    ]
    .into_iter()
    .filter(|(permission, _)| set.contains(*permission))
    .map(|(_, name)| name)
    .collect()
}

fn obstacle(w: Words, obstacle: Obstacle) -> impl IntoView {
    match obstacle {
        Obstacle::Bot(text) => view! {
            <Alert tone=Tone::Danger title=w.guilds_bot_problem_title()>
                <p>{w.guilds_bot_problem_text(text)}" "<a href="/status">{w.common_status()}</a></p>
            </Alert>
        }
        .into_any(),
        Obstacle::Contents => view! {
            <Alert tone=Tone::Warn title=w.guilds_contents_problem_title()><p>{w.guilds_contents_problem_text()}</p></Alert>
        }
        .into_any(),
        Obstacle::Permissions(missing) => {
            let names = permission_names(w, missing)
                .into_iter()
                .map(|name| view! { <li>{name}</li> })
                .collect_view();
            view! {
                <Alert tone=Tone::Warn title=w.guilds_permission_problem_title()>
                    <p>{w.guilds_permission_problem_text()}</p>
                    <ul class="bullets">{names}</ul>
                </Alert>
            }
            .into_any()
        }
    }
}

/// Navigation, what keeps the bot from working, and the page.
pub fn frame<B: IntoView + 'static>(
    access: &GuildAccess,
    place: Place,
    area: Area,
    title: String,
    body: B,
) -> impl IntoView + use<B> {
    let w = words();
    let base = format!("/servers/{}", access.guild());
    let all = [
        (Area::Overview, "", w.guilds_overview(), IconName::Home, Capability::See),
        (Area::Tickets, "/tickets", w.guilds_tickets(), IconName::Ticket, Capability::See),
        (
            Area::Search,
            "/search",
            w.guilds_search_words(),
            IconName::Search,
            Capability::Transcripts,
        ),
        (Area::Panels, "/panels", w.guilds_panels(), IconName::Panel, Capability::Configure),
        (
            Area::Settings,
            "/settings",
            w.guilds_settings(),
            IconName::Settings,
            Capability::Configure,
        ),
        (Area::Plan, "/subscription", w.licences_plan(), IconName::Plan, Capability::Billing),
        (Area::Audit, "/audit", w.guilds_audit(), IconName::Logs, Capability::Configure),
        (Area::Held, "/held", w.held_data(), IconName::Clock, Capability::Configure),
        (Area::Privacy, "/privacy", w.requests_owner_nav(), IconName::Shield, Capability::Privacy),
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
    let server = place.name;
    view! {
        <Title text=format!("{title} · {server}")/>
        <div class="with-side">
            <div class="side">
                <p class="side-head"><Avatar name=server.clone() src=place.icon server=true size=AvatarSize::Small/><span>{server}</span></p>
                <SideNav label=w.common_server_navigation() items=items/>
            </div>
            <div class="stack">
                {place.problems.into_iter().map(|problem| obstacle(w, problem)).collect_view()}
                {body}
            </div>
        </div>
    }
}
