//! Reactions and votes as they change. Discord tells each change and never the sum again, so the sum is kept in the
//! message object, as Discord's own API would answer it, and who changed it beside the message.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::ids::{MessageId, TicketId, UserId};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use storage::StorageError;
use storage::transcripts::reactions::{self as rows, ReactionRow};

use super::archive::Of;
use super::normalise::id_of;
use super::seals;
use crate::Wardesk;
use crate::privacy::restrict;

/// Changes that are kept of one message. Past them only the sums change.
const CHANGES: i64 = 500;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum How {
    /// Someone reacted.
    Added,
    /// Someone took their reaction back, or it was taken from them.
    Removed,
    /// All reactions, or all of one emoji, were removed.
    Cleared,
}

/// One change, as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    pub how: How,
    /// Discord's emoji object; `None` where all of them went.
    pub emoji: Option<Value>,
    /// Whether it is a super reaction, which one may give beside a common one.
    #[serde(default)]
    pub burst: bool,
}

impl Change {
    /// Whether this one decides about a reaction of `by`.
    fn is_about(&self, subject: Option<UserId>, by: UserId, other: &Self) -> bool {
        match self.how {
            How::Cleared => self.emoji.is_none() || self.is_of_emoji(other),
            How::Added | How::Removed => {
                subject == Some(by) && self.burst == other.burst && self.is_of_emoji(other)
            }
        }
    }

    fn is_of_emoji(&self, other: &Self) -> bool {
        match (&self.emoji, &other.emoji) {
            (Some(one), Some(other)) => same_emoji(one, other),
            _ => false,
        }
    }
}

/// Custom emoji are the same by their id, whatever they are called now; the others by their character.
fn same_emoji(one: &Value, other: &Value) -> bool {
    let id = |emoji: &Value| emoji.get("id").and_then(Value::as_str).map(str::to_owned);
    match (id(one), id(other)) {
        (None, None) => one.get("name") == other.get("name"),
        (one, other) => one == other,
    }
}

/// What an event says.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub message: MessageId,
    by: Option<UserId>,
    change: Change,
}

impl Told {
    /// Reads `MESSAGE_REACTION_ADD`, `…_REMOVE`, `…_REMOVE_ALL` or `…_REMOVE_EMOJI`.
    pub(super) fn read(how: How, event: &Value) -> Option<Self> {
        let by = id_of::<UserId>(event, "user_id");
        let emoji = event.get("emoji").filter(|emoji| emoji.is_object()).cloned();
        if how != How::Cleared && (by.is_none() || emoji.is_none()) {
            return None;
        }
        let burst = event.get("burst").and_then(Value::as_bool).unwrap_or(false);
        Some(Self {
            message: id_of(event, "message_id")?,
            by: by.filter(|_| how != How::Cleared),
            change: Change { how, emoji, burst },
        })
    }
}

/// The changes of one message.
struct Known {
    next: i64,
    changes: Vec<(Option<UserId>, Change)>,
}

/// The changes of a batch, above those that are written.
#[derive(Default)]
pub(super) struct Reactions {
    known: HashMap<(TicketId, MessageId), Known>,
    pub(super) fresh: Vec<(TicketId, ReactionRow)>,
}

impl Reactions {
    /// Takes a change in, and puts the new sums into the message. `false` for one that is known already.
    pub(super) async fn take(
        &mut self,
        w: &Wardesk,
        of: Of,
        told: Told,
        body: &mut Value,
    ) -> Result<bool, StorageError> {
        let key = (of.ticket, told.message);
        let known = match self.known.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let kept = changes(w, of, told.message, told.message, CHANGES).await?;
                let next = kept.last().map_or(0, |kept| kept.number + 1);
                let changes = kept.into_iter().filter_map(|kept| Some((kept.by, kept.change?)));
                place.insert(Known { next, changes: changes.collect() })
            }
        };
        if let Some(by) = told.by {
            let mut before = known.changes.iter().rev();
            let last = before.find(|(subject, one)| one.is_about(*subject, by, &told.change));
            let there = last.map(|(_, one)| one.how == How::Added);
            if there == Some(told.change.how == How::Added) {
                return Ok(false);
            }
        }
        if !sum(body, &told.change) {
            return Ok(false);
        }
        if known.next < CHANGES {
            let row = ReactionRow {
                message: told.message,
                number: known.next,
                subject: told.by,
                at: w.now(),
                body: seals::seal_reaction(w.store().keys(), of, &told, known.next).await?,
            };
            self.fresh.push((of.ticket, row));
            known.next += 1;
            known.changes.push((told.by, told.change));
        }
        Ok(true)
    }
}

