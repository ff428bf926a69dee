//! The program `sandbox`: a Discord of one's own, on this machine.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sandbox::stripe::WEBHOOK_SECRET;
use sandbox::world::example;
use sandbox::{Sandbox, SandboxConfig};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use url::Url;

/// A Discord of your own: REST, gateway, sign-in, CDN, a chat page and a control API, on this machine only.
#[derive(Debug, Parser)]
#[command(name = "sandbox", version)]
struct Options {
    /// Loopback address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:4010", value_parser = loopback)]
    listen: SocketAddr,
    /// How others reach the sandbox: the start of every address that it hands out. The address it listens
    /// on when left out.
    #[arg(long, value_parser = web_address)]
    public_url: Option<String>,
    /// An OAuth2 redirect address of the example application, besides
    /// `http://localhost:8080/auth/callback`; may be given several times.
    #[arg(long = "redirect", value_parser = web_address)]
    redirects: Vec<String>,
    /// Where the payment provider sends its webhooks, on this machine, signed with `whsec_sandbox`; may be given
    /// several times.
    #[arg(long = "stripe-webhook", value_parser = web_address)]
    stripe_webhooks: Vec<String>,
    /// Discord's OpenAPI description (JSON). With it, every REST request and answer is checked.
    #[arg(long)]
    openapi: Option<PathBuf>,
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "not an IP address with a port".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("the sandbox has no passwords, so it listens on loopback addresses only".to_owned())
    }
}

/// Checked, and kept as it was written: redirect addresses are compared byte by byte.
fn web_address(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(text.to_owned())
    } else {
        Err("not an http address".to_owned())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // Standard output carries the line that others wait for, so the log goes beside it.
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    // Before anything is announced, or a signal in between would kill instead of stop.
    let stop = stop_signal()?;
    let mut config = SandboxConfig { address: options.listen, ..SandboxConfig::default() };
    for redirect in &options.redirects {
        config.world.add_redirect_uri(example::APPLICATION, redirect);
    }
    for url in &options.stripe_webhooks {
        config.world.stripe.add_endpoint(url, WEBHOOK_SECRET)?;
    }
    if options.openapi.is_some() {
        config.openapi = options.openapi;
    }
    let sandbox = Sandbox::start(config).await?;
    if let Some(public_url) = &options.public_url {
        sandbox.world().set_base_url(public_url.trim_end_matches('/'));
    }
    let public = sandbox.world().base_url().to_owned();
    let address = sandbox.base_url();
    let address = address.trim_start_matches("http://");
    let mut out = std::io::stdout();
    writeln!(out, "sandbox ready {public} (chat page {public}/, listening on {address})")?;
    out.flush()?;
    stop.await;
    sandbox.shutdown().await;
    Ok(())
}

/// Ends at the first Ctrl-C or SIGTERM.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
