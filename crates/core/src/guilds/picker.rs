//! The servers a person sees after signing in.

use std::collections::HashSet;
use std::sync::Arc;

use domain::access::Capability;
use domain::ids::{GuildId, UserId};

use super::access::{manages, of_person};
use super::caches::OwnList;
use super::{GuildError, present};
use crate::Wardesk;
use crate::accounts::{Session, sessions};
use crate::ports::{DiscordError, OwnGuild};

/// How many servers are asked whether the person works there. Each costs two cached look-ups.
const STAFF_CHECKS: usize = 50;

/// One server in the picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuildCard {
    /// The server.
    pub id: GuildId,
    /// Its name.
    pub name: String,
    /// The address of its icon.
    pub icon_url: Option<String>,
    /// Where the bot can be invited to it; only in [`Picker::invite`].
    pub invite_url: Option<String>,
    /// Whether the person works on tickets there.
    pub staff: bool,
    /// Whether the person may read transcripts there.
    pub reads: bool,
}

/// The three groups of the picker, each sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picker {
    /// Wardesk is here and the person may manage it.
    pub manage: Vec<GuildCard>,
    /// The person may invite Wardesk.
    pub invite: Vec<GuildCard>,
    /// The person works on tickets or took part in some.
    pub participant: Vec<GuildCard>,
}

/// The address of a server's icon: a path of this site, since no page loads anything from another.
pub fn icon_url(guild: GuildId, icon: Option<&str>) -> Option<String> {
    let hash = icon.filter(|h| is_image_hash(h))?;
    Some(format!("/media/icons/{guild}/{hash}"))
}

/// The address of a person's avatar: a path of this site.
pub fn avatar_url(user: UserId, avatar: Option<&str>) -> Option<String> {
    let hash = avatar.filter(|h| is_image_hash(h))?;
    Some(format!("/media/avatars/{user}/{hash}"))
}

/// Whether this is the hash of an image, as Discord writes it.
pub fn is_image_hash(hash: &str) -> bool {
    (1..=64).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The person's own list of servers, at most a minute old.
pub(super) async fn own_guilds(
    wardesk: &Wardesk,
    session: &Session,
) -> Result<Arc<Vec<OwnGuild>>, GuildError> {
    let ask = async { wardesk.identity().guilds(session.token()).await.into() };
    match wardesk.guild_caches().own(session, ask).await {
        OwnList::Known(list) => Ok(list),
        OwnList::Unavailable => {
            Err(GuildError::Discord(DiscordError::Unavailable { retry_after_ms: None }))
        }
        OwnList::Refused => {
            // A session whose token opens nothing would lead from page to page for ever.
            sessions::lost(wardesk, session).await?;
            Err(GuildError::SignedOut)
        }
    }
}

/// The servers that the person manages and the bot is on, by name.
pub(crate) async fn managed(
    wardesk: &Wardesk,
    session: &Session,
) -> Result<Vec<(GuildId, String)>, GuildError> {
    let own = own_guilds(wardesk, session).await?;
    let here: HashSet<GuildId> = present(wardesk).await?.into_iter().map(|i| i.guild).collect();
    let managed =
        own.iter().filter(|g| here.contains(&g.id) && (g.owner || manages(g.permissions)));
    let mut managed: Vec<_> = managed.map(|guild| (guild.id, guild.name.clone())).collect();
    managed.sort_by_key(|(_, name)| name.to_lowercase());
    Ok(managed)
}

/// Sorts the person's servers into the three groups.
pub async fn picker(wardesk: &Wardesk, session: &Session) -> Result<Picker, GuildError> {
    let own = own_guilds(wardesk, session).await?;
    let here: HashSet<GuildId> = present(wardesk).await?.into_iter().map(|i| i.guild).collect();
    let pool = wardesk.store().read();
    let took_part: HashSet<GuildId> =
        storage::guilds::took_part(pool, session.user).await?.into_iter().collect();
    let mut picker = Picker::default();
    let mut checks = 0;
    for guild in own.iter() {
        let mut card = GuildCard {
            id: guild.id,
            name: guild.name.clone(),
            icon_url: icon_url(guild.id, guild.icon.as_deref()),
            invite_url: None,
            staff: false,
            reads: false,
        };
        let may_manage = guild.owner || manages(guild.permissions);
        match (here.contains(&guild.id), may_manage) {
            (true, true) => picker.manage.push(card),
            (false, true) => {
                card.invite_url = Some(wardesk.identity().invite_url(Some(guild.id)));
                picker.invite.push(card);
            }
            (true, false) => {
                if checks < STAFF_CHECKS {
                    checks += 1;
                    if let Ok(access) = of_person(wardesk, session.user, guild.id).await {
                        card.staff = access.capabilities().has(Capability::See);
                        card.reads = access.capabilities().has(Capability::Transcripts);
                    }
                }
                if card.reads || took_part.contains(&guild.id) {
                    picker.participant.push(card);
                }
            }
            (false, false) => {}
        }
    }
    for group in [&mut picker.manage, &mut picker.invite, &mut picker.participant] {
        group.sort_by_key(|card| card.name.to_lowercase());
    }
    Ok(picker)
}
