//! The messages that messages of a page answer, as they are shown above them.

use std::collections::{BTreeSet, HashMap};

use domain::ids::MessageId;
use storage::StorageError;
use storage::tickets::TicketRow;
use transcript::{Entry, Quote, Snowflake};

use super::load;
use super::read::{entry, snowflake};
use crate::Wardesk;

/// Quoted messages of a page, at most.
const MOST: usize = 100;

/// The quotes of these messages, by the message that is quoted. Most stand on the page too; the others are looked up.
pub(super) async fn of(
    w: &Wardesk,
    ticket: &TicketRow,
    entries: &[Entry],
) -> Result<HashMap<Snowflake, Quote>, StorageError> {
    let answered = entries.iter().filter_map(|e| e.message.message_reference.as_ref());
    let mut wanted: BTreeSet<Snowflake> = answered.map(|r| r.message_id).take(MOST).collect();
    let mut quotes = HashMap::new();
    for original in entries {
        let lost = original.erased || original.restricted;
        if wanted.remove(&original.message.id) && !lost {
            quotes.insert(original.message.id, quote(original));
        }
    }
    let elsewhere: BTreeSet<MessageId> = wanted
        .into_iter()
        .filter_map(|id| MessageId::new(i64::try_from(id.get()).ok()?).ok())
        .collect();
    for (id, found) in load::these(w, ticket, &elsewhere).await? {
        quotes.insert(snowflake(id.get()), quote(&entry(id, &found)));
    }
    Ok(quotes)
}

fn quote(original: &Entry) -> Quote {
    let author = original.message.author.clone().unwrap_or_default();
    let named = !author.global_name.is_empty();
    Quote {
        author: author.id,
        author_name: if named { author.global_name } else { author.username },
        content: original.message.content.clone(),
        deleted: original.deleted.is_some(),
        reachable: true,
    }
}
