//! Pressing, choosing, filling forms, running commands, as a person; and what became of it.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::reply::{self, Refusal, Reply};
use crate::Shared;
use crate::error;
use crate::id::Id;
use crate::world::World;
use crate::world::interaction::Interaction;

/// Body of `POST /control/people/{person}/interactions`.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Act {
    /// Presses a button.
    Button {
        /// Where the message is.
        channel_id: Id,
        /// The message with the button.
        message_id: Id,
        /// The button's.
        custom_id: String,
    },
    /// Chooses in a select of any kind.
    Select {
        /// Where the message is.
        channel_id: Id,
        /// The message with the select.
        message_id: Id,
        /// The select's.
        custom_id: String,
        /// Option values, or ids of people, roles and channels.
        values: Vec<String>,
    },
    /// Sends a filled modal.
    Modal {
        /// The interaction that opened it.
        interaction_id: Id,
        /// What was given, field by field.
        components: Vec<Answer>,
    },
    /// Closes a modal without sending it.
    Dismiss {
        /// The interaction that opened it.
        interaction_id: Id,
    },
    /// Runs a slash command.
    Command {
        /// Where.
        channel_id: Id,
        /// Name with subcommands, separated by spaces.
        command: String,
        /// Values by name.
        #[serde(default)]
        options: Map<String, Value>,
    },
    /// Types in an option that completes itself.
    Autocomplete {
        /// Where.
        channel_id: Id,
        /// Name with subcommands, separated by spaces.
        command: String,
        /// Values by name, the one being typed included.
        #[serde(default)]
        options: Map<String, Value>,
        /// Name of the option being typed.
        focused: String,
    },
}

/// What a person gave in one field of a modal.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    custom_id: String,
    /// The text of a text input.
    value: Option<Value>,
    /// What was chosen in a select.
    values: Option<Value>,
}

/// Whether to answer at once.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Patience {
    /// `false`: do not wait for the bot.
    wait: Option<bool>,
}

/// `POST /control/people/{person}/interactions`: answers when the bot has acknowledged it or has failed to.
pub(crate) async fn interact(
    State(shared): State<Shared>,
    Path(person): Path<String>,
    Query(patience): Query<Patience>,
    Json(act): Json<Act>,
) -> Reply {
    let id = {
        let mut world = shared.world();
        let person = reply::person(&world, &person)?;
        match start(&mut world, person, act)? {
            Some(id) => id,
            None => return Ok(reply::done()),
        }
    };
    if patience.wait != Some(false) {
        // When the bot and the clock both stand still, the answer says "waiting".
        shared.first_answer(id).await;
    }
    let world = shared.world();
    let interaction = world.interaction(id).ok_or(error::UNKNOWN_INTERACTION)?;
    Ok(Json(interaction_json(&world, interaction)))
}

fn start(world: &mut World, person: Id, act: Act) -> Result<Option<Id>, Refusal> {
    let id = match act {
        Act::Button { channel_id, message_id, custom_id } => {
            world.press(person, channel_id, message_id, &custom_id, &[])?
        }
        Act::Select { channel_id, message_id, custom_id, values } => {
            world.press(person, channel_id, message_id, &custom_id, &values)?
        }
        Act::Modal { interaction_id, components } => {
            let answers = components
                .into_iter()
                .map(|it| (it.custom_id, it.value.or(it.values).unwrap_or_default()))
                .collect();
            world.submit_modal(person, interaction_id, &answers)?
        }
        Act::Dismiss { interaction_id } => {
            world.dismiss_modal(person, interaction_id);
            return Ok(None);
        }
        Act::Command { channel_id, command, options } => {
            let (name, options) = nested(&command, options, None);
            world.run_command(person, channel_id, &name, &options)?
        }
        Act::Autocomplete { channel_id, command, options, focused } => {
            let (name, options) = nested(&command, options, Some(&focused));
            world.autocomplete(person, channel_id, &name, &options)?
        }
    };
    Ok(Some(id))
}

