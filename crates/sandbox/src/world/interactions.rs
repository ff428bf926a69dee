//! Interactions from the person's side: pressing, selecting, filling, running.

use serde_json::{Map, Value, json};

use super::World;
use super::components;
use super::events::Scope;
use super::fields;
use super::interaction::{
    FIRST_ANSWER_MS, Fate, Interaction, TOKEN_LIFE_MS, interaction_type as kind,
};
use super::model::{Author, Message};
use super::render::role_json;
use crate::error::{self, ApiError, FormErrors};
use crate::id::Id;
use crate::permissions as p;

impl World {
    /// A person presses a button or chooses in a select (`values`: option values or ids). Returns the
    /// interaction; [`Interaction::fate`] says later what became of it.
    pub fn press(
        &mut self,
        person: Id,
        channel_id: Id,
        message_id: Id,
        custom_id: &str,
        values: &[String],
    ) -> Result<Id, ApiError> {
        self.visible_channel(channel_id, person)?;
        let message = self
            .message(channel_id, message_id)
            .filter(|message| message.ephemeral_for.is_none_or(|id| id == person))
            .ok_or(error::UNKNOWN_MESSAGE)?
            .clone();
        let application_id = self.application_of(&message).ok_or(error::UNKNOWN_APPLICATION)?;
        let component = components::find(&message.components, custom_id);
        let unknown = || {
            ApiError::field(
                "data.custom_id",
                "COMPONENT_VALIDATION_FAILED",
                "Component validation failed",
            )
        };
        let component = component.ok_or_else(unknown)?;
        if fields::flag(component, "disabled") == Some(true) {
            return Err(unknown());
        }
        let component_type = fields::int(component, "type").unwrap_or(2);
        let mut data = json!({"custom_id": custom_id, "component_type": component_type,
            "id": component["id"]});
        if component_type != 2 {
            check_values(component, values)?;
            data["values"] = json!(values);
            if component_type != 3 {
                let ids = values.iter().filter_map(|value| value.parse().ok()).collect::<Vec<Id>>();
                data["resolved"] = self.resolved(message.guild_id, channel_id, &ids);
            }
        }
        let metadata = json!({"type": kind::COMPONENT, "interacted_message_id": message_id});
        let shown = self.message_json(&message, None);
        let id = self.start(Start {
            kind: kind::COMPONENT,
            application_id,
            person,
            channel_id,
            message: Some((message_id, shown)),
            data,
            metadata,
        });
        Ok(id)
    }

    /// The application that a message's components belong to.
    fn application_of(&self, message: &Message) -> Option<Id> {
        message.application_id.or_else(|| match &message.author {
            Author::User(id) => self.application_by_bot(*id).map(|application| application.id),
            Author::Webhook { .. } => None,
        })
    }

    /// A person sends a modal that an earlier interaction opened. `answers` maps each field's `custom_id`
    /// to its text, or to a list of values for selects. 50035 for fields that break the modal's rules.
    pub fn submit_modal(
        &mut self,
        person: Id,
        opened_by: Id,
        answers: &Map<String, Value>,
    ) -> Result<Id, ApiError> {
        let opener = self.interactions.get(&opened_by).ok_or(error::UNKNOWN_INTERACTION)?;
        if opener.user_id != person {
            return Err(error::UNKNOWN_INTERACTION.into());
        }
        let modal = opener.modal.clone().ok_or(error::UNKNOWN_INTERACTION)?;
        let (application_id, channel_id, message_id) =
            (opener.application_id, opener.channel_id, opener.message_id);
        let triggering = opener.metadata.clone();
        let mut form = FormErrors::default();
        let filled: Vec<Value> = fields::list(&modal, "components")
            .iter()
            .zip(1..)
            .map(|(component, id)| fill(component, id, answers, &mut form))
            .collect();
        form.check()?;
        let data = json!({"custom_id": modal["custom_id"], "components": filled});
        if let Some(opener) = self.interactions.get_mut(&opened_by) {
            opener.modal = None;
        }
        let metadata =
            json!({"type": kind::MODAL_SUBMIT, "triggering_interaction_metadata": triggering});
        let message = message_id.and_then(|id| {
            self.message(channel_id, id).map(|message| (id, self.message_json(message, None)))
        });
        Ok(self.start(Start {
            kind: kind::MODAL_SUBMIT,
            application_id,
            person,
            channel_id,
            message,
            data,
            metadata,
        }))
    }

