//! Settings: read once, checked together, secrets typed. `.env.example` explains each.

pub mod contacts;
mod hints;
mod imprint;
mod reader;
pub mod report;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use domain::ids::{ApplicationId, UserId};
use domain::licences::Plans;
use secrecy::{ExposeSecret as _, SecretString};
use storage::backup::Recipient;
use storage::keys::{MasterKeyProblem, MasterKeys};
use storage::{BlobsAddress, S3Keys, StoreConfig};
use tracing_subscriber::EnvFilter;
use url::Url;
use wardesk_core::licences;
use wardesk_core::privacy::imprint::Imprint;

use crate::http::client::Proxies;
use reader::Reader;

/// Discord's own, which it names in the `proxy_url` of embeds.
const IMAGE_PROXIES: &str =
    "https://images-ext-1.discordapp.net,https://images-ext-2.discordapp.net";

/// A setting that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with it and how to mend it. Never holds the value of a secret.
    pub text: String,
}

/// The settings of the program.
pub struct Config {
    /// Where the web server listens.
    pub bind: SocketAddr,
    /// Where metrics are served.
    pub metrics_bind: SocketAddr,
    /// Reverse proxies: they may hold any number of connections, and the word of those that are named counts.
    pub proxies: Proxies,
    /// The address people type, without a slash at the end.
    pub public_url: String,
    /// Database, keys and blobs.
    pub store: StoreConfig,
    /// Discord.
    pub discord: DiscordConfig,
    /// Payments; `None` where they are off.
    pub payments: Option<PaymentsConfig>,
    /// The sandbox's clock, where this program follows it.
    pub sandbox_clock: Option<Url>,
    /// What servers may use.
    pub plans: Plans,
    /// The accounts that may issue and revoke licences.
    pub operators: Vec<UserId>,
    /// What the operator's mail service signs with: the present secret, and the one before while it is being changed.
    pub mail_secrets: Vec<SecretString>,
    /// Who operates the installation, and whom it contacts.
    pub imprint: Imprint,
    /// Backups that are made every night.
    pub backup: BackupConfig,
    /// What is logged, in the form of `RUST_LOG`.
    pub log_filter: String,
    /// What is allowed and probably not meant.
    pub hints: Vec<Problem>,
    /// The values to show in a report, secrets left out.
    shown: Vec<(&'static str, String)>,
}

/// The settings about backups.
pub struct BackupConfig {
    /// Where one is made every night; `None` where none is.
    pub folder: Option<PathBuf>,
    /// For whom they are encrypted.
    pub recipient: Option<Recipient>,
}

/// The settings about payments.
pub struct PaymentsConfig {
    /// Stripe's secret key.
    pub key: SecretString,
    /// Stripe's API.
    pub api: Url,
    /// What Stripe signs webhooks with: the present secret, and the one before while it is being changed.
    pub webhook_secrets: Vec<SecretString>,
    /// Whether Stripe works out the tax of subscriptions.
    pub automatic_tax: bool,
}

/// The settings about Discord.
pub struct DiscordConfig {
    /// The bot's token.
    pub token: SecretString,
    /// The application.
    pub application: ApplicationId,
    /// Its OAuth2 secret.
    pub client_secret: SecretString,
    /// The REST API.
    pub api: Url,
    /// Where people open Discord.
    pub app: Url,
    /// The consent page.
    pub authorize: Url,
    /// Where codes are traded.
    pub token_url: Url,
    /// Where tokens end.
    pub revoke: Url,
    /// Avatars, icons, attachments.
    pub cdn: Url,
    /// Attachments again.
    pub media: Url,
    /// Where Discord hands out pictures of other sites.
    pub image_proxies: Vec<Url>,
    /// Whether to hear who joins and leaves, where Discord grants it.
    pub members: bool,
    /// Whether stand-ins on loopback are allowed.
    pub sandbox: bool,
}

/// Reads the environment and `.env` and checks everything.
pub fn load() -> (Option<Config>, Vec<Problem>) {
    let mut reader = Reader::from_environment();
    let config = read(&mut reader);
    (config, reader.into_problems())
}

fn read(reader: &mut Reader) -> Option<Config> {
    let bind = reader.parsed("WARDESK_BIND", "127.0.0.1:8080", "an address and a port");
    let metrics_bind =
        reader.parsed("WARDESK_METRICS_BIND", "127.0.0.1:9090", "an address and a port");
    let named = trusted_proxies(reader);
    let proxies = beyond_this_machine(reader, bind, named);
    let public_url = public_url(reader);
    let data: PathBuf = reader.text("WARDESK_DATA_DIR", "./data").into();
    let store = store(reader, &data);
    let discord = discord(reader);
    let payments = payments(reader);
    let sandbox_clock = sandbox_clock(reader);
    let plans = plans(reader);
    let operators = operators(reader);
    let mail_secrets = mail_secrets(reader);
    let imprint = imprint::imprint(reader);
    let backup = backup(reader);
    let log_filter = reader.text("RUST_LOG", "info");
    if EnvFilter::try_new(&log_filter).is_err() {
        reader.problem("RUST_LOG", "takes a level, or levels of modules: info,discord=debug");
    }
    // Port 0 is a free one, another for each.
    if bind.is_some_and(|bind: SocketAddr| bind.port() != 0) && bind == metrics_bind {
        reader.problem("WARDESK_METRICS_BIND", "is the address of the pages, WARDESK_BIND");
    }
    if !reader.is_good() {
        return None;
    }
    let mut config = Config {
        bind: bind?,
        metrics_bind: metrics_bind?,
        proxies,
        public_url: public_url?,
        store: store?,
        discord: discord?,
        payments,
        sandbox_clock,
        plans: plans?,
        operators,
        mail_secrets,
        imprint,
        backup,
        log_filter,
        hints: Vec::new(),
        shown: reader.shown(),
    };
    config.imprint.contacts = contacts::contacts(&config);
    config.hints = hints::hints(&config, reader);
    Some(config)
}

fn trusted_proxies(reader: &mut Reader) -> Vec<IpAddr> {
    let name = "WARDESK_TRUSTED_PROXIES";
    let text = reader.text(name, "");
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let addresses: Result<Vec<IpAddr>, _> = parts.map(str::parse).collect();
    if addresses.is_err() {
        reader.problem(name, "takes IP addresses with commas between, such as 10.0.0.2,fd00::2");
    }
    addresses.unwrap_or_default().iter().map(IpAddr::to_canonical).collect()
}

/// Pages go by https alone, and the program speaks no TLS itself: beyond this machine it listens only where somebody
/// has said who does (P29).
fn beyond_this_machine(
    reader: &mut Reader,
    bind: Option<SocketAddr>,
    named: Vec<IpAddr>,
) -> Proxies {
    let behind_tls = reader.flag("WARDESK_BEHIND_TLS");
    let open = bind.is_some_and(|bind| !bind.ip().to_canonical().is_loopback());
    if open && named.is_empty() && !behind_tls {
        reader.problem(
            "WARDESK_BIND",
            "listens beyond this machine, without TLS: name the proxy that has it in WARDESK_TRUSTED_PROXIES, or say WARDESK_BEHIND_TLS=1 where it has no fixed address",
        );
    }
    if behind_tls && named.is_empty() { Proxies::Unnamed } else { Proxies::Named(named) }
}

fn is_localhost(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn public_url(reader: &mut Reader) -> Option<String> {
    let name = "WARDESK_PUBLIC_URL";
    let url: Url = reader.parsed(name, "http://localhost:8080", "an address with https://")?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_localhost(&url)) {
        reader.problem(name, "needs https:// everywhere but on localhost: cookies depend on it");
        return None;
    }
    if url.path() != "/" || url.query().is_some() {
        reader.problem(name, "takes no path: Wardesk is served at the root of its host");
        return None;
    }
    Some(url.as_str().trim_end_matches('/').to_owned())
}

fn store(reader: &mut Reader, data: &std::path::Path) -> Option<StoreConfig> {
    let database = format!("sqlite://{}", data.join("wardesk.db").display());
    let keys = format!("sqlite://{}", data.join("keys.db").display());
    let database_url = reader.secret_or("WARDESK_DATABASE_URL", &database);
    let keys_url = reader.secret_or("WARDESK_KEYS_URL", &keys);
    if database_url.expose_secret() == keys_url.expose_secret() {
        reader.problem(
            "WARDESK_KEYS_URL",
            "names the same database as WARDESK_DATABASE_URL: keys live in a store of their own",
        );
    }
    for (name, url) in [("WARDESK_DATABASE_URL", &database_url), ("WARDESK_KEYS_URL", &keys_url)] {
        let url = url.expose_secret();
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|s| url.starts_with(s)) {
            reader.problem(name, "starts with sqlite:// or postgres://");
        } else if let Err(problem) = storage::check_address(url) {
            reader.problem(name, problem);
        }
    }
    let blobs_url = blobs_url(reader, data);
    let s3_keys = s3_keys(reader, blobs_url.as_deref());
    let master_keys = master_keys(reader, data)?;
    Some(StoreConfig { database_url, keys_url, master_keys, blobs_url: blobs_url?, s3_keys })
}

