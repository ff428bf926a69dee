//! A member opens a ticket.

use domain::ids::{InteractionId, PanelId, TicketId};
use domain::panels::{ANSWER_LIMIT, PanelSettings, Question};
use domain::tickets::Refusal;
use domain::validation::discord_len;
use secrecy::{ExposeSecret as _, SecretString};
use storage::inbox::Delivery;
use storage::tickets::{NewTicket, TicketRow};
use storage::{KeyScope, StorageError};

use super::change::Change;
use super::messages::{GivenAnswer, fit};
use super::panels::is_switched_off;
use super::{TicketError, TicketEvent};
use crate::guilds::{ActingMember, GuildAccess};
use crate::outbox::Effect;
use crate::privacy::names::{self, PersonRow};

/// Characters of a modal's title. Source: Discord API documentation, "Modal".
const MODAL_TITLE_LIMIT: usize = 45;

/// What a pressed panel button leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// A form has to be filled in first.
    Form {
        /// The form's title, at most 45 characters.
        title: String,
        /// Its questions, in order.
        questions: Vec<Question>,
    },
    /// Nothing is asked: [`submit`] at once.
    Submit,
}

/// A wish to open a ticket, with the form filled in.
#[derive(Debug)]
pub struct SubmitOpen {
    /// The panel.
    pub panel: PanelId,
    /// The answers in the order of the questions; empty where nothing was answered.
    pub answers: Vec<String>,
    /// The interaction that brings the wish: a second delivery of it has no second effect.
    pub interaction: InteractionId,
    /// Its token, with which the member is answered.
    pub token: SecretString,
    /// Who wishes.
    pub opener: ActingMember,
}

/// Decides what a pressed button shows, from memory and one indexed query: a form must be the first
/// answer, within three seconds. What cannot be found out now is decided by [`submit`].
pub async fn start(access: &GuildAccess, panel: PanelId) -> Result<Start, Refusal> {
    let w = access.wardesk();
    let panel = match w.ticket_caches().panel(w, access.guild(), panel).await {
        Ok(panel) => panel.ok_or(Refusal::PanelGone)?,
        Err(error) => {
            tracing::warn!(%error, "panels cannot be read");
            return Ok(Start::Submit);
        }
    };
    let active =
        storage::tickets::active_of(w.store().read(), access.guild(), panel.id, access.user())
            .await;
    if let Ok(Some(ticket)) = active {
        return Err(already_open(&ticket));
    }
    match is_switched_off(w, access.guild(), panel.id).await {
        Ok(false) => {}
        Ok(true) => return Err(Refusal::PanelOff),
        Err(error) => tracing::warn!(%error, "the plan of a server cannot be read"),
    }
    let PanelSettings { title, questions, .. } = panel.settings;
    if questions.is_empty() {
        return Ok(Start::Submit);
    }
    Ok(Start::Form { title: fit(&title, MODAL_TITLE_LIMIT), questions })
}

/// Accepts the ticket, checking everything again. Its channel follows by the outbox, which also answers
/// the interaction.
pub async fn submit(access: &GuildAccess, wish: SubmitOpen) -> Result<TicketId, TicketError> {
    let w = access.wardesk();
    let (guild, opener) = (access.guild(), access.user());
    let panel = storage::panels::get(w.store().read(), guild, wish.panel)
        .await?
        .filter(|p| p.removed_at.is_none())
        .ok_or(Refusal::PanelGone)?;
    if is_switched_off(w, guild, panel.id).await? {
        return Err(Refusal::PanelOff.into());
    }
    let answers = check(&panel.settings.questions, wish.answers)?;
    let keeps_deleted = crate::guilds::known(w, guild).await?.settings.keep_deleted;

    // Sealed before the transaction begins: the keys are in a store of their own.
    let id = TicketId::new(w.new_uuid());
    let answers = if answers.is_empty() {
        None
    } else {
        let scope = KeyScope::person(guild, opener);
        let plain =
            serde_json::to_vec(&answers).map_err(|_| StorageError::Corrupt("tickets.answers"))?;
        let aad = storage::tickets::answers_aad(id);
        Some(w.store().keys().seal(&scope, &aad, &plain).await?.into_bytes())
    };
    let token = w
        .store()
        .keys()
        .seal(
            &KeyScope::SERVICE,
            &storage::tickets::live::token_aad(id),
            wish.token.expose_secret().as_bytes(),
        )
        .await?;

    let names = names::told(w, guild, person(&wish.opener)).await?;

    let mut change = Change::begin(w, guild).await?;
    let now = change.now();
    let delivery = storage::inbox::receive(change.conn(), wish.interaction, guild, now).await?;
    if let Delivery::Repeated(earlier) = delivery {
        metrics::counter!("wardesk_inbox_duplicates_total").increment(1);
        return earlier.ok_or(TicketError::Conflict);
    }
    let number = storage::tickets::next_number(change.conn(), guild).await?;
    let ticket = NewTicket {
        id,
        application: w.application(),
        guild,
        number,
        panel: panel.id,
        opener,
        answers,
        keeps_deleted,
        now,
    };
    if !storage::tickets::insert(change.conn(), &ticket).await? {
        let active = storage::tickets::active_of(change.conn(), guild, panel.id, opener).await?;
        return Err(active
            .as_ref()
            .map_or(Refusal::AlreadyOpen { channel: None }, already_open)
            .into());
    }
    storage::tickets::live::insert(change.conn(), id, Some(token.into_bytes())).await?;
    names.keep(change.conn(), now).await?;
    storage::inbox::settle(change.conn(), wish.interaction, id).await?;
    change.event(id, Some(opener), &TicketEvent::Opened { number }).await?;
    change.effect(&Effect::CreateTicketChannel { ticket: id })?;
    change.audit_ticket(opener, "ticket.opened", number, id).await?;
    fail::fail_point!(crate::failpoints::OPEN_BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::OPEN_AFTER_COMMIT);
    committed.tell();
    metrics::counter!("wardesk_tickets_opened_total").increment(1);
    Ok(id)
}

fn already_open(ticket: &TicketRow) -> Refusal {
    Refusal::AlreadyOpen { channel: ticket.life.channel }
}

/// The names of an acting member as they are kept.
pub(crate) fn person(member: &ActingMember) -> PersonRow {
    PersonRow {
        user: member.user,
        display_name: member.display_name.clone(),
        username: member.username.clone(),
        avatar: member.avatar.clone(),
    }
}

fn check(questions: &[Question], answers: Vec<String>) -> Result<Vec<GivenAnswer>, Refusal> {
    // The form was changed while the member filled it in: the answers belong to other questions.
    if questions.len() != answers.len() {
        return Err(Refusal::InvalidAnswer);
    }
    questions
        .iter()
        .zip(answers)
        .map(|(question, answer)| {
            let missing = question.required && answer.trim().is_empty();
            if missing || discord_len(&answer) > ANSWER_LIMIT {
                return Err(Refusal::InvalidAnswer);
            }
            Ok(GivenAnswer { question: question.label.clone(), answer })
        })
        .collect()
}
