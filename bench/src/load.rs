//! Asks for pages over many connections at once, as fast as they come.

use std::net::SocketAddr;
use std::time::Duration;

use futures::future::join_all;
use hyper::StatusCode;
use tokio::time::Instant;

use crate::Problem;
use crate::client::Client;
use crate::stats::Samples;

/// What is asked, and how hard.
#[derive(Debug, Clone)]
pub struct Load {
    /// The server.
    pub address: SocketAddr,
    /// What it is called.
    pub host: String,
    /// Headers of every request.
    pub headers: Vec<(String, String)>,
    /// The pages, asked for in turn.
    pub paths: Vec<String>,
    /// Connections, each with one request at a time.
    pub connections: usize,
    /// How long.
    pub time: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// From the first byte asked to the last byte answered.
    pub samples: Samples,
    /// Bytes of bodies.
    pub bytes: u64,
    /// Answers other than 200.
    pub bad: u64,
    /// How long it really took.
    pub took: Duration,
}

impl Outcome {
    /// Good answers in a second.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    pub fn rate(&self) -> f64 {
        self.samples.len() as f64 / self.took.as_secs_f64()
    }
}

/// Runs the load on a thread of its own, so that the generator never uses more than one processor.
pub async fn run(load: Load) -> Result<Outcome, Problem> {
    let (done, answer) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("load".to_owned()).spawn(move || {
        let _ = done.send(generate(&load));
    })?;
    answer.await?
}

fn generate(load: &Load) -> Result<Outcome, Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let began = Instant::now();
        let until = began + load.time;
        let connections = (0..load.connections).map(|number| connection(load, number, until));
        let mut all = Outcome::default();
        for one in join_all(connections).await {
            let one = one?;
            all.samples.extend(one.samples);
            all.bytes += one.bytes;
            all.bad += one.bad;
        }
        all.took = began.elapsed();
        Ok(all)
    })
}

async fn connection(load: &Load, number: usize, until: Instant) -> Result<Outcome, Problem> {
    let mut client = Client::connect(load.address, &load.host).await?;
    let headers: Vec<_> = load.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let mut outcome = Outcome::default();
    let paths = load.paths.iter().cycle().skip(number % load.paths.len().max(1));
    for path in paths {
        let asked = Instant::now();
        if asked >= until {
            break;
        }
        let answer = client.get(path, &headers).await?;
        if answer.status == StatusCode::OK {
            outcome.samples.push(asked.elapsed());
            outcome.bytes += answer.body.len() as u64;
        } else {
            outcome.bad += 1;
        }
    }
    Ok(outcome)
}