impl Told {
    pub(super) const fn by(&self) -> Option<UserId> {
        self.by
    }

    pub(super) const fn change(&self) -> &Change {
        &self.change
    }
}

/// A change that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub message: MessageId,
    pub number: i64,
    pub by: Option<UserId>,
    pub at: Millis,
    /// `None` when it can no longer be read.
    pub change: Option<Change>,
}

/// The changes of the messages from `first` to `last`, in order, at most `limit`.
pub(super) async fn changes(
    w: &Wardesk,
    of: Of,
    first: MessageId,
    last: MessageId,
    limit: i64,
) -> Result<Vec<Kept>, StorageError> {
    let mut found = Vec::new();
    let restricted = restrict::all(w).await?;
    for row in rows::between(w.store().read(), of.ticket, first, last, limit).await? {
        let (message, number, by, at) = (row.message, row.number, row.subject, row.at);
        if by.is_some_and(|by| restricted.is_on(of.guild, by)) {
            found.push(Kept { message, number, by, at, change: None });
            continue;
        }
        let change = seals::open_reaction(w.store().keys(), of, row).await?;
        found.push(Kept { message, number, by, at, change });
    }
    Ok(found)
}

/// Changes the sums in a message's `reactions`. `false` when there is nothing to take away.
fn sum(body: &mut Value, change: &Change) -> bool {
    let Some(body) = body.as_object_mut() else { return false };
    let all = body.entry("reactions").or_insert_with(|| json!([]));
    if !all.is_array() {
        *all = json!([]);
    }
    let Some(all) = all.as_array_mut() else { return false };
    let Some(emoji) = &change.emoji else {
        let some = !all.is_empty();
        all.clear();
        return some;
    };
    let place = all.iter().position(|one| one.get("emoji").is_some_and(|e| same_emoji(e, emoji)));
    let kind = if change.burst { "burst" } else { "normal" };
    match (change.how, place) {
        (How::Cleared, Some(place)) => {
            all.remove(place);
        }
        (How::Cleared | How::Removed, None) => return false,
        (How::Added, None) => {
            let mut details = json!({ "burst": 0, "normal": 0 });
            details[kind] = json!(1);
            all.push(json!({ "emoji": emoji, "count": 1, "count_details": details }));
        }
        (How::Added | How::Removed, Some(place)) => {
            let by = if change.how == How::Added { 1 } else { -1 };
            if let Some(one) = all.get_mut(place).and_then(Value::as_object_mut) {
                add(one, "count", by);
                if let Some(details) = one.get_mut("count_details").and_then(Value::as_object_mut) {
                    add(details, kind, by);
                }
                if one.get("count").and_then(Value::as_i64).unwrap_or(0) == 0 {
                    all.remove(place);
                }
            }
        }
    }
    true
}

fn add(object: &mut Map<String, Value>, key: &str, by: i64) {
    let count = object.get(key).and_then(Value::as_i64).unwrap_or(0);
    object.insert(key.to_owned(), json!(count.saturating_add(by).max(0)));
}

/// Counts a vote of `MESSAGE_POLL_VOTE_ADD` (`by` 1) or `…_REMOVE` (-1) in a message's poll. `false` for what has no
/// poll, or one whose counting is over: Discord sends the final sums with an update of the message.
pub(super) fn vote(body: &mut Value, event: &Value, by: i64) -> bool {
    let Some(answer) = event.get("answer_id").and_then(Value::as_i64) else { return false };
    let Some(poll) = body.get_mut("poll").and_then(Value::as_object_mut) else { return false };
    let results = poll.entry("results").or_insert(Value::Null);
    if !results.is_object() {
        *results = json!({ "is_finalized": false, "answer_counts": [] });
    }
    if results.get("is_finalized").and_then(Value::as_bool).unwrap_or(false) {
        return false;
    }
    let Some(counts) = results.get_mut("answer_counts").and_then(Value::as_array_mut) else {
        return false;
    };
    let known = counts.iter_mut().filter_map(Value::as_object_mut);
    let known = known.into_iter().find(|one| one.get("id").and_then(Value::as_i64) == Some(answer));
    match known {
        Some(one) => add(one, "count", by),
        None if by > 0 => counts.push(json!({ "id": answer, "count": 1 })),
        None => return false,
    }
    true
}

