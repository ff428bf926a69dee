//! Start and stop: what runs, in which order it begins, in which order it ends.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use discord::gateway::{
    self, CONTENT_EVERY, GatewayConfig, GatewayHealth, GatewayState, ParkReason,
};
use discord::rest::RestHealth;
use discord::{OAuth, OAuthConfig, Rest, RestConfig};
use leptos::config::{Env, LeptosOptions, get_configuration};
use payments::Stripe;
use storage::keys::KeyTrouble;
use storage::{StorageError, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use wardesk_core::ports::{Clock, SystemClock, SystemRandom};
use wardesk_core::privacy::{documents, download, erase, requests};
use wardesk_core::status::{BotState, Status};
use wardesk_core::{Parts, Wardesk, backup, licences, outbox, retention, tickets, transcripts};

use crate::config::{Config, contacts};
use crate::http::client::Proxies;
use crate::http::{self, AppState, listener};
use crate::sandbox_clock::SandboxClock;
use crate::tasks::Tasks;
use crate::telemetry;

/// How long balancers get to notice `/readyz` before no more connections are accepted. Only where
/// something but this machine may be in front.
const NOTICE_TIME: Duration = Duration::from_secs(5);
/// Longest wait at the start for an answer of the store of files.
const PROBE_TIME: Duration = Duration::from_secs(10);
/// How long workers may take to end after the stop.
const WORKER_TIME: Duration = Duration::from_secs(20);

/// Why the program could not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The database, the key store or the blobs.
    #[error("storage: {0}")]
    Storage(#[from] StorageError),
    /// An address to listen on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Which.
        address: std::net::SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The data folder.
    #[error("the folder {folder} cannot be made: {error}")]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        error: std::io::Error,
    },
    /// The store of files refuses.
    #[error("WARDESK_BLOBS_URL: nothing can be written there and removed: {0}")]
    Blobs(storage::StorageError),
    /// TLS is not available on this system.
    #[error("no TLS: {0}")]
    Tls(String),
    /// The metrics recorder.
    #[error("metrics: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// The payment settings.
    #[error("payments: {0}")]
    Payments(#[from] payments::InvalidSettings),
    /// A part that runs as long as the program does has ended. What went wrong stands in the log before.
    #[error("{0} ended unexpectedly")]
    Part(&'static str),
    /// `Leptos.toml`.
    #[error("Leptos.toml: {0}")]
    Leptos(String),
}

/// Runs everything until SIGTERM or Ctrl-C, or until a part of it breaks: a service manager starts a program
/// anew that has ended, and none that has lost a part.
pub async fn run(config: Config) -> Result<(), RunError> {
    let metrics = telemetry::start_metrics()?;
    make_folders(&config)?;
    let store = Store::open(&config.store).await?;
    let mut in_use = store.use_with_others().await?;
    store.migrate().await?;
    probe_blobs(&store, &config.store.blobs_url).await?;
    let (clock, sandbox_clock) = clock_of(&config).await?;
    let (wardesk, rest) = wire(&config, store, clock)?;
    licences::bury_again(&wardesk).await?;
    documents::note(&wardesk).await?;
    let state = AppState::new(wardesk.clone(), leptos_options()?).with_mail(&config.mail_secrets);
    let draining = state.draining.clone();
    let web = listen(config.bind).await?;
    let numbers = listen(config.metrics_bind).await?;
    // Port 0 takes a free one: which, only the socket knows.
    let address = web.local_addr().unwrap_or(config.bind);
    let metrics_address = numbers.local_addr().unwrap_or(config.metrics_bind);

    let stop_web = CancellationToken::new();
    let stop_work = CancellationToken::new();
    let stop_bot = CancellationToken::new();
    let metrics_routes =
        Router::new().route("/metrics", get(move || std::future::ready(metrics.render())));
    let proxies = config.proxies.clone();
    let pages = http::router(state);
    let mut tasks = Tasks::default();
    tasks.spawn("pages", listener::serve(web, pages, proxies, stop_web.clone()));
    tasks.spawn(
        "metrics",
        listener::serve(numbers, metrics_routes, Proxies::Named(Vec::new()), stop_web.clone()),
    );
    tasks.spawn("outbox", outbox::run(wardesk.clone(), stop_work.clone()));
    tasks.spawn("live pages", tickets::follow(wardesk.clone(), stop_work.clone()));
    tasks.spawn("attachments", transcripts::attachments::run(wardesk.clone(), stop_work.clone()));
    tasks.spawn("copies", transcripts::check::run(wardesk.clone(), stop_work.clone()));
    tasks.spawn("requests", requests::run(wardesk.clone(), stop_work.clone()));
    tasks.spawn("downloads", download::run(wardesk.clone(), stop_work.clone()));
    tasks.spawn("erasures", erase::run(wardesk.clone(), stop_work.clone()));
    tasks.spawn("retention", retention::run(wardesk.clone(), stop_work.clone()));
    if let (Some(folder), Some(recipient)) = (&config.backup.folder, &config.backup.recipient) {
        let (folder, recipient) = (folder.clone(), recipient.clone());
        tasks.spawn("backups", backup::run(wardesk.clone(), folder, recipient, stop_work.clone()));
    }
    if let Some(clock) = sandbox_clock {
        tasks.spawn("sandbox clock", clock.follow(stop_work.clone()));
    }
    if wardesk.payments().is_some() {
        tasks.spawn("payments", licences::watch_payments(wardesk.clone(), stop_work.clone()));
        let reconciling = licences::payments::work::run(wardesk.clone(), stop_work.clone());
        tasks.spawn("reconciliation", reconciling);
    }
    let (health, healthy) = watch::channel(GatewayHealth::default());
    let telling = tell_status(wardesk.clone(), healthy, rest.health(), stop_work.clone());
    tasks.spawn("status", telling);
    tasks.spawn(
        "master keys",
        tell_key_troubles(wardesk.store().keys().troubles(), stop_work.clone()),
    );
    let gateway = GatewayConfig {
        token: config.discord.token.clone(),
        allow_plain: config.discord.sandbox,
        random: Arc::new(SystemRandom),
        content_every: CONTENT_EVERY,
        members: config.discord.members,
        egress: contacts::egress(&config.imprint.contacts),
    };
    tasks.spawn("gateway", gateway::run(wardesk.clone(), rest, gateway, health, stop_bot.clone()));
    tracing::info!(%address, metrics = %metrics_address, "serving");

    let broken = tokio::select! {
        () = wait_for_signal() => None,
        part = tasks.first_end() => Some(part),
        () = in_use.lost() => Some("the hold on the database, which a restore has now,"),
    };
    if let Some(part) = broken {
        tracing::error!(part, "a part of the program ended unexpectedly; the rest ends too");
    }
    tracing::info!("stopping");
    draining.cancel();
    if !config.bind.ip().is_loopback() {
        tokio::time::sleep(NOTICE_TIME).await;
    }
    stop_web.cancel();
    stop_work.cancel();
    stop_bot.cancel();
    within(WORKER_TIME, tasks.end()).await;
    wardesk.store().close().await;
    in_use.end().await;
    tracing::info!("stopped");
    broken.map_or(Ok(()), |part| Err(RunError::Part(part)))
}

/// Files that people send must have somewhere to go, or they are lost when Discord's addresses of them end. A store
/// that says no keeps the program from starting; one that does not answer may do so later.
async fn probe_blobs(store: &Store, url: &str) -> Result<(), RunError> {
    let probe = tokio::time::timeout(PROBE_TIME, store.blobs().probe()).await;
    match probe {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) if error.is_refused_by_blobs() || url.starts_with("file:") => {
            Err(RunError::Blobs(error))
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the store of files cannot be used at the moment");
            Ok(())
        }
        Err(_) => {
            tracing::error!("the store of files does not answer at the moment");
            Ok(())
        }
    }
}

async fn within(time: Duration, ending: impl Future<Output = ()>) {
    if tokio::time::timeout(time, ending).await.is_err() {
        tracing::warn!("some work did not end in time; it resumes at the next start");
    }
}

async fn listen(address: std::net::SocketAddr) -> Result<TcpListener, RunError> {
    TcpListener::bind(address).await.map_err(|error| RunError::Listen { address, error })
}

/// Makes the folders of SQLite databases; SQLite itself makes only files.
pub(crate) fn make_folders(config: &Config) -> Result<(), RunError> {
    use secrecy::ExposeSecret as _;
    for url in [&config.store.database_url, &config.store.keys_url] {
        let Some(path) = url.expose_secret().strip_prefix("sqlite://") else { continue };
        let path = path.split('?').next().unwrap_or_default();
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder).map_err(|error| RunError::Folder {
                folder: folder.display().to_string(),
                error,
            })?;
        }
    }
    Ok(())
}