/// Blob folders are given to the store as absolute paths.
fn blobs_url(reader: &mut Reader, data: &std::path::Path) -> Option<String> {
    let name = "WARDESK_BLOBS_URL";
    let url = reader.text(name, &format!("file://{}", data.join("blobs").display()));
    match BlobsAddress::parse(&url) {
        Ok(BlobsAddress::Bucket(_)) => Some(url),
        Ok(BlobsAddress::Folder(path)) => {
            let absolute = std::path::absolute(path).ok();
            if absolute.is_none() {
                reader.problem(name, "names no folder");
            }
            absolute.map(|path| format!("file://{}", path.display()))
        }
        Err(problems) => {
            for problem in problems {
                reader.problem(name, &problem.to_string());
            }
            None
        }
    }
}

/// The keys of an S3 store: both where blobs are in one, and neither where they are not.
fn s3_keys(reader: &mut Reader, blobs_url: Option<&str>) -> Option<S3Keys> {
    let (id_name, secret_name) = ("WARDESK_S3_KEY_ID", "WARDESK_S3_SECRET_KEY");
    let (id, secret) = (reader.secret(id_name), reader.secret(secret_name));
    if blobs_url?.starts_with("s3://") {
        for (name, value) in [(id_name, &id), (secret_name, &secret)] {
            if value.is_none() {
                reader.problem(name, "is missing: WARDESK_BLOBS_URL names an S3 store");
            }
        }
    } else {
        for (name, value) in [(id_name, &id), (secret_name, &secret)] {
            if value.is_some() {
                reader.problem(name, "is of no use: WARDESK_BLOBS_URL names no S3 store");
            }
        }
        return None;
    }
    Some(S3Keys { id: id?, secret: secret? })
}

