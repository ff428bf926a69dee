//! The bot's first message in a ticket.

use domain::ids::{TicketId, UserId};
use domain::panels::PanelSettings;
use domain::validation::discord_len;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use words::Words;

use super::{FIELD_LIMIT, fit, mention, only};
use crate::tickets::custom_id::CustomId;

/// Characters that all embeds of a message may hold together. Source: Discord API documentation,
/// "Embed Limits".
const EMBED_TOTAL: u32 = 6000;

/// One question of the form with what the opener wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenAnswer {
    /// What was asked, as it was worded then.
    pub question: String,
    /// What was answered; empty if nothing.
    pub answer: String,
}

/// What the first message says.
pub struct Welcome<'a> {
    /// The server's language.
    pub words: Words,
    /// The ticket.
    pub ticket: TicketId,
    /// Its number.
    pub number: i64,
    /// Who opened it.
    pub opener: UserId,
    /// The panel it was opened from.
    pub panel: &'a PanelSettings,
    /// The form.
    pub answers: &'a [GivenAnswer],
    /// Whether someone works on it already.
    pub claimed: bool,
    /// Whether what people delete stays in the transcript.
    pub keeps_deleted: bool,
}

/// The buttons of the first message.
pub fn buttons(words: Words, ticket: TicketId, claimed: bool) -> Value {
    let (style, label, id) = if claimed {
        (2, words.bot_unclaim_button(), CustomId::Unclaim(ticket))
    } else {
        (1, words.bot_claim_button(), CustomId::Claim(ticket))
    };
    json!([{ "type": 1, "components": [
        { "type": 2, "style": style, "label": label, "custom_id": id.to_string() },
        { "type": 2, "style": 4, "label": words.bot_close_button(),
          "custom_id": CustomId::Close(ticket).to_string() },
    ] }])
}

/// One message, or two when text and answers together are longer than Discord takes in one: five answers
/// of full length fit into the second one, so nothing of them is cut.
pub fn welcome(welcome: &Welcome<'_>) -> Vec<Value> {
    let words = welcome.words;
    let title = words.bot_welcome_title(welcome.number);
    let text = if welcome.panel.welcome.trim().is_empty() {
        words.bot_welcome_default()
    } else {
        welcome.panel.welcome.as_str()
    };
    let fields: Vec<Value> = welcome.answers.iter().map(field).collect();
    let answered: u32 = welcome
        .answers
        .iter()
        .map(|a| discord_len(&a.question) + discord_len(&a.answer).max(1))
        .sum();
    let notice = welcome.keeps_deleted.then(|| words.bot_welcome_keeps_deleted());
    let noticed = notice.map_or(0, discord_len);
    let total = discord_len(&title) + discord_len(text) + answered + noticed;
    let colour = welcome.panel.colour;
    let first = |fields: &[Value]| {
        let mut embed =
            json!({ "title": title, "description": text, "color": colour, "fields": fields });
        if let Some(notice) = notice {
            embed["footer"] = json!({ "text": notice });
        }
        json!({
            "content": mention(welcome.opener),
            "embeds": [embed],
            "components": buttons(words, welcome.ticket, welcome.claimed),
            "allowed_mentions": only(&[welcome.opener]),
        })
    };
    if total <= EMBED_TOTAL {
        return vec![first(&fields)];
    }
    let second = json!({
        "embeds": [{ "color": colour, "fields": fields }],
        "allowed_mentions": only(&[]),
    });
    vec![first(&[]), second]
}

fn field(given: &GivenAnswer) -> Value {
    let answer = if given.answer.trim().is_empty() { "–" } else { given.answer.as_str() };
    json!({ "name": fit(&given.question, 256), "value": fit(answer, FIELD_LIMIT) })
}

#[cfg(test)]
mod tests {
    use domain::locale::Locale;

    use super::*;

    fn panel() -> PanelSettings {
        PanelSettings {
            name: "Support".into(),
            channel: None,
            title: "Need help?".into(),
            text: String::new(),
            colour: 1,
            button_label: "Open".into(),
            button_emoji: String::new(),
            welcome: "x".repeat(2000),
            questions: vec![],
            support_roles: vec![],
        }
    }

    fn messages(answers: &[GivenAnswer]) -> Vec<Value> {
        welcome(&Welcome {
            words: Words::new(Locale::En),
            ticket: "0193b3c4-5d6e-7f80-9123-456789abcdef".parse().unwrap(),
            number: 3,
            opener: UserId::new(9).unwrap(),
            panel: &panel(),
            answers,
            claimed: false,
            keeps_deleted: false,
        })
    }

    fn given(letters: usize) -> GivenAnswer {
        GivenAnswer { question: "q".repeat(45), answer: "a".repeat(letters) }
    }

    #[test]
    fn a_short_form_is_in_the_first_message() {
        let all = messages(&[given(10), given(0)]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0]["embeds"][0]["fields"][1]["value"], "–");
        assert_eq!(all[0]["allowed_mentions"]["users"][0], "9");
        assert_eq!(all[0]["components"][0]["components"][0]["label"], "Claim");
    }

    #[test]
    fn a_full_form_loses_nothing() {
        let all = messages(&vec![given(1024); 5]);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0]["embeds"][0]["fields"].as_array().unwrap().len(), 0);
        let fields = all[1]["embeds"][0]["fields"].as_array().unwrap();
        assert!(fields.iter().all(|f| f["value"].as_str().unwrap().len() == 1024));
    }
}
