//! A sandbox and a server that know each other, in an empty data folder.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use hyper::header::{LOCATION, SET_COOKIE};
use hyper::{Method, StatusCode};
use sandbox::id::Id;
use sandbox::world::{World, example};
use sandbox::{Sandbox, SandboxConfig};
use secrecy::SecretString;
use storage::{MasterKeys, Store, StoreConfig};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::Instant;
use url::{Url, form_urlencoded};

use crate::client::Client;
use crate::{Problem, process};

/// The zero key in base64: what it seals is made up.
const MASTER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
/// How long the server may take to begin.
const START_TIME: Duration = Duration::from_mins(1);
/// How long the server may take to end, by its own promise.
const STOP_TIME: Duration = Duration::from_secs(35);

/// What is measured, and where.
pub struct Place {
    /// The server's program.
    pub wardesk: PathBuf,
    /// The address of a PostgreSQL database; SQLite without.
    pub database: Option<String>,
}

/// A sandbox, and the folder and addresses of the server to be started.
pub struct Installation {
    /// The Discord of this measurement.
    pub sandbox: Sandbox,
    wardesk: PathBuf,
    database: String,
    folder: TempDir,
    web: SocketAddr,
    metrics: SocketAddr,
}

/// Addresses that were free a moment ago.
async fn free_addresses() -> Result<[SocketAddr; 2], Problem> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (one, two) = (TcpListener::bind(any).await?, TcpListener::bind(any).await?);
    Ok([one.local_addr()?, two.local_addr()?])
}

impl Installation {
    /// Starts a sandbox with this world in it. Its limits are Discord's; nothing is checked against
    /// Discord's description, which would take time.
    pub async fn new(place: &Place, mut world: World) -> Result<Self, Problem> {
        let folder = TempDir::with_prefix("wardesk-bench-")?;
        let [web, metrics] = free_addresses().await?;
        world.gateway.identify_spacing_ms = 0;
        let back = format!("http://localhost:{}/auth/callback", web.port());
        world.add_redirect_uri(example::APPLICATION, &back);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = SandboxConfig { address, world, openapi: None, ..SandboxConfig::default() };
        let sandbox = Sandbox::start(config).await?;
        let database = place.database.clone().unwrap_or_else(|| sqlite(folder.path(), "wardesk"));
        Ok(Self { sandbox, wardesk: place.wardesk.clone(), database, folder, web, metrics })
    }

