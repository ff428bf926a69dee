//! `GET /control/wait`: answers when a condition holds, so that no test sleeps for luck.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior};

use super::reply::{self, Refusal, Reply};
use crate::Shared;
use crate::id::Id;
use crate::stripe::control::wait as stripe;
use crate::world::World;
use crate::world::model::{Channel, Message, channel_type};

const DEFAULT_TIMEOUT_MS: u64 = 10_000;
const LONGEST_TIMEOUT_MS: u64 = 60_000;
/// Some conditions change without an event (a gateway session that connects): look this often as well.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What to wait for. Every parameter that is given has to hold.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Condition {
    /// `message`, `no_message`, `channel`, `no_channel`, `member`, `no_member`, `interaction`, `session`,
    /// `no_session`, `stripe_event`, `stripe_delivery`, `stripe_idle`.
    #[serde(rename = "for")]
    what: String,
    /// Channel id, or a name with `*` for any run of characters. Without it, any channel.
    channel: Option<String>,
    /// Server id or name.
    guild: Option<String>,
    /// Person (id or username): for messages, only direct messages of this person; for members, who.
    person: Option<String>,
    /// Somewhere in the message's text, embeds or components, ignoring case.
    text: Option<String>,
    /// Author's id or username.
    author: Option<String>,
    /// Message id, or interaction id.
    id: Option<Id>,
    /// Only messages or interactions newer than this id.
    after: Option<Id>,
    /// For `message`: only those that just one person sees, or only the others.
    ephemeral: Option<bool>,
    /// For `member`: role id or name that they have (`no_member`: have not).
    role: Option<String>,
    /// For `interaction`: the state waited for; without it, any but `waiting`. For `stripe_delivery`: the same
    /// of a delivery; without it, any but `held` and `waiting`; `any` for all.
    pub(crate) state: Option<String>,
    /// For `stripe_event` and `stripe_delivery`: the event's id, or its type, with `*`.
    pub(crate) event: Option<String>,
    /// For `stripe_event` and `stripe_delivery`: the id of the object that the event is about.
    pub(crate) object: Option<String>,
    /// For `stripe_delivery`: at least so many attempts.
    pub(crate) attempts: Option<usize>,
    /// At most this long, 60000 at most.
    timeout_ms: Option<u64>,
}

/// Waits. 408 with the condition when the time is up.
pub(crate) async fn wait(
    State(shared): State<Shared>,
    Query(condition): Query<Condition>,
) -> Reply {
    let millis = condition.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS).min(LONGEST_TIMEOUT_MS);
    let until = Instant::now() + Duration::from_millis(millis);
    // Listen first, look then: nothing can happen in between.
    let (mut feed, mut interactions, mut payments) = {
        let world = shared.world();
        (world.subscribe(), world.watch_interactions(), world.stripe.webhooks.watch())
    };
    let mut tick = tokio::time::interval(LOOK_AGAIN);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        if let Some(found) = look(&shared.world(), &condition)? {
            return Ok(Json(found));
        }
        tokio::select! {
            () = tokio::time::sleep_until(until) => {
                let words = format!("Waited {millis} ms in vain for: {condition:?}");
                return Err(Refusal::own(StatusCode::REQUEST_TIMEOUT, json!({"message": words, "code": 0})));
            }
            () = shared.stopped() => {
                let words = "The sandbox stopped.";
                return Err(Refusal::own(StatusCode::SERVICE_UNAVAILABLE, json!({"message": words, "code": 0})));
            }
            // Falling behind the feed is no harm: the world is looked at, not the event.
            _ = feed.recv() => {}
            _ = interactions.changed() => {}
            _ = payments.changed() => {}
            _ = tick.tick() => {}
        }
    }
}

/// Looks once: what was found, `None` for not yet.
fn look(world: &World, condition: &Condition) -> Result<Option<Value>, Refusal> {
    let gone = |found: Option<Value>| found.is_none().then(|| json!({"gone": true}));
    Ok(match condition.what.as_str() {
        "message" => message(world, condition)?,
        "no_message" => gone(message(world, condition)?),
        "channel" => {
            channels(world, condition)?.first().map(|channel| world.channel_json(channel, None))
        }
        "no_channel" => gone(
            channels(world, condition)?.first().map(|channel| world.channel_json(channel, None)),
        ),
        "member" => member(world, condition)?,
        "no_member" => gone(member(world, condition)?),
        "interaction" => interaction(world, condition)?,
        "session" => session(world),
        "no_session" => gone(session(world)),
        "stripe_event" => stripe::event(world, condition),
        "stripe_delivery" => stripe::delivery(world, condition),
        "stripe_idle" => stripe::idle(world),
        other => {
            return Err(Refusal::misuse(format!(
                "for={other} is not known. Known: message, no_message, channel, no_channel, member, \
                 no_member, interaction, session, no_session, stripe_event, stripe_delivery, stripe_idle."
            )));
        }
    })
}

