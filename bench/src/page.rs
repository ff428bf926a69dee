//! Time to a page of a long transcript.

use std::time::Duration;

use domain::ids::{MessageId, TicketId, UserId};
use domain::tickets::{Lifecycle, TicketState};
use domain::time::Millis;
use hyper::StatusCode;
use sandbox::world::{World, example};
use serde_json::{Value, json};
use storage::tickets::NewTicket;
use storage::transcripts::archive::{self, IfKnown, VersionRow, body_aad};
use storage::{KeyScope, Store};
use tokio::time::Instant;

use crate::installation::{Installation, Place, Server};
use crate::shared::{channel, guild, numbered, panel, panel_id, settings, user};
use crate::stats::Samples;
use crate::{Problem, process};

/// How pages of a transcript are measured.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Messages of the transcript.
    #[arg(long, default_value_t = 10_000)]
    messages: u64,
    /// Pages of each kind, one after the other.
    #[arg(long, default_value_t = 200)]
    pages: usize,
}

/// Milliseconds between two messages.
pub const APART_MS: i64 = 20_000;
/// How long the server may take to store the transcript.
const STORE_TIME: Duration = Duration::from_mins(30);

/// The ids of a transcript's messages, by number.
pub struct Ids {
    first_ms: i64,
}

impl Ids {
    /// Those of a transcript whose last message is a few minutes old at `now`.
    pub fn before(now: Millis, messages: u64) -> Self {
        Self { first_ms: now.0 - APART_MS * (messages.cast_signed() + 10) }
    }

    /// The id of a message.
    pub fn of(&self, number: u64) -> Result<MessageId, Problem> {
        let at = self.first_ms + APART_MS * number.cast_signed();
        Ok(MessageId::new((at - domain::ids::DISCORD_EPOCH_MS) << 22)?)
    }
}

/// The address of the page with this number.
type Address<'a> = &'a dyn Fn(usize) -> Result<String, Problem>;

