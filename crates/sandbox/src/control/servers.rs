//! Making and changing servers, roles, channels and people.
//!
//! Unless a body or query says `as`, the server's owner acts, who may do everything.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{self, Refusal, Reply, done};
use super::view;
use crate::Shared;
use crate::id::Id;
use crate::permissions::{self, Permissions};
use crate::world::World;

/// Who acts in a server.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Actor {
    /// Id or username; the owner otherwise.
    #[serde(rename = "as")]
    person: Option<String>,
}

impl Actor {
    fn in_guild(&self, world: &World, guild_id: Id) -> Result<Id, Refusal> {
        match &self.person {
            Some(named) => reply::person(world, named),
            None => Ok(world.guild(guild_id).ok_or(crate::error::UNKNOWN_GUILD)?.owner_id),
        }
    }

    fn in_channel(&self, world: &World, channel_id: Id) -> Result<Id, Refusal> {
        let channel = world.channel(channel_id).ok_or(crate::error::UNKNOWN_CHANNEL)?;
        let guild_id = channel.guild_id.ok_or(crate::error::DM_CHANNEL)?;
        self.in_guild(world, guild_id)
    }
}

/// `GET /control/people`.
pub(crate) async fn people(State(shared): State<Shared>) -> Json<Value> {
    Json(view::people_json(&shared.world()).into())
}

/// Body of `POST /control/people`.
#[derive(Debug, Deserialize)]
pub(crate) struct NewPerson {
    username: String,
    global_name: Option<String>,
    /// Servers to join at once, by id or name.
    #[serde(default)]
    guilds: Vec<String>,
}

/// `POST /control/people`.
pub(crate) async fn create_person(
    State(shared): State<Shared>,
    Json(new): Json<NewPerson>,
) -> Reply {
    let mut world = shared.world();
    let sound = (2..=32).contains(&new.username.len())
        && new
            .username
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._".contains(&b));
    if !sound {
        return Err(Refusal::misuse("username: 2 to 32 of a-z, 0-9, dot and underscore."));
    }
    if world.user_by_name(&new.username).is_some() {
        return Err(Refusal::misuse(format!("There is already a person called {}.", new.username)));
    }
    let guilds = new
        .guilds
        .iter()
        .map(|named| reply::guild(&world, named).map(|guild| guild.id))
        .collect::<Result<Vec<Id>, Refusal>>()?;
    let id = world.create_user(&new.username, new.global_name.as_deref().unwrap_or(&new.username));
    for guild_id in guilds {
        world.join_guild(id, guild_id)?;
    }
    Ok(Json(world.user_json(id)))
}

/// Body of `PATCH /control/people/{person}`.
#[derive(Debug, Deserialize)]
pub(crate) struct PersonChange {
    global_name: Option<String>,
    dms_open: Option<bool>,
    avatar: Option<String>,
    locale: Option<String>,
}

/// `PATCH /control/people/{person}`: display name, avatar hash, locale, open or closed direct messages.
pub(crate) async fn edit_person(
    State(shared): State<Shared>,
    Path(named): Path<String>,
    Json(change): Json<PersonChange>,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &named)?;
    if let Some(open) = change.dms_open {
        world.set_dms_open(id, open);
    }
    if change.global_name.is_some() || change.avatar.is_some() || change.locale.is_some() {
        world.edit_user(id, |user| {
            if let Some(name) = change.global_name {
                user.global_name = Some(name);
            }
            if let Some(hash) = change.avatar {
                user.avatar = Some(hash);
            }
            if let Some(locale) = change.locale {
                user.locale = locale;
            }
        });
    }
    Ok(Json(world.user_json(id)))
}

/// `PUT /control/people/{person}/guilds/{guild}`: the person joins.
pub(crate) async fn join(
    State(shared): State<Shared>,
    Path((person, guild)): Path<(String, String)>,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    let guild_id = reply::guild(&world, &guild)?.id;
    world.join_guild(id, guild_id)?;
    Ok(done())
}

