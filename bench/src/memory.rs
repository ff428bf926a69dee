//! Memory for each server that the bot is on.

use std::time::Duration;

use sandbox::world::channels::blank_channel;
use sandbox::world::model::channel_type;
use sandbox::world::{World, example};

use crate::Problem;
use crate::installation::{Installation, Place};

/// Which crowds are measured.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Servers, in ascending order; each crowd meets a fresh program.
    #[arg(long, value_delimiter = ',', default_values_t = [0, 1_000, 2_000])]
    servers: Vec<usize>,
    /// Channels of each server. A serenity bot on 230,000 servers counted 32 on the average
    /// (serenity-rs/serenity pull request 2602).
    #[arg(long, default_value_t = 32)]
    channels: usize,
    /// Roles of each server.
    #[arg(long, default_value_t = 25)]
    roles: usize,
}

/// Measures one crowd after the other and prints the differences.
pub async fn run(place: &Place, options: &Options) -> Result<(), Problem> {
    println!("{} channels and {} roles each", options.channels, options.roles);
    let mut last: Option<(usize, u64)> = None;
    for &count in &options.servers {
        let resident = crowd(place, options, count).await?;
        print!("{count} servers: {:.1} MiB", mib(resident));
        if let Some((fewer, before)) = last.filter(|(fewer, _)| *fewer < count) {
            let more = resident.saturating_sub(before) / (count - fewer) as u64;
            print!(" · {:.1} KiB for each of the last {}", kib(more), count - fewer);
        }
        println!();
        last = Some((count, resident));
    }
    Ok(())
}

async fn crowd(place: &Place, options: &Options, count: usize) -> Result<u64, Problem> {
    let mut world = World::example();
    for server in world.add_crowd(count) {
        // Every server has three channels and three roles from the start.
        for number in 3..options.channels {
            let id = world.new_id();
            let name = format!("channel-{number}");
            let mut channel = blank_channel(id, Some(server.guild), channel_type::TEXT, &name);
            channel.topic = Some("What this channel is for, in a sentence or two.".to_owned());
            world.insert_channel(channel);
        }
        for number in 3..options.roles {
            let id = world.new_id();
            world.insert_role(server.guild, id, &format!("Role {number}"), 0, None);
        }
    }
    let installation = Installation::new(place, world).await?;
    let server = installation.start().await?;
    let expected = count + 1;
    settle(&installation, &server, expected).await?;
    let resident = server.resident()?;
    server.stop().await?;
    Ok(resident)
}

/// Waits until the program knows every server and has been quiet for a second.
async fn settle(
    installation: &Installation,
    server: &crate::installation::Server,
    expected: usize,
) -> Result<(), Problem> {
    let application = example::APPLICATION.to_string().parse()?;
    let store = installation.store().await?;
    let mut used = server.processor_time()?;
    let mut quiet = 0;
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = server.processor_time()?;
        quiet = if now.saturating_sub(used) < Duration::from_millis(20) { quiet + 1 } else { 0 };
        used = now;
        if quiet >= 5 {
            let present = storage::guilds::present(store.read(), application).await?.len();
            if present != expected {
                return Err(format!("{present} of {expected} servers arrived").into());
            }
            store.close().await;
            return Ok(());
        }
    }
    Err("the program does not come to rest".into())
}

#[expect(clippy::cast_precision_loss, reason = "memory far below 2^52 bytes")]
fn kib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

fn mib(bytes: u64) -> f64 {
    kib(bytes) / 1024.0
}