/// The clock of these settings: the machine's, or the sandbox's with the time that it has now, which has to be
/// followed.
pub(crate) async fn clock_of(
    config: &Config,
) -> Result<(Arc<dyn Clock>, Option<Arc<SandboxClock>>), RunError> {
    let Some(address) = &config.sandbox_clock else {
        let machine: Arc<dyn Clock> = Arc::new(SystemClock);
        return Ok((machine, None));
    };
    let clock = SandboxClock::new(address.clone()).map_err(|e| RunError::Tls(e.to_string()))?;
    clock.refresh().await;
    let followed = Arc::new(clock);
    let clock: Arc<dyn Clock> = followed.clone();
    Ok((clock, Some(followed)))
}

/// Wires everything that use-cases touch. Calls nothing.
pub(crate) fn wire(
    config: &Config,
    store: Store,
    clock: Arc<dyn Clock>,
) -> Result<(Wardesk, Rest), RunError> {
    let tls = |error: &dyn std::fmt::Display| RunError::Tls(error.to_string());
    let discord = &config.discord;
    let egress = contacts::egress(&config.imprint.contacts);
    let rest = Rest::new(RestConfig {
        api: discord.api.clone(),
        token: discord.token.clone(),
        application: discord.application,
        cdns: [&discord.cdn, &discord.media]
            .into_iter()
            .chain(&discord.image_proxies)
            .cloned()
            .collect(),
        allow_loopback: discord.sandbox,
        random: Arc::new(SystemRandom),
        egress: egress.clone(),
    })
    .map_err(|e| tls(&e))?;
    let redirect = format!("{}/auth/callback", config.public_url);
    let oauth = OAuthConfig {
        authorize: discord.authorize.clone(),
        token: discord.token_url.clone(),
        revoke: discord.revoke.clone(),
        api: discord.api.clone(),
        application: discord.application,
        client_secret: discord.client_secret.clone(),
        redirect: redirect.parse().map_err(|e: url::ParseError| tls(&e))?,
        egress,
    };
    let oauth = OAuth::new(oauth).map_err(|e| tls(&e))?;
    let parts = Parts {
        store,
        discord: Arc::new(rest.clone()),
        identity: Arc::new(oauth),
        clock,
        random: Arc::new(SystemRandom),
        public_url: config.public_url.clone(),
        cdn_url: discord.cdn.as_str().trim_end_matches('/').to_owned(),
        media_url: discord.media.as_str().trim_end_matches('/').to_owned(),
        app_url: discord.app.as_str().trim_end_matches('/').to_owned(),
        application: discord.application,
        plans: config.plans.clone(),
        operators: config.operators.clone(),
        imprint: config.imprint.clone(),
    };
    let wardesk = match &config.payments {
        None => Wardesk::new(parts),
        Some(settings) => {
            let stripe = Stripe::new(&settings.key, &settings.api, settings.automatic_tax)?;
            if settings.webhook_secrets.is_empty() {
                tracing::warn!(
                    "STRIPE_WEBHOOK_SECRET is not set: what is paid shows when it is looked for, once a night"
                );
            }
            let secrets = settings.webhook_secrets.clone();
            Wardesk::with_payments(parts, Arc::new(stripe), secrets)
        }
    };
    Ok((wardesk, rest))
}