    /// A person closes a modal without sending it. Discord tells the bot nothing.
    pub fn dismiss_modal(&mut self, person: Id, opened_by: Id) {
        if let Some(opener) = self.interactions.get_mut(&opened_by).filter(|i| i.user_id == person)
        {
            opener.modal = None;
        }
    }

    /// A person runs a command by name. `options` is Discord's list: `[{"name", "value"}]`, subcommands as
    /// `[{"name", "options": […]}]`; types come from the command. Required options are checked.
    pub fn run_command(
        &mut self,
        person: Id,
        channel_id: Id,
        name: &str,
        options: &[Value],
    ) -> Result<Id, ApiError> {
        self.command_interaction(person, channel_id, name, options, kind::COMMAND)
    }

    /// A person types in an option that completes itself; mark the option with `"focused": true`.
    pub fn autocomplete(
        &mut self,
        person: Id,
        channel_id: Id,
        name: &str,
        options: &[Value],
    ) -> Result<Id, ApiError> {
        self.command_interaction(person, channel_id, name, options, kind::AUTOCOMPLETE)
    }

    fn command_interaction(
        &mut self,
        person: Id,
        channel_id: Id,
        name: &str,
        options: &[Value],
        interaction_kind: u8,
    ) -> Result<Id, ApiError> {
        let channel = self.visible_channel(channel_id, person)?;
        let guild_id = channel.guild_id;
        let command = self
            .commands_for(person, channel_id)
            .into_iter()
            .find(|command| command["name"] == name)
            .ok_or(error::UNKNOWN_COMMAND)?;
        let application_id =
            fields::id(&command, "application_id").ok_or(error::UNKNOWN_APPLICATION)?;
        let mut form = FormErrors::default();
        let mut ids = Vec::new();
        let complete = interaction_kind == kind::COMMAND;
        let typed = typed_options(
            fields::list(&command, "options"),
            options,
            complete,
            &mut ids,
            &mut form,
        );
        form.check()?;
        let mut data = json!({"id": command["id"], "name": name, "type": command["type"]});
        if !typed.is_empty() {
            data["options"] = json!(typed);
        }
        if let Some(guild) = command.get("guild_id") {
            data["guild_id"] = guild.clone();
        }
        if !ids.is_empty() {
            data["resolved"] = self.resolved(guild_id, channel_id, &ids);
        }
        let metadata = json!({"type": kind::COMMAND, "name": name});
        Ok(self.start(Start {
            kind: interaction_kind,
            application_id,
            person,
            channel_id,
            message: None,
            data,
            metadata,
        }))
    }

    /// The things that ids in an interaction stand for.
    fn resolved(&self, guild_id: Option<Id>, channel_id: Id, ids: &[Id]) -> Value {
        let mut resolved = json!({});
        for id in ids {
            let key = id.to_string();
            if self.users.contains_key(id) {
                resolved["users"][&key] = self.user_json(*id);
                if let Some(member) =
                    guild_id.and_then(|guild| self.partial_member_json(guild, *id))
                {
                    resolved["members"][&key] = member;
                    let bits = self.channel_permissions(channel_id, *id).to_string();
                    resolved["members"][&key]["permissions"] = json!(bits);
                }
            } else if let Some(channel) = self.channels.get(id) {
                resolved["channels"][&key] = self.channel_json(channel, None);
            } else if let Some(role) = guild_id
                .and_then(|guild| self.guilds.get(&guild))
                .and_then(|guild| guild.roles.get(id))
            {
                resolved["roles"][&key] = role_json(role);
            }
        }
        resolved
    }

