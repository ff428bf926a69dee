//! Time to the answer of a webhook, while a payment provider delivers many.

use std::time::Duration;

use futures::future::join_all;
use hmac::{Hmac, Mac as _};
use hyper::{Method, StatusCode};
use sandbox::world::World;
use sha2::Sha256;
use tokio::time::{Instant, sleep_until};

use crate::Problem;
use crate::installation::{Installation, Place, Server};
use crate::stats::{Samples, millis};

/// What the measurement signs with; it opens nothing else.
const SECRET: &str = "whsec_of_the_bench";

/// How webhooks are measured.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Webhooks of one run.
    #[arg(long, default_value_t = 1000)]
    webhooks: u32,
    /// Seconds in which they come, at an even pace.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Connections that deliver them.
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// Runs.
    #[arg(long, default_value_t = 3)]
    runs: u32,
}

/// Measures deliveries. Each is timed from the moment at which it was due, so that one that is late because an
/// earlier one was slow counts as slow.
pub async fn run(place: &Place, options: &Options) -> Result<(), Problem> {
    let installation = Installation::new(place, World::example()).await?;
    let settings = [
        ("STRIPE_SECRET_KEY", "sk_test_sandbox".to_owned()),
        ("STRIPE_WEBHOOK_SECRET", SECRET.to_owned()),
        ("STRIPE_API_BASE", format!("{}/stripe/", installation.sandbox.base_url())),
    ];
    let server = installation.start_with(&settings).await?;
    println!(
        "{} webhooks in {} s over {} connections",
        options.webhooks, options.seconds, options.connections
    );
    for run in 0..options.runs {
        let before = server.processor_time()?;
        let began = Instant::now();
        let deliveries = (0..options.connections)
            .map(|connection| deliver(&installation, &server, options, run, connection, began));
        let mut samples = Samples::default();
        for delivered in join_all(deliveries).await {
            samples.extend(delivered?);
        }
        let used = server.processor_time()?.saturating_sub(before);
        println!(
            "all {} answered 200 · p50 {} · p99 {} · longest {} · {:.2} ms of processor time each",
            samples.len(),
            millis(samples.percentile(50)),
            millis(samples.percentile(99)),
            millis(samples.percentile(100)),
            used.as_secs_f64() * 1000.0 / f64::from(options.webhooks),
        );
    }
    server.stop().await
}

/// Delivers the share of one connection.
async fn deliver(
    installation: &Installation,
    server: &Server,
    options: &Options,
    run: u32,
    connection: u32,
    began: Instant,
) -> Result<Samples, Problem> {
    let mut client = server.connect().await?;
    let pace = Duration::from_secs(options.seconds.into()) / options.webhooks;
    let mut samples = Samples::default();
    let mut number = connection;
    while number < options.webhooks {
        let due = began + pace * number;
        sleep_until(due).await;
        let seconds = installation.sandbox.world().now() / 1000;
        let body = body(run, number, seconds);
        let signature = sign(&body, seconds)?;
        let headers =
            [("stripe-signature", signature.as_str()), ("content-type", "application/json")];
        let answer = client.send(Method::POST, "/webhooks/stripe", &headers, body).await?;
        if answer.status != StatusCode::OK {
            return Err(format!("webhook {number} was answered {}", answer.status).into());
        }
        samples.push(due.elapsed());
        number += options.connections;
    }
    Ok(samples)
}

/// An event of about the size that the provider's have. Three tell of the same customer.
fn body(run: u32, number: u32, seconds: i64) -> String {
    let object = number / 3;
    serde_json::json!({
        "id": format!("evt_{run}_{number}"),
        "object": "event",
        "api_version": "2026-09-30.endive",
        "created": seconds,
        "livemode": false,
        "type": "customer.subscription.updated",
        "data": { "object": {
            "id": format!("sub_{run}_{object}"),
            "object": "subscription",
            "padding": "x".repeat(4096),
        } },
    })
    .to_string()
}

fn sign(body: &str, seconds: i64) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    Ok(format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes())))
}