/// The run-time options of the pages, from `Leptos.toml` beside the program's working folder.
fn leptos_options() -> Result<LeptosOptions, RunError> {
    let file = Path::new("Leptos.toml").exists().then_some("Leptos.toml");
    let options = get_configuration(file).map_err(|e| RunError::Leptos(e.to_string()))?;
    let options = options.leptos_options;
    if matches!(options.env, Env::DEV) && cfg!(not(debug_assertions)) {
        tracing::warn!("Leptos runs in its development environment: set LEPTOS_ENV=PROD");
    }
    let style = app::style_sheet(&options);
    if !Path::new(options.site_root.as_ref()).join(style.trim_start_matches('/')).exists() {
        tracing::error!(
            %style,
            "pages have no style and no program: start in the folder of Leptos.toml, with hash.txt beside the program"
        );
    }
    Ok(options)
}

fn status(gateway: GatewayHealth, rest: RestHealth) -> Status {
    let bot = match (gateway.state, rest) {
        (_, RestHealth::BadToken) | (GatewayState::Parked(ParkReason::BadToken), _) => {
            BotState::BadToken
        }
        (GatewayState::Parked(ParkReason::DisallowedIntents), _) => BotState::MissingIntent,
        (GatewayState::Parked(ParkReason::ShardingRequired), _) => BotState::TooManyServers,
        (GatewayState::Parked(_), _) | (_, RestHealth::Stopped) => BotState::Refused,
        (GatewayState::Connected, _) => BotState::Connected,
        (GatewayState::Waiting, _) => BotState::Elsewhere,
        (GatewayState::Connecting | GatewayState::Resuming, _) => BotState::Connecting,
        (GatewayState::Stopped, _) => BotState::Stopped,
    };
    Status { bot, content_available: gateway.content_available }
}

/// Passes on how the bot is, whenever that changes.
async fn tell_status(
    wardesk: Wardesk,
    mut gateway: watch::Receiver<GatewayHealth>,
    mut rest: watch::Receiver<RestHealth>,
    stop: CancellationToken,
) {
    loop {
        let (gateway_now, rest_now) = (*gateway.borrow_and_update(), *rest.borrow_and_update());
        wardesk.set_status(status(gateway_now, rest_now));
        tokio::select! {
            () = stop.cancelled() => return,
            // The gateway has ended, which is told as it is.
            changed = gateway.changed() => if changed.is_err() { return stop.cancelled().await },
            changed = rest.changed() => if changed.is_err() { return },
        }
    }
}

/// Reports key problems in the log and a metric when they change. Never logs the key file's path.
async fn tell_key_troubles(
    mut troubles: watch::Receiver<Option<KeyTrouble>>,
    stop: CancellationToken,
) {
    let gauge = metrics::gauge!("wardesk_data_keys_unopened");
    gauge.set(0.0);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            changed = troubles.changed() => if changed.is_err() { return stop.cancelled().await },
        }
        let trouble = troubles.borrow_and_update().clone();
        gauge.set(if trouble.is_some() { 1.0 } else { 0.0 });
        if let Some(trouble) = trouble {
            tracing::error!(%trouble, "data keys cannot be opened");
        } else {
            tracing::info!("data keys can be opened again");
        }
    }
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
