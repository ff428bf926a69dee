//! Staff look for somebody to let into a ticket.

use std::time::Duration;

use domain::access::Capability;
use domain::ids::{TicketId, UserId};
use domain::tickets::{Refusal, TicketState};

use super::standing::{need_staff, ticket_of_server};
use super::{Person, TicketError};
use crate::guilds::GuildAccess;
use crate::ports::{DiscordError, GuildMember};

/// How many people are found at most.
pub const MOST_FOUND: u8 = 10;

/// The longest name of a person, in characters. Source: Discord API documentation, "User Resource".
pub const LONGEST_NAME: usize = 32;

/// How long a page waits for the answer: limits of Discord's can hold a call back for much longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Somebody who may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundMember {
    /// Who.
    pub person: Person,
    /// Their unique user name: shown names may be alike.
    pub username: String,
    /// Opened the ticket or was let in already.
    pub inside: bool,
}

/// Members of the server whose name starts with `text`, or the one whose user id it is; at most
/// [`MOST_FOUND`], no bots. A text that no name and no id can be finds nobody. For staff of an open
/// ticket's panel; `Discord` when the answer does not come within 5 seconds.
pub async fn find_members(
    access: &GuildAccess,
    ticket: TicketId,
    text: &str,
) -> Result<Vec<FoundMember>, TicketError> {
    let (row, panel) = ticket_of_server(access, ticket).await?;
    need_staff(access, &panel.settings, Capability::Answer)?;
    if row.life.state != TicketState::Open {
        return Err(Refusal::NotOpen.into());
    }
    let text = text.trim();
    let text = text.strip_prefix('@').unwrap_or(text);
    if text.is_empty() || text.chars().count() > LONGEST_NAME || text.contains(char::is_control) {
        return Ok(Vec::new());
    }
    let found = tokio::time::timeout(PATIENCE, search(access, text))
        .await
        .map_err(|_| DiscordError::Unavailable { retry_after_ms: None })??;
    let db = access.wardesk().store().read();
    let members = storage::tickets::members::list(db, ticket).await?;
    Ok(found
        .into_iter()
        .filter(|member| !member.bot)
        .map(|member| FoundMember {
            inside: member.user == row.opener || members.iter().any(|m| m.user == member.user),
            person: Person {
                id: member.user,
                name: Some(member.display_name),
                avatar: member.avatar,
            },
            username: member.username,
        })
        .collect())
}

async fn search(access: &GuildAccess, text: &str) -> Result<Vec<GuildMember>, DiscordError> {
    let discord = access.wardesk().discord();
    if let Ok(user) = text.parse::<UserId>() {
        match discord.member(access.guild(), user).await {
            Ok(member) => return Ok(vec![member]),
            // A name may consist of digits.
            Err(DiscordError::Gone { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    discord.search_members(access.guild(), text, MOST_FOUND).await
}
