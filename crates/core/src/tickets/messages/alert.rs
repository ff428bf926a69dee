//! What staff are told when something went wrong, each time with the remedy.

use domain::ids::{ChannelId, GuildId};
use serde_json::{Value, json};
use storage::StorageError;
use words::Words;

use super::{COLOUR_ALERT, channel_link, fit, mention, only};
use crate::Wardesk;
use crate::outbox::{Alert, Cause};

/// What an alert about a panel names.
#[derive(Debug, Clone, Default)]
pub struct AlertFacts {
    /// The panel's name.
    pub panel_name: String,
    /// The channel it should be in.
    pub panel_channel: Option<ChannelId>,
}

impl AlertFacts {
    /// Reads what an alert is about.
    pub(crate) async fn load(
        w: &Wardesk,
        guild: GuildId,
        alert: &Alert,
    ) -> Result<Self, StorageError> {
        let (Alert::PanelFailed { panel } | Alert::MoveFailed { panel, .. }) = alert else {
            return Ok(Self::default());
        };
        let row = storage::panels::get(w.store().read(), guild, *panel).await?;
        Ok(row.map_or_else(Self::default, |row| Self {
            panel_name: row.settings.name,
            panel_channel: row.settings.channel,
        }))
    }
}

/// What happened and how to mend it, in words. `channel` shows a channel.
pub fn alert_text(
    words: Words,
    alert: &Alert,
    facts: &AlertFacts,
    channel: impl Fn(ChannelId) -> String,
) -> (&'static str, String) {
    match alert {
        Alert::OpenFailed { cause, .. } => {
            let remedy = match cause {
                Cause::CategoryFull => words.bot_alert_category_full(),
                Cause::ServerFull => words.bot_alert_server_full(),
                Cause::CategoryGone => words.bot_alert_category_gone(),
                Cause::MissingPermission => words.bot_alert_missing_permission(),
                Cause::Refused => words.bot_alert_refused(),
                Cause::Unavailable => words.bot_alert_unavailable(),
            };
            (words.bot_alert_title(), remedy.to_owned())
        }
        Alert::PanelFailed { .. } => {
            let channel = facts.panel_channel.map(channel).unwrap_or_default();
            let text = words.bot_alert_panel_failed(&facts.panel_name, channel);
            (words.bot_alert_step_title(), text)
        }
        Alert::SummaryFailed { .. } => {
            (words.bot_alert_step_title(), words.bot_alert_log_unreachable().to_owned())
        }
        Alert::ChannelStays { number, channel: stays } => {
            (words.bot_alert_step_title(), words.bot_alert_channel_stays(channel(*stays), number))
        }
        Alert::ChannelDoubled { number, channel: doubled } => (
            words.bot_alert_step_title(),
            words.bot_alert_channel_doubled(channel(*doubled), number),
        ),
        Alert::MoveFailed { number, .. } => {
            (words.bot_alert_step_title(), words.bot_alert_move_failed(number, &facts.panel_name))
        }
        Alert::TranscriptDelayed { number } => {
            (words.bot_alert_step_title(), words.bot_alert_transcript_delayed(number))
        }
        Alert::StepFailed { number } => {
            (words.bot_alert_step_title(), words.bot_alert_step_failed(number))
        }
        Alert::PrivacyRequest { .. } => {
            (words.requests_alert_title(), words.requests_alert_text().to_owned())
        }
        Alert::Erased => {
            (words.requests_alert_erased_title(), words.requests_alert_erased_text().to_owned())
        }
        Alert::Payment { news, .. } => {
            let (title, text) = crate::licences::payments::news_text(words, *news);
            (title, text.to_owned())
        }
    }
}

/// A message for the log channel.
pub fn alert(words: Words, alert: &Alert, facts: &AlertFacts) -> Value {
    let (title, mut text) = alert_text(words, alert, facts, channel_link);
    if let Alert::OpenFailed { opener, .. } = alert {
        text.push_str("\n\n");
        text.push_str(&words.bot_welcome_opener(mention(*opener)));
    }
    json!({
        "embeds": [{ "title": title, "description": fit(&text, 4096), "color": COLOUR_ALERT }],
        "allowed_mentions": only(&[]),
    })
}
