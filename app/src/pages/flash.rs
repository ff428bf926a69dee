//! What a form did, said once on the next page. The address carries a code; the words are here.

use leptos::prelude::*;
use words::Words;

use super::query::query;
use crate::context::words;
use crate::ui::{Alert, Tone};

/// What was done, by its code.
fn done(w: Words, code: &str) -> Option<&'static str> {
    Some(match code {
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
        "priority" => w.tickets_done_priority(),
        "move" => w.tickets_done_move(),
        "add" => w.tickets_done_add(),
        "remove" => w.tickets_done_remove(),
        "held" => w.transcripts_done_held(),
        "shared" => w.shares_done(),
        "share_revoked" => w.shares_done_revoked(),
        "redacted" => w.transcripts_done_redacted(),
        "released" => w.transcripts_done_released(),
        "subscribed" => w.subscriptions_done_subscribed(),
        "plan_changed" => w.subscriptions_done_changed(),
        "plan_kept" => w.subscriptions_done_kept(),
        "licence_assigned" => w.licences_done_assigned(),
        "licence_moved" => w.licences_done_moved(),
        "licence_released" => w.licences_done_released(),
        "licence_ended" => w.licences_done_ended(),
        "licence_issued" => w.licences_done_issued(),
        "licence_extended" => w.licences_done_extended(),
        "licence_suspended" => w.licences_done_suspended(),
        "licence_resumed" => w.licences_done_resumed(),
        "licence_revoked" => w.licences_done_revoked(),
        "privacy_restricted" => w.privacy_done_restricted(),
        "privacy_download" => w.privacy_done_download(),
        "privacy_lifted" => w.privacy_done_lifted(),
        "privacy_refreshed" => w.privacy_done_refreshed(),
        "privacy_withdrawn" => w.privacy_done_withdrawn(),
        "privacy_erased" => w.privacy_done_erased(),
        "request_sent" => w.requests_done_sent(),
        "request_verified" => w.requests_done_verified(),
        "request_answered" => w.requests_done_answered(),
        "request_extended" => w.requests_done_extended(),
        "request_handed_over" => w.requests_done_handed_over(),
        "request_sorted" => w.requests_done_sorted(),
        "disclosure_noted" => w.requests_done_noted(),
        "disclosure_settled" => w.requests_done_settled(),
        _ => return None,
    })
}

