//! What a member is told when something does not work.

use domain::tickets::Refusal;
use wardesk_core::Wardesk;
use wardesk_core::guilds::GuildError;
use wardesk_core::tickets::TicketError;
use words::Words;

/// The text of a refusal.
pub(super) fn refusal(words: Words, refusal: Refusal) -> String {
    match refusal {
        Refusal::AlreadyOpen { channel: Some(channel) } => {
            words.bot_refused_already_open(format_args!("<#{channel}>"))
        }
        Refusal::AlreadyOpen { channel: None } => words.bot_refused_already_open_soon().to_owned(),
        Refusal::PanelGone => words.bot_refused_panel_gone().to_owned(),
        Refusal::PanelOff => words.bot_refused_panel_off().to_owned(),
        Refusal::NotATicket => words.bot_refused_not_a_ticket().to_owned(),
        Refusal::StaffOnly => words.bot_refused_staff_only().to_owned(),
        Refusal::NotParticipant => words.bot_refused_not_participant().to_owned(),
        Refusal::ClaimedByOther { holder } => {
            words.bot_refused_claimed_by_other(format_args!("<@{holder}>"))
        }
        Refusal::Unchanged => words.bot_refused_unchanged().to_owned(),
        Refusal::NotOpen => words.bot_refused_not_open().to_owned(),
        Refusal::CannotRemove => words.bot_refused_cannot_remove().to_owned(),
        Refusal::NoRoom => words.bot_refused_no_room().to_owned(),
        Refusal::BotLacksPermission => words.bot_refused_bot_lacks_permission().to_owned(),
        Refusal::InvalidAnswer => words.bot_refused_invalid_answer().to_owned(),
        Refusal::OpenerHasOne { channel: Some(channel) } => {
            words.bot_refused_opener_has_one(format_args!("<#{channel}>"))
        }
        Refusal::OpenerHasOne { channel: None } => {
            words.bot_refused_opener_has_one_soon().to_owned()
        }
        Refusal::CannotMove => words.bot_refused_cannot_move().to_owned(),
        Refusal::StillMoving => words.bot_refused_still_moving().to_owned(),
    }
}

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
