//! A window of a transcript: some messages from anywhere in it. It costs what it shows, however long the
//! transcript is: the chunks around it are found by their indexes, and no other is opened.

use domain::ids::{DISCORD_EPOCH_MS, MessageId, UserId};
use domain::time::Millis;

use super::load::{self, Index, Loaded};
use super::read::{PAGE_LIMIT, TranscriptPage, assemble};
use super::{TranscriptAccess, TranscriptError};

/// Where a window lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// At the beginning.
    #[default]
    First,
    /// It begins with this message, or the one after where that is not there.
    From(MessageId),
    /// It ends before this message.
    Before(MessageId),
    /// This message is in it, with some that lead to it.
    At(MessageId),
    /// It begins with the first message of this moment or later.
    Time(Millis),
    /// At the end.
    Last,
}

/// What someone wants to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Where.
    pub start: Start,
    /// Messages of this person alone.
    pub by: Option<UserId>,
    /// How many messages, at most; taken as 1 to [`PAGE_LIMIT`].
    pub limit: u16,
}

/// Of a window around a message, this part leads to it.
const LEAD: usize = 4;

/// The lowest id that a message of this moment can have.
fn id_at(at: Millis) -> i64 {
    at.0.saturating_sub(DISCORD_EPOCH_MS).clamp(0, i64::MAX >> 22) << 22
}

/// Reads a window. With [`Wanted::by`] the desk's own events are left out, as other people's messages are.
pub async fn window(
    access: &TranscriptAccess,
    wanted: Wanted,
) -> Result<TranscriptPage, TranscriptError> {
    let (w, ticket, by) = (&access.wardesk, &access.ticket, wanted.by);
    let limit = usize::from(wanted.limit.clamp(1, PAGE_LIMIT));
    // One more than is shown tells whether there are more on that side.
    let (below, above) = match wanted.start {
        Start::First => (None, Some(0)),
        Start::From(message) => (None, Some(message.get())),
        Start::Time(at) => (None, Some(id_at(at))),
        Start::Before(message) => (Some(message.get()), None),
        Start::Last => (Some(i64::MAX), None),
        Start::At(message) => (Some(message.get()), Some(message.get())),
    };
    let mut before = match below {
        Some(id) => load::backward(w, ticket, id, by, limit + 1).await?,
        None => Index::default(),
    };
    let mut after = match above {
        Some(id) => load::forward(w, ticket, id, by, limit + 1).await?,
        None => Index::default(),
    };
    let (led, rest) = (before.ids().len(), after.ids().len());
    let shown_before = if above.is_some() {
        led.min((limit / LEAD).max(limit.saturating_sub(rest)))
    } else {
        led.min(limit)
    };
    let shown_after = rest.min(limit - shown_before);

    let earlier = match (above, before.ids().len() > shown_before) {
        (_, true) => true,
        (Some(id), _) if below.is_none() && id > 0 => {
            !load::backward(w, ticket, id, by, 1).await?.ids().is_empty()
        }
        _ => false,
    };
    let next = match (below, after.ids().iter().nth(shown_after).copied()) {
        (_, Some(next)) => Some(next),
        (Some(id), None) if above.is_none() && id < i64::MAX => {
            load::forward(w, ticket, id, by, 1).await?.ids().first().copied()
        }
        _ => None,
    };
    before.keep_last(shown_before);
    after.keep_first(shown_after);
    before.extend(after);

    let first = before.ids().first().copied();
    let mut messages = load::open(w, ticket, &before).await?;
    if let Some(by) = by {
        // The bot's own messages are found under the opener, in whose name it writes.
        messages.retain(|_, found| found.is_by(by));
    }
    let mut page = assemble(access, earlier, by.is_none(), &Loaded { messages, next }).await?;
    // Behind the last message everything is earlier.
    let end = || MessageId::new(i64::MAX).ok();
    page.earlier = earlier.then(|| first.or_else(end)).flatten();
    Ok(page)
}
