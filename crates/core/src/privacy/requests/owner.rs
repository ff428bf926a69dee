//! The owner of a server answers requests about its content: they are its controller. Source: P8, P36.

use domain::access::Capability;
use domain::ids::RequestId;
use domain::privacy::{Outcome, RequestState, Role, WORDS_LIMIT};
use domain::validation::discord_len;
use storage::privacy::requests as rows;

use super::super::names;
use super::settle::{begin, decide};
use super::{Followed, LISTED, PrivacyError, Refusal, follow, objection, said};
use crate::audit;
use crate::guilds::GuildAccess;

/// A request as those see it who answer for the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerRequest {
    /// The request, with what was said.
    pub followed: Followed,
    /// The name under which whoever asks was last seen on the server; `None`: never, or they are
    /// restricted.
    pub person: Option<String>,
}

/// The requests that this server's owner was given, newest first, at most 100.
pub async fn of_server(access: &GuildAccess) -> Result<Vec<OwnerRequest>, PrivacyError> {
    access.require(Capability::Privacy)?;
    let w = access.wardesk();
    let found = rows::of_guild(w.store().read(), access.guild(), LISTED).await?;
    let mut all = Vec::with_capacity(found.len());
    for row in found {
        let person = match row.user {
            Some(user) => {
                let seen = names::of(w, access.guild(), user).await?;
                seen.map(|seen| seen.display_name)
            }
            None => None,
        };
        all.push(OwnerRequest { followed: follow::read(w, row).await?, person });
    }
    Ok(all)
}

/// Answers a request for the server. Whoever asked sees the outcome, its reason and the words.
pub async fn answer(
    access: &GuildAccess,
    id: RequestId,
    outcome: Outcome,
    words: &str,
) -> Result<(), PrivacyError> {
    access.require(Capability::Privacy)?;
    if discord_len(words) > WORDS_LIMIT {
        return Err(Refusal::Words.into());
    }
    let (w, guild) = (access.wardesk(), access.guild());
    let here = rows::get(w.store().read(), id).await?;
    let here = here.filter(|row| row.guild == Some(guild) && row.owner_until.is_some());
    let here = here.ok_or(PrivacyError::NotFound)?;
    let sealed = said::seal_answer(w, here.user, id, words).await?;
    let (mut change, mut row) = begin(w, id).await?.ok_or(PrivacyError::NotFound)?;
    if row.state != RequestState::WithOwner || row.user != here.user {
        return Err(Refusal::Decided.into());
    }
    decide(&mut change, &mut row, outcome, Role::Owner, sealed.as_ref()).await?;
    let noted = audit::Change {
        guild,
        at: change.now(),
        actor: Some(access.user()),
        action: "privacy.answered",
        target: &id.to_string(),
    };
    audit::record::<(), _>(change.conn(), noted, None, Some(&row.state)).await?;
    change.commit().await?.tell();
    objection::told(w, &row).await?;
    Ok(())
}
