//! Message events per second from the gateway to the database.

use std::time::Duration;

use domain::time::Millis;
use sandbox::id::Id;
use sandbox::world::{World, example};
use tokio::time::Instant;

use crate::Problem;
use crate::installation::{Installation, Place, Server};
use crate::shared::{channel, guild, open_ticket, settings};

/// What counts committed events.
const COMMITTED: &str = "wardesk_archived_events_total";
/// Events that may be on their way at once, so that the sandbox's queue does not grow without end.
const AHEAD: u64 = 4_000;
/// How long to wait for the last ones.
const PATIENCE: Duration = Duration::from_mins(20);

/// What is sent.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Messages of one run.
    #[arg(long, default_value_t = 30_000)]
    messages: u64,
    /// Servers with one open ticket each.
    #[arg(long, default_value_t = 50)]
    servers: usize,
    /// Runs.
    #[arg(long, default_value_t = 3)]
    runs: usize,
}

/// Sends messages in tickets' channels as fast as they are committed.
pub async fn run(place: &Place, options: &Options) -> Result<(), Problem> {
    let mut world = World::example();
    let crowd = world.add_crowd(options.servers);
    let installation = Installation::new(place, world).await?;
    let channels: Vec<Id> = crowd.iter().map(|server| server.general).collect();
    let store = installation.store().await?;
    let now = Millis(installation.sandbox.world().now());
    let mut tx = store.begin().await?;
    for (number, server) in (0..).zip(&crowd) {
        let guild = guild(server.guild)?;
        let kept = settings(server.support_role, server.tickets, server.transcripts)?;
        storage::guilds::save_settings(tx.conn(), guild, &kept, 0, now).await?;
        open_ticket(&mut tx, guild, number, channel(server.general)?, now).await?;
    }
    tx.commit().await?;
    store.close().await;
    let server = installation.start().await?;
    println!("{} messages over {} channels", options.messages, channels.len());
    for _ in 0..options.runs {
        send(&installation, &server, &channels, options.messages, &plain).await?;
    }
    server.stop().await
}

/// Sends so many messages over these channels and waits until the server has committed them.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts far below 2^52"
)]
pub async fn send(
    installation: &Installation,
    server: &Server,
    channels: &[Id],
    messages: u64,
    text: &dyn Fn(u64) -> String,
) -> Result<(), Problem> {
    let before = server.metric(COMMITTED).await?;
    let used = server.processor_time()?;
    let began = Instant::now();
    let (mut sent, mut committed) = (0, 0);
    while committed < messages {
        while sent < messages && sent < committed + AHEAD {
            say(&mut installation.sandbox.world(), channels, sent, text)?;
            sent += channels.len() as u64;
            // The gateway's socket needs the world as well.
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        committed = (server.metric(COMMITTED).await? - before) as u64;
        if began.elapsed() > PATIENCE {
            return Err(format!("{committed} of {sent} messages were committed").into());
        }
    }
    let took = began.elapsed();
    let used = server.processor_time()?.saturating_sub(used);
    println!(
        "{:.0} events/s · server {:.0} % of a processor · {:.0} µs of processor time each",
        committed as f64 / took.as_secs_f64(),
        100.0 * used.as_secs_f64() / took.as_secs_f64(),
        used.as_secs_f64() * 1e6 / committed as f64,
    );
    Ok(())
}

/// What somebody writes where it does not matter.
pub fn plain(number: u64) -> String {
    format!("Message {number}: it still does not work, what can I try next?")
}

/// One message in every channel.
fn say(
    world: &mut World,
    channels: &[Id],
    sent: u64,
    text: &dyn Fn(u64) -> String,
) -> Result<(), Problem> {
    let people = [example::MIA, example::SAM, example::NOAH].into_iter().cycle();
    for (number, (channel, person)) in (sent..).zip(channels.iter().zip(people)) {
        world.say(person, *channel, &text(number))?;
    }
    Ok(())
}
