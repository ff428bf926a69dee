//! What is allowed and probably not meant: it is told, and stops nothing.

use std::collections::BTreeSet;

use secrecy::ExposeSecret as _;

use super::reader::Reader;
use super::{Config, Problem};

/// Every setting is explained there, one on each line that begins with its name.
const EXPLAINED: &str = include_str!("../../../.env.example");

/// Names that a setting of this program begins with.
const OURS: [&str; 3] = ["WARDESK_", "DISCORD_", "STRIPE_"];

/// What names begin with that the tests hand to one another.
const OF_TESTS: &str = concat!("WARDESK", "_TEST_");

/// What `config check` and the log say about good settings.
pub(super) fn hints(config: &Config, reader: &Reader) -> Vec<Problem> {
    let mut hints = Vec::new();
    let mut hint = |name, text: &str| hints.push(Problem { name, text: text.to_owned() });
    let shared = ["postgres://", "postgresql://"];
    let is_shared = |url: &str| shared.iter().any(|scheme| url.starts_with(scheme));
    let store = &config.store;
    if is_shared(store.database_url.expose_secret()) {
        if !is_shared(store.keys_url.expose_secret()) {
            hint(
                "WARDESK_KEYS_URL",
                "names a file, while the database is in PostgreSQL: several machines need one key store",
            );
        }
        if store.blobs_url.starts_with("file:") {
            hint(
                "WARDESK_BLOBS_URL",
                "names a folder, while the database is in PostgreSQL: several machines need an S3 store, or a folder that all of them mount",
            );
        }
    }
    if !config.metrics_bind.ip().to_canonical().is_loopback() {
        hint("WARDESK_METRICS_BIND", "is beyond loopback: whoever reaches it reads the metrics");
    }
    if reader.is_set("STRIPE_WEBHOOK_SECRET") && config.payments.is_none() {
        hint("STRIPE_WEBHOOK_SECRET", "is of no use without STRIPE_SECRET_KEY: payments are off");
    }
    if config.backup.recipient.is_some() && config.backup.folder.is_none() {
        hint(
            "WARDESK_BACKUP_RECIPIENT",
            "is set without WARDESK_BACKUP_DIR: no backup is made by itself",
        );
    }
    if !config.discord.sandbox {
        if config.operators.is_empty() {
            hint(
                "WARDESK_OPERATORS",
                "names nobody: requests about personal data reach nobody, and nobody can answer them",
            );
        }
        let reachable = !config.bind.ip().to_canonical().is_loopback();
        if reachable && config.public_url.starts_with("http://") {
            hint("WARDESK_PUBLIC_URL", "is localhost: links that the bot sends lead nowhere");
        }
    }
    for name in unknown(reader.names()) {
        hint("The environment", &format!("has {name}, which is no setting of this program"));
    }
    hints
}

/// Names that look like settings and are none.
fn unknown<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let explained: BTreeSet<&str> = EXPLAINED
        .lines()
        .filter_map(|line| line.trim_start_matches('#').split_once('=').map(|(name, _)| name))
        .collect();
    let is_known = |name: &str| {
        let without = name.strip_suffix("_FILE").unwrap_or(name);
        explained.contains(name) || explained.contains(without) || name.starts_with(OF_TESTS)
    };
    names
        .filter(|name| OURS.iter().any(|prefix| name.starts_with(prefix)) && !is_known(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::unknown;

    #[test]
    fn a_misspelt_name_is_found() {
        let (known, file) = ("WARDESK_OPERATORS", concat!("DISCORD_TOKEN", "_FILE"));
        let misspelt = known.trim_end_matches('S');
        assert_eq!(unknown([misspelt, known, file, "PATH"].into_iter()), [misspelt]);
    }
}