/// "ticket close" with values by name, as Discord nests it: the command's name and its list of options.
fn nested(
    command: &str,
    options: Map<String, Value>,
    focused: Option<&str>,
) -> (String, Vec<Value>) {
    let mut words = command.split_whitespace();
    let name = words.next().unwrap_or_default().to_owned();
    let leaves: Vec<Value> = options
        .into_iter()
        .map(|(name, value)| {
            let mut option = json!({"name": name, "value": value});
            if focused == Some(&name) {
                option["focused"] = json!(true);
            }
            option
        })
        .collect();
    let nested =
        words.rev().fold(leaves, |inner, word| vec![json!({"name": word, "options": inner})]);
    (name, nested)
}

/// An interaction: who, what, and its state with the message that answers, when there is one.
pub(crate) fn interaction_json(world: &World, interaction: &Interaction) -> Value {
    let mut value = json!({
        "id": interaction.id, "type": interaction.kind, "application_id": interaction.application_id,
        "user_id": interaction.user_id, "channel_id": interaction.channel_id,
        "guild_id": interaction.guild_id, "message_id": interaction.message_id,
        "created_at": interaction.created_at, "answered_at": interaction.answered_at,
        "data": interaction.data,
    });
    if let (Value::Object(all), Value::Object(fate)) = (&mut value, interaction.fate.to_json()) {
        // The message of an update is the one that was pressed, so nothing is lost by the same name.
        all.extend(fate);
    }
    // Modals and choices come as {"…": …} under their own name; flatten choices to a list.
    if let Some(choices) = value["choices"].get("choices").cloned() {
        value["choices"] = choices;
    }
    let shown = |id: &Id| {
        world
            .message(interaction.channel_id, *id)
            .map(|message| world.message_json(message, Some(interaction.user_id)))
    };
    value["messages"] = interaction.messages.iter().filter_map(shown).collect();
    value["message"] = interaction.original.as_ref().and_then(shown).unwrap_or(Value::Null);
    value
}

/// Which interactions to list.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filter {
    /// Only newer ones.
    after: Option<Id>,
    /// Only of this person.
    person: Option<String>,
}

/// `GET /control/interactions`: oldest first.
pub(crate) async fn list(State(shared): State<Shared>, Query(filter): Query<Filter>) -> Reply {
    let world = shared.world();
    let person = filter.person.as_deref().map(|named| reply::person(&world, named)).transpose()?;
    let list: Vec<Value> = world
        .interactions
        .values()
        .filter(|it| filter.after.is_none_or(|after| it.id > after))
        .filter(|it| person.is_none_or(|person| it.user_id == person))
        .map(|it| interaction_json(&world, it))
        .collect();
    Ok(Json(list.into()))
}

/// `GET /control/interactions/{interaction}`.
pub(crate) async fn one(State(shared): State<Shared>, Path(id): Path<Id>) -> Reply {
    let world = shared.world();
    let interaction = world.interaction(id).ok_or(error::UNKNOWN_INTERACTION)?;
    Ok(Json(interaction_json(&world, interaction)))
}

/// Where commands are asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Place {
    channel_id: Id,
}

/// `GET /control/people/{person}/commands?channel_id=`: what the person may run there.
pub(crate) async fn commands(
    State(shared): State<Shared>,
    Path(person): Path<String>,
    Query(place): Query<Place>,
) -> Reply {
    let world = shared.world();
    let id = reply::person(&world, &person)?;
    world.visible_channel(place.channel_id, id)?;
    Ok(Json(world.commands_for(id, place.channel_id).into()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::nested;

    #[test]
    fn words_of_a_command_nest_as_discord_nests_them() {
        let options = Map::from_iter([("reason".to_owned(), json!("Done"))]);
        let (name, options) = nested("ticket close", options, Some("reason"));
        assert_eq!(name, "ticket");
        let leaf = json!({"name": "reason", "value": "Done", "focused": true});
        assert_eq!(options, [json!({"name": "close", "options": [leaf]})]);
    }
}