    /// The server's own database, with its schema, before the server starts.
    pub async fn store(&self) -> Result<Store, Problem> {
        let store = Store::open(&StoreConfig {
            database_url: SecretString::from(self.database.clone()),
            keys_url: SecretString::from(sqlite(self.folder.path(), "keys")),
            master_keys: MasterKeys::of([0; 32]),
            blobs_url: format!("file://{}", self.folder.path().join("blobs").display()),
            s3_keys: None,
        })
        .await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Starts the server and waits until it is ready and its bot connected.
    pub async fn start(&self) -> Result<Server, Problem> {
        self.start_with(&[]).await
    }

    /// The same with more settings.
    pub async fn start_with(&self, more: &[(&str, String)]) -> Result<Server, Problem> {
        let log = File::create(self.folder.path().join("wardesk.log"))?;
        let api = self.sandbox.base_url();
        let settings = [
            ("RUST_LOG", "info".to_owned()),
            ("LEPTOS_ENV", "PROD".to_owned()),
            ("LEPTOS_OUTPUT_NAME", "wardesk".to_owned()),
            // As in a release, if its list of names was built.
            ("LEPTOS_HASH_FILES", self.wardesk.with_file_name("hash.txt").exists().to_string()),
            ("LEPTOS_SITE_ROOT", self.folder.path().join("site").display().to_string()),
            ("WARDESK_SANDBOX", "1".to_owned()),
            ("WARDESK_BIND", self.web.to_string()),
            ("WARDESK_METRICS_BIND", self.metrics.to_string()),
            ("WARDESK_PUBLIC_URL", format!("http://localhost:{}", self.web.port())),
            ("WARDESK_DATA_DIR", self.folder.path().display().to_string()),
            ("WARDESK_DATABASE_URL", self.database.clone()),
            ("WARDESK_MASTER_KEY", MASTER_KEY.to_owned()),
            ("DISCORD_TOKEN", example::BOT_TOKEN.to_owned()),
            ("DISCORD_CLIENT_ID", example::APPLICATION.to_string()),
            ("DISCORD_CLIENT_SECRET", example::CLIENT_SECRET.to_owned()),
            ("DISCORD_API_URL", self.sandbox.api_url()),
            ("DISCORD_OAUTH_AUTHORIZE_URL", format!("{api}/oauth2/authorize")),
            ("DISCORD_OAUTH_TOKEN_URL", format!("{api}/api/oauth2/token")),
            ("DISCORD_OAUTH_REVOKE_URL", format!("{api}/api/oauth2/token/revoke")),
            ("DISCORD_APP_URL", self.sandbox.base_url()),
            ("DISCORD_CDN_URL", self.sandbox.cdn_url()),
            ("DISCORD_MEDIA_URL", self.sandbox.cdn_url()),
        ];
        let child = Command::new(std::path::absolute(&self.wardesk)?)
            .arg("serve")
            // In its own folder: a `.env` of the checkout is its owner's affair.
            .current_dir(self.folder.path())
            .env_clear()
            .envs(settings)
            .envs(more.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error}", self.wardesk.display()))?;
        let pid = child.id().ok_or("the server ended at once")?;
        let mut server = Server { child, pid, web: self.web, metrics: self.metrics };
        let began = Instant::now();
        while !server.is_ready().await {
            if server.child.try_wait()?.is_some() || began.elapsed() > START_TIME {
                let log = std::fs::read_to_string(self.folder.path().join("wardesk.log"))?;
                return Err(format!("the server did not start:\n{log}").into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(server)
    }

    /// Signs a person of the sandbox in, as their browser would; answers the `Cookie` header.
    pub async fn sign_in(&self, server: &Server, person: Id) -> Result<String, Problem> {
        let mut web = server.connect().await?;
        let origin = format!("http://{}", server.host());
        let form = "application/x-www-form-urlencoded";
        let headers = [("origin", origin.as_str()), ("content-type", form)];
        let begun = web.send(Method::POST, "/auth/login", &headers, "return=/servers").await?;
        let transaction = cookie(&begun.headers, "__Host-oauth_tx").ok_or("no sign-in began")?;
        let page = begun.text();
        let target = page.split_once("0;url=").and_then(|(_, rest)| rest.split_once('"'));
        let target = target.ok_or("the way to Discord is missing")?.0.replace("&amp;", "&");
        let consent = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(Url::parse(&target)?.query_pairs())
            .append_pair("person", &person.to_string())
            .append_pair("decision", "authorize")
            .finish();
        let host = self.sandbox.base_url().replace("http://", "");
        let mut discord = Client::connect(host.parse()?, &host).await?;
        let headers = [("content-type", form)];
        let granted = discord.send(Method::POST, "/oauth2/authorize", &headers, consent).await?;
        let back = granted.headers.get(LOCATION).ok_or("Discord did not send back")?;
        let back = Url::parse(back.to_str()?)?;
        let path = format!("{}?{}", back.path(), back.query().unwrap_or_default());
        let headers = [("cookie", transaction.as_str())];
        let done = web.get(&path, &headers).await?;
        cookie(&done.headers, "__Host-session").ok_or_else(|| "no session began".into())
    }
}

fn sqlite(folder: &Path, name: &str) -> String {
    format!("sqlite://{}", folder.join(format!("{name}.db")).display())
}

/// The cookie of this name that an answer sets, as a `Cookie` header.
fn cookie(headers: &hyper::HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok()?.split(';').next())
        .find(|pair| pair.split('=').next() == Some(name))
        .map(str::to_owned)
}

/// The running server.
pub struct Server {
    child: Child,
    pid: u32,
    /// Where it serves pages.
    pub web: SocketAddr,
    metrics: SocketAddr,
}

impl Server {
    /// The name by which browsers reach it.
    pub fn host(&self) -> String {
        format!("localhost:{}", self.web.port())
    }

    /// A connection to its pages.
    pub async fn connect(&self) -> Result<Client, Problem> {
        Client::connect(self.web, &self.host()).await
    }

    async fn is_ready(&self) -> bool {
        let answer = async { self.connect().await?.get("/readyz", &[]).await };
        let Ok(answer) = answer.await else { return false };
        answer.status == StatusCode::OK && answer.text().contains("\"bot\":\"connected\"")
    }

    /// Its resident memory in bytes.
    pub fn resident(&self) -> Result<u64, Problem> {
        process::resident(self.pid)
    }

    /// The processor time that it has used.
    pub fn processor_time(&self) -> Result<Duration, Problem> {
        process::processor_time(self.pid)
    }

    /// The sum of a metric over all its labels; 0 while it was never counted.
    pub async fn metric(&self, name: &str) -> Result<f64, Problem> {
        let mut client = Client::connect(self.metrics, &self.metrics.to_string()).await?;
        let text = client.get("/metrics", &[]).await?.text();
        let of_name =
            |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']));
        Ok(text
            .lines()
            .filter(of_name)
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum())
    }

    /// Stops it with SIGTERM, as an operator would.
    pub async fn stop(mut self) -> Result<(), Problem> {
        Command::new("kill").arg(self.pid.to_string()).status().await?;
        let status = tokio::time::timeout(STOP_TIME, self.child.wait()).await??;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the server ended with {status}").into())
        }
    }
}
