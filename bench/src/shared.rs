//! What several measurements set up alike.

use domain::guilds::GuildSettings;
use domain::ids::{ChannelId, GuildId, PanelId, RoleId, TicketId, UserId};
use domain::panels::{PanelSettings, Question, QuestionStyle};
use domain::tickets::{Lifecycle, TicketState};
use domain::time::Millis;
use sandbox::id::Id;
use sandbox::world::example;
use storage::tickets::NewTicket;
use uuid::Builder;

use crate::Problem;

/// The sandbox's id as the product's.
pub fn guild(id: Id) -> Result<GuildId, Problem> {
    Ok(id.to_string().parse()?)
}

/// The sandbox's id as the product's.
pub fn channel(id: Id) -> Result<ChannelId, Problem> {
    Ok(id.to_string().parse()?)
}

/// The sandbox's id as the product's.
pub fn role(id: Id) -> Result<RoleId, Problem> {
    Ok(id.to_string().parse()?)
}

/// The sandbox's id as the product's.
pub fn user(id: Id) -> Result<UserId, Problem> {
    Ok(id.to_string().parse()?)
}

/// An id of our own, the same in every run.
pub fn numbered(kind: u8, number: u64, at_ms: i64) -> uuid::Uuid {
    let mut bytes = [kind; 10];
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    Builder::from_unix_timestamp_millis(at_ms.unsigned_abs(), &bytes).into_uuid()
}

/// The panel with this number.
pub fn panel_id(number: u64) -> PanelId {
    PanelId::new(numbered(1, number, 1_700_000_000_000))
}

/// A panel as an owner would set it.
pub fn panel(name: &str, with_form: bool) -> PanelSettings {
    let question = Question {
        label: "What is it about?".to_owned(),
        placeholder: String::new(),
        style: QuestionStyle::Paragraph,
        required: true,
    };
    PanelSettings {
        name: name.to_owned(),
        channel: None,
        title: "Need help?".to_owned(),
        text: "Press the button, and we come to you.".to_owned(),
        colour: 0x58_65_F2,
        button_label: "Open a ticket".to_owned(),
        button_emoji: String::new(),
        welcome: "Hello! Tell us what happened.".to_owned(),
        questions: if with_form { vec![question] } else { Vec::new() },
        support_roles: Vec::new(),
    }
}

/// A server's settings.
pub fn settings(support: Id, tickets: Id, transcripts: Id) -> Result<GuildSettings, Problem> {
    Ok(GuildSettings {
        support_roles: vec![role(support)?],
        ticket_category: Some(channel(tickets)?),
        transcript_channel: Some(channel(transcripts)?),
        time_zone: "Europe/Berlin".to_owned(),
        ..GuildSettings::default()
    })
}

/// An open ticket of Mia's, with a panel of its own, in a channel that is there already.
pub async fn open_ticket(
    tx: &mut storage::Tx,
    guild: GuildId,
    number: u64,
    channel: ChannelId,
    now: Millis,
) -> Result<TicketId, Problem> {
    let application = example::APPLICATION.to_string().parse()?;
    let settings = panel(&format!("P{number}"), false);
    let panel = panel_id(number);
    storage::panels::insert(tx.conn(), panel, application, guild, &settings, now).await?;
    let id = TicketId::new(numbered(2, number, now.0));
    let ticket = NewTicket {
        id,
        application,
        guild,
        number: storage::tickets::next_number(tx.conn(), guild).await?,
        panel,
        opener: user(example::MIA)?,
        answers: None,
        keeps_deleted: false,
        now,
    };
    storage::tickets::insert(tx.conn(), &ticket).await?;
    let life =
        Lifecycle { state: TicketState::Open, channel: Some(channel), ..Lifecycle::opening() };
    storage::tickets::save_life(tx.conn(), id, &life, now).await?;
    Ok(id)
}