    fn start(&mut self, start: Start) -> Id {
        let Start { kind, application_id, person, channel_id, message, data, mut metadata } = start;
        let id = self.new_id();
        let token = format!("aW50ZXJhY3Rpb246{}", self.new_secret(160));
        let guild_id = self.channels.get(&channel_id).and_then(|channel| channel.guild_id);
        let owners = match guild_id {
            Some(guild_id) => json!({ "0": guild_id }),
            None => json!({ "0": "0" }),
        };
        metadata["id"] = json!(id);
        metadata["user"] = self.user_json(person);
        metadata["authorizing_integration_owners"] = owners.clone();
        let bot = self.applications.get(&application_id).map(|application| application.bot);
        let app_permissions = bot.map_or(0, |bot| self.channel_permissions(channel_id, bot));
        let locale =
            self.users.get(&person).map_or("en-US", |user| user.locale.as_str()).to_owned();
        let mut event = json!({
            "id": id, "application_id": application_id, "type": kind, "data": data, "token": token,
            "version": 1, "channel_id": channel_id, "locale": locale, "entitlements": [],
            "app_permissions": app_permissions.to_string(),
            "authorizing_integration_owners": owners, "attachment_size_limit": 10_485_760,
            "context": u8::from(guild_id.is_none()),
        });
        if let Some(channel) = self.channels.get(&channel_id) {
            event["channel"] = self.channel_json(channel, None);
            event["channel"]["permissions"] =
                json!(self.channel_permissions(channel_id, person).to_string());
        }
        if let Some(guild) = guild_id.and_then(|id| self.guilds.get(&id)) {
            event["guild_id"] = json!(guild.id);
            event["guild_locale"] = json!(guild.preferred_locale);
            event["guild"] =
                json!({"id": guild.id, "locale": guild.preferred_locale, "features": []});
            event["member"] =
                self.interaction_member_json(guild.id, channel_id, person).unwrap_or(Value::Null);
        } else {
            event["user"] = self.user_json(person);
        }
        let message_id = message.as_ref().map(|(id, _)| *id);
        if let Some((_, message)) = message {
            event["message"] = message;
        }
        self.interactions.insert(
            id,
            Interaction {
                id,
                token: token.clone(),
                kind,
                application_id,
                user_id: person,
                channel_id,
                guild_id,
                message_id,
                created_at: self.now(),
                answered_at: None,
                fate: Fate::Waiting,
                original: None,
                messages: Vec::new(),
                modal: None,
                metadata,
                data,
            },
        );
        self.interaction_tokens.insert(token, id);
        self.emit("INTERACTION_CREATE", Scope::Application(application_id, guild_id), event);
        id
    }

    /// Interactions that got no answer in 3 s fail; those whose token is dead are forgotten.
    pub(crate) fn expire_interactions(&mut self) {
        let now = self.now();
        let mut failed = false;
        for interaction in self.interactions.values_mut() {
            if interaction.fate.is_waiting() && interaction.created_at + FIRST_ANSWER_MS < now {
                interaction.fate = Fate::Failed;
                failed = true;
            }
        }
        let dead = |interaction: &Interaction| interaction.created_at + 2 * TOKEN_LIFE_MS < now;
        self.interaction_tokens.retain(|_, id| self.interactions.get(id).is_some_and(|i| !dead(i)));
        self.interactions.retain(|_, interaction| !dead(interaction));
        if failed {
            self.interaction_changed();
        }
    }

    /// What a person may press in a message that they see: whether they may use commands there is not asked,
    /// as Discord does not ask either.
    pub fn may_press(&self, person: Id, channel_id: Id) -> bool {
        self.channel_permissions(channel_id, person) & p::VIEW_CHANNEL != 0
    }
}

struct Start {
    kind: u8,
    application_id: Id,
    person: Id,
    channel_id: Id,
    message: Option<(Id, Value)>,
    data: Value,
    metadata: Value,
}

fn check_values(component: &Value, values: &[String]) -> Result<(), ApiError> {
    let bound = |key: &str| {
        fields::int(component, key).and_then(|bound| usize::try_from(bound).ok()).unwrap_or(1)
    };
    let options = fields::list(component, "options");
    let known = |value: &String| options.is_empty() || options.iter().any(|o| o["value"] == *value);
    let fits = (bound("min_values")..=bound("max_values")).contains(&values.len());
    if fits && values.iter().all(known) {
        return Ok(());
    }
    Err(ApiError::field(
        "data.values",
        "COMPONENT_VALIDATION_FAILED",
        "Component validation failed",
    ))
}

