//! Scrolling through a long transcript in a browser.

use std::path::PathBuf;
use std::process::Stdio;

use domain::time::Millis;
use sandbox::world::{World, example};
use tokio::process::Command;
use tokio::time::Instant;

use crate::Problem;
use crate::installation::{Installation, Place};
use crate::page::{APART_MS, Ids, serve};

/// What is scrolled through.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Messages of the transcript.
    #[arg(long, default_value_t = 200_000)]
    messages: u64,
    /// Messages that are scrolled past each time.
    #[arg(long, default_value_t = 5_000)]
    travel: u64,
    /// The built site, whose program the browser loads.
    #[arg(long, default_value = "target/site")]
    site: PathBuf,
    /// What drives the browser.
    #[arg(long, default_value = "bench/scroll.mjs")]
    script: PathBuf,
}

/// Fills a transcript past the bot, and has a browser scroll through it.
pub async fn run(place: &Place, options: &Options) -> Result<(), Problem> {
    let installation = Installation::new(place, World::example()).await?;
    let ids = Ids::before(Millis(installation.sandbox.world().now()), options.messages);
    let site = std::path::absolute(&options.site)?.display().to_string();
    let began = Instant::now();
    let settings = [("LEPTOS_SITE_ROOT", site)];
    let (ticket, server) = serve(&installation, options.messages, &ids, &settings).await?;
    println!(
        "{} messages, filled and stored in {:.0} s",
        options.messages,
        began.elapsed().as_secs_f64()
    );
    let session = installation.sign_in(&server, example::MIA).await?;
    let status = Command::new("node")
        .arg(&options.script)
        .env("BENCH_URL", format!("http://{}", server.host()))
        .env("BENCH_COOKIE", session)
        .env("BENCH_PATH", format!("/transcripts/{ticket}"))
        .env("BENCH_FIRST", ids.of(0)?.to_string())
        .env("BENCH_APART_MS", APART_MS.to_string())
        .env("BENCH_MESSAGES", options.messages.to_string())
        .env("BENCH_TRAVEL", options.travel.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await?;
    println!("{} MiB of memory in the server after", server.resident()? >> 20);
    server.stop().await?;
    if status.success() { Ok(()) } else { Err("scrolling was not what it has to be".into()) }
}
