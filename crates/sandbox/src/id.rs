//! Discord's identifiers: 64-bit snowflakes, strings in JSON.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The first millisecond of 2015, from which snowflakes count.
pub const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

/// A snowflake. Serialises as a decimal string, reads a string or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Id(pub u64);

impl Id {
    /// The moment inside the snowflake, in milliseconds UTC.
    pub fn created_ms(self) -> i64 {
        i64::try_from(self.0 >> 22).unwrap_or(i64::MAX).saturating_add(DISCORD_EPOCH_MS)
    }

    /// The smallest snowflake of a moment (milliseconds UTC).
    pub fn at_ms(ms: i64) -> Self {
        Self(u64::try_from(ms - DISCORD_EPOCH_MS).unwrap_or(0) << 22)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl From<u64> for Id {
    fn from(value: u64) -> Self {
        Self(value)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Number(u64),
        }
        match Either::deserialize(deserializer)? {
            Either::Text(text) => text.parse().map_err(serde::de::Error::custom),
            Either::Number(number) => Ok(Self(number)),
        }
    }
}

/// Hands out snowflakes that grow strictly, whatever the clock does.
#[derive(Debug, Clone, Default)]
pub struct IdGenerator {
    last: u64,
}

impl IdGenerator {
    /// The next snowflake at `now_ms` (milliseconds UTC).
    pub fn next(&mut self, now_ms: i64) -> Id {
        let at = Id::at_ms(now_ms).0;
        self.last = at.max(self.last + 1);
        Id(self.last)
    }
}

/// Milliseconds UTC in the form that Discord uses for timestamps.
pub fn timestamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| String::from("1970-01-01T00:00:00.000000+00:00"),
        |at| at.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string(),
    )
}

/// Reads an ISO 8601 timestamp to milliseconds UTC.
pub fn parse_timestamp(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snowflakes_carry_time_and_never_repeat() {
        let mut ids = IdGenerator::default();
        let first = ids.next(1_700_000_000_000);
        let second = ids.next(1_700_000_000_000);
        let earlier_clock = ids.next(1_600_000_000_000);
        assert_eq!(first.created_ms(), 1_700_000_000_000);
        assert!(first < second && second < earlier_clock);
    }

    #[test]
    fn ids_are_strings_in_json() {
        let id: Id = serde_json::from_str("\"18446744073709551615\"").unwrap();
        assert_eq!(id, Id(u64::MAX));
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"18446744073709551615\"");
    }

    #[test]
    fn timestamps_round_trip() {
        let text = timestamp(1_700_000_000_123);
        assert_eq!(text, "2023-11-14T22:13:20.123000+00:00");
        assert_eq!(parse_timestamp(&text), Some(1_700_000_000_123));
    }
}
