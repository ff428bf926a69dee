//! What this installation says about itself.

use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::Wardesk;
use wardesk_core::status::BotState;

use crate::context::words;
use crate::ui::{Badge, Tone};

/// The page `/status`.
#[component]
pub fn StatusPage() -> impl IntoView {
    let w = words();
    let status = use_context::<Wardesk>().map(|wardesk| wardesk.status()).unwrap_or_default();
    let (text, tone) = match status.bot {
        BotState::Connected if status.content_available => (w.accounts_status_ok(), Tone::Good),
        BotState::Connected => (w.accounts_status_degraded(), Tone::Warn),
        BotState::Connecting => (w.accounts_status_connecting(), Tone::Info),
        BotState::Elsewhere => (w.accounts_status_elsewhere(), Tone::Info),
        BotState::BadToken => (w.accounts_status_bad_token(), Tone::Danger),
        BotState::MissingIntent => (w.accounts_status_missing_intents(), Tone::Danger),
        BotState::Refused => (w.accounts_status_refused(), Tone::Danger),
        BotState::Stopped => (w.accounts_status_stopped(), Tone::Danger),
    };
    view! {
        <Title text=w.accounts_status_title()/>
        <div class="page-narrow stack">
            <div class="page-head"><div><h1>{w.accounts_status_title()}</h1><p class="muted">{w.accounts_status_text()}</p></div></div>
            <dl class="facts">
                <div><dt>{w.accounts_status_web()}</dt><dd><Badge label=w.accounts_status_ok() tone=Tone::Good/></dd></div>
                <div><dt>{w.accounts_status_bot()}</dt><dd><Badge label=text tone=tone/></dd></div>
            </dl>
        </div>
    }
}
