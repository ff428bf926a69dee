//! Panels and their forms, with Discord's limits.
//!
//! Sources of the limits: Discord API documentation, "Embed Limits", "Button", "Text Input", "Modal".

use serde::{Deserialize, Serialize};

use crate::guilds::MAX_SUPPORT_ROLES;
use crate::ids::{ChannelId, RoleId};
use crate::validation::{FieldError, Problem, check_text};

/// Characters of an embed title.
pub const TITLE_LIMIT: u32 = 256;
/// Characters of an embed description.
pub const TEXT_LIMIT: u32 = 4096;
/// Characters of a button's label.
pub const BUTTON_LABEL_LIMIT: u32 = 80;
/// Characters of the welcome message: Discord's embed description, less room for the answers.
pub const WELCOME_LIMIT: u32 = 2000;
/// Questions of a form: a modal holds five components.
pub const MAX_QUESTIONS: u32 = 5;
/// Characters of a question's label.
pub const QUESTION_LABEL_LIMIT: u32 = 45;
/// Characters of a question's placeholder.
pub const PLACEHOLDER_LIMIT: u32 = 100;
/// The most an answer may hold here. A welcome embed field takes 1,024.
pub const ANSWER_LIMIT: u32 = 1024;
/// Characters of a panel's name.
pub const NAME_LIMIT: u32 = 60;

/// How an answer is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionStyle {
    /// One line.
    #[default]
    Short,
    /// Several lines.
    Paragraph,
}

/// One question of the form that a panel's button opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What is asked.
    pub label: String,
    /// Grey text in the empty field; may be empty.
    pub placeholder: String,
    /// How the answer is entered.
    pub style: QuestionStyle,
    /// Whether an answer is needed.
    pub required: bool,
}

/// What an owner sets for one panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelSettings {
    /// What staff call it. Members see it with `/ticket open` and in transcripts.
    pub name: String,
    /// Where its message is posted; needed before it can be published.
    pub channel: Option<ChannelId>,
    /// The embed's title.
    pub title: String,
    /// The embed's text, in Discord's markdown.
    pub text: String,
    /// The embed's colour, `0xRRGGBB`.
    pub colour: u32,
    /// The words on the button.
    pub button_label: String,
    /// A Unicode emoji, or a custom one as `<:name:id>` or `<a:name:id>`; may be empty.
    pub button_emoji: String,
    /// What the bot says first in a new ticket.
    pub welcome: String,
    /// The form, in order; empty opens the ticket at once.
    pub questions: Vec<Question>,
    /// Support roles of this panel alone; empty takes the server's.
    pub support_roles: Vec<RoleId>,
}

impl PanelSettings {
    /// Every field that Discord or Wardesk would refuse, with limit and count.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "panel_name", &self.name, true, NAME_LIMIT);
        check_text(&mut errors, "panel_title", &self.title, true, TITLE_LIMIT);
        check_text(&mut errors, "panel_text", &self.text, false, TEXT_LIMIT);
        check_text(&mut errors, "panel_button_label", &self.button_label, true, BUTTON_LABEL_LIMIT);
        check_text(&mut errors, "panel_welcome", &self.welcome, false, WELCOME_LIMIT);
        if self.colour > 0xFF_FFFF {
            errors.push(FieldError::new("panel_colour", Problem::Malformed));
        }
        if !self.button_emoji.is_empty() && ButtonEmoji::parse(&self.button_emoji).is_none() {
            errors.push(FieldError::new("panel_button_emoji", Problem::Malformed));
        }
        let count = u32::try_from(self.questions.len()).unwrap_or(u32::MAX);
        if count > MAX_QUESTIONS {
            let limit = MAX_QUESTIONS;
            errors.push(FieldError::new("questions", Problem::TooMany { limit, count }));
        }
        let count = u32::try_from(self.support_roles.len()).unwrap_or(u32::MAX);
        if count > MAX_SUPPORT_ROLES {
            let limit = MAX_SUPPORT_ROLES;
            errors.push(FieldError::new("panel_support_roles", Problem::TooMany { limit, count }));
        }
        for (number, question) in (1_usize..).zip(self.questions.iter().take(5)) {
            let label = format!("question_{number}_label");
            check_text(&mut errors, &label, &question.label, true, QUESTION_LABEL_LIMIT);
            let placeholder = format!("question_{number}_placeholder");
            check_text(&mut errors, &placeholder, &question.placeholder, false, PLACEHOLDER_LIMIT);
        }
        errors
    }
}

/// A button's emoji.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ButtonEmoji {
    /// A Unicode emoji, kept as it is.
    Unicode(String),
    /// A custom emoji of some server.
    Custom {
        /// Its name.
        name: String,
        /// Its snowflake, in digits.
        id: String,
        /// Whether it moves.
        animated: bool,
    },
}

impl ButtonEmoji {
    /// Reads `<:name:id>`, `<a:name:id>` or a Unicode emoji of at most 32 bytes; `None` for other text.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(inner) = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')) {
            let mut parts = inner.split(':');
            let (kind, name, id) = (parts.next()?, parts.next()?, parts.next()?);
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let good = parts.next().is_none()
                && matches!(kind, "" | "a")
                && (2..=32).contains(&name.len())
                && name.chars().all(word)
                && id.parse::<crate::ids::MessageId>().is_ok();
            return good.then(|| Self::Custom {
                name: name.to_owned(),
                id: id.to_owned(),
                animated: kind == "a",
            });
        }
        let plausible = !text.is_empty()
            && text.len() <= 32
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c.is_alphabetic())
            && !text.is_ascii();
        plausible.then(|| Self::Unicode(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn panel() -> PanelSettings {
        PanelSettings {
            name: "Support".into(),
            channel: None,
            title: "Need help?".into(),
            text: "Press the button.".into(),
            colour: 0x58_65_F2,
            button_label: "Open a ticket".into(),
            button_emoji: "🎫".into(),
            welcome: "Hello!".into(),
            questions: vec![],
            support_roles: vec![],
        }
    }

    #[test]
    fn a_good_panel_has_no_errors() {
        assert_eq!(panel().validate(), vec![]);
    }

    #[test]
    fn limits_are_told_with_the_count() {
        let mut bad = panel();
        bad.title = "🎫".repeat(129);
        assert_eq!(
            bad.validate(),
            vec![FieldError::new("panel_title", Problem::TooLong { limit: 256, count: 258 })]
        );
    }

    #[test]
    fn support_roles_are_not_without_number() {
        let mut many = panel();
        many.support_roles = (1..=26).map(|id| RoleId::new(id).unwrap()).collect();
        let problem = Problem::TooMany { limit: 25, count: 26 };
        assert_eq!(many.validate(), vec![FieldError::new("panel_support_roles", problem)]);
        many.support_roles.pop();
        assert_eq!(many.validate(), vec![]);
    }

    #[test]
    fn emoji_are_read() {
        assert!(matches!(ButtonEmoji::parse("🇩🇪"), Some(ButtonEmoji::Unicode(_))));
        assert!(matches!(
            ButtonEmoji::parse("<a:party:12345>"),
            Some(ButtonEmoji::Custom { animated: true, .. })
        ));
        for bad in ["x", "<:a b:1>", "<script>", "<:ok:0>", "hi 🎫"] {
            assert_eq!(ButtonEmoji::parse(bad), None, "{bad}");
        }
    }
}
