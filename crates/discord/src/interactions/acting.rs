//! Who acts, where, as Discord says it in the interaction itself.

use std::time::Duration;

use domain::ids::{ChannelId, GuildId};
use domain::locale::Locale;
use domain::permissions::Permissions;
use serenity::all::{CommandInteraction, ComponentInteraction, Member, ModalInteraction, User};
use wardesk_core::Wardesk;
use wardesk_core::guilds::{self, ActingMember, GuildAccess, GuildError};
use words::Words;

/// How long is waited for a server's language.
const LANGUAGE: Duration = Duration::from_millis(300);

/// One interaction on a server.
pub(super) struct Visit {
    pub(super) guild: GuildId,
    pub(super) channel: ChannelId,
    pub(super) member: ActingMember,
}

impl Visit {
    /// `None` in direct messages, where Wardesk offers nothing to press.
    pub(super) fn of_component(pressed: &ComponentInteraction) -> Option<Self> {
        let member = pressed.member.as_ref()?;
        Self::new(pressed.guild_id?.get(), pressed.channel_id.get(), member, &pressed.locale)
    }

    pub(super) fn of_modal(filled: &ModalInteraction) -> Option<Self> {
        let member = filled.member.as_ref()?;
        Self::new(filled.guild_id?.get(), filled.channel_id.get(), member, &filled.locale)
    }

    pub(super) fn of_command(command: &CommandInteraction) -> Option<Self> {
        let member = command.member.as_ref()?;
        Self::new(command.guild_id?.get(), command.channel_id.get(), member, &command.locale)
    }

    fn new(guild: u64, channel: u64, member: &Member, locale: &str) -> Option<Self> {
        let user: &User = &member.user;
        let display_name =
            member.nick.clone().or_else(|| user.global_name.as_ref().map(ToString::to_string));
        Some(Self {
            guild: GuildId::new(guild.cast_signed()).ok()?,
            channel: ChannelId::new(channel.cast_signed()).ok()?,
            member: ActingMember {
                user: domain::ids::UserId::new(user.id.get().cast_signed()).ok()?,
                display_name: display_name.unwrap_or_else(|| user.name.clone()),
                username: user.name.clone(),
                avatar: user.avatar.map(|hash| hash.to_string()),
                roles: member
                    .roles
                    .iter()
                    .filter_map(|role| domain::ids::RoleId::new(role.get().cast_signed()).ok())
                    .collect(),
                permissions: Permissions(member.permissions.map_or(0, |p| p.bits())),
                locale: Locale::from_tag(locale),
            },
        })
    }

    /// The proof of who acts.
    pub(super) async fn access(&self, w: &Wardesk) -> Result<GuildAccess, GuildError> {
        guilds::authorize_member(w, self.guild, &self.member).await
    }

    /// The texts in the member's language, or else in the server's. A database that is slow costs the server's
    /// language, not the answer.
    pub(super) async fn words(&self, w: &Wardesk) -> Words {
        if let Some(locale) = self.member.locale {
            return Words::new(locale);
        }
        let settings = tokio::time::timeout(LANGUAGE, guilds::settings_of(w, self.guild)).await;
        Words::new(settings.ok().and_then(Result::ok).map(|s| s.locale).unwrap_or_default())
    }
}
