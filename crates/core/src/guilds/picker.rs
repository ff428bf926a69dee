//! The servers a person sees after signing in.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::access::Capability;
use domain::ids::{GuildId, UserId};
use futures::{StreamExt as _, stream};

use super::access::{GuildAccess, manages, of_person};
use super::caches::OwnList;
use super::{GuildError, present};
use crate::Wardesk;
use crate::accounts::{Session, sessions};
use crate::ports::{DiscordError, OwnGuild};

/// How many servers are asked whether the person works there. Each costs two cached look-ups.
const STAFF_CHECKS: usize = 50;
/// How many of them are asked at a time.
const AT_ONCE: usize = 8;

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
    /// Whether the person may work on servers that are not listed: Discord did not say, or they are on too many.
    pub incomplete: bool,
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

/// Whether somebody works on the tickets of a server, and whether they may read transcripts there.
async fn works_on(
    wardesk: Wardesk,
    user: UserId,
    guild: GuildId,
) -> (GuildId, Result<(bool, bool), GuildError>) {
    let access = of_person(&wardesk, user, guild).await;
    let may = |access: GuildAccess| {
        let may = access.capabilities();
        (may.has(Capability::See), may.has(Capability::Transcripts))
    };
    (guild, access.map(may))
}

/// Sorts the person's servers into the three groups.
pub async fn picker(wardesk: &Wardesk, session: &Session) -> Result<Picker, GuildError> {
    let own = own_guilds(wardesk, session).await?;
    let here: HashSet<GuildId> = present(wardesk).await?.into_iter().map(|i| i.guild).collect();
    let pool = wardesk.store().read();
    let took_part: HashSet<GuildId> =
        storage::guilds::took_part(pool, session.user).await?.into_iter().collect();
    let mut picker = Picker::default();
    let managing = |guild: &OwnGuild| guild.owner || manages(guild.permissions);
    let to_check: Vec<GuildId> = own
        .iter()
        .filter(|guild| here.contains(&guild.id) && !managing(guild))
        .map(|guild| guild.id)
        .collect();
    let too_many = to_check.len() > STAFF_CHECKS;
    let checks = to_check.into_iter().take(STAFF_CHECKS);
    let checks = checks.map(|guild| works_on(wardesk.clone(), session.user, guild));
    let mut works: HashMap<GuildId, (bool, bool)> = HashMap::new();
    picker.incomplete = too_many;
    let mut checked = stream::iter(checks).buffer_unordered(AT_ONCE);
    while let Some((guild, found)) = checked.next().await {
        match found {
            Ok(found) => drop(works.insert(guild, found)),
            Err(GuildError::NotFound) => {}
            Err(_) => picker.incomplete = true,
        }
    }
    for guild in own.iter() {
        let mut card = GuildCard {
            id: guild.id,
            name: guild.name.clone(),
            icon_url: icon_url(guild.id, guild.icon.as_deref()),
            invite_url: None,
            staff: false,
            reads: false,
        };
        match (here.contains(&guild.id), managing(guild)) {
            (true, true) => picker.manage.push(card),
            (false, true) => {
                card.invite_url = Some(wardesk.identity().invite_url(Some(guild.id)));
                picker.invite.push(card);
            }
            (true, false) => {
                (card.staff, card.reads) = works.get(&guild.id).copied().unwrap_or_default();
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
