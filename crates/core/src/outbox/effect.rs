//! What can follow a commit.

use domain::ids::{
    ChannelId, LicenceId, MessageId, OutboxId, PanelId, RequestId, TicketId, UserId,
};
use domain::tickets::{Priority, Refusal};
use domain::time::Millis;
use serde::{Deserialize, Serialize};

use crate::failpoints as at;
use crate::licences::payments::{self, News};
use crate::privacy::documents::{DocumentKind, DocumentVersion};
use crate::privacy::requests;

/// One effect outside the database. It holds ids and codes only: texts are read, unsealed and put into
/// words when it is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "effect")]
pub enum Effect {
    /// Makes the ticket's channel.
    CreateTicketChannel {
        /// The ticket.
        ticket: TicketId,
    },
    /// Posts the first message with answers and buttons.
    PostWelcome {
        /// The ticket.
        ticket: TicketId,
    },
    /// Tells the member what came of their wish to open a ticket.
    EditInteractionResponse {
        /// The ticket.
        ticket: TicketId,
        /// What came of it.
        answer: Answer,
    },
    /// Lets someone into the channel.
    PutOverwrite {
        /// The ticket.
        ticket: TicketId,
        /// Who.
        user: UserId,
    },
    /// Shows someone out of the channel.
    DeleteOverwrite {
        /// The ticket.
        ticket: TicketId,
        /// Who.
        user: UserId,
    },
    /// Makes the channel of a ticket that was moved its present panel's: opener, added people and that panel's
    /// staff see it, nobody else does.
    MoveChannel {
        /// The ticket.
        ticket: TicketId,
        /// The panel it was moved from, and goes back to if Discord refuses.
        from: PanelId,
        /// The panel it was moved to.
        to: PanelId,
        /// Who moved it.
        by: UserId,
        /// Who lost it, since they are not staff of the other panel.
        released: Option<UserId>,
    },
    /// Makes the buttons of the first message fit the ticket.
    UpdateTicketMessage {
        /// The ticket.
        ticket: TicketId,
    },
    /// Says something in the channel.
    PostNotice {
        /// The ticket.
        ticket: TicketId,
        /// What.
        notice: Notice,
    },
    /// Takes the right to write in the channel from opener and added members, so that the archive can be
    /// completed.
    LockChannel {
        /// The ticket.
        ticket: TicketId,
    },
    /// Completes the archive and stores the transcript; the ticket is closed then.
    BuildTranscript {
        /// The ticket.
        ticket: TicketId,
    },
    /// Posts the summary with the link to the transcript.
    PostSummary {
        /// The ticket.
        ticket: TicketId,
    },
    /// Sends the opener the link to the transcript.
    DmOpener {
        /// The ticket.
        ticket: TicketId,
    },
    /// Removes the channel.
    DeleteChannel {
        /// The ticket.
        ticket: TicketId,
        /// The channel.
        channel: ChannelId,
    },
    /// Posts a panel, or edits its message.
    PostPanel {
        /// The panel.
        panel: PanelId,
        /// Who asked for it.
        by: UserId,
    },
    /// Removes a panel's message.
    RemovePanelMessage {
        /// The panel.
        panel: PanelId,
        /// The channel it is in.
        channel: ChannelId,
        /// The message.
        message: MessageId,
    },
    /// Tells staff in the log channel that something went wrong, with the remedy.
    StaffAlert {
        /// What.
        alert: Alert,
    },
    /// Tells the holder of a licence that something is wrong with its payments.
    DmHolder {
        /// The licence.
        licence: LicenceId,
        /// Who holds it.
        user: UserId,
        /// What.
        news: News,
        /// Until when the licence counts meanwhile.
        until: Option<Millis>,
    },
    /// Tells an operator how many requests about personal data wait, and which are due first.
    DmOperator {
        /// The operator.
        user: UserId,
        /// The day, counted from 1970 in UTC.
        day: i64,
        /// How many messages came before on that day.
        number: i64,
    },
    /// Tells somebody that the copy of what is held about them is ready.
    DmDownload {
        /// The person.
        user: UserId,
    },
    /// Announces a new version of the privacy policy or of the terms.
    AnnounceDocument {
        /// Which document.
        document: DocumentKind,
        /// Which version of it.
        version: DocumentVersion,
        /// Where.
        channel: ChannelId,
    },
}

