//! What people do by themselves with their data, besides having it erased: each is a request that is decided
//! at once, unless they wrote one about the same, which is answered as any. Source: `docs/PROMISES.md` P34.

use domain::privacy::{Outcome, Reason, RequestKind, Via};
use storage::privacy::people;

use super::names::{self, PersonRow};
use super::{PrivacyError, requests};
use crate::Wardesk;
use crate::accounts::{self, AccountError, Session};
use crate::guilds::GuildError;

/// Has the names under which the person is known read from Discord again, wherever they are a member. Where they are
/// not any more, the old ones stay with the tickets that they belong to. Answers whether any were read. While Discord
/// does not answer, nothing is changed, and nothing is noted as asked for.
pub async fn refresh_names(w: &Wardesk, session: &Session) -> Result<bool, PrivacyError> {
    let user = session.user;
    let mut read = Vec::new();
    for guild in people::servers_of(w.store().read(), user).await? {
        if names::of_own(w, guild, user).await?.is_none() {
            continue;
        }
        let member = match w.discord().member(guild, user).await {
            Ok(member) => member,
            Err(error) if error.is_temporary() => return Err(GuildError::Discord(error).into()),
            Err(_) => continue,
        };
        let person = PersonRow {
            user,
            display_name: member.display_name,
            username: member.username,
            avatar: member.avatar,
        };
        read.push((guild, person));
    }
    let some = !read.is_empty();
    let request = requests::open(w, user, RequestKind::Correct, Via::Site).await?;
    for (guild, person) in read {
        let mut tx = w.store().begin().await?;
        names::told_own(guild, person).keep(tx.conn(), w.now()).await?;
        tx.commit().await?;
        w.ticket_caches().list_changed(guild);
    }
    let outcome = if some { Outcome::Done } else { Outcome::Declined(Reason::NoData) };
    requests::settle(w, request, outcome).await?;
    Ok(some)
}

/// Takes the consent back that was given in Discord: its permission is revoked, and the person is signed out
/// everywhere.
pub async fn withdraw(w: &Wardesk, session: &Session) -> Result<(), PrivacyError> {
    let request = requests::open(w, session.user, RequestKind::Withdraw, Via::Site).await?;
    leave(w, session).await?;
    requests::settle(w, request, Outcome::Done).await
}

/// Ends all sessions of the person, and revokes their permission with Discord.
pub(super) async fn leave(w: &Wardesk, session: &Session) -> Result<(), PrivacyError> {
    for ended in [
        accounts::revoke_others(w, session).await.map(|_| ()),
        // Discord ends the whole permission with one of its tokens.
        accounts::sign_out(w, session).await,
    ] {
        match ended {
            Ok(()) | Err(AccountError::NotFound) => {}
            Err(AccountError::Storage(error)) => return Err(error.into()),
        }
    }
    Ok(())
}
