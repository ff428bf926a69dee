//! What is shown in place of a page.

use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;
use wardesk_core::Wardesk;

use super::server::bot_problem;
use crate::context::{ALL_EXPORTS, OWN_EXPORTS, Refused, request, words};
use crate::ui::{Alert, ButtonKind, EmptyState, IconName, LinkButton, Tone};

/// Sets the status of the answer. Does nothing while the routes are being listed.
pub fn set_status(status: StatusCode) {
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(status);
    }
}

/// The page for an address that leads nowhere, or for what a form's handler answered: see
/// [`crate::context::Refused`].
#[component]
pub fn Fallback() -> impl IntoView {
    let refused: Option<Refused> = use_context();
    if let Some(Refused { status, reason: reason @ (OWN_EXPORTS | ALL_EXPORTS) }) = refused {
        return view! { <TooManyExports status=status own=reason == OWN_EXPORTS/> }.into_any();
    }
    let reason = refused.map_or("", |refused| refused.reason);
    match refused.map(|refused| refused.status) {
        None | Some(StatusCode::NOT_FOUND) => view! { <NotFound/> }.into_any(),
        Some(StatusCode::SERVICE_UNAVAILABLE) => view! { <DiscordDown/> }.into_any(),
        Some(StatusCode::CONFLICT) => view! { <Conflict/> }.into_any(),
        Some(StatusCode::TOO_MANY_REQUESTS) => view! { <TooMany reason=reason/> }.into_any(),
        Some(status) => {
            let correlation = request().correlation;
            view! { <Failed correlation=correlation status=status/> }.into_any()
        }
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
            <EmptyState icon=IconName::Search title=w.errors_not_found_title() text=w.errors_not_found_text() page=true>
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
    /// The status of the answer.
    #[prop(default = StatusCode::INTERNAL_SERVER_ERROR)]
    status: StatusCode,
) -> impl IntoView {
    set_status(status);
    let w = words();
    view! {
        <Title text=w.errors_failed_title()/>
        <div class="page-narrow">
            <EmptyState icon=IconName::Alert title=w.errors_failed_title() text=w.errors_failed_text() page=true>
                <code class="wrap-anywhere">{correlation}</code>
            </EmptyState>
        </div>
    }
}

/// Discord cannot be asked.
#[component]
pub fn DiscordDown() -> impl IntoView {
    set_status(StatusCode::SERVICE_UNAVAILABLE);
    let w = words();
    let bot = use_context::<Wardesk>().and_then(|wardesk| bot_problem(w, wardesk.status().bot));
    view! {
        <Title text=w.errors_discord_title()/>
        <div class="page-narrow stack">
            {bot.map(|text| view! {
                <Alert tone=Tone::Danger title=w.guilds_bot_problem_title()><p>{w.guilds_bot_problem_text(text)}</p></Alert>
            })}
            <EmptyState icon=IconName::Clock title=w.errors_discord_title() text=w.errors_discord_text() page=true>
                <LinkButton href="/status">{w.common_status()}</LinkButton>
            </EmptyState>
        </div>
    }
}

/// Someone else was quicker.
#[component]
fn Conflict() -> impl IntoView {
    set_status(StatusCode::CONFLICT);
    let w = words();
    view! {
        <Title text=w.errors_conflict_title()/>
        <div class="page-narrow">
            <EmptyState icon=IconName::Refresh title=w.errors_conflict_title() text=w.errors_conflict() page=true>
                <LinkButton href="/servers" kind=ButtonKind::Primary>{w.errors_not_found_home()}</LinkButton>
            </EmptyState>
        </div>
    }
}

/// Asked too often; the answer's `Retry-After` says when to come back.
#[component]
fn TooMany(
    /// Of what it was too much, in the word of the log.
    reason: &'static str,
) -> impl IntoView {
    set_status(StatusCode::TOO_MANY_REQUESTS);
    let w = words();
    let text = match reason {
        // Whoever opened links too often sent nothing that could be lost.
        "own_sign_ins" | "sign_ins" | "own_shared" | "shared" => w.errors_too_many_text(),
        _ => w.errors_too_many_sent(),
    };
    view! {
        <Title text=w.errors_too_many_title()/>
        <div class="page-narrow">
            <EmptyState icon=IconName::Clock title=w.errors_too_many_title() text=text page=true>
                <LinkButton href="/" kind=ButtonKind::Primary>{w.errors_not_found_home()}</LinkButton>
            </EmptyState>
        </div>
    }
}

/// Every place for an export is taken: this person's, or all.
#[component]
fn TooManyExports(
    /// The status of the answer.
    status: StatusCode,
    /// Whether they have so many themselves.
    own: bool,
) -> impl IntoView {
    set_status(status);
    let w = words();
    let text = if own { w.exports_busy_own() } else { w.exports_busy_all() };
    view! {
        <Title text=w.exports_busy_title()/>
        <div class="page-narrow">
            <EmptyState icon=IconName::Clock title=w.exports_busy_title() text=text page=true>
                <LinkButton href="/transcripts" kind=ButtonKind::Primary>{w.transcripts_title()}</LinkButton>
            </EmptyState>
        </div>
    }
}