/// Measures first byte and whole page as the opener gets them.
pub async fn run(place: &Place, options: &Options) -> Result<(), Problem> {
    let installation = Installation::new(place, World::example()).await?;
    let ids = Ids::before(Millis(installation.sandbox.world().now()), options.messages);
    let (ticket, server) = serve(&installation, options.messages, &ids, &[]).await?;
    let session = installation.sign_in(&server, example::MIA).await?;

    let path = format!("/transcripts/{ticket}");
    // Places all over the transcript, none twice in a row.
    let spread = |n: usize| (n as u64).wrapping_mul(7_919) % options.messages;
    let kinds: [(&str, Address<'_>); 5] = [
        ("first page", &|_| Ok(path.clone())),
        ("from a message", &|n| Ok(format!("{path}?from={}", ids.of(spread(n))?))),
        ("before a message", &|n| Ok(format!("{path}?before={}", ids.of(spread(n))?))),
        ("around a message", &|n| Ok(format!("{path}?at={}", ids.of(spread(n))?))),
        ("last page", &|_| Ok(format!("{path}?go=last"))),
    ];
    println!(
        "{} messages, one connection, brotli, aims: first byte 20 ms, whole page 50 ms; load {}",
        options.messages,
        process::load_average()?,
    );
    for (name, address) in kinds {
        measure(&server, &session, name, address, options.pages).await?;
    }
    server.stop().await
}

/// A server with a closed ticket of Mia's with so many messages, stored as a transcript. `more` are settings of the
/// server.
pub async fn serve(
    installation: &Installation,
    messages: u64,
    ids: &Ids,
    more: &[(&str, String)],
) -> Result<(TicketId, Server), Problem> {
    let ticket = TicketId::new(numbered(2, 1, ids.first_ms));
    let store = installation.store().await?;
    fill(&store, ticket, messages, ids).await?;
    let server = installation.start_with(more).await?;
    // The server's own sweep makes chunks of what it finds.
    let began = Instant::now();
    while !archive::left_behind(store.read(), 1).await?.is_empty() {
        if began.elapsed() > STORE_TIME {
            return Err("the server did not store the transcript".into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    store.close().await;
    Ok((ticket, server))
}

async fn measure(
    server: &Server,
    session: &str,
    name: &str,
    address: Address<'_>,
    pages: usize,
) -> Result<(), Problem> {
    let mut client = server.connect().await?;
    let headers = [("cookie", session), ("accept-encoding", "br")];
    let (mut first, mut whole) = (Samples::default(), Samples::default());
    let mut bytes = 0;
    // The first ten are not counted: caches come to be.
    for number in 0..pages + 10 {
        let began = Instant::now();
        let (answer, first_byte) = client.timed_get(&address(number)?, &headers).await?;
        let took = began.elapsed();
        if answer.status != StatusCode::OK || answer.body.is_empty() {
            return Err(format!("{name} answered {}", answer.status).into());
        }
        if number >= 10 {
            first.push(first_byte);
            whole.push(took);
            bytes += answer.body.len();
        }
    }
    println!("{name}: {} bytes", bytes / pages.max(1));
    println!("  first byte  {}", first.line());
    println!("  whole page  {}", whole.line());
    Ok(())
}

/// A closed ticket of Mia's with this many messages.
async fn fill(store: &Store, id: TicketId, count: u64, ids: &Ids) -> Result<(), Problem> {
    let guild = guild(example::HARBOUR_LIGHTS)?;
    let application = example::APPLICATION.to_string().parse()?;
    let (opener, staff) = (user(example::MIA)?, user(example::SAM)?);
    let at = Millis(ids.first_ms - 1000);
    let mut tx = store.begin().await?;
    let kept = settings(example::SUPPORT_ROLE, example::TICKETS, example::TRANSCRIPTS)?;
    storage::guilds::save_settings(tx.conn(), guild, &kept, 0, at).await?;
    let kind = panel("Support", true);
    storage::panels::insert(tx.conn(), panel_id(0), application, guild, &kind, at).await?;
    let number = storage::tickets::next_number(tx.conn(), guild).await?;
    let new = NewTicket {
        id,
        application,
        guild,
        number,
        panel: panel_id(0),
        opener,
        answers: None,
        keeps_deleted: false,
        now: at,
    };
    storage::tickets::insert(tx.conn(), &new).await?;
    let life = Lifecycle {
        state: TicketState::Closed,
        channel: Some(channel(example::GENERAL)?),
        claimed_by: Some(staff),
        closing_since: Some(at),
        closed_by: Some(staff),
        ..Lifecycle::opening()
    };
    storage::tickets::save_life(tx.conn(), id, &life, at).await?;
    tx.commit().await?;
    let mut written = 0;
    while written < count {
        let mut tx = store.begin().await?;
        for number in written..count.min(written + 1000) {
            let by = if number % 3 == 0 { opener } else { staff };
            let message = ids.of(number)?;
            let body = serde_json::to_vec(&said(number, by, ids)?)?;
            let aad = body_aad(id, message, 0);
            let sealed = store.keys().seal(&KeyScope::person(guild, by), &aad, &body).await?;
            let row =
                VersionRow { message, version: 0, subject: Some(by), body: sealed.into_bytes() };
            archive::write(tx.conn(), id, row, IfKnown::Keep).await?;
        }
        tx.commit().await?;
        written += 1000;
    }
    Ok(())
}

/// A message as desks see them: lines of text with some markdown, answers, lists, code, embeds.
fn said(number: u64, by: UserId, ids: &Ids) -> Result<Value, Problem> {
    let text = match number % 10 {
        0 => format!("Hello, I still need **help** with order {number}: it says `E{number}`."),
        1 => "- restart it\n- wait a minute\n- tell me what the light does".to_owned(),
        2 => format!("```rust\nlet order = {number};\nprintln!(\"{{order}}\");\n```"),
        3 => format!("> It worked yesterday.\nSee <https://example.org/orders/{number}>, <@{by}>"),
        _ => format!("Step {number} is done, and nothing has changed so far. What is next?"),
    };
    let id = ids.of(number)?;
    let at = ids.first_ms + APART_MS * number.cast_signed();
    let mut message = json!({
        "id": id, "type": 0, "content": text, "timestamp": iso(at)?,
        "author": { "id": by, "username": "someone", "bot": false },
        "attachments": [], "embeds": [], "mentions": [], "components": [],
    });
    if number % 7 == 6 {
        message["type"] = json!(19);
        message["message_reference"] = json!({ "message_id": ids.of(number - 5)? });
    }
    if number % 20 == 19 {
        message["embeds"] = json!([{
            "title": "Order", "description": "What is known of it, in **two** lines.\nThis is the second.",
            "color": 0x58_65_F2, "fields": [{ "name": "State", "value": "open", "inline": true }],
        }]);
    }
    Ok(message)
}

/// A moment as Discord writes it.
fn iso(at_ms: i64) -> Result<String, Problem> {
    Ok(jiff::Timestamp::from_millisecond(at_ms)?.to_string())
}
