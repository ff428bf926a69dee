//! Interactions from the bot's side: first answers, edits of the original, follow-ups.

use serde_json::{Value, json};

use super::World;
use super::components;
use super::fields;
use super::interaction::{FIRST_ANSWER_MS, Fate, Interaction, TOKEN_LIFE_MS, interaction_type};
use super::message_body::Draft;
use super::model::{Author, Message, Reference, Upload, message_flags as flags};
use crate::error::{self, ApiError, FormErrors};
use crate::id::Id;

impl World {
    /// A bot's first answer (`type` and `data`). 10062 after 3 s or for a wrong token, 40060 the second
    /// time. Answers Discord's callback object, for `with_response`.
    pub fn answer_interaction(
        &mut self,
        id: Id,
        token: &str,
        body: &Value,
        uploads: Vec<Upload>,
    ) -> Result<Value, ApiError> {
        let interaction =
            self.interactions.get(&id).filter(|interaction| interaction.token == token);
        let interaction = interaction.ok_or(error::UNKNOWN_INTERACTION)?.clone();
        if interaction.answered_at.is_some() {
            return Err(error::ALREADY_ACKNOWLEDGED.into());
        }
        let late = interaction.created_at + FIRST_ANSWER_MS < self.now();
        if late || !interaction.fate.is_waiting() {
            return Err(error::UNKNOWN_INTERACTION.into());
        }
        let empty = json!({});
        let data = body.get("data").filter(|data| data.is_object()).unwrap_or(&empty);
        let component = interaction.kind == interaction_type::COMPONENT
            || interaction.kind == interaction_type::MODAL_SUBMIT
                && interaction.message_id.is_some();
        let fate = match fields::int(body, "type") {
            Some(4) => self.answer_with_message(&interaction, data, uploads)?,
            Some(5) => self.answer_deferred(&interaction, data),
            Some(6) if component => {
                self.set_original(id, interaction.message_id);
                Fate::Acknowledged
            }
            Some(7) if component => self.answer_update(&interaction, data, uploads)?,
            Some(8) if interaction.kind == interaction_type::AUTOCOMPLETE => {
                Fate::Choices(json!(fields::list(data, "choices")))
            }
            Some(9) if interaction.kind != interaction_type::MODAL_SUBMIT => {
                let mut form = FormErrors::default();
                components::check_modal(data, &mut form);
                form.check()?;
                if let Some(interaction) = self.interactions.get_mut(&id) {
                    interaction.modal = Some(data.clone());
                }
                Fate::Modal(data.clone())
            }
            _ => {
                let message = "Value must be one of {4, 5, 6, 7, 8, 9, 10, 12}.";
                return Err(ApiError::field("type", "BASE_TYPE_CHOICES", message));
            }
        };
        let now = self.now();
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.answered_at = Some(now);
            interaction.fate = fate;
        }
        self.interaction_changed();
        Ok(self.callback_json(id, fields::int(body, "type").unwrap_or(0)))
    }

    fn callback_json(&self, id: Id, callback_type: i64) -> Value {
        let Some(interaction) = self.interactions.get(&id) else { return Value::Null };
        let mut shown =
            json!({"id": id, "type": interaction.kind, "channel_id": interaction.channel_id});
        if let Some(guild_id) = interaction.guild_id {
            shown["guild_id"] = json!(guild_id);
        }
        let message = interaction
            .original
            .and_then(|original| self.message(interaction.channel_id, original));
        let mut answer = json!({ "interaction": shown });
        if let Some(message) = message {
            answer["interaction"]["response_message_id"] = json!(message.id);
            answer["interaction"]["response_message_loading"] =
                json!(message.flags & flags::LOADING != 0);
            answer["interaction"]["response_message_ephemeral"] =
                json!(message.ephemeral_for.is_some());
            if matches!(callback_type, 4 | 5 | 7) {
                let message = self.message_json(message, None);
                answer["resource"] = json!({"type": callback_type, "message": message});
            }
        }
        answer
    }

    fn answer_with_message(
        &mut self,
        interaction: &Interaction,
        data: &Value,
        uploads: Vec<Upload>,
    ) -> Result<Fate, ApiError> {
        let ephemeral = fields::uint(data, "flags").unwrap_or(0) & flags::EPHEMERAL != 0;
        let draft = self.read_draft(interaction.channel_id, data, uploads, None)?;
        if draft.is_empty() {
            return Err(error::EMPTY_MESSAGE.into());
        }
        let message_id = self.post_answer(interaction, draft, data, ephemeral);
        self.set_original(interaction.id, Some(message_id));
        Ok(Fate::Answered { message_id, ephemeral })
    }

    fn answer_deferred(&mut self, interaction: &Interaction, data: &Value) -> Fate {
        let ephemeral = fields::uint(data, "flags").unwrap_or(0) & flags::EPHEMERAL != 0;
        let keep = if ephemeral { flags::EPHEMERAL } else { 0 };
        let draft = Draft { flags: Some(flags::LOADING | keep), ..Draft::default() };
        let message_id = self.post_answer(interaction, draft, data, ephemeral);
        self.set_original(interaction.id, Some(message_id));
        Fate::Deferred { message_id, ephemeral }
    }

    fn answer_update(
        &mut self,
        interaction: &Interaction,
        data: &Value,
        uploads: Vec<Upload>,
    ) -> Result<Fate, ApiError> {
        let message_id = interaction.message_id.ok_or(error::UNKNOWN_MESSAGE)?;
        let message =
            self.message(interaction.channel_id, message_id).ok_or(error::UNKNOWN_MESSAGE)?;
        let message = message.clone();
        self.change_message(&message, data, uploads, false)?;
        self.set_original(interaction.id, Some(message_id));
        Ok(Fate::Updated { message_id })
    }

    /// Posts a message of the bot that belongs to an interaction.
    fn post_answer(
        &mut self,
        interaction: &Interaction,
        draft: Draft,
        body: &Value,
        ephemeral: bool,
    ) -> Id {
        let bot = self.applications.get(&interaction.application_id).map_or(Id(0), |app| app.bot);
        let mut message = self.compose(Author::User(bot), interaction.channel_id, draft);
        message.application_id = Some(interaction.application_id);
        message.interaction_metadata = Some(interaction.metadata.clone());
        if ephemeral {
            message.ephemeral_for = Some(interaction.user_id);
            message.flags |= flags::EPHEMERAL;
        }
        match interaction.kind {
            interaction_type::COMMAND => message.kind = 20,
            interaction_type::COMPONENT => {
                if let Some(message_id) = interaction.message_id {
                    message.kind = 19;
                    message.reference = Some(Reference {
                        kind: 0,
                        message_id,
                        channel_id: interaction.channel_id,
                        guild_id: interaction.guild_id,
                    });
                }
            }
            _ => {}
        }
        let quiet = json!({"allowed_mentions": body.get("allowed_mentions").cloned()
            .unwrap_or_else(|| json!({"parse": ["users", "roles"], "replied_user": false}))});
        self.ring(&mut message, &quiet, false);
        let id = message.id;
        self.post(&message);
        if let Some(interaction) = self.interactions.get_mut(&interaction.id) {
            interaction.messages.push(id);
        }
        id
    }

    fn set_original(&mut self, id: Id, message_id: Option<Id>) {
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.original = message_id;
        }
    }

    /// The interaction of an application's token: 50027 when it is unknown or older than 15 minutes, 10015
    /// before its first answer.
    pub fn interaction_of_token(
        &self,
        application_id: Id,
        token: &str,
    ) -> Result<&Interaction, ApiError> {
        let interaction = self
            .interaction_tokens
            .get(token)
            .and_then(|id| self.interactions.get(id))
            .filter(|interaction| interaction.application_id == application_id)
            .filter(|interaction| interaction.created_at + TOKEN_LIFE_MS >= self.now())
            .ok_or(error::INVALID_WEBHOOK_TOKEN)?;
        if interaction.answered_at.is_none() {
            return Err(error::UNKNOWN_WEBHOOK.into());
        }
        Ok(interaction)
    }

    /// A further message of an interaction. While a deferred answer waits, it becomes that answer.
    pub fn follow_up(
        &mut self,
        application_id: Id,
        token: &str,
        body: &Value,
        uploads: Vec<Upload>,
    ) -> Result<Id, ApiError> {
        let interaction = self.interaction_of_token(application_id, token)?.clone();
        if let Fate::Deferred { message_id, .. } = interaction.fate {
            self.edit_answer(application_id, token, None, body, uploads)?;
            return Ok(message_id);
        }
        let ephemeral = fields::uint(body, "flags").unwrap_or(0) & flags::EPHEMERAL != 0;
        let draft = self.read_draft(interaction.channel_id, body, uploads, None)?;
        if draft.is_empty() {
            return Err(error::EMPTY_MESSAGE.into());
        }
        Ok(self.post_answer(&interaction, draft, body, ephemeral))
    }

    /// A message that an interaction's token reaches; `None` is `@original`. 10008 when there is none.
    pub fn answer_message(
        &self,
        application_id: Id,
        token: &str,
        message_id: Option<Id>,
    ) -> Result<&Message, ApiError> {
        let interaction = self.interaction_of_token(application_id, token)?;
        let id = match message_id {
            None => interaction.original,
            Some(id) => (interaction.original == Some(id) || interaction.messages.contains(&id))
                .then_some(id),
        };
        id.and_then(|id| self.message(interaction.channel_id, id))
            .ok_or_else(|| error::UNKNOWN_MESSAGE.into())
    }

    /// Edits such a message and returns its id; the edit of a deferred answer is the answer.
    pub fn edit_answer(
        &mut self,
        application_id: Id,
        token: &str,
        message_id: Option<Id>,
        body: &Value,
        uploads: Vec<Upload>,
    ) -> Result<Id, ApiError> {
        let message = self.answer_message(application_id, token, message_id)?.clone();
        self.change_message(&message, body, uploads, false)?;
        let interaction = self.interaction_of_token(application_id, token)?.id;
        if let Some(interaction) = self.interactions.get_mut(&interaction)
            && interaction.original == Some(message.id)
            && let Fate::Deferred { message_id, ephemeral } = interaction.fate
        {
            interaction.fate = Fate::Answered { message_id, ephemeral };
            self.interaction_changed();
        }
        Ok(message.id)
    }

    /// Deletes such a message.
    pub fn delete_answer(
        &mut self,
        application_id: Id,
        token: &str,
        message_id: Option<Id>,
    ) -> Result<(), ApiError> {
        let message = self.answer_message(application_id, token, message_id)?;
        let (channel_id, message_id) = (message.channel_id, message.id);
        self.remove_message(channel_id, message_id);
        Ok(())
    }
}
