//! The archive is completed and the transcript stored; the ticket is closed then.

use domain::ids::TicketId;
use domain::tickets::TicketState;

use super::{Context, Done, Failure};

pub(super) async fn run(cx: &Context<'_>, id: TicketId) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    if ticket.life.state != TicketState::Closing {
        return Ok(Done::Plain);
    }
    // Whatever goes wrong is tried again: a channel goes only after its transcript is stored.
    let mut tx = cx.w.store().begin().await?;
    let seq = crate::tickets::store::mark_closed(tx.conn(), id, cx.w.now()).await?;
    tx.commit().await?;
    if let Some(seq) = seq {
        cx.w.announce(crate::LiveEvent { guild: ticket.guild, seq });
    }
    Ok(Done::Plain)
}

/// How many messages a transcript holds, if known.
pub(super) async fn message_count(_: &Context<'_>, _: TicketId) -> Result<Option<u64>, Failure> {
    Ok(None)
}
