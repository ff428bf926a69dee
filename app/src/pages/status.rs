//! What this installation says about itself.

use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::Wardesk;
use wardesk_core::licences::PaymentsState;
use wardesk_core::status::{BotState, Status};
use words::Words;

use super::documents::StatusNews;
use super::load::loaded;
use crate::context::words;
use crate::ui::{Alert, Badge, Card, Tone};

/// How the bot is in words, what they mean, and what the operator can do about it.
fn bot(w: Words, status: Status) -> (&'static str, Tone, Option<&'static str>) {
    match status.bot {
        BotState::Connected if status.content_available => {
            (w.accounts_status_ok(), Tone::Good, None)
        }
        BotState::Connected => {
            (w.accounts_status_degraded(), Tone::Warn, Some(w.accounts_help_contents()))
        }
        BotState::Connecting => (w.accounts_status_connecting(), Tone::Info, None),
        BotState::Elsewhere => (w.accounts_status_elsewhere(), Tone::Info, None),
        BotState::BadToken => {
            (w.accounts_status_bad_token(), Tone::Danger, Some(w.accounts_help_token()))
        }
        BotState::MissingIntent => {
            (w.accounts_status_missing_intents(), Tone::Danger, Some(w.accounts_help_intents()))
        }
        BotState::TooManyServers => {
            (w.accounts_status_refused(), Tone::Danger, Some(w.accounts_help_too_many_servers()))
        }
        BotState::Refused => {
            (w.accounts_status_refused(), Tone::Danger, Some(w.accounts_help_refused()))
        }
        BotState::Stopped => (w.accounts_status_stopped(), Tone::Danger, None),
    }
}

/// How payments are in words, what they mean, and what the operator can do about it.
fn payments(w: Words, state: PaymentsState) -> (&'static str, Tone, Option<&'static str>) {
    match state {
        PaymentsState::Off => (w.accounts_status_off(), Tone::Info, None),
        PaymentsState::Checking => (w.accounts_status_connecting(), Tone::Info, None),
        PaymentsState::Working => (w.accounts_status_ok(), Tone::Good, None),
        PaymentsState::BadKey => {
            (w.accounts_status_bad_key(), Tone::Danger, Some(w.accounts_help_payments()))
        }
        PaymentsState::Unavailable => (w.accounts_status_down(), Tone::Warn, None),
    }
}

/// The page `/status`.
#[component]
pub fn StatusPage() -> impl IntoView {
    loaded(async move {
        let w = words();
        let wardesk: Option<Wardesk> = use_context();
        let status = wardesk.as_ref().map(Wardesk::status).unwrap_or_default();
        let database = match &wardesk {
            Some(wardesk) => wardesk_core::status::database_writable(wardesk).await,
            None => false,
        };
        let (database_text, database_tone) = if database {
            (w.accounts_status_ok(), Tone::Good)
        } else {
            (w.accounts_status_down(), Tone::Danger)
        };
        let damaged = match &wardesk {
            Some(wardesk) => wardesk_core::status::damaged_copies(wardesk).await,
            None => None,
        };
        let (files_text, files_tone) = match damaged {
            Some(0) => (w.accounts_status_ok(), Tone::Good),
            Some(_) => (w.accounts_status_damaged(), Tone::Warn),
            None => (w.accounts_status_down(), Tone::Danger),
        };
        let (bot_text, bot_tone, remedy) = bot(w, status);
        let paying = wardesk.as_ref().map(Wardesk::payments_state).unwrap_or_default();
        let (payments_text, payments_tone, payments_remedy) = payments(w, paying);
        let files_remedy = damaged.is_some_and(|n| n > 0).then(|| w.accounts_help_files());
        let keys = wardesk.as_ref().map(|wardesk| wardesk.store().keys().troubles());
        let locked = keys.is_some_and(|troubles| troubles.borrow().is_some());
        let remedies = [
            remedy,
            (!database).then(|| w.accounts_help_database()),
            locked.then(|| w.accounts_help_keys()),
            files_remedy,
            payments_remedy,
        ];
        let remedies = remedies.into_iter().flatten().collect::<Vec<_>>();
        let fine = [bot_tone, database_tone, files_tone, payments_tone]
            .iter()
            .all(|tone| matches!(tone, Tone::Good | Tone::Info));
        let all_well = fine && remedies.is_empty() && status.bot == BotState::Connected;
        let line = |name: &'static str, about: &'static str, text: &'static str, tone: Tone| {
            view! {
                <div><dt>{name}<p>{about}</p></dt><dd><Badge label=text tone=tone/></dd></div>
            }
        };
        Ok(view! {
            <Title text=w.accounts_status_title()/>
            <div class="page-narrow stack">
                <div class="page-head"><div><h1>{w.accounts_status_title()}</h1><p class="lede">{w.accounts_status_text()}</p></div></div>
                <StatusNews/>
                {if all_well {
                    view! { <Alert tone=Tone::Good><p>{w.accounts_status_all_well()}</p></Alert> }.into_any()
                } else {
                    remedies.into_iter().map(|text| view! {
                        <Alert tone=Tone::Warn title=w.accounts_status_trouble()><p>{text}</p></Alert>
                    }).collect_view().into_any()
                }}
                <Card>
                    <dl class="lines">
                        {line(w.accounts_status_web(), w.accounts_status_web_text(), w.accounts_status_ok(), Tone::Good)}
                        {line(w.accounts_status_bot(), w.accounts_status_bot_text(), bot_text, bot_tone)}
                        {line(w.accounts_status_database(), w.accounts_status_database_text(), database_text, database_tone)}
                        {line(w.accounts_status_files(), w.accounts_status_files_text(), files_text, files_tone)}
                        {line(w.accounts_status_payments(), w.accounts_status_payments_text(), payments_text, payments_tone)}
                    </dl>
                </Card>
            </div>
        })
    })
}
