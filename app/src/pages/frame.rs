//! What stands around every page.

use leptos::prelude::*;
use wardesk_core::Wardesk;
use wardesk_core::licences::operator::is_operator;

use crate::context::{request, viewer, words};
use crate::ui::{Avatar, AvatarSize, Icon, IconName, Logo, Menu};

/// The bar at the top: the mark, the way to the servers and transcripts, the account.
#[component]
pub fn TopBar() -> impl IntoView {
    let w = words();
    let path = request().path;
    let current = move |prefix: &str| path.starts_with(prefix).then_some("page");
    let (servers, transcripts) = (current("/servers"), current("/transcripts"));
    let viewer = viewer();
    let signed_in = viewer.is_some();
    let wardesk: Option<Wardesk> = use_context();
    let operates = wardesk
        .zip(crate::context::session())
        .is_some_and(|(wardesk, session)| is_operator(&wardesk, &session));
    let account = match viewer {
        Some(viewer) => {
            let summary = view! {
                <Avatar name=viewer.name.clone() src=viewer.avatar size=AvatarSize::Small/>
                <span class="name">{viewer.name}</span>
                <Icon name=IconName::ChevronDown/>
            }
            .into_any();
            view! {
                <Menu label=w.common_account_menu() summary=summary>
                    <a href="/account"><Icon name=IconName::User/>{w.accounts_title()}</a>
                    <a href="/account/privacy"><Icon name=IconName::Lock/>{w.privacy_title()}</a>
                    <a href="/transcripts"><Icon name=IconName::Transcript/>{w.transcripts_mine()}</a>
                    <a href="/account/licences"><Icon name=IconName::Plan/>{w.licences_your_licences()}</a>
                    {operates.then(|| view! { <a href="/operator/licences"><Icon name=IconName::Shield/>{w.licences_operator()}</a> })}
                    {operates.then(|| view! { <a href="/operator/privacy"><Icon name=IconName::Shield/>{w.requests_desk_nav()}</a> })}
                    <hr/>
                    <form method="post" action="/auth/logout">
                        <button type="submit"><Icon name=IconName::SignOut/>{w.accounts_sign_out()}</button>
                    </form>
                </Menu>
            }
            .into_any()
        }
        None => view! {
            <form method="post" action="/auth/login">
                <button type="submit" class="button button-plain button-small">{w.accounts_sign_in_short()}</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <header class="topbar">
            <div class="topbar-row">
                <a class="brand" href="/" aria-label=w.common_product()><Logo/><span>{w.common_product()}</span></a>
                {signed_in.then(|| view! {
                    <nav aria-label=w.common_main_navigation()>
                        <a href="/servers" aria-current=servers>{w.guilds_title()}</a>
                        <a href="/transcripts" aria-current=transcripts>{w.transcripts_title()}</a>
                    </nav>
                })}
                <div class="topbar-end">{account}</div>
            </div>
        </header>
    }
}

/// The line at the bottom.
#[component]
pub fn Footer() -> impl IntoView {
    let w = words();
    let wardesk: Option<Wardesk> = use_context();
    let takes_money = wardesk.is_some_and(|wardesk| wardesk.payments().is_some());
    view! {
        <footer class="footer">
            <div class="footer-row">
                <a href="/status">{w.common_status()}</a>
                <a href="/privacy">{w.documents_privacy()}</a>
                <a href="/privacy/request">{w.requests_form_title()}</a>
                <a href="/terms">{w.documents_terms()}</a>
                <a href="/privacy/processors">{w.documents_processors()}</a>
                {takes_money.then(|| view! { <a href="/donate">{w.subscriptions_donate()}</a> })}
                <span>{w.common_source_note()}</span>
            </div>
        </footer>
    }
}