/// One component of a modal with what the person gave.
fn fill(component: &Value, id: i64, answers: &Map<String, Value>, form: &mut FormErrors) -> Value {
    let id = fields::int(component, "id").unwrap_or(id);
    match fields::int(component, "type") {
        Some(1) => {
            let inner: Vec<Value> = fields::list(component, "components")
                .iter()
                .map(|field| fill_field(field, id, answers, form))
                .collect();
            json!({"type": 1, "id": id, "components": inner})
        }
        Some(18) => {
            let field = fill_field(&component["component"], id, answers, form);
            json!({"type": 18, "id": id, "component": field})
        }
        kind => json!({"type": kind, "id": id}),
    }
}

fn fill_field(
    field: &Value,
    id: i64,
    answers: &Map<String, Value>,
    form: &mut FormErrors,
) -> Value {
    let custom_id = fields::text(field, "custom_id").unwrap_or("");
    let answer = answers.get(custom_id);
    let required = fields::flag(field, "required").unwrap_or(true);
    let kind = fields::int(field, "type").unwrap_or(4);
    let path = format!("data.components.{custom_id}");
    let mut filled = json!({"type": kind, "id": fields::int(field, "id").unwrap_or(id),
        "custom_id": custom_id});
    if kind != 4 {
        let values = answer.and_then(Value::as_array).cloned().unwrap_or_default();
        if required && values.is_empty() {
            form.required(&path);
        }
        filled["values"] = json!(values);
        return filled;
    }
    let text = answer.and_then(Value::as_str).unwrap_or("");
    let bound = |key: &str, otherwise: usize| {
        fields::int(field, key).and_then(|bound| usize::try_from(bound).ok()).unwrap_or(otherwise)
    };
    let least = bound("min_length", 0).max(usize::from(required));
    if required || !text.is_empty() {
        form.length(&path, text, least, bound("max_length", 4_000));
    }
    filled["value"] = json!(text);
    filled
}

/// Adds types to the options that a person gave, checks required ones and gathers ids.
fn typed_options(
    known: &[Value],
    given: &[Value],
    complete: bool,
    ids: &mut Vec<Id>,
    form: &mut FormErrors,
) -> Vec<Value> {
    let mut typed = Vec::with_capacity(given.len());
    for option in given {
        let name = fields::text(option, "name").unwrap_or("");
        let Some(definition) = known.iter().find(|definition| definition["name"] == name) else {
            form.add(&format!("options.{name}"), "UNKNOWN_OPTION", "Unknown option");
            continue;
        };
        let kind = fields::int(definition, "type").unwrap_or(3);
        let mut shown = json!({"name": name, "type": kind});
        if matches!(kind, 1 | 2) {
            let inner = typed_options(
                fields::list(definition, "options"),
                fields::list(option, "options"),
                complete,
                ids,
                form,
            );
            if !inner.is_empty() {
                shown["options"] = json!(inner);
            }
        } else {
            shown["value"] = convert(kind, &option["value"]);
            if matches!(kind, 6..=9) {
                ids.extend(fields::id(option, "value"));
            }
            if fields::flag(option, "focused") == Some(true) {
                shown["focused"] = json!(true);
            }
        }
        typed.push(shown);
    }
    for definition in known.iter().filter(|_| complete) {
        let missing = fields::flag(definition, "required") == Some(true)
            && !typed.iter().any(|option| option["name"] == definition["name"]);
        if missing {
            form.required(&format!("options.{}", fields::text(definition, "name").unwrap_or("")));
        }
    }
    typed
}

/// Numbers and booleans may come as text from a form.
fn convert(kind: i64, value: &Value) -> Value {
    match (kind, value) {
        (4, Value::String(text)) => text.parse::<i64>().map_or_else(|_| value.clone(), Value::from),
        (10, Value::String(text)) => {
            text.parse::<f64>().map_or_else(|_| value.clone(), Value::from)
        }
        (5, Value::String(text)) => Value::Bool(text == "true"),
        _ => value.clone(),
    }
}