/// What came of a wish to open a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The ticket is open.
    Opened,
    /// Discord refuses the channel.
    Refused(Refusal),
    /// Discord could not be reached for too long.
    Failed,
}

/// Something said in a ticket's channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "notice")]
pub enum Notice {
    /// Someone has claimed the ticket.
    Claimed {
        /// Who.
        by: UserId,
    },
    /// Someone has given it back.
    Unclaimed {
        /// Who.
        by: UserId,
    },
    /// Someone was let in.
    MemberAdded {
        /// Who.
        user: UserId,
        /// By whom.
        by: UserId,
    },
    /// Someone was shown out.
    MemberRemoved {
        /// Who.
        user: UserId,
        /// By whom.
        by: UserId,
    },
    /// Staff said how urgent it is.
    Priority {
        /// How urgent.
        priority: Priority,
        /// Who.
        by: UserId,
    },
    /// It was moved to another panel.
    Moved {
        /// Whose it was.
        from: PanelId,
        /// Whose it is.
        to: PanelId,
        /// Who moved it.
        by: UserId,
        /// Who lost it, since they are not staff of the other panel.
        released: Option<UserId>,
    },
    /// Someone who takes part left the server.
    MemberLeft {
        /// Who.
        user: UserId,
        /// Whether they opened the ticket.
        opener: bool,
        /// Whether it is not known when.
        noticed: bool,
    },
    /// Someone who takes part came back to the server.
    MemberReturned {
        /// Who.
        user: UserId,
    },
    /// The ticket is being closed.
    Closing {
        /// By whom.
        by: UserId,
    },
}

/// Something staff must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "alert")]
pub enum Alert {
    /// A ticket could not be opened.
    OpenFailed {
        /// The number it would have had.
        number: i64,
        /// Who wanted it.
        opener: UserId,
        /// Why.
        cause: Cause,
    },
    /// A panel could not be posted.
    PanelFailed {
        /// The panel.
        panel: PanelId,
    },
    /// The summary could not be posted.
    SummaryFailed {
        /// The ticket's number.
        number: i64,
    },
    /// A ticket's channel could not be removed.
    ChannelStays {
        /// The ticket's number.
        number: i64,
        /// The channel.
        channel: ChannelId,
    },
    /// A channel says that it belongs to a ticket which does not need it, and people wrote in it.
    ChannelDoubled {
        /// The ticket's number.
        number: i64,
        /// The channel.
        channel: ChannelId,
    },
    /// A ticket could not be moved to another panel.
    MoveFailed {
        /// The ticket's number.
        number: i64,
        /// The panel it was to be moved to.
        panel: PanelId,
    },
    /// The transcript could not be stored yet; it is being tried again.
    TranscriptDelayed {
        /// The ticket's number.
        number: i64,
    },
    /// Some other step of a ticket was given up.
    StepFailed {
        /// The ticket's number.
        number: i64,
    },
    /// Somebody asks for something about personal data on this server. Only those who answer such requests see it.
    PrivacyRequest {
        /// The request.
        request: RequestId,
    },
    /// Somebody was erased who had said something on this server. Nothing says who. Only those who answer requests about
    /// personal data see it.
    Erased,
    /// Something is wrong with the payments for a licence. Only those who see its billing are told.
    Payment {
        /// The licence.
        licence: LicenceId,
        /// What.
        news: News,
    },
}

impl Alert {
    /// What it is about. A later alert about the same takes its place, and what works again takes it away.
    pub fn subject(&self) -> String {
        match self {
            Self::OpenFailed { .. } => subject::OPEN.to_owned(),
            Self::PanelFailed { panel } => subject::panel(*panel),
            Self::SummaryFailed { .. } => subject::SUMMARY.to_owned(),
            Self::ChannelStays { channel, .. } => subject::channel(*channel),
            Self::ChannelDoubled { channel, .. } => subject::doubled(*channel),
            Self::MoveFailed { number, .. } => subject::moving(*number),
            Self::TranscriptDelayed { number } => subject::transcript(*number),
            Self::StepFailed { number } => format!("step:{number}"),
            Self::Erased => subject::ERASED.to_owned(),
            Self::Payment { licence, .. } => payments::alert_subject(*licence),
            Self::PrivacyRequest { request } => requests::alert_subject(*request),
        }
    }
}

