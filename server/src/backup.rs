//! `wardesk backup` and `wardesk restore`. `docs/BACKUP.md` is for operators.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use domain::time::Millis;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use storage::backup::{self, BackupProblem, Checked, Contents, Folder, Identities, Recipient};
use storage::in_use::Alone;
use storage::keys::KeyStore;
use storage::{StorageError, Store};
use wardesk_core::backup::{self as backups, Settled};

use crate::config::Config;
use crate::lifecycle::{self, RunError};

/// The exit code for what a rule does not allow.
const EXIT_REFUSED: u8 = 4;
/// The exit code for a backup that is made, and lacks files that the database names.
const EXIT_MISSING: u8 = 5;

/// What to make a backup of, and where.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct BackupArguments {
    /// A file that is not there yet; or a folder, in which backups have names with their time, and those that are
    /// too old are removed.
    path: PathBuf,
    /// Of the key store, and not of the content.
    #[arg(long, conflicts_with_all = ["check", "make_identity"])]
    keys: bool,
    /// For whom it is encrypted, age1…; without it, `WARDESK_BACKUP_RECIPIENT`.
    #[arg(long, conflicts_with_all = ["check", "make_identity"])]
    recipient: Option<Recipient>,
    /// Restores the backup in a folder that is thrown away, and compares. Needs no settings.
    #[arg(long, requires = "identity")]
    check: bool,
    /// The file with the age identity that opens the backup.
    #[arg(long, requires = "check")]
    identity: Option<PathBuf>,
    /// Makes an identity, writes it into this file and prints the recipient. Needs no settings.
    #[arg(long, conflicts_with = "check")]
    make_identity: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// What to put back.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct RestoreArguments {
    /// The backup.
    path: PathBuf,
    /// The file with the age identity that opens it.
    #[arg(long)]
    identity: PathBuf,
    /// It is one of the key store.
    #[arg(long)]
    keys: bool,
    /// What is there now goes.
    #[arg(long)]
    replace: bool,
    /// Does not ask before that.
    #[arg(long, requires = "replace")]
    yes: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, thiserror::Error)]
enum BackupError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("{0}")]
    Storage(#[from] StorageError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("for whom is the backup? Set WARDESK_BACKUP_RECIPIENT, or give --recipient")]
    NoRecipient,
    #[error("there is no folder of that name: make it first, or name a file that ends in .age")]
    NoFolder,
    #[error("nothing was changed")]
    NotWanted,
}

fn block_on(doing: impl Future<Output = Result<ExitCode, BackupError>>) -> ExitCode {
    let done = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(doing),
        Err(error) => Err(error.into()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("wardesk: {error}");
        let refused = match &error {
            BackupError::NoRecipient | BackupError::NoFolder | BackupError::NotWanted => true,
            BackupError::Storage(error) => is_refusal(error),
            _ => false,
        };
        if refused { ExitCode::from(EXIT_REFUSED) } else { ExitCode::FAILURE }
    })
}

const fn is_refusal(error: &StorageError) -> bool {
    matches!(
        error,
        StorageError::OtherKeyStore
            | StorageError::RestoreInterrupted
            | StorageError::Backup(
                BackupProblem::Exists(_)
                    | BackupProblem::Newer
                    | BackupProblem::OtherContents(_)
                    | BackupProblem::NotEmpty
                    | BackupProblem::OtherStore
                    | BackupProblem::Forged
                    | BackupProblem::InUse
                    | BackupProblem::Taken
                    | BackupProblem::FilesThere
            )
    )
}

