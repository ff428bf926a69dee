//! What the bot says, as Discord's JSON.
//!
//! Everything people wrote goes where Discord shows it as text; `allowed_mentions` names whom a message
//! may ping, so that words in an answer or a reason ping nobody.

mod alert;
mod closing;
mod notice;
mod panel;
mod same;
mod welcome;

pub use alert::{AlertFacts, alert, alert_text};
pub use closing::{Closing, dm, summary};
pub use notice::{NoticeFacts, answer, notice, refusal};
pub use panel::panel;
pub use same::same_message;
pub use welcome::{GivenAnswer, Welcome, buttons, welcome};

use domain::ids::{ChannelId, UserId};
use domain::time::Millis;
use serde_json::{Value, json};
use words::Words;

/// Discord's "blurple", for what is neither good nor bad.
pub(crate) const COLOUR: u32 = 0x58_65_F2;
/// For what is over.
pub(crate) const COLOUR_CLOSED: u32 = 0x74_7F_8D;
/// For what went wrong.
pub(crate) const COLOUR_ALERT: u32 = 0xDA_37_3C;

/// Characters of an embed field's value. Source: Discord API documentation, "Embed Limits".
const FIELD_LIMIT: usize = 1024;

/// `<@id>`: Discord shows the name.
pub(crate) fn mention(user: UserId) -> String {
    format!("<@{user}>")
}

/// `<#id>`: Discord shows the channel as a link.
pub(crate) fn channel_link(channel: ChannelId) -> String {
    format!("<#{channel}>")
}

/// Pings these people and nobody else.
pub(crate) fn only(users: &[UserId]) -> Value {
    json!({ "parse": [], "users": users })
}

/// Cuts a text to at most `limit` UTF-16 code units, as Discord counts, with an ellipsis where it was cut.
pub(crate) fn fit(text: &str, limit: usize) -> String {
    if text.encode_utf16().count() <= limit {
        return text.to_owned();
    }
    let mut room = limit.saturating_sub(1);
    let mut cut = String::new();
    for letter in text.chars() {
        let Some(rest) = room.checked_sub(letter.len_utf16()) else { break };
        room = rest;
        cut.push(letter);
    }
    cut.push('…');
    cut
}

/// A button that leads to a page.
fn link_button(label: &str, url: &str) -> Value {
    json!({ "type": 1, "components": [{ "type": 2, "style": 5, "label": label, "url": url }] })
}

/// A time that Discord shows in the reader's own zone and language.
fn timestamp(at: Millis) -> String {
    format!("<t:{}:f>", at.0.div_euclid(1000))
}

/// How long something took, in its one or two largest units.
fn duration(words: Words, milliseconds: i64) -> String {
    let minutes = u64::try_from(milliseconds / 60_000).unwrap_or(0);
    let (days, hours) = (minutes / 1440, minutes / 60 % 24);
    if days > 0 {
        let first = words.bot_days(days);
        return if hours == 0 { first } else { format!("{first} {}", words.bot_hours(hours)) };
    }
    if hours > 0 {
        let rest = minutes % 60;
        let first = words.bot_hours(hours);
        return if rest == 0 { first } else { format!("{first} {}", words.bot_minutes(rest)) };
    }
    words.bot_minutes(minutes.max(1))
}

#[cfg(test)]
mod tests {
    use domain::locale::Locale;

    use super::*;

    #[test]
    fn texts_are_cut_as_discord_counts() {
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "ab…");
        // Each ticket counts two; half of one is not kept.
        assert_eq!(fit("🎫🎫", 3), "🎫…");
        assert_eq!(fit("🎫🎫🎫", 4), "🎫…");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let words = Words::new(Locale::En);
        let minute = 60_000;
        assert_eq!(duration(words, 10), "1 minute");
        assert_eq!(duration(words, 61 * minute), "1 hour 1 minute");
        assert_eq!(duration(words, 120 * minute), "2 hours");
        assert_eq!(duration(words, (2 * 1440 + 3 * 60 + 5) * minute), "2 days 3 hours");
    }
}
