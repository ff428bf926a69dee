//! What stands around the page: `app/src/pages/frame.rs` and `server.rs` for somebody who owns the server.

use leptos::prelude::*;

use crate::context::words;
use crate::ui::{Avatar, AvatarSize, Icon, IconName, Logo, Menu, NavItem, SideNav};

/// The bar at the top.
#[component]
pub fn TopBar() -> impl IntoView {
    let w = words();
    let summary = view! {
        <Avatar name="Olivia" size=AvatarSize::Small/>
        <span class="name">"Olivia"</span>
        <Icon name=IconName::ChevronDown/>
    }
    .into_any();
    view! {
        <header class="topbar">
            <div class="topbar-row">
                <a class="brand" href="/" aria-label=w.common_product()><Logo/><span>{w.common_product()}</span></a>
                <nav aria-label=w.common_main_navigation()>
                    <a href="/servers" aria-current="page">{w.guilds_title()}</a>
                    <a href="/transcripts">{w.transcripts_title()}</a>
                </nav>
                <div class="topbar-end">
                    <Menu label=w.common_account_menu() summary=summary>
                        <a href="/account"><Icon name=IconName::User/>{w.accounts_title()}</a>
                        <a href="/account/privacy"><Icon name=IconName::Lock/>{w.privacy_title()}</a>
                        <a href="/transcripts"><Icon name=IconName::Transcript/>{w.transcripts_mine()}</a>
                        <a href="/account/licences"><Icon name=IconName::Plan/>{w.licences_your_licences()}</a>
                        <hr/>
                        <form method="post" action="/auth/logout">
                            <button type="submit"><Icon name=IconName::SignOut/>{w.accounts_sign_out()}</button>
                        </form>
                    </Menu>
                </div>
            </div>
        </header>
    }
}

/// The line at the bottom.
#[component]
pub fn Footer() -> impl IntoView {
    let w = words();
    view! {
        <footer class="footer">
            <div class="footer-row">
                <a href="/status">{w.common_status()}</a>
                <a href="/privacy">{w.documents_privacy()}</a>
                <a href="/privacy/request">{w.requests_form_title()}</a>
                <a href="/terms">{w.documents_terms()}</a>
                <a href="/privacy/processors">{w.documents_processors()}</a>
                <span>{w.common_source_note()}</span>
            </div>
        </footer>
    }
}

/// Navigation, and the page.
pub fn frame<B: IntoView + 'static>(
    guild: &str,
    server: String,
    body: B,
) -> impl IntoView + use<B> {
    let w = words();
    let items = [
        ("", w.guilds_overview(), IconName::Home),
        ("/tickets", w.guilds_tickets(), IconName::Ticket),
        ("/search", w.guilds_search_words(), IconName::Search),
        ("/panels", w.guilds_panels(), IconName::Panel),
        ("/settings", w.guilds_settings(), IconName::Settings),
        ("/subscription", w.licences_plan(), IconName::Plan),
        ("/audit", w.guilds_audit(), IconName::Logs),
        ("/held", w.held_data(), IconName::Clock),
        ("/privacy", w.requests_owner_nav(), IconName::Shield),
    ];
    let items = items.map(|(path, label, icon)| NavItem {
        href: format!("/servers/{guild}{path}"),
        label: label.to_owned(),
        icon: Some(icon),
        current: path == "/panels",
    });
    view! {
        <div class="with-side">
            <div class="side">
                <p class="side-head"><Avatar name=server.clone() server=true size=AvatarSize::Small/><span>{server}</span></p>
                <SideNav label=w.common_server_navigation() items=items.to_vec()/>
            </div>
            <div class="stack">{body}</div>
        </div>
    }
}
