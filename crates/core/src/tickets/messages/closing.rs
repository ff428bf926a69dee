//! What is said when a ticket is over.

use domain::ids::UserId;
use domain::time::Millis;
use serde_json::{Value, json};
use words::Words;

use super::{
    COLOUR, COLOUR_CLOSED, FIELD_LIMIT, duration, fit, link_button, mention, only, timestamp,
};

/// What summary and direct message say.
pub struct Closing<'a> {
    /// The server's language.
    pub words: Words,
    /// The ticket's number.
    pub number: i64,
    /// The panel's name.
    pub panel: &'a str,
    /// Who opened it.
    pub opener: UserId,
    /// Who worked on it.
    pub claimed_by: Option<UserId>,
    /// Who closed it; `None` when its channel was deleted by hand.
    pub closed_by: Option<UserId>,
    /// Why.
    pub reason: Option<&'a str>,
    /// When it was accepted.
    pub created: Millis,
    /// When closing began.
    pub closing: Millis,
    /// How many messages the transcript holds, if known.
    pub messages: Option<u64>,
    /// The address of the transcript.
    pub url: &'a str,
}

/// The summary for staff.
pub fn summary(closing: &Closing<'_>) -> Value {
    let words = closing.words;
    let who = |user: Option<UserId>| user.map_or_else(|| words.bot_nobody().to_owned(), mention);
    let mut fields = vec![
        json!({ "name": words.bot_summary_opener(), "value": mention(closing.opener), "inline": true }),
        json!({ "name": words.bot_summary_claimed(), "value": who(closing.claimed_by), "inline": true }),
        json!({ "name": words.bot_summary_closed(), "value": who(closing.closed_by), "inline": true }),
        json!({ "name": words.bot_summary_duration(),
                "value": duration(words, closing.closing.since(closing.created)), "inline": true }),
    ];
    if let Some(messages) = closing.messages {
        fields.push(json!({ "name": words.bot_summary_messages(), "value": messages.to_string(),
                            "inline": true }));
    }
    if let Some(reason) = closing.reason {
        fields
            .push(json!({ "name": words.bot_summary_reason(), "value": fit(reason, FIELD_LIMIT) }));
    }
    json!({
        "embeds": [{
            "title": words.bot_summary_title(closing.number),
            "description": format!("{} · {}", closing.panel, timestamp(closing.created)),
            "color": COLOUR_CLOSED,
            "fields": fields,
        }],
        "components": [link_button(words.bot_transcript_button(), closing.url)],
        "allowed_mentions": only(&[]),
    })
}

/// The message to the opener.
pub fn dm(closing: &Closing<'_>, server: &str) -> Value {
    let words = closing.words;
    let mut fields = Vec::new();
    if let Some(reason) = closing.reason {
        fields
            .push(json!({ "name": words.bot_summary_reason(), "value": fit(reason, FIELD_LIMIT) }));
    }
    json!({
        "embeds": [{
            "title": fit(&words.bot_dm_title(server), 256),
            "description": words.bot_dm_text(),
            "color": COLOUR,
            "fields": fields,
        }],
        "components": [link_button(words.bot_transcript_button(), closing.url)],
        "allowed_mentions": only(&[]),
    })
}
