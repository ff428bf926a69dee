//! What stands around every page.

use leptos::prelude::*;
use maud::html;
use wardesk_core::Wardesk;
use wardesk_core::licences::operator::is_operator;

use crate::context::{request, viewer, words};
use crate::ui::{AvatarSize, IconName, Logo, Menu, avatar, icon, written};

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
            let summary = html! {
                (avatar(&viewer.name, viewer.avatar.as_deref(), false, AvatarSize::Small))
                span class="name" { (viewer.name) }
                (icon(IconName::ChevronDown))
            };
            let list = html! {
                a href="/account" { (icon(IconName::User)) (w.accounts_title()) }
                a href="/account/privacy" { (icon(IconName::Lock)) (w.privacy_title()) }
                a href="/transcripts" { (icon(IconName::Transcript)) (w.transcripts_mine()) }
                a href="/account/licences" { (icon(IconName::Plan)) (w.licences_your_licences()) }
                @if operates {
                    a href="/operator/licences" { (icon(IconName::Shield)) (w.licences_operator()) }
                    a href="/operator/privacy" { (icon(IconName::Shield)) (w.requests_desk_nav()) }
                }
                hr;
                form method="post" action="/auth/logout" {
                    button type="submit" { (icon(IconName::SignOut)) (w.accounts_sign_out()) }
                }
            };
            let summary = written(summary).into_any();
            view! { <Menu label=w.common_account_menu() summary=summary>{written(list)}</Menu> }
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
    written(html! {
        footer class="footer" {
            div class="footer-row" {
                a href="/status" { (w.common_status()) }
                a href="/privacy" { (w.documents_privacy()) }
                a href="/privacy/request" { (w.requests_form_title()) }
                a href="/terms" { (w.documents_terms()) }
                a href="/privacy/processors" { (w.documents_processors()) }
                @if takes_money { a href="/donate" { (w.subscriptions_donate()) } }
                span { (w.common_source_note()) }
            }
        }
    })
}