fn print(value: &Value, words: &str, json: bool) -> io::Result<()> {
    let text = if json { format!("{value:#}\n") } else { format!("{words}\n") };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// A time as RFC 3339 writes it.
fn written(at: Millis) -> String {
    Timestamp::from_millisecond(at.0).unwrap_or_default().to_string()
}

/// Does what needs no settings; `None` if that is not what was asked for.
pub fn without_settings(arguments: &BackupArguments) -> Option<ExitCode> {
    if arguments.make_identity {
        return Some(block_on(async {
            let recipient = backup::make_identity(&arguments.path)?.to_string();
            print(&json!({ "recipient": recipient }), &recipient, arguments.json)?;
            Ok(ExitCode::SUCCESS)
        }));
    }
    let identity = arguments.identity.as_ref().filter(|_| arguments.check)?;
    Some(block_on(async {
        let scratch = tempfile::tempdir()?;
        let identities = Identities::read(identity)?;
        let checked = backup::check(&arguments.path, identities, scratch.path()).await?;
        let words = words_of(&checked);
        let value = json!({
            "contents": checked.contents, "made_at": written(checked.made_at),
            "tables": checked.tables, "rows": checked.rows, "files": checked.files,
            "missing": checked.missing, "digest": checked.digest,
        });
        print(&value, &words, arguments.json)?;
        Ok(ExitCode::SUCCESS)
    }))
}

fn words_of(checked: &Checked) -> String {
    let of = match checked.contents {
        Contents::Content => "content",
        Contents::Keys => "the key store",
    };
    format!(
        "The backup of {of} of {} is good: {} rows in {} tables, {} files, {} missing when it was made.",
        written(checked.made_at),
        checked.rows,
        checked.tables,
        checked.files,
        checked.missing
    )
}

/// Makes a backup. 0: made; 1: it failed; 4: refused by a rule; 5: made, and files that the database names are missing.
pub fn make(config: &Config, arguments: &BackupArguments) -> ExitCode {
    block_on(async {
        let recipient = arguments.recipient.as_ref().or(config.backup.recipient.as_ref());
        let recipient = recipient.ok_or(BackupError::NoRecipient)?;
        lifecycle::make_folders(config)?;
        let store = Store::open(&config.store).await?;
        let done = make_with(config, arguments, &store, recipient).await;
        store.close().await;
        done
    })
}

async fn make_with(
    config: &Config,
    arguments: &BackupArguments,
    store: &Store,
    recipient: &Recipient,
) -> Result<ExitCode, BackupError> {
    let path = arguments.path.as_path();
    // Else a folder that is not there yet becomes a file, and every backup after that fails.
    if !path.is_dir() && path.extension().is_none_or(|end| end != "age") {
        return Err(BackupError::NoFolder);
    }
    let in_use = store.use_with_others().await?;
    // Nothing is migrated for a backup.
    store.check().await?;
    let (clock, _) = lifecycle::clock_of(config).await?;
    let now = clock.now();
    let contents = if arguments.keys { Contents::Keys } else { Contents::Content };
    let folder = if arguments.path.is_dir() { Some(Folder::open(&arguments.path)?) } else { None };
    let path = folder.as_ref().map_or(arguments.path.clone(), |f| f.place(contents, now));
    let made = backups::make(store, contents, &path, recipient, now).await;
    // Also after a failure: what is too old goes.
    let removed = folder.map_or(Ok(0), |folder| folder.prune(now));
    let (made, removed) = (made?, removed?);
    let value = json!({
        "file": path, "rows": made.rows, "files": made.files, "missing": made.missing,
        "bytes": made.length, "removed": removed,
    });
    let words = format!(
        "{}: {} rows, {} files, {} bytes. {} files are missing; {removed} old backups were removed.",
        path.display(),
        made.rows,
        made.files,
        made.length,
        made.missing
    );
    in_use.end().await;
    print(&value, &words, arguments.json)?;
    Ok(if made.missing > 0 { ExitCode::from(EXIT_MISSING) } else { ExitCode::SUCCESS })
}

/// Puts a backup back. 0: done; 1: it failed, and is to be done again; 4: refused by a rule, and nothing is changed.
pub fn restore(config: &Config, arguments: &RestoreArguments) -> ExitCode {
    block_on(async {
        if arguments.replace && !arguments.yes {
            let store = &config.store;
            let there = if arguments.keys {
                place(store.keys_url.expose_secret())
            } else {
                let database = place(store.database_url.expose_secret());
                format!("{database} and {}", place(&store.blobs_url))
            };
            if !confirmed(&there)? {
                return Err(BackupError::NotWanted);
            }
        }
        lifecycle::make_folders(config)?;
        let identities = Identities::read(&arguments.identity)?;
        let (value, words) = if arguments.keys {
            restore_keys(config, &arguments.path, identities, arguments.replace).await?
        } else {
            restore_content(config, &arguments.path, identities, arguments.replace).await?
        };
        print(&value, &words, arguments.json)?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Where an address leads, without what lets in there: the user, the password, and what follows the question mark.
fn place(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host))
}

fn confirmed(there: &str) -> io::Result<bool> {
    eprint!("Everything in {there} is removed first. Type yes to go on: ");
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim() == "yes")
}

async fn restore_keys(
    config: &Config,
    path: &Path,
    identities: Identities,
    replace: bool,
) -> Result<(Value, String), BackupError> {
    // Before the key store is opened, which makes one where there is none.
    let alone = Alone::at(&config.store.database_url).await?;
    let masters = &config.store.master_keys;
    let keys = KeyStore::open(&config.store.keys_url, masters).await?;
    let alone = keys.use_alone(alone).await?;
    let restored = backup::restore_keys(&keys, &alone, masters, path, identities, replace).await;
    keys.close().await;
    alone.end().await;
    let restored = restored?;
    let made_at = written(restored.made_at);
    let words = format!("The key store is as it was on {made_at}: {} rows.", restored.rows);
    Ok((json!({ "made_at": made_at, "rows": restored.rows }), words))
}

async fn restore_content(
    config: &Config,
    path: &Path,
    identities: Identities,
    replace: bool,
) -> Result<(Value, String), BackupError> {
    let store = Store::open(&config.store).await?;
    let alone = store.use_alone().await?;
    let restored = backup::restore(&store, &alone, path, identities, replace).await?;
    let (clock, _) = lifecycle::clock_of(config).await?;
    let (wardesk, _) = lifecycle::wire(config, store, clock)?;
    let Settled { erased, protected } = backups::settle_restored(&wardesk, &restored).await?;
    wardesk.store().close().await;
    alone.end().await;
    let made_at = written(restored.made_at);
    let value = json!({
        "made_at": made_at, "rows": restored.rows, "files": restored.files,
        "missing": restored.missing, "files_removed": restored.removed, "erased_again": erased,
        "protected_again": protected,
    });
    let words = format!(
        "Everything is as it was on {made_at}: {} rows, {} files. What was done since to protect people was done again: \
         {erased} erasures and {protected} restrictions, redactions, legal holds and ends of share links.\n\
         A legal hold that was lifted since is in force again. docs/BACKUP.md, \"Restore\", says what else to look at.",
        restored.rows, restored.files
    );
    Ok((value, words))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn who_is_asked_reads_where_it_is_and_no_password() {
        for (url, said) in [
            ("postgres://u:p%40w@db.example:5432/w?password=x", "postgres://db.example:5432/w"),
            ("postgres://u:a@b@localhost/w", "postgres://localhost/w"),
            ("sqlite:///srv/wardesk.db?mode=rwc", "sqlite:///srv/wardesk.db"),
            ("s3://bucket/prefix?endpoint=https://s3.example", "s3://bucket/prefix"),
        ] {
            assert_eq!(place(url), said);
        }
    }
}
