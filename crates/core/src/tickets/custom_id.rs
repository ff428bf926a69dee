//! What buttons and forms carry, so that a press names what it is about.

use std::fmt;
use std::str::FromStr;

use domain::ids::{InvalidId, PanelId, TicketId};

/// A custom id of ours: `wd:<action>:<id>`, 46 of Discord's 100 characters at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CustomId {
    /// The button of a panel.
    Open(PanelId),
    /// The form that a panel's button opens.
    Form(PanelId),
    /// The button that claims a ticket.
    Claim(TicketId),
    /// The button that gives a ticket back.
    Unclaim(TicketId),
    /// The button that closes a ticket.
    Close(TicketId),
    /// The form that asks why a ticket is closed.
    Reason(TicketId),
}

/// The custom id of the text input of a form's question, counted from 0.
pub fn question_input(index: usize) -> String {
    format!("q{index}")
}

/// The custom id of the text input of [`CustomId::Reason`].
pub const REASON_INPUT: &str = "reason";

impl fmt::Display for CustomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(panel) => write!(f, "wd:open:{panel}"),
            Self::Form(panel) => write!(f, "wd:form:{panel}"),
            Self::Claim(ticket) => write!(f, "wd:claim:{ticket}"),
            Self::Unclaim(ticket) => write!(f, "wd:unclaim:{ticket}"),
            Self::Close(ticket) => write!(f, "wd:close:{ticket}"),
            Self::Reason(ticket) => write!(f, "wd:reason:{ticket}"),
        }
    }
}

impl FromStr for CustomId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (action, id) =
            text.strip_prefix("wd:").and_then(|rest| rest.split_once(':')).ok_or(InvalidId)?;
        Ok(match action {
            "open" => Self::Open(id.parse()?),
            "form" => Self::Form(id.parse()?),
            "claim" => Self::Claim(id.parse()?),
            "unclaim" => Self::Unclaim(id.parse()?),
            "close" => Self::Close(id.parse()?),
            "reason" => Self::Reason(id.parse()?),
            _ => return Err(InvalidId),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let id = "0193b3c4-5d6e-7f80-9123-456789abcdef";
        let (panel, ticket) = (id.parse().unwrap(), id.parse().unwrap());
        for custom in [
            CustomId::Open(panel),
            CustomId::Form(panel),
            CustomId::Claim(ticket),
            CustomId::Unclaim(ticket),
            CustomId::Close(ticket),
            CustomId::Reason(ticket),
        ] {
            let text = custom.to_string();
            assert!(text.len() <= 100);
            assert_eq!(text.parse(), Ok(custom));
        }
    }

    #[test]
    fn foreign_ids_are_not_ours() {
        for text in
            ["", "wd:", "wd:open", "wd:open:1", "xx:open:0193b3c4-5d6e-7f80-9123-456789abcdef"]
        {
            assert_eq!(text.parse::<CustomId>(), Err(InvalidId), "{text}");
        }
    }
}