fn channels<'w>(world: &'w World, condition: &Condition) -> Result<Vec<&'w Channel>, Refusal> {
    let guild = condition.guild.as_deref().map(|named| reply::guild(world, named)).transpose()?;
    let mut found: Vec<&Channel> = world
        .channels
        .values()
        .filter(|channel| guild.is_none_or(|guild| channel.guild_id == Some(guild.id)))
        .filter(|channel| match condition.channel.as_deref() {
            None => true,
            Some(named) => named == channel.id.to_string() || fits(named, &channel.name),
        })
        .collect();
    found.sort_by_key(|channel| channel.id);
    Ok(found)
}

fn message(world: &World, condition: &Condition) -> Result<Option<Value>, Refusal> {
    let person =
        condition.person.as_deref().map(|named| reply::person(world, named)).transpose()?;
    let author = condition.author.as_deref().map(|named| author(world, named)).transpose()?;
    let fits = |message: &&Message| {
        condition.id.is_none_or(|id| message.id == id)
            && condition.after.is_none_or(|after| message.id > after)
            && author.is_none_or(|author| message.author.id() == author)
            && condition.ephemeral.is_none_or(|only| message.ephemeral_for.is_some() == only)
            && condition.text.as_deref().is_none_or(|text| holds(world, message, text))
    };
    Ok(channels(world, condition)?
        .into_iter()
        .filter(|channel| match person {
            None => true,
            Some(id) => channel.kind == channel_type::DM && channel.recipients.contains(&id),
        })
        .flat_map(|channel| channel.messages.values())
        .filter(fits)
        .max_by_key(|message| message.id)
        .map(|message| world.message_json(message, person)))
}

/// Whether a text stands in what a reader sees of a message.
fn holds(world: &World, message: &Message, text: &str) -> bool {
    let shown = world.message_json(message, None);
    let wanted = text.to_lowercase();
    ["content", "embeds", "components", "attachments"]
        .iter()
        .any(|part| in_texts(&shown[part], &wanted))
}

fn in_texts(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text.to_lowercase().contains(wanted),
        Value::Array(items) => items.iter().any(|item| in_texts(item, wanted)),
        Value::Object(fields) => fields.values().any(|field| in_texts(field, wanted)),
        _ => false,
    }
}

fn author(world: &World, named: &str) -> Result<Id, Refusal> {
    let user = named.parse().ok().or_else(|| world.user_by_name(named).map(|user| user.id));
    Ok(user.ok_or(crate::error::UNKNOWN_USER)?)
}

fn member(world: &World, condition: &Condition) -> Result<Option<Value>, Refusal> {
    let named = condition.guild.as_deref().ok_or_else(|| Refusal::misuse("guild is missing."))?;
    let guild = reply::guild(world, named)?;
    let named = condition.person.as_deref().ok_or_else(|| Refusal::misuse("person is missing."))?;
    let id = author(world, named)?;
    let role = |named: &str| {
        guild.roles.values().find(|role| role.id.to_string() == named || role.name == named)
    };
    Ok(guild
        .members
        .get(&id)
        .filter(|member| match condition.role.as_deref() {
            None => true,
            Some(named) => role(named).is_some_and(|role| member.roles.contains(&role.id)),
        })
        .map(|member| world.member_json(member)))
}

fn interaction(world: &World, condition: &Condition) -> Result<Option<Value>, Refusal> {
    let person =
        condition.person.as_deref().map(|named| reply::person(world, named)).transpose()?;
    Ok(world
        .interactions
        .values()
        .rev()
        .filter(|it| condition.id.is_none_or(|id| it.id == id))
        .filter(|it| condition.after.is_none_or(|after| it.id > after))
        .filter(|it| person.is_none_or(|person| it.user_id == person))
        .map(|it| super::interactions::interaction_json(world, it))
        .find(|it| match condition.state.as_deref() {
            Some(state) => it["state"] == state,
            None => it["state"] != "waiting",
        }))
}

fn session(world: &World) -> Option<Value> {
    let connected = super::gateway::connected(world);
    (connected > 0).then(|| json!({"sessions": connected}))
}

/// Whether a name fits a pattern in which `*` stands for any run of characters.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        for (pattern, name) in [
            ("general", "general"),
            ("ticket-*", "ticket-0001-mia"),
            ("ticket-*-mia", "ticket-0001-mia"),
            ("*-mia", "ticket-0001-mia"),
            ("*", ""),
            ("*00*1*", "ticket-0001-mia"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("general", "general-2"), ("ticket-*-mia", "ticket-mia"), ("a*a", "a")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
