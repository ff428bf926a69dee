//! What staff are told when something went wrong, each time with the remedy.

use domain::ids::ChannelId;
use serde_json::{Value, json};
use words::Words;

use super::{COLOUR_ALERT, channel_link, fit, mention, only};
use crate::outbox::{Alert, Cause};

/// What an alert about a panel names.
#[derive(Debug, Clone, Default)]
pub struct AlertFacts {
    /// The panel's name.
    pub panel_name: String,
    /// The channel it should be in.
    pub panel_channel: Option<ChannelId>,
}

/// A message for the log channel.
pub fn alert(words: Words, alert: &Alert, facts: &AlertFacts) -> Value {
    let (title, text) = match alert {
        Alert::OpenFailed { opener, cause, .. } => {
            let remedy = match cause {
                Cause::CategoryFull => words.bot_alert_category_full(),
                Cause::ServerFull => words.bot_alert_server_full(),
                Cause::CategoryGone => words.bot_alert_category_gone(),
                Cause::MissingPermission => words.bot_alert_missing_permission(),
                Cause::Refused => words.bot_alert_refused(),
                Cause::Unavailable => words.bot_alert_unavailable(),
            };
            let opener = words.bot_welcome_opener(mention(*opener));
            (words.bot_alert_title(), format!("{remedy}\n\n{opener}"))
        }
        Alert::PanelFailed { .. } => {
            let channel = facts.panel_channel.map(channel_link).unwrap_or_default();
            let text = words.bot_alert_panel_failed(&facts.panel_name, channel);
            (words.bot_alert_step_title(), text)
        }
        Alert::SummaryFailed { .. } => {
            (words.bot_alert_step_title(), words.bot_alert_log_unreachable().to_owned())
        }
        Alert::ChannelStays { number, channel } => (
            words.bot_alert_step_title(),
            words.bot_alert_channel_stays(channel_link(*channel), number),
        ),
        Alert::TranscriptDelayed { number } => {
            (words.bot_alert_step_title(), words.bot_alert_transcript_delayed(number))
        }
        Alert::StepFailed { number } => {
            (words.bot_alert_step_title(), words.bot_alert_step_failed(number))
        }
    };
    json!({
        "embeds": [{ "title": title, "description": fit(&text, 4096), "color": COLOUR_ALERT }],
        "allowed_mentions": only(&[]),
    })
}