/// What was refused, by its code.
fn refused(w: Words, code: &str) -> Option<String> {
    Some(match code {
        "expired" => w.accounts_problem_expired().to_owned(),
        "cancelled" => w.accounts_problem_cancelled().to_owned(),
        // Said by the sign-in alone; a ticket's refusal is `stale`.
        "refused" => w.accounts_problem_refused().to_owned(),
        "unavailable" => w.accounts_problem_unavailable().to_owned(),
        "internal" => w.accounts_problem_internal().to_owned(),
        "stale" => w.tickets_refused().to_owned(),
        "move_opener_has_one" => w.tickets_move_opener_has_one().to_owned(),
        "move_panel_gone" => w.tickets_move_panel_gone().to_owned(),
        "move_panel_off" => w.tickets_move_panel_off().to_owned(),
        "move_cannot" => w.tickets_move_cannot().to_owned(),
        "move_pending" => w.tickets_move_pending().to_owned(),
        "member" => w.tickets_bad_member().to_owned(),
        "reason" => w.tickets_bad_reason(domain::tickets::REASON_LIMIT),
        "held" => w.transcripts_redact_held().to_owned(),
        "hold_reason" => w.transcripts_bad_hold_reason(domain::transcripts::HOLD_REASON_LIMIT),
        "payment_currency" => w.subscriptions_problem_currency().to_owned(),
        "payment_currency_fixed" => w.subscriptions_problem_currency_fixed().to_owned(),
        "payment_subscribed" => w.subscriptions_problem_subscribed().to_owned(),
        "payment_not_sold" => w.subscriptions_problem_not_sold().to_owned(),
        "payment_holder" => w.subscriptions_problem_holder().to_owned(),
        "payment_customer" => w.subscriptions_problem_customer().to_owned(),
        "payment_amount" => w.subscriptions_problem_amount().to_owned(),
        "payment_declined" => w.subscriptions_problem_declined().to_owned(),
        "payment_waits" => w.subscriptions_problem_waits().to_owned(),
        "payment_none_waits" => w.subscriptions_problem_none_waits().to_owned(),
        "payment_unchanged" => w.subscriptions_problem_unchanged().to_owned(),
        "payment_unchangeable" => w.subscriptions_problem_unchangeable().to_owned(),
        "payment_provider" => w.subscriptions_problem_provider().to_owned(),
        "payment_refused" => w.subscriptions_problem_refused().to_owned(),
        "payment_too_many" => w.subscriptions_problem_too_many().to_owned(),
        "licence_over" => w.licences_problem_over().to_owned(),
        "licence_full" => w.licences_problem_full().to_owned(),
        "licence_seated" => w.licences_problem_seated().to_owned(),
        "licence_not_seated" => w.licences_problem_not_seated().to_owned(),
        "licence_cooling" => w.licences_problem_cooling().to_owned(),
        "licence_acknowledge" => w.licences_problem_acknowledge().to_owned(),
        "licence_paid" => w.licences_problem_paid().to_owned(),
        "licence_unchanged" => w.licences_problem_unchanged().to_owned(),
        "licence_end" => w.licences_problem_end().to_owned(),
        "licence_gone" => w.licences_problem_gone().to_owned(),
        "privacy_acknowledge" => w.privacy_problem_acknowledge().to_owned(),
        "privacy_not_read" => w.privacy_problem_not_read().to_owned(),
        "privacy_nowhere" => w.privacy_problem_nowhere().to_owned(),
        "request_words" => w.requests_problem_words(domain::privacy::WORDS_LIMIT),
        "request_names" => w.requests_problem_names(domain::privacy::NAME_LIMIT),
        "request_sure" => w.requests_problem_sure().to_owned(),
        "request_answer" => w.requests_problem_answer(domain::privacy::WORDS_LIMIT),
        "request_too_many" => w.requests_problem_too_many(domain::privacy::OPEN_LIMIT),
        "request_somebody_else" => w.requests_problem_somebody_else().to_owned(),
        "request_repeated" => w.requests_problem_repeated().to_owned(),
        "request_owner_time" => w.requests_problem_owner_time().to_owned(),
        "request_reason" => w.requests_problem_reason().to_owned(),
        "request_outcome" => w.requests_problem_outcome().to_owned(),
        "request_decided" => w.requests_problem_decided().to_owned(),
        "request_unverified" => w.requests_problem_unverified().to_owned(),
        "request_no_account" => w.requests_problem_no_account().to_owned(),
        "request_one_server" => w.requests_problem_one_server().to_owned(),
        "request_with_owner" => w.requests_problem_with_owner().to_owned(),
        "request_extension" => w.requests_problem_extension().to_owned(),
        "request_no_owner" => w.requests_problem_no_owner().to_owned(),
        "request_entry" => w.requests_problem_entry().to_owned(),
        "channel" => w.errors_out_of_reach().to_owned(),
        "channel_none" => w.panels_problem_no_channel().to_owned(),
        "channel_gone" => w.errors_gone().to_owned(),
        "share_too_many" => w.shares_problem_too_many(domain::transcripts::sharing::SHARES_LIMIT),
        "discord" => w.errors_save_failed().to_owned(),
        "signed_out" => w.errors_signed_out().to_owned(),
        "too_many" => w.panels_too_many().to_owned(),
        _ => return None,
    })
}

/// The message for `?done=` or `?problem=`; nothing for a code that is not known.
pub fn flash() -> Option<impl IntoView> {
    let w = words();
    let done = query("done").and_then(|code| done(w, &code));
    let problem = query("problem").and_then(|code| refused(w, &code));
    let (tone, text) = match (done, problem) {
        (Some(text), _) => (Tone::Good, text.to_owned()),
        (None, Some(text)) => (Tone::Danger, text),
        (None, None) => return None,
    };
    // A refused form has a summary of its problems, which takes the focus.
    let announce = query("draft").is_none();
    Some(view! { <Alert tone=tone announce=announce><p>{text}</p></Alert> })
}
