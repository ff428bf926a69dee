//! What a member is told when something does not work.

use domain::tickets::Refusal;
use wardesk_core::Wardesk;
use wardesk_core::guilds::GuildError;
use wardesk_core::tickets::TicketError;
use wardesk_core::tickets::messages::refusal;
use words::Words;

/// The text of a failed use-case. What broke is logged with the number that the member is shown.
pub(super) fn failure(w: &Wardesk, words: Words, error: &TicketError) -> String {
    match error {
        TicketError::Refused(reason) => refusal(words, *reason),
        TicketError::NotFound => refusal(words, Refusal::NotATicket),
        TicketError::Denied => refusal(words, Refusal::StaffOnly),
        TicketError::Invalid(fields) if fields.iter().any(|f| f.field == "member") => {
            words.bot_refused_not_a_member().to_owned()
        }
        TicketError::Invalid(_) => refusal(words, Refusal::InvalidAnswer),
        TicketError::Conflict => words.bot_failed().to_owned(),
        TicketError::Discord(error) if error.is_temporary() => words.bot_failed().to_owned(),
        TicketError::Discord(_) | TicketError::Storage(_) => broken(w, words, error),
    }
}

/// The text when the proof of who acts could not be made.
pub(super) fn no_access(w: &Wardesk, words: Words, error: &GuildError) -> String {
    broken(w, words, error)
}

fn broken(w: &Wardesk, words: Words, error: &dyn std::fmt::Display) -> String {
    let correlation = w.new_uuid();
    tracing::error!(%correlation, %error, "an interaction failed");
    words.bot_failed_with_id(correlation)
}
