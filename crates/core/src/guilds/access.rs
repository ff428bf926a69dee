//! The proof that a person may do something on a server.

use std::sync::Arc;

use domain::access::{Capabilities, Capability};
use domain::ids::{ChannelId, GuildId, RoleId, UserId};
use domain::locale::Locale;
use domain::permissions::{Permissions, channel_permissions, server_permissions};
use storage::guilds::Presence;

use super::GuildError;
use super::known::{Known, known};
use super::picker::own_guilds;
use crate::Wardesk;
use crate::accounts::Session;
use crate::ports::GuildFacts;

/// A member who acts in Discord, as the interaction itself describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingMember {
    /// The account.
    pub user: UserId,
    /// What the server shows.
    pub display_name: String,
    /// The unique user name.
    pub username: String,
    /// The account's avatar hash.
    pub avatar: Option<String>,
    /// Their roles there.
    pub roles: Vec<RoleId>,
    /// What they may do there, as Discord computed it.
    pub permissions: Permissions,
    /// The language of their client.
    pub locale: Option<Locale>,
}

/// Who acts on which server, and what they may do there. Only this module makes one, so a use-case
/// that takes it cannot be reached without the check.
#[derive(Debug, Clone)]
pub struct GuildAccess {
    wardesk: Wardesk,
    guild: GuildId,
    user: UserId,
    capabilities: Capabilities,
    roles: Vec<RoleId>,
    reads_every: bool,
    known: Arc<Known>,
}

impl GuildAccess {
    /// The handle for what the use-case does next.
    pub fn wardesk(&self) -> &Wardesk {
        &self.wardesk
    }

    /// The server.
    pub const fn guild(&self) -> GuildId {
        self.guild
    }

    /// Who acts.
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// What they may do.
    pub const fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// Fails with `NotFound` without `capability`: what a person may not do does not exist for them.
    pub fn require(&self, capability: Capability) -> Result<(), GuildError> {
        if self.capabilities.has(capability) { Ok(()) } else { Err(GuildError::NotFound) }
    }

    /// The server's time zone, an IANA name; as old as the proof, and ten seconds.
    pub fn time_zone(&self) -> &str {
        &self.known.settings.time_zone
    }

    /// Whether they manage the server: owner, Administrator or Manage Server.
    pub const fn is_manager(&self) -> bool {
        self.capabilities.has(Capability::Configure)
    }

    /// Whether they work on tickets of a panel with these support roles; an empty list stands for
    /// the server's.
    pub fn works_on(&self, panel_roles: &[RoleId]) -> bool {
        let server_roles = &self.known.settings.support_roles;
        let roles = if panel_roles.is_empty() { server_roles } else { panel_roles };
        self.is_manager() || self.roles.iter().any(|role| roles.contains(role))
    }

    /// Whether they may read transcripts of a panel with these support roles: as its staff, as a manager, or
    /// by a role that the server lets read all of them.
    pub fn reads(&self, panel_roles: &[RoleId]) -> bool {
        self.capabilities.has(Capability::Transcripts)
            && (self.reads_every || self.works_on(panel_roles))
    }
}

/// Whether these permissions make someone a manager of the server.
pub(super) const fn manages(permissions: Permissions) -> bool {
    permissions.contains(Permissions::ADMINISTRATOR)
        || permissions.contains(Permissions::MANAGE_GUILD)
}

/// Proves that the person of `session` may do `need` on `guild`. `NotFound` when the bot is not
/// there, the person is not there, or may not: the three look the same.
///
/// They look the same during an outage too. Whether Discord cannot be reached is then told by the person's own
/// list of servers, which is asked for whatever server they name: [`GuildError::Discord`] when there is no list,
/// or when they are on this server and Discord cannot say what they may do there.
pub async fn authorize(
    wardesk: &Wardesk,
    session: &Session,
    guild: GuildId,
    need: Capability,
) -> Result<GuildAccess, GuildError> {
    let refused = match of_person(wardesk, session.user, guild).await {
        Ok(access) => match access.require(need) {
            Ok(()) => return Ok(access),
            // Known to be there: nothing is given away.
            Err(error) if !access.capabilities().is_empty() => return Err(error),
            Err(error) => error,
        },
        Err(error @ (GuildError::NotFound | GuildError::Discord(_))) => error,
        Err(error) => return Err(error),
    };
    let own = own_guilds(wardesk, session).await?;
    match refused {
        GuildError::Discord(_) if own.iter().any(|o| o.id == guild) => Err(refused),
        _ => Err(GuildError::NotFound),
    }
}

