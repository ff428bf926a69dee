//! Time to the first answer of a button, and how a burst drains, at Discord's own limits.

mod actors;
mod desk;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::Problem;
use crate::installation::{Installation, Place, Server};
use crate::stats::millis;
use actors::{Actors, Times};
use desk::Desk;

/// How hard the bot is worked.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Servers, half of them with a form behind the panel's button.
    #[arg(long, default_value_t = 50)]
    servers: usize,
    /// Openings a second, and as many closings.
    #[arg(long, default_value_t = 5)]
    rate: u32,
    /// Seconds of the steady part.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Openings a second in the burst, and as many closings.
    #[arg(long, default_value_t = 10)]
    burst_rate: u32,
    /// Seconds of the burst.
    #[arg(long, default_value_t = 30)]
    burst_seconds: u32,
}

/// How long a phase may take to drain before the measurement is given up.
const DRAIN_TIME: Duration = Duration::from_mins(5);

/// Measures the steady part, then the burst.
pub async fn run(place: &Place, options: Options) -> Result<(), Problem> {
    let stock = options.burst_rate * options.burst_seconds;
    let first = 10 * options.rate;
    let needed = first + options.rate * options.seconds + stock + stock;
    let (desk, world) = Desk::plan(options.servers, needed as usize);
    let installation = Installation::new(place, world).await?;
    let desk = desk.furnish(&installation).await?;
    let server = installation.start().await?;
    let mut actors = Actors::new(&installation, desk);

    // Something to close from the first second on.
    actors.act(options.rate, 0, 10).await?;
    drain(&actors).await?;
    actors.take_times().await?;
    let phase = Phase::begin(&installation, &server)?;
    actors.act(options.rate, options.rate, options.seconds).await?;
    let name = format!("{0} + {0} a second for {1} s", options.rate, options.seconds);
    phase.end(&name, &mut actors).await?;

    actors.act(options.rate + 2, 0, stock.saturating_sub(first).div_ceil(options.rate + 2)).await?;
    drain(&actors).await?;
    actors.take_times().await?;
    let phase = Phase::begin(&installation, &server)?;
    actors.act(options.burst_rate, options.burst_rate, options.burst_seconds).await?;
    let name = format!("{0} + {0} a second for {1} s", options.burst_rate, options.burst_seconds);
    phase.end(&name, &mut actors).await?;
    server.stop().await
}

async fn drain(actors: &Actors) -> Result<Duration, Problem> {
    let began = Instant::now();
    tokio::time::timeout(DRAIN_TIME, actors.drained())
        .await
        .map_err(|_| format!("not drained: {}", actors.standing()))?;
    Ok(began.elapsed())
}

/// What was before a measured phase.
struct Phase<'a> {
    installation: &'a Installation,
    server: &'a Server,
    used: Duration,
    began: Instant,
    requests: u64,
}

impl<'a> Phase<'a> {
    fn begin(installation: &'a Installation, server: &'a Server) -> Result<Self, Problem> {
        let requests = installation.sandbox.world().journal.last_seq();
        let used = server.processor_time()?;
        Ok(Self { installation, server, used, began: Instant::now(), requests })
    }

    async fn end(self, name: &str, actors: &mut Actors) -> Result<(), Problem> {
        let drained = drain(actors).await?;
        let took = self.began.elapsed();
        let Times { mut press, mut form, mut close, mut usable, mut gone } =
            actors.take_times().await?;
        let used = self.server.processor_time()?.saturating_sub(self.used);
        let mut routes = BTreeMap::<String, u64>::new();
        let mut limited = 0_u64;
        for entry in self.installation.sandbox.world().journal.since(self.requests) {
            *routes.entry(format!("{} {}", entry.method, entry.route)).or_default() += 1;
            limited += u64::from(entry.status == 429);
        }
        let requests: u64 = routes.values().sum();
        println!("{name}");
        println!("  first answer, panel's button: {}", press.line());
        println!("  first answer, form sent:      {}", form.line());
        println!("  first answer, close:          {}", close.line());
        println!("  wish to usable channel:       {}", usable.line());
        println!("  closing to channel gone:      {}", gone.line());
        println!(
            "  drained {} after the last press · {requests} requests, {limited} of them limited · server {:.0} % of a processor",
            millis(drained),
            100.0 * used.as_secs_f64() / took.as_secs_f64(),
        );
        for (route, count) in routes {
            println!("  {count:>6} {route}");
        }
        Ok(())
    }
}
