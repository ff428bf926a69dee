//! The member is told what came of the wish to open a ticket.

use domain::ids::TicketId;
use secrecy::SecretString;
use storage::{KeyScope, Sealed, StorageError};

use super::{Context, Done, Failure};
use crate::outbox::Answer;
use crate::ports::NewMessage;
use crate::tickets::messages;

/// An interaction's token lives 15 minutes. Source: Discord API documentation, "Interactions".
const TOKEN_LIFE_MS: i64 = 15 * 60_000;

pub(super) async fn run(cx: &Context<'_>, id: TicketId, answer: Answer) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    if cx.w.now().since(ticket.created_at) > TOKEN_LIFE_MS {
        return Ok(Done::Answered);
    }
    let live = storage::tickets::live::get(cx.w.store().read(), id).await?;
    let Some(sealed) = live.and_then(|live| live.token) else { return Ok(Done::Answered) };
    let aad = storage::tickets::live::token_aad(id);
    let plain =
        cx.w.store()
            .keys()
            .open_sealed(&KeyScope::SERVICE, &aad, &Sealed::from_bytes(sealed))
            .await?;
    let token = std::str::from_utf8(&plain)
        .map(SecretString::from)
        .map_err(|_| StorageError::Corrupt("ticket_live.interaction_token"))?;
    let body = messages::answer(cx.words().await?, answer, ticket.life.channel);
    let message = NewMessage { body, nonce: None };
    match cx.w.discord().edit_interaction_response(&token, &message).await {
        Err(error) if error.is_temporary() => Err(error.into()),
        // Dismissed, or too late: there is nothing left to answer.
        Ok(()) | Err(_) => Ok(Done::Answered),
    }
}
