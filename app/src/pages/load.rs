//! Pages that read before they show: what they read decides status and redirects, so it is awaited
//! before the first byte leaves.

use std::fmt::Display;
use std::future::Future;

use leptos::prelude::*;
use leptos_axum::redirect;
use wardesk_core::Wardesk;
use wardesk_core::accounts::{AccountError, Session};
use wardesk_core::guilds::GuildError;
use wardesk_core::licences::LicenceError;
use wardesk_core::licences::payments::PaymentsError;
use wardesk_core::privacy::PrivacyError;
use wardesk_core::tickets::TicketError;
use wardesk_core::transcripts::TranscriptError;

use super::errors::{DiscordDown, Failed, NotFound};
use crate::{context, forms};

/// What is shown in place of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// Nothing there, or nothing for this person.
    NotFound,
    /// The way to sign in.
    SignIn,
    /// Discord does not answer.
    Discord,
    /// Something broke; it is logged already.
    Failed,
    /// Another page, which says why.
    Elsewhere(String),
}

/// Logs what broke, once.
pub fn broken(error: &impl Display) -> Instead {
    tracing::error!(%error, "a page could not be made");
    Instead::Failed
}

impl From<GuildError> for Instead {
    fn from(error: GuildError) -> Self {
        match error {
            GuildError::NotFound => Self::NotFound,
            GuildError::SignedOut => Self::SignIn,
            GuildError::Discord(_) => Self::Discord,
            other => broken(&other),
        }
    }
}

impl From<TicketError> for Instead {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::NotFound | TicketError::Denied => Self::NotFound,
            TicketError::Discord(_) => Self::Discord,
            other => broken(&other),
        }
    }
}

impl From<TranscriptError> for Instead {
    fn from(error: TranscriptError) -> Self {
        match error {
            TranscriptError::NotFound => Self::NotFound,
            TranscriptError::Discord(_) => Self::Discord,
            other => broken(&other),
        }
    }
}

impl From<LicenceError> for Instead {
    fn from(error: LicenceError) -> Self {
        match error {
            LicenceError::NotFound => Self::NotFound,
            LicenceError::Guild(error) => error.into(),
            other => broken(&other),
        }
    }
}

impl From<PrivacyError> for Instead {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::NotFound => Self::NotFound,
            PrivacyError::Guild(error) => error.into(),
            other => broken(&other),
        }
    }
}

impl From<PaymentsError> for Instead {
    fn from(error: PaymentsError) -> Self {
        match error {
            PaymentsError::NotFound | PaymentsError::Off => Self::NotFound,
            PaymentsError::Guild(error) => error.into(),
            other => broken(&other),
        }
    }
}

/// What is shown instead when payments refuse: `path` with the reason, where that is an ordinary one.
pub fn refused(error: PaymentsError, path: &str) -> Instead {
    match forms::payment_problem(&error) {
        Some(code) => Instead::Elsewhere(format!("{path}?problem={code}")),
        None => error.into(),
    }
}

impl From<AccountError> for Instead {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotFound => Self::NotFound,
            AccountError::Storage(error) => broken(&error),
        }
    }
}

/// The use-cases and who asks. Someone who is not signed in is sent to sign in.
pub fn asker() -> Result<(Wardesk, Session), Instead> {
    let wardesk: Option<Wardesk> = use_context();
    wardesk.zip(context::session()).ok_or(Instead::SignIn)
}

/// Awaits what a page reads and shows it, or what is shown instead.
pub fn loaded<V: IntoView + 'static>(
    page: impl Future<Output = Result<V, Instead>> + Send + 'static,
) -> impl IntoView {
    let correlation = context::request().correlation;
    view! {
        <Suspense>
            {Suspend::new(async move {
                match page.await {
                    Ok(page) => page.into_any(),
                    Err(Instead::NotFound) => view! { <NotFound/> }.into_any(),
                    Err(Instead::Discord) => view! { <DiscordDown/> }.into_any(),
                    Err(Instead::Failed) => view! { <Failed correlation=correlation/> }.into_any(),
                    Err(Instead::SignIn) => {
                        redirect("/");
                        ().into_any()
                    }
                    Err(Instead::Elsewhere(path)) => {
                        redirect(&path);
                        ().into_any()
                    }
                }
            })}
        </Suspense>
    }
}
