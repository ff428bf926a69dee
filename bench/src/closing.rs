//! Memory while a long ticket is closed.

use std::time::Duration;

use domain::ids::TicketId;
use domain::time::Millis;
use hyper::Method;
use sandbox::world::{World, example};
use tokio::time::Instant;

use crate::installation::{Installation, Place, Server};
use crate::shared::{self, channel, guild, settings};
use crate::{Problem, gateway};

/// What counts transcripts that are whole.
const STORED: &str = "wardesk_transcripts_stored_total";
/// How long closing may take.
const PATIENCE: Duration = Duration::from_mins(10);
/// How often memory is looked at.
const EVERY: Duration = Duration::from_millis(20);
/// How far the process may grow.
const AIM: u64 = 64 * 1024 * 1024;

/// What is closed.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Messages of the ticket.
    #[arg(long, default_value_t = 100_000)]
    messages: u64,
}

/// Has a ticket filled through the gateway, closes it on its page, and looks how far the program grows.
pub async fn run(place: &Place, options: &Options) -> Result<(), Problem> {
    let installation = Installation::new(place, World::example()).await?;
    let ticket = open_ticket(&installation).await?;
    let server = installation.start().await?;
    let session = installation.sign_in(&server, example::OLIVIA).await?;
    println!("{} messages", options.messages);
    let channels = [example::GENERAL];
    gateway::send(&installation, &server, &channels, options.messages, &gateway::plain).await?;
    let before = settled(&server).await?;
    let began = Instant::now();
    close(&server, &session, ticket).await?;
    let mut most = before;
    while server.metric(STORED).await? < 1.0 {
        if began.elapsed() > PATIENCE {
            return Err("the ticket was not closed in time".into());
        }
        for _ in 0..10 {
            most = most.max(server.resident()?);
            tokio::time::sleep(EVERY).await;
        }
    }
    let grown = most - before;
    println!(
        "closed in {:.1} s · {} MiB before, {} MiB more at most (aim: {} MiB)",
        began.elapsed().as_secs_f64(),
        before >> 20,
        grown >> 20,
        AIM >> 20,
    );
    server.stop().await?;
    if grown > AIM { Err("closing takes more memory than it may".into()) } else { Ok(()) }
}

/// Waits until so many transcripts are whole.
pub async fn stored(server: &Server, count: usize, patience: Duration) -> Result<(), Problem> {
    let began = Instant::now();
    #[expect(clippy::cast_precision_loss, reason = "a count far below 2^52")]
    let count = count as f64;
    while server.metric(STORED).await? < count {
        if began.elapsed() > patience {
            return Err("the tickets were not closed in time".into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

/// A ticket whose channel is there already.
async fn open_ticket(installation: &Installation) -> Result<TicketId, Problem> {
    let store = installation.store().await?;
    let now = Millis(installation.sandbox.world().now());
    let guild = guild(example::HARBOUR_LIGHTS)?;
    let kept = settings(example::SUPPORT_ROLE, example::TICKETS, example::TRANSCRIPTS)?;
    let mut tx = store.begin().await?;
    storage::guilds::save_settings(tx.conn(), guild, &kept, 0, now).await?;
    let id = shared::open_ticket(&mut tx, guild, 0, channel(example::GENERAL)?, now).await?;
    tx.commit().await?;
    store.close().await;
    Ok(id)
}

/// Memory when nothing is left to do.
async fn settled(server: &Server) -> Result<u64, Problem> {
    let mut used = server.processor_time()?;
    let mut quiet = 0;
    while quiet < 10 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = server.processor_time()?;
        quiet = if now.saturating_sub(used) < Duration::from_millis(20) { quiet + 1 } else { 0 };
        used = now;
    }
    server.resident()
}

/// Closes a ticket on its page.
pub async fn close(server: &Server, session: &str, ticket: TicketId) -> Result<(), Problem> {
    let path = format!("/servers/{}/tickets/{ticket}", example::HARBOUR_LIGHTS);
    let origin = format!("http://{}", server.host());
    let headers = [
        ("cookie", session),
        ("origin", origin.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer =
        server.connect().await?.send(Method::POST, &path, &headers, "action=close").await?;
    if answer.status.is_redirection() {
        Ok(())
    } else {
        Err(format!("closing answered {}", answer.status).into())
    }
}