/// What alerts are about.
pub(crate) mod subject {
    use domain::ids::{ChannelId, PanelId};

    /// Opening tickets.
    pub const OPEN: &str = "open";
    /// People who were erased: one alert for all of them, which counts.
    pub const ERASED: &str = "erased";
    /// Posting summaries.
    pub const SUMMARY: &str = "summary";

    /// Posting a panel.
    pub fn panel(panel: PanelId) -> String {
        format!("panel:{panel}")
    }

    /// Removing a channel.
    pub fn channel(channel: ChannelId) -> String {
        format!("channel:{channel}")
    }

    /// A channel that no ticket needs.
    pub fn doubled(channel: ChannelId) -> String {
        format!("doubled:{channel}")
    }

    /// Moving a ticket, by its number.
    pub fn moving(number: i64) -> String {
        format!("move:{number}")
    }

    /// Storing the transcript of a ticket, by its number.
    pub fn transcript(number: i64) -> String {
        format!("transcript:{number}")
    }
}

/// Why Discord refused a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The category holds 50 channels.
    CategoryFull,
    /// The server holds 500 channels.
    ServerFull,
    /// The category no longer exists.
    CategoryGone,
    /// The bot lacks a permission.
    MissingPermission,
    /// Discord refused for another reason.
    Refused,
    /// Discord could not be reached for too long.
    Unavailable,
}

impl Effect {
    /// The effect's name, as database, logs and metrics have it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::CreateTicketChannel { .. } => "create_ticket_channel",
            Self::PostWelcome { .. } => "post_welcome",
            Self::EditInteractionResponse { .. } => "edit_interaction_response",
            Self::PutOverwrite { .. } => "put_overwrite",
            Self::DeleteOverwrite { .. } => "delete_overwrite",
            Self::MoveChannel { .. } => MOVE_CHANNEL,
            Self::UpdateTicketMessage { .. } => "update_ticket_message",
            Self::PostNotice { .. } => "post_notice",
            Self::LockChannel { .. } => "lock_channel",
            Self::BuildTranscript { .. } => "build_transcript",
            Self::PostSummary { .. } => "post_summary",
            Self::DmOpener { .. } => "dm_opener",
            Self::DeleteChannel { .. } => "delete_channel",
            Self::PostPanel { .. } => "post_panel",
            Self::RemovePanelMessage { .. } => "remove_panel_message",
            Self::StaffAlert { .. } => "staff_alert",
            Self::DmHolder { .. } => "dm_holder",
            Self::DmOperator { .. } => "dm_operator",
            Self::DmDownload { .. } => "dm_download",
            Self::AnnounceDocument { .. } => "announce_document",
        }
    }

    /// The ticket it belongs to, if it belongs to one.
    pub const fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::CreateTicketChannel { ticket }
            | Self::PostWelcome { ticket }
            | Self::EditInteractionResponse { ticket, .. }
            | Self::PutOverwrite { ticket, .. }
            | Self::DeleteOverwrite { ticket, .. }
            | Self::MoveChannel { ticket, .. }
            | Self::UpdateTicketMessage { ticket }
            | Self::PostNotice { ticket, .. }
            | Self::LockChannel { ticket }
            | Self::BuildTranscript { ticket }
            | Self::PostSummary { ticket }
            | Self::DmOpener { ticket }
            | Self::DeleteChannel { ticket, .. } => Some(*ticket),
            Self::PostPanel { .. }
            | Self::RemovePanelMessage { .. }
            | Self::AnnounceDocument { .. }
            | Self::StaffAlert { .. }
            | Self::DmHolder { .. }
            | Self::DmOperator { .. }
            | Self::DmDownload { .. } => None,
        }
    }

    /// Effects with the same key are carried out one after the other. An alert waits for nothing and
    /// holds nothing back.
    pub fn sequence_key(&self, id: OutboxId) -> String {
        match self {
            Self::PostPanel { panel, .. } | Self::RemovePanelMessage { panel, .. } => {
                panel_key(*panel)
            }
            Self::StaffAlert { .. } => format!("alert:{id}"),
            other => other.ticket().map_or_else(|| format!("effect:{id}"), ticket_key),
        }
    }

    /// The failpoints before and after the effect's call.
    pub const fn points(&self) -> (&'static str, &'static str) {
        match self {
            Self::CreateTicketChannel { .. } => {
                (at::CREATE_CHANNEL_BEFORE_CALL, at::CREATE_CHANNEL_AFTER_CALL)
            }
            Self::PostWelcome { .. } => (at::WELCOME_BEFORE_CALL, at::WELCOME_AFTER_CALL),
            Self::EditInteractionResponse { .. } => {
                (at::INTERACTION_BEFORE_CALL, at::INTERACTION_AFTER_CALL)
            }
            Self::PutOverwrite { .. } | Self::DeleteOverwrite { .. } => {
                (at::OVERWRITE_BEFORE_CALL, at::OVERWRITE_AFTER_CALL)
            }
            Self::MoveChannel { .. } => (at::MOVE_BEFORE_CALL, at::MOVE_AFTER_CALL),
            Self::UpdateTicketMessage { .. } => (at::BUTTONS_BEFORE_CALL, at::BUTTONS_AFTER_CALL),
            Self::PostNotice { .. } => (at::NOTICE_BEFORE_CALL, at::NOTICE_AFTER_CALL),
            Self::LockChannel { .. } => (at::LOCK_BEFORE_CALL, at::LOCK_AFTER_CALL),
            Self::BuildTranscript { .. } => (at::TRANSCRIPT_BEFORE_CALL, at::TRANSCRIPT_AFTER_CALL),
            Self::PostSummary { .. } => (at::SUMMARY_BEFORE_CALL, at::SUMMARY_AFTER_CALL),
            Self::DmOpener { .. } => (at::DM_BEFORE_CALL, at::DM_AFTER_CALL),
            Self::DeleteChannel { .. } => {
                (at::DELETE_CHANNEL_BEFORE_CALL, at::DELETE_CHANNEL_AFTER_CALL)
            }
            Self::PostPanel { .. } | Self::RemovePanelMessage { .. } => {
                (at::PANEL_BEFORE_CALL, at::PANEL_AFTER_CALL)
            }
            Self::StaffAlert { .. } => (at::ALERT_BEFORE_CALL, at::ALERT_AFTER_CALL),
            Self::DmHolder { .. } => (at::payments::BEFORE_DM, at::payments::AFTER_DM),
            Self::DmOperator { .. } => (at::requests::BEFORE_DM, at::requests::AFTER_DM),
            Self::DmDownload { .. } => (at::downloads::BEFORE_DM, at::downloads::AFTER_DM),
            Self::AnnounceDocument { .. } => {
                (at::documents::BEFORE_ANNOUNCE, at::documents::AFTER_ANNOUNCE)
            }
        }
    }
}