fn backup(reader: &mut Reader) -> BackupConfig {
    let (folder_name, name) = ("WARDESK_BACKUP_DIR", "WARDESK_BACKUP_RECIPIENT");
    let folder = reader.text(folder_name, "");
    let folder = Some(folder).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let text = reader.text(name, "");
    let recipient = if text.is_empty() { None } else { text.parse().ok() };
    if recipient.is_none() && !text.is_empty() {
        reader.problem(name, "begins with age1: `wardesk backup --make-identity FILE` makes one");
    } else if recipient.is_none() && folder.is_some() {
        reader.problem(
            name,
            "is missing: backups are encrypted. Make one with: wardesk backup --make-identity FILE",
        );
    }
    BackupConfig { folder, recipient }
}

fn master_keys(reader: &mut Reader, data: &std::path::Path) -> Option<MasterKeys> {
    let (name, file_name) = ("WARDESK_MASTER_KEY", "WARDESK_MASTER_KEY_FILE");
    // Not read as other secrets are: its file has a place of its own, and is read again while the program runs.
    if reader.is_set(name) {
        if reader.is_set(file_name) {
            reader.problem(name, &format!("is set, and so is {file_name}: one of the two"));
            return None;
        }
        let text = reader.secret(name)?;
        let keys = MasterKeys::parse(text.expose_secret());
        return keys.map_err(|problem| reader.problem(name, &problem.to_string())).ok();
    }
    let path = reader.text(file_name, &data.join("master.key").display().to_string());
    match MasterKeys::read(std::path::Path::new(&path)) {
        Ok(keys) => Some(keys),
        Err(MasterKeyProblem::Unreadable) => {
            let folder = std::path::Path::new(&path).parent().unwrap_or(data).display();
            reader.problem(
                file_name,
                &format!(
                    "{path} cannot be read. Put the key back that there was; for a new installation make one with: umask 077; mkdir -p {folder}; head -c 32 /dev/urandom | base64 > {path}"
                ),
            );
            None
        }
        Err(problem) => {
            reader.problem(file_name, &format!("{path} {problem}"));
            None
        }
    }
}

