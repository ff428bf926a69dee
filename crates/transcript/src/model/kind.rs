//! Kinds of messages.

use serde::{Deserialize, Deserializer};

use crate::lax;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal,)*) => {
        /// The kind of a message. Source: Discord API reference, "Message Types".
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        #[non_exhaustive]
        pub enum MessageKind {
            $($(#[$doc])* $name,)*
            /// A kind that this program does not know, with its number.
            Unknown(u64),
        }

        impl MessageKind {
            /// All known kinds.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// By Discord's number.
            pub const fn from_number(number: u64) -> Self {
                match number {
                    $($number => Self::$name,)*
                    other => Self::Unknown(other),
                }
            }

            /// Discord's number.
            pub const fn number(self) -> u64 {
                match self {
                    $(Self::$name => $number,)*
                    Self::Unknown(number) => number,
                }
            }
        }
    };
}

kinds! {
    /// Said by a person, an app or a webhook.
    #[default]
    Default = 0,
    /// Someone was added to a group or a thread.
    RecipientAdd = 1,
    /// Someone left or was removed from a group or a thread.
    RecipientRemove = 2,
    /// A call.
    Call = 3,
    /// The channel or thread got a new name.
    ChannelNameChange = 4,
    /// The group got a new icon.
    ChannelIconChange = 5,
    /// A message was pinned.
    PinnedMessage = 6,
    /// Someone joined the server.
    UserJoin = 7,
    /// Someone boosted the server.
    Boost = 8,
    /// A boost reached level 1.
    BoostTier1 = 9,
    /// A boost reached level 2.
    BoostTier2 = 10,
    /// A boost reached level 3.
    BoostTier3 = 11,
    /// The channel follows an announcement channel.
    FollowAdd = 12,
    /// The server left Discovery.
    DiscoveryDisqualified = 14,
    /// The server is in Discovery again.
    DiscoveryRequalified = 15,
    /// First warning about Discovery.
    DiscoveryFirstWarning = 16,
    /// Last warning about Discovery.
    DiscoveryLastWarning = 17,
    /// A thread was started.
    ThreadCreated = 18,
    /// An answer to another message.
    Reply = 19,
    /// An app's answer to a slash command.
    ChatInputCommand = 20,
    /// The message a thread grew out of.
    ThreadStarter = 21,
    /// A hint to invite people.
    InviteReminder = 22,
    /// An app's answer to a context-menu command.
    ContextMenuCommand = 23,
    /// An alert of `AutoMod`.
    AutoModeration = 24,
    /// A role subscription was bought.
    RoleSubscription = 25,
    /// A hint that a premium plan is needed.
    PremiumUpsell = 26,
    /// A stage began.
    StageStart = 27,
    /// A stage ended.
    StageEnd = 28,
    /// Someone speaks on stage.
    StageSpeaker = 29,
    /// A stage got a new topic.
    StageTopic = 31,
    /// Someone subscribed to an app.
    AppSubscription = 32,
    /// Security actions were turned on.
    IncidentAlertOn = 36,
    /// Security actions were turned off.
    IncidentAlertOff = 37,
    /// A raid was reported.
    RaidReport = 38,
    /// A raid report was withdrawn.
    RaidFalseAlarm = 39,
    /// Something was bought.
    Purchase = 44,
    /// A poll ended.
    PollResult = 46,
    /// High-definition streaming was unlocked.
    HdStreaming = 55,
}

impl MessageKind {
    /// Whether it is drawn as what somebody said, rather than as a line of the system.
    pub const fn is_said(self) -> bool {
        matches!(
            self,
            Self::Default
                | Self::Reply
                | Self::ChatInputCommand
                | Self::ContextMenuCommand
                | Self::ThreadStarter
        )
    }
}

impl<'de> Deserialize<'de> for MessageKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(lax::count(deserializer)?.map_or(Self::Unknown(u64::MAX), Self::from_number))
    }
}