/// `DELETE /control/people/{person}/guilds/{guild}`: the person leaves.
pub(crate) async fn leave(
    State(shared): State<Shared>,
    Path((person, guild)): Path<(String, String)>,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    let guild_id = reply::guild(&world, &guild)?.id;
    world.leave_guild(id, guild_id)?;
    Ok(done())
}

/// `DELETE /control/people/{person}/authorization`: takes back what the person granted by OAuth2.
pub(crate) async fn deauthorize(State(shared): State<Shared>, Path(person): Path<String>) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    let applications: Vec<Id> = world.applications().map(|application| application.id).collect();
    let ended: usize =
        applications.into_iter().map(|app| crate::oauth::deauthorize(&mut world, app, id)).sum();
    Ok(Json(json!({"tokens_ended": ended})))
}

/// Body of `POST /control/guilds`.
#[derive(Debug, Deserialize)]
pub(crate) struct NewGuild {
    name: String,
    /// Owner's id or username.
    owner: String,
    /// Others who join at once.
    #[serde(default)]
    members: Vec<String>,
    /// Text channels to make at once.
    #[serde(default)]
    channels: Vec<String>,
    /// Adds the bot with these permissions (a decimal string).
    bot_permissions: Option<String>,
}

/// `POST /control/guilds`.
pub(crate) async fn create_guild(State(shared): State<Shared>, Json(new): Json<NewGuild>) -> Reply {
    let mut world = shared.world();
    let owner = reply::person(&world, &new.owner)?;
    let members = new
        .members
        .iter()
        .map(|named| reply::person(&world, named))
        .collect::<Result<Vec<Id>, Refusal>>()?;
    let permissions = new.bot_permissions.as_deref().map(bits).transpose()?;
    let guild_id = world.create_guild(owner, &new.name);
    for member in members {
        world.join_guild(member, guild_id)?;
    }
    for name in &new.channels {
        world.create_channel(owner, guild_id, &json!({"name": name, "type": 0}))?;
    }
    if let Some(permissions) = permissions {
        let application_id = reply::application(&world, None)?;
        world.add_bot(owner, guild_id, application_id, permissions)?;
    }
    let guild = world.guild(guild_id).ok_or(crate::error::UNKNOWN_GUILD)?;
    Ok(Json(world.guild_json(guild, true)))
}

/// `PATCH /control/guilds/{guild}`: Discord's body for changing a server.
pub(crate) async fn edit_guild(
    State(shared): State<Shared>,
    Path(guild): Path<String>,
    Query(actor): Query<Actor>,
    Json(body): Json<Value>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    Ok(Json(world.edit_guild(actor, guild_id, &body)?))
}

/// `DELETE /control/guilds/{guild}`.
pub(crate) async fn delete_guild(State(shared): State<Shared>, Path(guild): Path<String>) -> Reply {
    let mut world = shared.world();
    let guild = reply::guild(&world, &guild)?;
    let (guild_id, owner) = (guild.id, guild.owner_id);
    world.delete_guild(owner, guild_id)?;
    Ok(done())
}

/// Body of `PUT /control/guilds/{guild}/outage`.
#[derive(Debug, Deserialize)]
pub(crate) struct Outage {
    unavailable: bool,
}

/// `PUT /control/guilds/{guild}/outage`: plays an outage of the server, or its end.
pub(crate) async fn set_outage(
    State(shared): State<Shared>,
    Path(guild): Path<String>,
    Json(outage): Json<Outage>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    world.set_guild_unavailable(guild_id, outage.unavailable)?;
    Ok(done())
}

/// Body of `PUT /control/guilds/{guild}/bot`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct BotInvitation {
    /// A decimal string; without it, the bot's role gives nothing.
    permissions: Option<String>,
    application_id: Option<Id>,
}

/// `PUT /control/guilds/{guild}/bot`: adds the bot as the invite page does, or changes its role.
pub(crate) async fn add_bot(
    State(shared): State<Shared>,
    Path(guild): Path<String>,
    Query(actor): Query<Actor>,
    Json(invitation): Json<BotInvitation>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    let application_id = reply::application(&world, invitation.application_id)?;
    let permissions = invitation.permissions.as_deref().map_or(Ok(0), bits)?;
    world.add_bot(actor, guild_id, application_id, permissions)?;
    Ok(done())
}