fn discord(reader: &mut Reader) -> Option<DiscordConfig> {
    let sandbox = reader.flag("WARDESK_SANDBOX");
    let hint =
        "is missing: README.md says how to create the application, or start ./run without it";
    let token = reader.required_secret("DISCORD_TOKEN", hint);
    let application = reader.required("DISCORD_CLIENT_ID", hint).and_then(|text| {
        let id = text.parse().ok();
        if id.is_none() {
            reader.problem("DISCORD_CLIENT_ID", "is a number of 17 to 20 digits");
        }
        id
    });
    let client_secret = reader.required_secret("DISCORD_CLIENT_SECRET", hint);
    let mut address = |name, default| address(reader, sandbox, name, default);
    let api = address("DISCORD_API_URL", "https://discord.com/api/v10");
    let app = address("DISCORD_APP_URL", "https://discord.com");
    let authorize = address("DISCORD_OAUTH_AUTHORIZE_URL", "https://discord.com/oauth2/authorize");
    let token_url = address("DISCORD_OAUTH_TOKEN_URL", "https://discord.com/api/oauth2/token");
    let revoke = address("DISCORD_OAUTH_REVOKE_URL", "https://discord.com/api/oauth2/token/revoke");
    let cdn = address("DISCORD_CDN_URL", "https://cdn.discordapp.com");
    let media = address("DISCORD_MEDIA_URL", "https://media.discordapp.net");
    let image_proxies = image_proxies(reader, sandbox);
    let members = reader.flag_or("WARDESK_MEMBERS_INTENT", "1");
    Some(DiscordConfig {
        token: token?,
        application: application?,
        client_secret: client_secret?,
        api: api?,
        app: app?,
        authorize: authorize?,
        token_url: token_url?,
        revoke: revoke?,
        cdn: cdn?,
        media: media?,
        image_proxies: image_proxies?,
        members,
        sandbox,
    })
}

fn image_proxies(reader: &mut Reader, sandbox: bool) -> Option<Vec<Url>> {
    let name = "DISCORD_IMAGE_PROXY_URLS";
    let text = reader.text(name, IMAGE_PROXIES);
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let known = |url: &Url| {
        url.scheme() == "https" || (sandbox && url.scheme() == "http" && is_localhost(url))
    };
    let urls: Option<Vec<Url>> = parts.map(|part| part.parse().ok().filter(known)).collect();
    if urls.is_none() {
        reader.problem(name, "takes addresses with https:// and commas between");
    }
    urls
}

/// The plans of the file that is named, else those that the program comes with.
fn plans(reader: &mut Reader) -> Option<Plans> {
    let name = "WARDESK_PLANS_FILE";
    let path = reader.text(name, "");
    let file = (!path.is_empty()).then(|| std::fs::read_to_string(&path));
    let read = match &file {
        None => licences::read_plans(licences::SHIPPED),
        Some(Ok(text)) => licences::read_plans(text),
        Some(Err(_)) => Err(vec!["cannot be read".to_owned()]),
    };
    read.map_err(|problems| {
        for problem in problems {
            reader.problem(name, &format!("{path}: {problem}"));
        }
    })
    .ok()
}

/// Accounts that operate the service.
fn operators(reader: &mut Reader) -> Vec<UserId> {
    let name = "WARDESK_OPERATORS";
    let text = reader.text(name, "");
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let accounts: Result<Vec<UserId>, _> = parts.map(str::parse).collect();
    if accounts.is_err() {
        reader.problem(name, "takes ids of Discord accounts with commas between");
    }
    accounts.unwrap_or_default()
}

