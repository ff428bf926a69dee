//! What is shown in place of a page.

use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;
use wardesk_core::Wardesk;
use wardesk_core::status::BotState;

use crate::context::words;
use crate::ui::{ButtonKind, EmptyState, IconName, LinkButton};

/// Sets the status of the answer. Does nothing while the routes are being listed.
pub fn set_status(status: StatusCode) {
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(status);
    }
}

/// Nothing there, or nothing for this person: one page for both, with status 404.
#[component]
pub fn NotFound() -> impl IntoView {
    set_status(StatusCode::NOT_FOUND);
    let w = words();
    view! {
        <Title text=w.errors_not_found_title()/>
        <div class="page-narrow">
            <h1 class="visually-hidden">{w.errors_not_found_title()}</h1>
            <EmptyState icon=IconName::Search title=w.errors_not_found_title() text=w.errors_not_found_text()>
                <LinkButton href="/servers" kind=ButtonKind::Primary>{w.errors_not_found_home()}</LinkButton>
            </EmptyState>
        </div>
    }
}

/// Something broke; the number leads the operator to the log line.
#[component]
pub fn Failed(
    /// The correlation id.
    correlation: String,
) -> impl IntoView {
    set_status(StatusCode::INTERNAL_SERVER_ERROR);
    let w = words();
    view! {
        <Title text=w.errors_failed_title()/>
        <div class="page-narrow">
            <h1 class="visually-hidden">{w.errors_failed_title()}</h1>
            <EmptyState icon=IconName::Alert title=w.errors_failed_title() text=w.errors_failed_text()>
                <code>{correlation}</code>
            </EmptyState>
        </div>
    }
}

/// Discord cannot be asked.
#[component]
pub fn DiscordDown() -> impl IntoView {
    set_status(StatusCode::SERVICE_UNAVAILABLE);
    let w = words();
    // Waiting helps against an outage; against a wrong token only the operator does.
    let bot = use_context::<Wardesk>().map(|wardesk| wardesk.status().bot);
    let text = match bot {
        Some(BotState::BadToken) => w.accounts_status_bad_token(),
        _ => w.errors_discord_text(),
    };
    view! {
        <Title text=w.errors_discord_title()/>
        <div class="page-narrow">
            <h1 class="visually-hidden">{w.errors_discord_title()}</h1>
            <EmptyState icon=IconName::Clock title=w.errors_discord_title() text=text>
                <LinkButton href="/status">{w.common_status()}</LinkButton>
            </EmptyState>
        </div>
    }
}