/// `DELETE /control/guilds/{guild}/bot`: kicks the bot.
pub(crate) async fn remove_bot(
    State(shared): State<Shared>,
    Path(guild): Path<String>,
    Query(actor): Query<Actor>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    let application_id = reply::application(&world, None)?;
    world.remove_bot(actor, guild_id, application_id)?;
    Ok(done())
}

/// `POST /control/guilds/{guild}/roles`: Discord's body for a new role.
pub(crate) async fn create_role(
    State(shared): State<Shared>,
    Path(guild): Path<String>,
    Query(actor): Query<Actor>,
    Json(body): Json<Value>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    Ok(Json(world.create_role(actor, guild_id, &body)?))
}

/// `PATCH /control/guilds/{guild}/roles/{role}`.
pub(crate) async fn edit_role(
    State(shared): State<Shared>,
    Path((guild, role)): Path<(String, Id)>,
    Query(actor): Query<Actor>,
    Json(body): Json<Value>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    Ok(Json(world.edit_role(actor, guild_id, role, &body)?))
}

/// `DELETE /control/guilds/{guild}/roles/{role}`.
pub(crate) async fn delete_role(
    State(shared): State<Shared>,
    Path((guild, role)): Path<(String, Id)>,
    Query(actor): Query<Actor>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    world.delete_role(actor, guild_id, role)?;
    Ok(done())
}

/// `PATCH /control/guilds/{guild}/members/{person}`: nickname, roles, timeout, in Discord's body.
pub(crate) async fn edit_member(
    State(shared): State<Shared>,
    Path((guild, person)): Path<(String, String)>,
    Query(actor): Query<Actor>,
    Json(body): Json<Value>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    let user_id = reply::person(&world, &person)?;
    Ok(Json(world.edit_member(actor, guild_id, user_id, &body)?))
}

/// `DELETE /control/guilds/{guild}/members/{person}`: kicks.
pub(crate) async fn kick(
    State(shared): State<Shared>,
    Path((guild, person)): Path<(String, String)>,
    Query(actor): Query<Actor>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    let user_id = reply::person(&world, &person)?;
    world.kick(actor, guild_id, user_id)?;
    Ok(done())
}

/// Body of `PUT /control/guilds/{guild}/bans/{person}`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Ban {
    /// Shown in the list of bans.
    reason: Option<String>,
    /// The person's messages of this many last seconds disappear; at most 7 days.
    #[serde(default)]
    delete_message_seconds: i64,
}

/// `PUT /control/guilds/{guild}/bans/{person}`: bans, whether they are a member or not.
pub(crate) async fn ban(
    State(shared): State<Shared>,
    Path((guild, person)): Path<(String, String)>,
    Query(actor): Query<Actor>,
    Json(ban): Json<Ban>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    let user_id = reply::person(&world, &person)?;
    world.ban(actor, guild_id, user_id, ban.delete_message_seconds, ban.reason)?;
    Ok(done())
}

/// `DELETE /control/guilds/{guild}/bans/{person}`.
pub(crate) async fn unban(
    State(shared): State<Shared>,
    Path((guild, person)): Path<(String, String)>,
    Query(actor): Query<Actor>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    let user_id = reply::person(&world, &person)?;
    world.unban(actor, guild_id, user_id)?;
    Ok(done())
}

/// Body of `POST /control/crowd`.
#[derive(Debug, Deserialize)]
pub(crate) struct Crowd {
    count: usize,
}

/// `POST /control/crowd`: many servers at once, for load; each with a support role, a category for tickets
/// and two channels. Answers their ids.
pub(crate) async fn add_crowd(State(shared): State<Shared>, Json(crowd): Json<Crowd>) -> Reply {
    if crowd.count > 2_000 {
        return Err(Refusal::misuse("count: at most 2000 at once."));
    }
    let added = shared.world().add_crowd(crowd.count);
    let list = added.iter().map(|server| {
        json!({
            "guild": server.guild, "support_role": server.support_role, "tickets": server.tickets,
            "general": server.general, "transcripts": server.transcripts,
        })
    });
    Ok(Json(list.collect()))
}

