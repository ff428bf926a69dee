//! Short messages in a ticket, and answers that only the one who acted sees.

use domain::ids::ChannelId;
use domain::tickets::{Priority, Refusal};
use serde_json::{Value, json};
use words::Words;

use super::{channel_link, mention, only};
use crate::outbox::{Answer, Notice};

/// The words that a notice shows besides mentions.
#[derive(Debug, Clone, Default)]
pub struct NoticeFacts {
    /// The names of the panels that a ticket was moved from and to, for [`Notice::Moved`].
    pub panels: (String, String),
}

/// Something said in the channel. Only someone who was just let in is pinged.
pub fn notice(words: Words, notice: Notice, facts: &NoticeFacts) -> Value {
    let (text, pinged) = match notice {
        Notice::Claimed { by } => (words.bot_claimed_notice(mention(by)), None),
        Notice::Unclaimed { by } => (words.bot_unclaimed_notice(mention(by)), None),
        Notice::MemberAdded { user, by } => {
            (words.bot_member_added(mention(user), mention(by)), Some(user))
        }
        Notice::MemberRemoved { user, by } => {
            (words.bot_member_removed(mention(user), mention(by)), None)
        }
        Notice::MemberLeft { user, opener, noticed } => {
            let who = mention(user);
            let text = match (opener, noticed) {
                (true, false) => words.bot_opener_left(who),
                (true, true) => words.bot_opener_away(who),
                (false, false) => words.bot_member_left(who),
                (false, true) => words.bot_member_away(who),
            };
            (text, None)
        }
        Notice::MemberReturned { user } => (words.bot_member_returned(mention(user)), None),
        Notice::Priority { priority, by } => {
            let who = mention(by);
            let text = match priority {
                Priority::Low => words.bot_priority_low(who),
                Priority::Normal => words.bot_priority_normal(who),
                Priority::High => words.bot_priority_high(who),
                Priority::Urgent => words.bot_priority_urgent(who),
            };
            (text, None)
        }
        Notice::Moved { by, released, .. } => {
            let (from, to) = &facts.panels;
            let mut text = words.bot_moved_notice(mention(by), from, to);
            if let Some(holder) = released {
                text.push('\n');
                text.push_str(&words.bot_moved_released(mention(holder)));
            }
            (text, None)
        }
        // Without the reason: what the bot says is archived as the opener's, and the reason is the words of whoever closed
        // it. It stands in the timeline and in the summaries, under their own key.
        Notice::Closing { by } => (words.bot_closing_notice(mention(by)), None),
    };
    json!({ "content": text, "allowed_mentions": only(pinged.as_slice()) })
}

/// What the member reads in place of "is thinking" once the ticket is open, or is not to be.
pub fn answer(words: Words, answer: Answer, channel: Option<ChannelId>) -> Value {
    let text = match (answer, channel) {
        (Answer::Opened, Some(channel)) => words.bot_opened(channel_link(channel)),
        (Answer::Opened, None) => words.bot_done().to_owned(),
        (Answer::Refused(why), _) => refusal(words, why),
        (Answer::Failed, _) => words.bot_failed().to_owned(),
    };
    json!({ "content": text, "allowed_mentions": only(&[]) })
}

/// A refusal in words.
pub fn refusal(words: Words, refusal: Refusal) -> String {
    match refusal {
        Refusal::AlreadyOpen { channel: Some(channel) } => {
            words.bot_refused_already_open(channel_link(channel))
        }
        Refusal::AlreadyOpen { channel: None } => words.bot_refused_already_open_soon().to_owned(),
        Refusal::PanelGone => words.bot_refused_panel_gone().to_owned(),
        Refusal::PanelOff => words.bot_refused_panel_off().to_owned(),
        Refusal::NotATicket => words.bot_refused_not_a_ticket().to_owned(),
        Refusal::StaffOnly => words.bot_refused_staff_only().to_owned(),
        Refusal::NotParticipant => words.bot_refused_not_participant().to_owned(),
        Refusal::ClaimedByOther { holder } => words.bot_refused_claimed_by_other(mention(holder)),
        Refusal::Unchanged => words.bot_refused_unchanged().to_owned(),
        Refusal::NotOpen => words.bot_refused_not_open().to_owned(),
        Refusal::CannotRemove => words.bot_refused_cannot_remove().to_owned(),
        Refusal::NoRoom => words.bot_refused_no_room().to_owned(),
        Refusal::BotLacksPermission => words.bot_refused_bot_lacks_permission().to_owned(),
        Refusal::InvalidAnswer => words.bot_refused_invalid_answer().to_owned(),
        Refusal::OpenerHasOne { channel: Some(channel) } => {
            words.bot_refused_opener_has_one(channel_link(channel))
        }
        Refusal::OpenerHasOne { channel: None } => {
            words.bot_refused_opener_has_one_soon().to_owned()
        }
        Refusal::CannotMove => words.bot_refused_cannot_move().to_owned(),
        Refusal::StillMoving => words.bot_refused_still_moving().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::UserId;
    use domain::locale::Locale;

    use super::*;

    #[test]
    fn who_closed_it_is_named_and_pinged_by_nothing() {
        let by = UserId::new(5).unwrap();
        let body = notice(Words::new(Locale::En), Notice::Closing { by }, &NoticeFacts::default());
        assert!(body["content"].as_str().unwrap().starts_with("<@5> has closed this ticket."));
        assert_eq!(body["allowed_mentions"], json!({ "parse": [], "users": [] }));
    }

    #[test]
    fn a_move_names_both_panels_and_who_lost_it() {
        let id = |text: &str| text.parse().unwrap();
        let (from, to) = (
            id("0193b3c4-5d6e-7f80-9123-456789abcdef"),
            id("0193b3c4-5d6e-7f80-9123-456789abcdf0"),
        );
        let (by, released) = (UserId::new(5).unwrap(), Some(UserId::new(6).unwrap()));
        let facts = NoticeFacts { panels: ("Help".into(), "@everyone".into()) };
        let moved = Notice::Moved { from, to, by, released };
        let body = notice(Words::new(Locale::En), moved, &facts);
        assert_eq!(
            body["content"],
            "<@5> has moved this ticket from “Help” to “@everyone”.\n<@6> does not work on it any more."
        );
        assert_eq!(body["allowed_mentions"], json!({ "parse": [], "users": [] }));
    }
}