/// What a person may do on a server, from Discord's present state (at most 60 s old).
pub(crate) async fn of_person(
    wardesk: &Wardesk,
    user: UserId,
    guild: GuildId,
) -> Result<GuildAccess, GuildError> {
    // Only servers the bot is on are asked about, or anyone who is signed in could use up its calls.
    let known = known(wardesk, guild).await?;
    if known.installation.as_ref().is_none_or(|here| here.presence == Presence::Left) {
        return Err(GuildError::NotFound);
    }
    let facts = wardesk.discord().guild(guild).await?;
    let member = wardesk.discord().member(guild, user).await?;
    let permissions = permissions_of(&facts, user, &member.roles);
    build(wardesk, guild, known, user, member.roles, permissions).await
}

/// Whether a member sees a channel of the server. One that is not there is seen by nobody.
pub(crate) fn may_view(
    facts: &GuildFacts,
    user: UserId,
    roles: &[RoleId],
    channel: ChannelId,
) -> bool {
    let (Some(channel), Ok(everyone)) =
        (facts.channels.iter().find(|one| one.id == channel), RoleId::new(facts.id.get()))
    else {
        return false;
    };
    let base = permissions_of(facts, user, roles);
    channel_permissions(base, everyone, user, roles, &channel.overwrites)
        .contains(Permissions::VIEW_CHANNEL)
}

fn permissions_of(facts: &GuildFacts, user: UserId, roles: &[RoleId]) -> Permissions {
    let grants = |id: RoleId| facts.roles.iter().find(|r| r.id == id).map(|r| r.permissions);
    let everyone = RoleId::new(facts.id.get()).ok().and_then(grants).unwrap_or_default();
    let roles = roles.iter().filter_map(|role| grants(*role));
    server_permissions(facts.owner == user, everyone, roles)
}

/// Proves who acts on a server from an interaction that Discord itself delivered. An ordinary
/// member gets a proof without capabilities: it still says who acts where.
pub async fn authorize_member(
    wardesk: &Wardesk,
    guild: GuildId,
    member: &ActingMember,
) -> Result<GuildAccess, GuildError> {
    let known = known(wardesk, guild).await?;
    build(wardesk, guild, known, member.user, member.roles.clone(), member.permissions).await
}

async fn build(
    wardesk: &Wardesk,
    guild: GuildId,
    known: Arc<Known>,
    user: UserId,
    roles: Vec<RoleId>,
    permissions: Permissions,
) -> Result<GuildAccess, GuildError> {
    let server_roles = &known.settings.support_roles;
    let reads_every = roles.iter().any(|role| known.settings.reader_roles.contains(role));
    let capabilities = if manages(permissions) {
        Capabilities::MANAGER
    } else if roles.iter().any(|role| server_roles.contains(role))
        || works_on_some_panel(wardesk, guild, &roles).await?
    {
        Capabilities::STAFF
    } else if reads_every {
        Capabilities::READER
    } else {
        Capabilities::NONE
    };
    Ok(GuildAccess {
        wardesk: wardesk.clone(),
        guild,
        user,
        capabilities,
        roles,
        reads_every,
        known,
    })
}

async fn works_on_some_panel(
    wardesk: &Wardesk,
    guild: GuildId,
    roles: &[RoleId],
) -> Result<bool, GuildError> {
    if roles.is_empty() {
        return Ok(false);
    }
    let staff = crate::tickets::panels::support_roles(wardesk, guild).await?;
    Ok(roles.iter().any(|role| staff.contains(role)))
}