/// Gives (`PUT`) a role to a member, at `/control/guilds/{guild}/members/{person}/roles/{role}`.
pub(crate) async fn give_role(
    state: State<Shared>,
    path: Path<(String, String, Id)>,
    actor: Query<Actor>,
) -> Reply {
    set_role(&state.0, path.0, &actor.0, true)
}

/// Takes (`DELETE`) a role from a member.
pub(crate) async fn take_role(
    state: State<Shared>,
    path: Path<(String, String, Id)>,
    actor: Query<Actor>,
) -> Reply {
    set_role(&state.0, path.0, &actor.0, false)
}

fn set_role(
    shared: &Shared,
    (guild, person, role): (String, String, Id),
    actor: &Actor,
    give: bool,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    let user_id = reply::person(&world, &person)?;
    world.set_member_role(actor, guild_id, user_id, role, give)?;
    Ok(done())
}

/// `POST /control/guilds/{guild}/channels`: Discord's body for a new channel.
pub(crate) async fn create_channel(
    State(shared): State<Shared>,
    Path(guild): Path<String>,
    Query(actor): Query<Actor>,
    Json(body): Json<Value>,
) -> Reply {
    let mut world = shared.world();
    let guild_id = reply::guild(&world, &guild)?.id;
    let actor = actor.in_guild(&world, guild_id)?;
    Ok(Json(world.create_channel(actor, guild_id, &body)?))
}

/// `GET /control/channels/{channel}`.
pub(crate) async fn channel(State(shared): State<Shared>, Path(channel_id): Path<Id>) -> Reply {
    let world = shared.world();
    let channel = world.channel(channel_id).ok_or(crate::error::UNKNOWN_CHANNEL)?;
    Ok(Json(world.channel_json(channel, None)))
}

/// `PATCH /control/channels/{channel}`.
pub(crate) async fn edit_channel(
    State(shared): State<Shared>,
    Path(channel_id): Path<Id>,
    Query(actor): Query<Actor>,
    Json(body): Json<Value>,
) -> Reply {
    let mut world = shared.world();
    let actor = actor.in_channel(&world, channel_id)?;
    Ok(Json(world.edit_channel(actor, channel_id, &body)?))
}

/// `DELETE /control/channels/{channel}`.
pub(crate) async fn delete_channel(
    State(shared): State<Shared>,
    Path(channel_id): Path<Id>,
    Query(actor): Query<Actor>,
) -> Reply {
    let mut world = shared.world();
    let actor = actor.in_channel(&world, channel_id)?;
    Ok(Json(world.delete_channel(actor, channel_id)?))
}

/// `PUT /control/channels/{channel}/overwrites/{target}`: Discord's body, `type`, `allow`, `deny`.
pub(crate) async fn set_overwrite(
    State(shared): State<Shared>,
    Path((channel_id, target)): Path<(Id, Id)>,
    Query(actor): Query<Actor>,
    Json(body): Json<Value>,
) -> Reply {
    let mut world = shared.world();
    let actor = actor.in_channel(&world, channel_id)?;
    world.set_overwrite(actor, channel_id, target, &body)?;
    Ok(done())
}

/// `DELETE /control/channels/{channel}/overwrites/{target}`.
pub(crate) async fn delete_overwrite(
    State(shared): State<Shared>,
    Path((channel_id, target)): Path<(Id, Id)>,
    Query(actor): Query<Actor>,
) -> Reply {
    let mut world = shared.world();
    let actor = actor.in_channel(&world, channel_id)?;
    world.delete_overwrite(actor, channel_id, target)?;
    Ok(done())
}

fn bits(text: &str) -> Result<Permissions, Refusal> {
    text.parse::<Permissions>()
        .map(|bits| bits & permissions::ALL)
        .map_err(|_| Refusal::misuse("Permissions are a decimal number in a string."))
}
