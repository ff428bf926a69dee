//! Pages per second of the ticket list.

use std::time::Duration;

use domain::time::Millis;
use hyper::StatusCode;
use sandbox::world::{World, example};

use crate::installation::{Installation, Place, Server};
use crate::load::{self, Load};
use crate::stats::millis;
use crate::{Problem, filling, process};

/// How the list is measured.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Tickets on the server.
    #[arg(long, default_value_t = 10_000)]
    tickets: u64,
    /// Connections, each with one request at a time.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Seconds of one run.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Runs of each kind.
    #[arg(long, default_value_t = 3)]
    runs: usize,
}

/// Measures the list as its owner sees it.
pub async fn run(place: &Place, options: &Options) -> Result<(), Problem> {
    let installation = Installation::new(place, World::example()).await?;
    let store = installation.store().await?;
    let now = Millis(installation.sandbox.world().now());
    filling::tickets(&store, options.tickets, now).await?;
    store.close().await;
    filling::channels(&mut installation.sandbox.world(), options.tickets)?;
    let server = installation.start().await?;
    let session = installation.sign_in(&server, example::OLIVIA).await?;

    let base = format!("/servers/{}/tickets", example::HARBOUR_LIGHTS);
    let pages = follow(&server, &session, &base).await?;
    println!(
        "{} tickets, {} connections, {} s",
        options.tickets, options.connections, options.seconds
    );
    measure(&server, &session, "first page", std::slice::from_ref(&base), None, options).await?;
    measure(&server, &session, "20 pages in turn", &pages, None, options).await?;
    measure(&server, &session, "first page, br", &[base], Some("br"), options).await?;
    server.stop().await
}

/// The first pages, by the links to older tickets: what stands behind each must be found by its key.
async fn follow(server: &Server, session: &str, base: &str) -> Result<Vec<String>, Problem> {
    let mut client = server.connect().await?;
    let mut pages = vec![base.to_owned()];
    while pages.len() < 20 {
        let page = pages.last().map_or(base, String::as_str);
        let answer = client.get(page, &[("cookie", session)]).await?;
        let text = answer.text();
        if answer.status != StatusCode::OK || text.matches("<tr").count() < 50 {
            return Err(format!("{page} answered {} without 50 tickets", answer.status).into());
        }
        let Some((_, older)) = text.split_once(&format!("href=\"{base}?")).filter(|(_, rest)| {
            rest.split('"').next().is_some_and(|query| query.contains("after="))
        }) else {
            break;
        };
        let query = older.split('"').next().unwrap_or_default().replace("&amp;", "&");
        pages.push(format!("{base}?{query}"));
    }
    Ok(pages)
}

async fn measure(
    server: &Server,
    session: &str,
    name: &str,
    paths: &[String],
    encoding: Option<&str>,
    options: &Options,
) -> Result<(), Problem> {
    let mut headers = vec![("cookie".to_owned(), session.to_owned())];
    headers.extend(encoding.map(|e| ("accept-encoding".to_owned(), e.to_owned())));
    let mut load = Load {
        address: server.web,
        host: server.host(),
        headers,
        paths: paths.to_vec(),
        connections: options.connections,
        time: Duration::from_secs(2),
    };
    // Not measured: caches and connections come to be.
    load::run(load.clone()).await?;
    load.time = Duration::from_secs(options.seconds);
    let own = std::process::id();
    for _ in 0..options.runs {
        let before = (server.processor_time()?, process::processor_time(own)?);
        let mut outcome = load::run(load.clone()).await?;
        if outcome.bad > 0 || outcome.samples.len() == 0 {
            return Err(format!("{name}: {} answers were not 200", outcome.bad).into());
        }
        let share = |used: Duration| 100.0 * used.as_secs_f64() / outcome.took.as_secs_f64();
        let server_used = share(server.processor_time()?.saturating_sub(before.0));
        let own_used = share(process::processor_time(own)?.saturating_sub(before.1));
        println!(
            "{name}: {:.0}/s · p50 {} · p99 {} · {} bytes · server {server_used:.0} % · generator {own_used:.0} %",
            outcome.rate(),
            millis(outcome.samples.percentile(50)),
            millis(outcome.samples.percentile(99)),
            outcome.bytes / outcome.samples.len() as u64,
        );
    }
    Ok(())
}
