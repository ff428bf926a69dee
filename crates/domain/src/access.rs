//! What a person may do with Wardesk on one server.

use serde::{Deserialize, Serialize};

/// One thing a person may do with Wardesk on a server. Granted by role, proven by
/// `core::guilds::GuildAccess`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// See the list of tickets.
    See,
    /// Write in tickets, add and remove people.
    Answer,
    /// Claim and unclaim tickets.
    Claim,
    /// Close tickets of others.
    Close,
    /// Change the configuration, publish panels, read the audit log.
    Configure,
    /// Read the transcripts of others' tickets.
    Transcripts,
    /// See and change what the server pays for.
    Billing,
    /// Answer requests about personal data.
    Privacy,
}

/// A set of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Capabilities(u16);

impl Capabilities {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// What a support role gives: the daily work with tickets.
    pub const STAFF: Self = Self::of(&[
        Capability::See,
        Capability::Answer,
        Capability::Claim,
        Capability::Close,
        Capability::Transcripts,
    ]);

    /// What a role gives whose members read transcripts and do no more.
    pub const READER: Self = Self::of(&[Capability::Transcripts]);

    /// What managing the server gives: everything.
    pub const MANAGER: Self = Self::STAFF.and(Self::of(&[
        Capability::Configure,
        Capability::Billing,
        Capability::Privacy,
    ]));

    /// The set of the ones listed.
    pub const fn of(list: &[Capability]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < list.len() {
            bits |= 1 << list[i] as u16;
            i += 1;
        }
        Self(bits)
    }

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `capability` is in the set.
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u16) != 0
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