/// Without a key payments are off. A key that is wrong is a problem, not a missing one.
fn payments(reader: &mut Reader) -> Option<PaymentsConfig> {
    let sandbox = reader.flag("WARDESK_SANDBOX");
    let api = address(reader, sandbox, "STRIPE_API_BASE", "https://api.stripe.com/");
    let automatic_tax = reader.flag_or("STRIPE_AUTOMATIC_TAX", "1");
    let webhook_secrets = webhook_secrets(reader);
    let name = "STRIPE_SECRET_KEY";
    let key = reader.secret(name)?;
    if !["sk_", "rk_"].iter().any(|prefix| key.expose_secret().starts_with(prefix)) {
        reader.problem(name, "starts with sk_ or rk_: the secret key or a restricted one");
        return None;
    }
    Some(PaymentsConfig { key, api: api?, webhook_secrets, automatic_tax })
}

/// The secrets that webhooks are signed with: none, one, or two while one takes the other's place.
fn webhook_secrets(reader: &mut Reader) -> Vec<SecretString> {
    let (name, old_name) = ("STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET_OLD");
    let (secret, old) = (reader.secret(name), reader.secret(old_name));
    if old.is_some() && secret.is_none() {
        reader.problem(old_name, "is of no use without STRIPE_WEBHOOK_SECRET");
    }
    for (name, secret) in [(name, &secret), (old_name, &old)] {
        if secret.as_ref().is_some_and(|secret| !is_signing_secret(secret.expose_secret())) {
            let said = "starts with whsec_ and goes on: the signing secret of the webhook endpoint";
            reader.problem(name, said);
        }
    }
    secret.into_iter().chain(old).collect()
}

/// The secrets that mails are signed with: none, one, or two while one takes the other's place.
fn mail_secrets(reader: &mut Reader) -> Vec<SecretString> {
    let (name, old_name) = ("WARDESK_MAIL_WEBHOOK_SECRET", "WARDESK_MAIL_WEBHOOK_SECRET_OLD");
    let (secret, old) = (reader.secret(name), reader.secret(old_name));
    if old.is_some() && secret.is_none() {
        reader.problem(old_name, "is of no use without WARDESK_MAIL_WEBHOOK_SECRET");
    }
    for (name, secret) in [(name, &secret), (old_name, &old)] {
        if secret.as_ref().is_some_and(|secret| secret.expose_secret().len() < 32) {
            reader.problem(name, "has at least 32 characters: make one with openssl rand -hex 32");
        }
    }
    secret.into_iter().chain(old).collect()
}

/// Whether it can be a signing secret: with nothing after the prefix, anybody could sign.
fn is_signing_secret(secret: &str) -> bool {
    let rest = secret.strip_prefix("whsec_").unwrap_or_default();
    rest.len() >= 7 && rest.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The sandbox's clock. Real servers have no clock that anyone can move.
fn sandbox_clock(reader: &mut Reader) -> Option<Url> {
    let sandbox = reader.flag("WARDESK_SANDBOX");
    let name = "WARDESK_SANDBOX_CLOCK";
    let text = reader.text(name, "");
    if text.is_empty() {
        return None;
    }
    let url: Option<Url> = text.parse().ok();
    let url = url.filter(|url| sandbox && url.scheme() == "http" && is_localhost(url));
    if url.is_none() {
        reader.problem(name, "is an address on loopback, with WARDESK_SANDBOX=1 alone");
    }
    url
}

fn address(reader: &mut Reader, sandbox: bool, name: &'static str, default: &str) -> Option<Url> {
    let url: Url = reader.parsed(name, default, "an address with https://")?;
    let stand_in = sandbox && url.scheme() == "http" && is_localhost(&url);
    if url.scheme() == "https" || stand_in {
        return Some(url);
    }
    reader.problem(name, "needs https://; http:// is for loopback with WARDESK_SANDBOX=1");
    None
}

#[cfg(test)]
mod tests;
