//! The privacy policy, the terms, their versions, and whom this installation contacts. For everybody, without a
//! program.

mod body;
mod changes;
mod notices;
mod page;
mod processors;

use domain::time::Millis;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use wardesk_core::Wardesk;
use wardesk_core::privacy::documents::DocumentKind;
use words::Words;

use super::load::Instead;

pub use changes::Changes;
pub use notices::{Notices, StatusNews};
pub use page::{PrivacyPage, PrivacyVersion, TermsPage, TermsVersion};
pub use processors::Processors;

/// The name of a document.
fn name(w: Words, kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Privacy => w.documents_privacy(),
        DocumentKind::Terms => w.documents_terms(),
    }
}

/// The day of a moment, in UTC: English `21 Nov 2026`, German `21.11.2026`.
fn day(w: Words, at: Millis) -> String {
    let Ok(timestamp) = Timestamp::from_millisecond(at.0) else { return String::new() };
    let pattern = match w.locale() {
        domain::locale::Locale::En => "%-d %b %Y",
        domain::locale::Locale::De => "%d.%m.%Y",
    };
    timestamp.to_zoned(TimeZone::UTC).strftime(pattern).to_string()
}

/// The use-cases, which are there for every request.
fn wardesk() -> Result<Wardesk, Instead> {
    use_context().ok_or(Instead::NotFound)
}
