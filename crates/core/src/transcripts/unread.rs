//! What the opener of a ticket has not read of it.
//!
//! Discord tells no bot what somebody has read. So what is read is what comes before the later of two: the last
//! message that the opener wrote, and the last one that they were shown here. Of the second their ticket keeps the
//! message's id, and not when it was.

use domain::ids::MessageId;
use storage::StorageError;
use storage::tickets::TicketRow;
use storage::transcripts::looks;
use transcript::TimelineItem;

use super::{Standing, TranscriptAccess, TranscriptError, TranscriptPage, load};
use crate::Wardesk;

/// Messages of the opener's name that are looked through first for their last own one: the bot writes in it too, and
/// so do other apps.
const FIRST_LOOK: usize = 16;
/// Messages that are opened at once, when that was not enough.
const LATER_LOOK: usize = 128;
/// Messages that are opened in all, at most.
const MOST: usize = 1000;

/// The newest message of a page.
fn last_of(page: &TranscriptPage) -> Option<MessageId> {
    let id = page.timeline.iter().rev().find_map(|item| match item {
        TimelineItem::Message(entry) => Some(entry.message.id),
        TimelineItem::Desk(_) => None,
    })?;
    MessageId::new(i64::try_from(id.get()).ok()?).ok()
}

/// The last message that the opener wrote, if it is behind `shown`: what was shown already need not be opened to learn
/// whose it is.
async fn last_own(
    w: &Wardesk,
    ticket: &TicketRow,
    shown: Option<MessageId>,
) -> Result<Option<MessageId>, StorageError> {
    let (mut before, mut looked, mut step) = (i64::MAX, 0, FIRST_LOOK);
    while looked < MOST {
        let some = load::backward(w, ticket, before, Some(ticket.opener), step).await?;
        let Some(first) = some.ids().first().filter(|_| some.ids().last().copied() > shown) else {
            return Ok(None);
        };
        let messages = load::open(w, ticket, &some).await?;
        let own = messages.iter().rev().find(|(_, found)| found.is_by(ticket.opener));
        if let Some((id, _)) = own {
            return Ok(Some(*id));
        }
        before = first.get();
        looked += some.ids().len();
        step = LATER_LOOK;
    }
    Ok(None)
}

/// The first message that the opener has not read; `None` when there is none, and for everyone else: how far
/// somebody has read is nobody's but their own.
pub async fn first_unread(access: &TranscriptAccess) -> Result<Option<MessageId>, TranscriptError> {
    if access.standing() != Standing::Opener {
        return Ok(None);
    }
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let shown = looks::get(w.store().read(), ticket.id).await?;
    let own = last_own(w, ticket, shown).await?;
    let read = own.max(shown).map_or(0, MessageId::get);
    let rest = load::forward(w, ticket, read.saturating_add(1), None, 1).await?;
    Ok(rest.ids().first().copied())
}

/// Notes that the opener was shown a page. Of what others are shown nothing is kept here.
pub async fn looked(
    access: &TranscriptAccess,
    page: &TranscriptPage,
) -> Result<(), TranscriptError> {
    let Some(last) = last_of(page).filter(|_| access.standing() == Standing::Opener) else {
        return Ok(());
    };
    let (w, ticket) = (&access.wardesk, access.ticket.id);
    if looks::get(w.store().read(), ticket).await?.is_some_and(|known| known >= last) {
        return Ok(());
    }
    let mut tx = w.store().begin().await?;
    looks::advance(tx.conn(), ticket, last).await?;
    tx.commit().await?;
    Ok(())
}
