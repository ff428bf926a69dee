//! What a form did, said once on the next page. The address carries a code; the words are here.

use leptos::prelude::*;

use super::query::query;
use crate::context::words;
use crate::ui::{Alert, Tone};

/// The message for `?done=` or `?problem=`; nothing for a code that is not known.
pub fn flash() -> Option<impl IntoView> {
    let w = words();
    let done = query("done").and_then(|code| {
        Some(match code.as_str() {
            "saved" => w.accounts_done_saved(),
            "revoked" => w.accounts_done_revoked(),
            "revoked_others" => w.accounts_done_revoked_others(),
            "signed_out" => w.accounts_done_signed_out(),
            "created" => w.panels_done_created(),
            "panel" => w.panels_done_saved(),
            "published" => w.panels_done_published(),
            "removed" => w.panels_done_removed(),
            "claim" => w.tickets_done_claim(),
            "unclaim" => w.tickets_done_unclaim(),
            "close" => w.tickets_done_close(),
            "add" => w.tickets_done_add(),
            "remove" => w.tickets_done_remove(),
            "held" => w.transcripts_done_held(),
            "shared" => w.shares_done(),
            "share_revoked" => w.shares_done_revoked(),
            "redacted" => w.transcripts_done_redacted(),
            "released" => w.transcripts_done_released(),
            _ => return None,
        })
    });
    let problem = query("problem").and_then(|code| {
        Some(match code.as_str() {
            "expired" => w.accounts_problem_expired().to_owned(),
            "cancelled" => w.accounts_problem_cancelled().to_owned(),
            // Said by the sign-in alone; a ticket's refusal is `stale`.
            "refused" => w.accounts_problem_refused().to_owned(),
            "unavailable" => w.accounts_problem_unavailable().to_owned(),
            "internal" => w.accounts_problem_internal().to_owned(),
            "stale" => w.tickets_refused().to_owned(),
            "member" => w.tickets_bad_member().to_owned(),
            "reason" => w.tickets_bad_reason(domain::tickets::REASON_LIMIT),
            "held" => w.transcripts_redact_held().to_owned(),
            "hold_reason" => w.transcripts_bad_hold_reason(domain::transcripts::HOLD_REASON_LIMIT),
            "channel" => w.errors_out_of_reach().to_owned(),
            "too_many" => w.panels_too_many().to_owned(),
            _ => return None,
        })
    });
    let (tone, text) = match (done, problem) {
        (Some(text), _) => (Tone::Good, text.to_owned()),
        (None, Some(text)) => (Tone::Danger, text),
        (None, None) => return None,
    };
    Some(view! { <Alert tone=tone announce=true><p>{text}</p></Alert> })
}