/// The name of [`Effect::MoveChannel`]: while one is pending its ticket is not moved again.
pub(crate) const MOVE_CHANNEL: &str = "move_channel";

/// The key under which the effects of a ticket are ordered.
pub fn ticket_key(ticket: TicketId) -> String {
    format!("ticket:{ticket}")
}

/// The key under which the effects of a panel are ordered.
pub fn panel_key(panel: PanelId) -> String {
    format!("panel:{panel}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_survive_the_database() {
        let ticket: TicketId = "0193b3c4-5d6e-7f80-9123-456789abcdef".parse().unwrap();
        let user = UserId::new(7).unwrap();
        let panel: PanelId = "0193b3c4-5d6e-7f80-9123-456789abcdf0".parse().unwrap();
        for effect in [
            Effect::CreateTicketChannel { ticket },
            Effect::PostNotice { ticket, notice: Notice::MemberAdded { user, by: user } },
            Effect::PostNotice {
                ticket,
                notice: Notice::Priority { priority: Priority::Urgent, by: user },
            },
            Effect::MoveChannel { ticket, from: panel, to: panel, by: user, released: Some(user) },
            Effect::EditInteractionResponse {
                ticket,
                answer: Answer::Refused(Refusal::AlreadyOpen { channel: None }),
            },
            Effect::StaffAlert {
                alert: Alert::OpenFailed { number: 3, opener: user, cause: Cause::CategoryFull },
            },
        ] {
            let json = serde_json::to_string(&effect).unwrap();
            assert_eq!(serde_json::from_str::<Effect>(&json).unwrap(), effect);
        }
    }
}
