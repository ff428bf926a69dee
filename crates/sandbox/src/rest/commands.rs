//! Application commands.

use super::call::{Answer, Call, Reply, nothing, ok};
use super::{Route, bot};
use crate::error::{self, ApiError};
use crate::id::Id;
use crate::world::World;

pub(super) const ROUTES: &[Route] = &[
    bot("GET", "/applications/{application_id}/commands", list),
    bot("POST", "/applications/{application_id}/commands", create),
    bot("PUT", "/applications/{application_id}/commands", overwrite),
    bot("GET", "/applications/{application_id}/commands/{command_id}", get),
    bot("PATCH", "/applications/{application_id}/commands/{command_id}", edit),
    bot("DELETE", "/applications/{application_id}/commands/{command_id}", delete),
    bot("GET", "/applications/{application_id}/guilds/{guild_id}/commands", list),
    bot("POST", "/applications/{application_id}/guilds/{guild_id}/commands", create),
    bot("PUT", "/applications/{application_id}/guilds/{guild_id}/commands", overwrite),
    bot("GET", "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}", get),
    bot("PATCH", "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}", edit),
    bot("DELETE", "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}", delete),
];

/// The application and, for commands of a server, the server, which the bot must be in.
fn scope(world: &World, call: &Call) -> Result<(Id, Option<Id>), ApiError> {
    let application = call.own_application()?;
    if call.text("guild_id").is_empty() {
        return Ok((application, None));
    }
    let guild = call.id("guild_id")?;
    let inside = world.guild(guild).is_some_and(|guild| guild.members.contains_key(&call.actor()));
    if inside { Ok((application, Some(guild))) } else { Err(error::MISSING_ACCESS.into()) }
}

fn list(world: &mut World, call: &mut Call) -> Answer {
    let (application, guild) = scope(world, call)?;
    ok(world.commands(application, guild))
}

fn create(world: &mut World, call: &mut Call) -> Answer {
    let (application, guild) = scope(world, call)?;
    let (command, made) = world.put_command(application, guild, &call.body)?;
    Ok(Reply { status: if made { 201 } else { 200 }, body: Some(command) })
}

fn overwrite(world: &mut World, call: &mut Call) -> Answer {
    let (application, guild) = scope(world, call)?;
    ok(world.put_commands(application, guild, &call.body)?)
}

fn get(world: &mut World, call: &mut Call) -> Answer {
    let (application, guild) = scope(world, call)?;
    ok(world.command(application, guild, call.id("command_id")?)?)
}

fn edit(world: &mut World, call: &mut Call) -> Answer {
    let (application, guild) = scope(world, call)?;
    ok(world.edit_command(application, guild, call.id("command_id")?, &call.body)?)
}

fn delete(world: &mut World, call: &mut Call) -> Answer {
    let (application, guild) = scope(world, call)?;
    world.delete_command(application, guild, call.id("command_id")?)?;
    nothing()
}
