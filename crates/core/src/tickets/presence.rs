//! People who take part in a ticket leave the server, and come back. Of everyone else nothing is kept.

use std::time::Duration;

use domain::ids::{GuildId, TicketId, UserId};
use domain::tickets::TicketState;
use domain::time::Millis;
use storage::StorageError;
use storage::tickets::members;

use super::change::Change;
use super::{TicketError, TicketEvent};
use crate::Wardesk;
use crate::outbox::{Effect, Notice};
use crate::privacy::restrict;

/// The most tickets of one person on one server in which it is noted.
const TICKETS: i64 = 100;

/// How it is noted.
const KINDS: [&str; 2] = [TicketEvent::LEFT, TicketEvent::RETURNED];

/// How often it is noted of one person in one ticket: who comes and goes all day fills no timeline.
const NOTED: i64 = 50;

/// The most people that are looked for after a new session.
const PEOPLE: i64 = 500;

/// The pause between two looks: other calls to Discord go first.
const PAUSE: Duration = Duration::from_millis(200);

/// How often one person is looked for in a row at most, while each look finds something new.
const LOOKS: u32 = 3;

/// Whether somebody is on a server, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    here: bool,
    /// Seen by looking, not told by Discord when it happened.
    noticed: bool,
}

impl Found {
    const fn event(self) -> TicketEvent {
        let noticed = self.noticed;
        if self.here {
            TicketEvent::MemberReturned { noticed }
        } else {
            TicketEvent::MemberLeft { noticed }
        }
    }

    const fn notice(self, user: UserId, opener: bool) -> Notice {
        if self.here {
            Notice::MemberReturned { user }
        } else {
            Notice::MemberLeft { user, opener, noticed: self.noticed }
        }
    }

    /// Whether it differs from what is known. `past` is what was noted, the last first; whoever was let in since
    /// then was there at that moment.
    fn is_news(self, since: Millis, past: &[(String, Millis)]) -> bool {
        let away = past.first().is_some_and(|(kind, at)| kind == TicketEvent::LEFT && *at >= since);
        i64::try_from(past.len()).is_ok_and(|noted| noted < NOTED) && away == self.here
    }
}

/// Discord tells that somebody left a server. Told again, it changes nothing.
pub async fn member_left(w: &Wardesk, guild: GuildId, user: UserId) -> Result<(), TicketError> {
    note(w, guild, user, Found { here: false, noticed: false }).await.map(|_| ())
}

/// Discord tells that somebody came to a server. For those who were not noted as gone it changes nothing.
pub async fn member_joined(w: &Wardesk, guild: GuildId, user: UserId) -> Result<(), TicketError> {
    note(w, guild, user, Found { here: true, noticed: false }).await.map(|_| ())
}

/// Looks whether the people of open tickets are on their servers: after a new session, since nobody tells what
/// happened before it. At most 500 people, one after the other, those of the newest tickets first. When Discord does
/// not answer, the rest is left to the next time.
pub async fn look_for_members(w: &Wardesk) -> Result<(), StorageError> {
    let people = members::everyone(w.store().read(), w.application(), PEOPLE).await?;
    for (guild, user) in people {
        match look(w, guild, user).await {
            Err(TicketError::Storage(error)) => return Err(error),
            Err(TicketError::Discord(error)) if error.is_temporary() => {
                tracing::debug!(%error, "the people of tickets cannot be looked for");
                return Ok(());
            }
            // An error: the bot is not on that server any more, which is noted elsewhere.
            Ok(()) | Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn look(w: &Wardesk, guild: GuildId, user: UserId) -> Result<(), TicketError> {
    if user.is_pseudonym() || restrict::is_restricted(w, guild, user).await? {
        return Ok(());
    }
    for _ in 0..LOOKS {
        let here = w.discord().is_member(guild, user).await?;
        if !note(w, guild, user, Found { here, noticed: true }).await? {
            break;
        }
        // Discord may have told something newer between the look and the note: it is looked again.
    }
    Ok(())
}

/// Notes it in every open ticket in which the person takes part; answers whether it was news in one.
async fn note(
    w: &Wardesk,
    guild: GuildId,
    user: UserId,
    found: Found,
) -> Result<bool, TicketError> {
    if user.is_pseudonym() {
        return Ok(false);
    }
    let db = w.store().read();
    let tickets = members::taking_part(db, w.application(), guild, user, TICKETS).await?;
    if tickets.is_empty() || restrict::is_restricted(w, guild, user).await? {
        return Ok(false);
    }
    let mut news = false;
    for (ticket, since) in tickets {
        let past = storage::events::of_actor(db, ticket, user, KINDS, NOTED).await?;
        if found.is_news(since, &past) {
            news |= note_in(w, guild, ticket, user, found).await?;
        }
    }
    Ok(news)
}

async fn note_in(
    w: &Wardesk,
    guild: GuildId,
    ticket: TicketId,
    user: UserId,
    found: Found,
) -> Result<bool, TicketError> {
    let mut change = Change::begin(w, guild).await?;
    let row = match change.ticket(ticket).await {
        Ok((row, _)) => row,
        Err(TicketError::NotFound) => return Ok(false),
        Err(error) => return Err(error),
    };
    if !matches!(row.life.state, TicketState::Opening | TicketState::Open) {
        return Ok(false);
    }
    // All of it again, now that nobody else changes the ticket.
    let opener = row.opener == user;
    let since = if opener {
        Some(row.created_at)
    } else {
        members::added_at(change.conn(), ticket, user).await?
    };
    let past = storage::events::of_actor(change.conn(), ticket, user, KINDS, NOTED).await?;
    if !since.is_some_and(|since| found.is_news(since, &past)) {
        return Ok(false);
    }
    change.event(ticket, Some(user), &found.event()).await?;
    change.effect(&Effect::PostNotice { ticket, notice: found.notice(user, opener) })?;
    fail::fail_point!(crate::failpoints::presence::BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::presence::AFTER_COMMIT);
    committed.tell();
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(here: bool, since: i64, past: &[(&str, i64)]) -> bool {
        let past: Vec<_> =
            past.iter().map(|(kind, at)| ((*kind).to_owned(), Millis(*at))).collect();
        Found { here, noticed: false }.is_news(Millis(since), &past)
    }

    #[test]
    fn only_what_differs_is_news() {
        let (left, back) = (TicketEvent::LEFT, TicketEvent::RETURNED);
        assert!(news(false, 0, &[]) && !news(true, 0, &[]));
        assert!(!news(false, 0, &[(left, 5)]) && news(true, 0, &[(left, 5)]));
        assert!(news(false, 0, &[(back, 7), (left, 5)]) && !news(true, 0, &[(back, 7), (left, 5)]));
        // Let in anew after having left: they were there then.
        assert!(news(false, 6, &[(left, 5)]) && !news(true, 6, &[(left, 5)]));
        let often = [(back, 1); 50];
        assert!(news(false, 0, &often[1..]) && !news(false, 0, &often));
    }
}
