//! Rules about transcripts.

pub mod patterns;
pub mod sharing;

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Characters of a reason for a legal hold, or for its end, at most.
pub const HOLD_REASON_LIMIT: u32 = 500;

/// How long a server keeps a transcript after its ticket was closed. Source: the privacy policies, "retention set
/// by the guild owner".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Retention {
    /// For 1 day.
    #[serde(rename = "1")]
    Day,
    /// For 7 days.
    #[serde(rename = "7")]
    Week,
    /// For 30 days.
    #[serde(rename = "30")]
    Month,
    /// For 90 days.
    #[serde(rename = "90")]
    Quarter,
    /// For 365 days.
    #[serde(rename = "365")]
    Year,
    /// For ever.
    #[default]
    #[serde(rename = "for_ever")]
    ForEver,
}

impl Retention {
    /// All of them, the shortest first.
    pub const ALL: [Self; 6] =
        [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year, Self::ForEver];

    /// Its word in settings and forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "1",
            Self::Week => "7",
            Self::Month => "30",
            Self::Quarter => "90",
            Self::Year => "365",
            Self::ForEver => "for_ever",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// How many days; `None` is for ever.
    pub const fn days(self) -> Option<i64> {
        match self {
            Self::Day => Some(1),
            Self::Week => Some(7),
            Self::Month => Some(30),
            Self::Quarter => Some(90),
            Self::Year => Some(365),
            Self::ForEver => None,
        }
    }

    /// When a ticket that was closed at a time is to go; `None` is never.
    pub fn until(self, closed: Millis) -> Option<Millis> {
        self.days().map(|days| closed.plus_seconds(days * 86_400))
    }

    /// Tickets that were closed then or before are to go now; `None` is none.
    pub fn limit(self, now: Millis) -> Option<Millis> {
        self.days().map(|days| now.plus_seconds(-days * 86_400))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_one_word_everywhere() {
        for one in Retention::ALL {
            assert_eq!(Retention::parse(one.as_str()), Some(one));
            assert_eq!(serde_json::to_string(&one).unwrap(), format!("\"{}\"", one.as_str()));
            if let Some(days) = one.days() {
                assert_eq!(one.as_str(), days.to_string());
            }
        }
        assert_eq!(Retention::parse("2"), None);
    }

    #[test]
    fn what_is_to_go_was_kept_until_then() {
        let closed = Millis(1_000_000_000_000);
        for one in Retention::ALL {
            let Some(until) = one.until(closed) else { continue };
            assert_eq!(one.limit(until), Some(closed));
        }
        assert_eq!(Retention::Week.until(closed), Some(Millis(1_000_604_800_000)));
        assert_eq!(Retention::ForEver.until(closed), None);
    }
}