/// Takes over the sums that an edited message does not tell.
pub(super) fn carry(mut edited: Value, before: &Value) -> Value {
    if let Some(message) = edited.as_object_mut() {
        if let Some(reactions) = before.get("reactions")
            && !message.contains_key("reactions")
        {
            message.insert("reactions".to_owned(), reactions.clone());
        }
        if let Some(Value::Object(poll)) = message.get_mut("poll")
            && let Some(results) = before.get("poll").and_then(|poll| poll.get("results"))
            && poll.get("results").is_none_or(Value::is_null)
        {
            poll.insert("results".to_owned(), results.clone());
        }
    }
    edited
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(how: How, name: &str, burst: bool) -> Change {
        Change { how, emoji: Some(json!({ "id": null, "name": name })), burst }
    }

    #[test]
    fn sums_are_what_discord_would_answer() {
        let mut body = json!({ "id": "1" });
        assert!(sum(&mut body, &change(How::Added, "👍", false)));
        assert!(sum(&mut body, &change(How::Added, "👍", true)));
        assert!(sum(&mut body, &change(How::Added, "🎉", false)));
        assert_eq!(
            body["reactions"],
            json!([
                { "emoji": { "id": null, "name": "👍" }, "count": 2, "count_details": { "burst": 1, "normal": 1 } },
                { "emoji": { "id": null, "name": "🎉" }, "count": 1, "count_details": { "burst": 0, "normal": 1 } },
            ])
        );
        assert!(sum(&mut body, &change(How::Removed, "🎉", false)));
        assert!(!sum(&mut body, &change(How::Removed, "🎉", false)), "there is none any more");
        assert!(sum(&mut body, &change(How::Cleared, "👍", false)));
        assert_eq!(body["reactions"], json!([]));
    }

    #[test]
    fn custom_emoji_are_the_same_by_their_id() {
        let emoji = |id: &str, name: &str| json!({ "id": id, "name": name });
        assert!(same_emoji(&emoji("5", "old"), &emoji("5", "new")));
        assert!(!same_emoji(&emoji("5", "a"), &emoji("6", "a")));
        assert!(!same_emoji(&json!({ "id": null, "name": "👍" }), &emoji("6", "👍")));
    }

    #[test]
    fn votes_are_counted_until_the_poll_is_over() {
        let mut body = json!({ "poll": { "answers": [] } });
        let event = json!({ "answer_id": 2 });
        assert!(!vote(&mut body, &event, -1), "nobody has voted");
        assert!(vote(&mut body, &event, 1) && vote(&mut body, &event, 1));
        assert!(vote(&mut body, &event, -1));
        assert_eq!(body["poll"]["results"]["answer_counts"], json!([{ "id": 2, "count": 1 }]));
        body["poll"]["results"]["is_finalized"] = json!(true);
        assert!(!vote(&mut body, &event, 1));
        assert!(!vote(&mut json!({}), &event, 1));
    }

    #[test]
    fn an_edit_keeps_the_sums_that_it_does_not_tell() {
        let sums = json!([{ "emoji": { "name": "👍" }, "count": 2 }]);
        let before = json!({ "reactions": sums, "poll": { "results": { "answer_counts": [] } } });
        let edited = carry(json!({ "content": "new", "poll": {} }), &before);
        assert_eq!(edited["reactions"], sums);
        assert_eq!(edited["poll"], before["poll"]);
        assert_eq!(carry(json!({ "reactions": [] }), &before)["reactions"], json!([]));
    }

    #[test]
    fn what_says_nothing_is_passed_over() {
        for event in [
            json!(null),
            json!({}),
            json!({ "message_id": "5" }),
            json!({ "message_id": "5", "user_id": "6" }),
        ] {
            assert!(Told::read(How::Added, &event).is_none(), "{event}");
        }
        assert!(Told::read(How::Cleared, &json!({ "message_id": "5" })).is_some());
    }
}
