//! Ids: Discord's snowflakes and our own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// Text that is no id of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

macro_rules! snowflake {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// A Discord snowflake: 1 to 2^63 − 1. A string in JSON (JavaScript's numbers lose digits
        /// past 2^53), an `i64` in the database.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Takes a positive number; zero and negative ones are not ids.
            pub const fn new(value: i64) -> Result<Self, InvalidId> {
                if value > 0 { Ok(Self(value)) } else { Err(InvalidId) }
            }

            /// The number, as the database keeps it.
            pub const fn get(self) -> i64 {
                self.0
            }

            /// When Discord made this id, in milliseconds since 1970 UTC.
            pub const fn created_at_ms(self) -> i64 {
                (self.0 >> 22) + DISCORD_EPOCH_MS
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                // `i64::from_str` also takes a leading plus, which is no id.
                if !text.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(InvalidId);
                }
                Self::new(text.parse().map_err(|_| InvalidId)?)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer)?
                    .parse()
                    .map_err(de::Error::custom)
            }
        }
    )*};
}

/// The first millisecond of 2015, from which snowflakes count.
/// Source: Discord API reference, "Snowflakes".
pub const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

snowflake! {
    /// A server.
    GuildId;
    /// A channel or a thread.
    ChannelId;
    /// A Discord account.
    UserId;
    /// A role of a server.
    RoleId;
    /// A message.
    MessageId;
    /// A Discord application, and the bot identity that acts in its name.
    ApplicationId;
    /// One interaction: a pressed button, a submitted form, a slash command.
    InteractionId;
    /// One attachment of a message.
    AttachmentId;
}

/// The first id of a pseudonym: 2^62. Discord counts up to there in 2049.
const FIRST_PSEUDONYM: i64 = 1 << 62;

impl UserId {
    /// The pseudonym of somebody who was erased, from random bytes.
    pub fn pseudonym(random: [u8; 8]) -> Self {
        Self(FIRST_PSEUDONYM | (i64::from_le_bytes(random) & (FIRST_PSEUDONYM - 1)))
    }

    /// Whether this stands for somebody who was erased. Such an id names nobody, and Discord is never asked for it.
    pub const fn is_pseudonym(self) -> bool {
        self.0 >= FIRST_PSEUDONYM
    }
}

macro_rules! own_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// A version 7 UUID: sorts by the time it was made. Not a secret.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID made by the caller's source of randomness.
            pub const fn new(value: Uuid) -> Self {
                Self(value)
            }

            /// The UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                // Only the hyphenated form: one id, one address.
                if text.len() != 36 {
                    return Err(InvalidId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )*};
}

own_id! {
    /// A panel: the message whose button opens tickets.
    PanelId;
    /// A ticket.
    TicketId;
    /// An entry of the outbox.
    OutboxId;
    /// A share link of a transcript.
    ShareId;
    /// A licence.
    LicenceId;
    /// A request of a person about what is kept of them.
    RequestId;
    /// An entry of the register of disclosures.
    DisclosureId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snowflakes_are_strings_in_json() {
        let id: GuildId = serde_json::from_str("\"9223372036854775807\"").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"9223372036854775807\"");
        assert!(serde_json::from_str::<GuildId>("12").is_err());
    }

    #[test]
    fn what_is_no_snowflake_is_refused() {
        for text in ["", "0", "-1", "+1", "1.0", "9223372036854775808", "１", " 1"] {
            assert_eq!(text.parse::<GuildId>(), Err(InvalidId), "{text:?}");
        }
    }

    #[test]
    fn a_snowflake_tells_its_time() {
        // The example of Discord's API reference.
        let id: UserId = "175928847299117063".parse().unwrap();
        assert_eq!(id.created_at_ms(), 1_462_015_105_796);
    }

    #[test]
    fn pseudonyms_are_no_accounts() {
        for random in [[0; 8], [0xFF; 8], [0x5A; 8]] {
            assert!(UserId::pseudonym(random).is_pseudonym());
        }
        assert!(!UserId::new(175_928_847_299_117_063).unwrap().is_pseudonym());
        // 2049-01-01T00:00:00Z.
        assert!(!UserId::new((2_493_072_000_000 - DISCORD_EPOCH_MS) << 22).unwrap().is_pseudonym());
    }

    #[test]
    fn own_ids_have_one_spelling() {
        let text = "0193b3c4-5d6e-7f80-9123-456789abcdef";
        let id: TicketId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert!("0193b3c45d6e7f809123456789abcdef".parse::<TicketId>().is_err());
    }
}
