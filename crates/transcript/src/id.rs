//! Discord's ids, as messages carry them.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// The first millisecond of 2015, from which snowflakes count.
/// Source: Discord API reference, "Snowflakes".
const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

/// Any Discord id: of a message, a person, a role, a channel, an attachment.
///
/// One type for all, because markdown and raw messages name things before we know what they are. A string
/// in JSON; a number is read as well. Zero stands for an id that is missing or unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Snowflake(u64);

impl Snowflake {
    /// Wraps the number.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether there is an id at all.
    pub const fn is_known(self) -> bool {
        self.0 != 0
    }

    /// When Discord made this id, in milliseconds since 1970 UTC.
    pub const fn created_at_ms(self) -> i64 {
        // 22 bits to the right leave 42: always within an `i64`.
        (self.0 >> 22).cast_signed() + DISCORD_EPOCH_MS
    }
}

impl fmt::Display for Snowflake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Text that is no snowflake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidSnowflake;

impl fmt::Display for InvalidSnowflake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a valid id")
    }
}

impl std::error::Error for InvalidSnowflake {}

impl FromStr for Snowflake {
    type Err = InvalidSnowflake;

    fn from_str(text: &str) -> Result<Self, InvalidSnowflake> {
        // `u64::from_str` also takes a leading plus, which is no id.
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidSnowflake);
        }
        text.parse().map(Self).map_err(|_| InvalidSnowflake)
    }
}

impl Serialize for Snowflake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Snowflake {
    /// Never fails on well-formed JSON: what is no id reads as zero.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl<'de> Visitor<'de> for IdVisitor {
    type Value = Snowflake;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id")
    }

    fn visit_str<E>(self, text: &str) -> Result<Snowflake, E> {
        Ok(text.parse().unwrap_or_default())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Snowflake, E> {
        Ok(Snowflake(value))
    }

    crate::lax::otherwise_default!(Snowflake; bool, i64, f64, unit, seq, map);
}

#[cfg(test)]
mod tests {
    use super::Snowflake;

    #[test]
    fn ids_are_read_from_strings_and_numbers() {
        let read = |text| serde_json::from_str::<Snowflake>(text).unwrap().get();
        assert_eq!(read("\"175928847299117063\""), 175_928_847_299_117_063);
        assert_eq!(read("12"), 12);
        for odd in
            ["\"+1\"", "\"\"", "null", "-3", "1.5", "true", "[1,[2]]", "{\"a\":{}}", "\"1 \""]
        {
            assert_eq!(read(odd), 0, "{odd}");
        }
    }

    #[test]
    fn a_snowflake_tells_its_time() {
        // The example of Discord's API reference.
        assert_eq!(Snowflake::new(175_928_847_299_117_063).created_at_ms(), 1_462_015_105_796);
        assert_eq!(Snowflake::new(u64::MAX).created_at_ms(), 5_818_116_911_103);
    }
}
