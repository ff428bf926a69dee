//! Discord's permissions and how roles and overwrites combine.
//!
//! Source: Discord API documentation, "Permissions" (bit values and "Permission Hierarchy").

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ids::{RoleId, UserId};

/// A set of Discord permissions. A decimal string in JSON, as Discord sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Permissions(pub u64);

macro_rules! bits {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*
    };
}

#[allow(missing_docs, reason = "the names are Discord's own")]
impl Permissions {
    bits! {
        KICK_MEMBERS = 1;
        BAN_MEMBERS = 2;
        ADMINISTRATOR = 3;
        MANAGE_CHANNELS = 4;
        MANAGE_GUILD = 5;
        ADD_REACTIONS = 6;
        VIEW_CHANNEL = 10;
        SEND_MESSAGES = 11;
        MANAGE_MESSAGES = 13;
        EMBED_LINKS = 14;
        ATTACH_FILES = 15;
        READ_MESSAGE_HISTORY = 16;
        USE_EXTERNAL_EMOJIS = 18;
        MANAGE_ROLES = 28;
        MANAGE_WEBHOOKS = 29;
        USE_APPLICATION_COMMANDS = 31;
        MANAGE_THREADS = 34;
        CREATE_PUBLIC_THREADS = 35;
        CREATE_PRIVATE_THREADS = 36;
        SEND_MESSAGES_IN_THREADS = 38;
    }

    /// Every permission, those to come included.
    pub const ALL: Self = Self(u64::MAX);

    /// The least the bot needs: what its invite link asks for.
    pub const INVITE: Self = Self(
        Self::VIEW_CHANNEL.0
            | Self::MANAGE_CHANNELS.0
            | Self::MANAGE_ROLES.0
            | Self::SEND_MESSAGES.0
            | Self::MANAGE_MESSAGES.0
            | Self::EMBED_LINKS.0
            | Self::ATTACH_FILES.0
            | Self::READ_MESSAGE_HISTORY.0
            | Self::USE_EXTERNAL_EMOJIS.0,
    );

    /// What everyone is denied in a ticket's channel. Threads too: what is said in them is not in the
    /// channel's history, and would go with the channel.
    pub const TICKET_HIDDEN: Self = Self(
        Self::VIEW_CHANNEL.0
            | Self::SEND_MESSAGES_IN_THREADS.0
            | Self::CREATE_PUBLIC_THREADS.0
            | Self::CREATE_PRIVATE_THREADS.0,
    );

    /// What opener and members may not do any more in the channel of a ticket that is being closed.
    pub const TICKET_SPEECH: Self = Self(
        Self::SEND_MESSAGES.0
            | Self::SEND_MESSAGES_IN_THREADS.0
            | Self::CREATE_PUBLIC_THREADS.0
            | Self::CREATE_PRIVATE_THREADS.0
            | Self::ADD_REACTIONS.0,
    );

    /// What people of a ticket may do in its channel.
    pub const TICKET_PARTICIPANT: Self = Self(
        Self::VIEW_CHANNEL.0
            | Self::SEND_MESSAGES.0
            | Self::READ_MESSAGE_HISTORY.0
            | Self::ATTACH_FILES.0
            | Self::EMBED_LINKS.0
            | Self::ADD_REACTIONS.0
            | Self::USE_APPLICATION_COMMANDS.0,
    );
}

impl Permissions {
    /// Whether every permission of `other` is in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map(Self)
            .map_err(de::Error::custom)
    }
}

/// Whom an overwrite of a channel concerns. The `@everyone` role has the id of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverwriteTarget {
    /// A role.
    Role(RoleId),
    /// One member.
    Member(UserId),
}

/// One permission overwrite of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overwrite {
    /// Whom it concerns.
    pub target: OverwriteTarget,
    /// What it adds.
    pub allow: Permissions,
    /// What it takes away.
    pub deny: Permissions,
}

/// What a member may do on the whole server: the sum of their roles; everything for the owner and
/// for administrators.
///
/// `everyone` is what the `@everyone` role grants, `roles` what each of the member's roles grants.
pub fn server_permissions(
    is_owner: bool,
    everyone: Permissions,
    roles: impl IntoIterator<Item = Permissions>,
) -> Permissions {
    if is_owner {
        return Permissions::ALL;
    }
    let sum = roles.into_iter().fold(everyone, Permissions::union);
    if sum.contains(Permissions::ADMINISTRATOR) { Permissions::ALL } else { sum }
}

/// What a member may do in one channel: `base` from [`server_permissions`], then the overwrites for
/// `@everyone`, for the member's roles together, and for the member, in that order.
pub fn channel_permissions(
    base: Permissions,
    everyone_role: RoleId,
    member: UserId,
    member_roles: &[RoleId],
    overwrites: &[Overwrite],
) -> Permissions {
    if base.contains(Permissions::ADMINISTRATOR) {
        return Permissions::ALL;
    }
    let mut result = base;
    let (mut allow, mut deny) = (Permissions::default(), Permissions::default());
    let mut own = None;
    for overwrite in overwrites {
        match overwrite.target {
            OverwriteTarget::Role(role) if role == everyone_role => {
                result = result.without(overwrite.deny).union(overwrite.allow);
            }
            OverwriteTarget::Role(role) if member_roles.contains(&role) => {
                allow = allow.union(overwrite.allow);
                deny = deny.union(overwrite.deny);
            }
            OverwriteTarget::Member(user) if user == member => own = Some(overwrite),
            OverwriteTarget::Role(_) | OverwriteTarget::Member(_) => {}
        }
    }
    result = result.without(deny).union(allow);
    if let Some(own) = own {
        result = result.without(own.deny).union(own.allow);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(id: i64) -> RoleId {
        RoleId::new(id).unwrap()
    }

    fn overwrite(target: OverwriteTarget, allow: Permissions, deny: Permissions) -> Overwrite {
        Overwrite { target, allow, deny }
    }

    #[test]
    fn the_members_own_overwrite_wins_over_roles_and_roles_over_everyone() {
        let user = UserId::new(9).unwrap();
        let view = Permissions::VIEW_CHANNEL;
        let none = Permissions::default();
        let all = [
            overwrite(OverwriteTarget::Role(role(1)), none, view),
            overwrite(OverwriteTarget::Role(role(2)), view, none),
            overwrite(OverwriteTarget::Member(user), none, view),
        ];
        let of = |n: usize| channel_permissions(view, role(1), user, &[role(2)], &all[..n]);
        assert_eq!(of(1), none);
        assert_eq!(of(2), view);
        assert_eq!(of(3), none);
    }

    #[test]
    fn an_allowing_role_beats_a_denying_one() {
        let view = Permissions::VIEW_CHANNEL;
        let all = [
            overwrite(OverwriteTarget::Role(role(2)), view, Permissions::default()),
            overwrite(OverwriteTarget::Role(role(3)), Permissions::default(), view),
        ];
        let got = channel_permissions(
            Permissions::default(),
            role(1),
            UserId::new(9).unwrap(),
            &[role(2), role(3)],
            &all,
        );
        assert_eq!(got, view);
    }

    #[test]
    fn owners_and_administrators_may_everything() {
        let none = Permissions::default();
        assert_eq!(server_permissions(true, none, []), Permissions::ALL);
        assert_eq!(server_permissions(false, none, [Permissions::ADMINISTRATOR]), Permissions::ALL);
    }
}
