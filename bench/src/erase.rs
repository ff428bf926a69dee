//! How long it takes until a person with many rows is gone.

use std::time::Duration;

use domain::ids::{AttachmentId, GuildId, MessageId, TicketId, UserId};
use domain::tickets::{Lifecycle, TicketState};
use domain::time::Millis;
use hyper::Method;
use sandbox::world::{World, example};
use storage::audit::NewEntry;
use storage::events::NewEvent;
use storage::privacy::erasures;
use storage::transcripts::attachments::{self, FileKind, NewAttachment};
use storage::transcripts::reactions::{self, ReactionRow};
use storage::{KeyScope, Store};
use tokio::time::Instant;

use crate::Problem;
use crate::installation::{Installation, Place, Server};
use crate::shared::{self, channel, guild, settings, user};

/// How long it may take.
const AIM: Duration = Duration::from_mins(1);
/// How long is waited for it.
const PATIENCE: Duration = Duration::from_mins(10);
/// Rows of one kind in one transaction.
const BATCH: u64 = 5_000;
/// The first message of the ticket.
const FIRST: i64 = 1_200_000_000_000_000_000;

/// Who is erased.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Rows of the person: events, reactions, files and entries of the audit log alike.
    #[arg(long, default_value_t = 100_000)]
    rows: u64,
}

/// Fills a server with rows of one person, has her ask for the erasure on her page, and waits until it is over.
pub async fn run(place: &Place, options: &Options) -> Result<(), Problem> {
    let installation = Installation::new(place, World::example()).await?;
    let store = installation.store().await?;
    let now = Millis(installation.sandbox.world().now());
    let ticket = closed_ticket(&store, now).await?;
    fill(&store, ticket, options.rows / 4, now).await?;
    let server = installation.start().await?;
    let session = installation.sign_in(&server, example::MIA).await?;
    println!("{} rows", options.rows);
    let began = Instant::now();
    ask(&server, &session).await?;
    let asked = began.elapsed();
    while !erasures::page(store.read(), None, 1).await?.is_empty() {
        if began.elapsed() > PATIENCE {
            return Err("the person was not gone in time".into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let gone = began.elapsed();
    println!(
        "answered after {:.2} s · gone after {:.1} s (aim: {} s)",
        asked.as_secs_f64(),
        gone.as_secs_f64(),
        AIM.as_secs(),
    );
    store.close().await;
    server.stop().await?;
    if gone > AIM { Err("an erasure takes longer than it may".into()) } else { Ok(()) }
}

async fn closed_ticket(store: &Store, now: Millis) -> Result<TicketId, Problem> {
    let guild = guild(example::HARBOUR_LIGHTS)?;
    let kept = settings(example::SUPPORT_ROLE, example::TICKETS, example::TRANSCRIPTS)?;
    let mut tx = store.begin().await?;
    storage::guilds::save_settings(tx.conn(), guild, &kept, 0, now).await?;
    let id = shared::open_ticket(&mut tx, guild, 0, channel(example::GENERAL)?, now).await?;
    let life = Lifecycle {
        state: TicketState::Closed,
        channel: Some(channel(example::GENERAL)?),
        ..Lifecycle::opening()
    };
    storage::tickets::save_life(tx.conn(), id, &life, now).await?;
    tx.commit().await?;
    Ok(id)
}

async fn fill(store: &Store, ticket: TicketId, of_each: u64, now: Millis) -> Result<(), Problem> {
    let (guild, mia) = (guild(example::HARBOUR_LIGHTS)?, user(example::MIA)?);
    let scope = KeyScope::person(guild, mia);
    let body = store.keys().seal(&scope, b"bench", b"{}").await?.into_bytes();
    let mut number = 0;
    while number < of_each {
        let end = of_each.min(number + BATCH);
        let mut tx = store.begin().await?;
        for one in number..end {
            let one = one.cast_signed();
            put(&mut tx, (guild, ticket, mia), one, &body, now).await?;
        }
        tx.commit().await?;
        number = end;
    }
    Ok(())
}

async fn put(
    tx: &mut storage::Tx,
    (guild, ticket, mia): (GuildId, TicketId, UserId),
    number: i64,
    body: &[u8],
    now: Millis,
) -> Result<(), Problem> {
    let message = MessageId::new(FIRST + number)?;
    let event = NewEvent {
        guild,
        ticket: Some(ticket),
        panel: None,
        actor: Some(mia),
        at: now,
        kind: "claimed",
        payload: r#"{"event":"claimed"}"#.to_owned(),
    };
    storage::events::append(tx.conn(), &event).await?;
    let reaction =
        ReactionRow { message, number: 0, subject: Some(mia), at: now, body: body.to_vec() };
    reactions::insert(tx.conn(), ticket, reaction).await?;
    let file = NewAttachment {
        id: AttachmentId::new(FIRST + number)?,
        kind: FileKind::Attachment,
        message,
        subject: Some(mia),
        details: body.to_vec(),
        // Not to be copied while this runs.
        due: now.plus_seconds(365 * 86_400),
    };
    attachments::insert(tx.conn(), ticket, file).await?;
    let entry = NewEntry {
        guild,
        at: now,
        actor: Some(mia),
        action: "ticket.claimed",
        target: "",
        before: None,
        after: None,
    };
    storage::audit::append(tx.conn(), &entry).await?;
    Ok(())
}

async fn ask(server: &Server, session: &str) -> Result<(), Problem> {
    let origin = format!("http://{}", server.host());
    let headers = [
        ("cookie", session),
        ("origin", origin.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let path = "/account/privacy/erase";
    let answer =
        server.connect().await?.send(Method::POST, path, &headers, "understood=true").await?;
    if answer.status.is_redirection() {
        Ok(())
    } else {
        Err(format!("erasing answered {}", answer.status).into())
    }
}
