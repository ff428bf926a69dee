//! `wardesk keys`: the master key is changed and looked after. `docs/KEYS.md` is for operators.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use storage::keys::{KeyFile, KeyFileError, KeyStore, MasterCount, MasterKeys, Unreadable};
use storage::{StorageError, Store};

use crate::config::Config;
use crate::lifecycle::{self, RunError};

/// The exit code for what a rule does not allow.
const EXIT_REFUSED: u8 = 4;
/// The exit code for data keys that do not open.
const EXIT_UNREADABLE: u8 = 5;
/// Data keys that are named one by one, at most.
const NAMED: usize = 20;

/// What is done with the master key.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Puts a new master key in place of the present one, in all data keys and in the key file.
    Rotate {
        /// One step alone, where several machines have a key file each: it has to be copied between the steps.
        #[arg(long)]
        stage: Option<Stage>,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Opens every data key, and says how many each master key has wrapped.
    Check {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Takes the key store at hand for the database's own, when the one before is lost for good. What that one
    /// sealed cannot be read any more.
    Adopt {
        /// Says that this is known.
        #[arg(long)]
        yes: bool,
    },
}

/// A step of putting a new master key in place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// A new key is put into the file, in front of the other. Then copy the file to every machine.
    Add,
    /// Every data key is wrapped by the first key of the file.
    Wrap,
    /// The other keys go from the file, if nothing needs them. Then copy the file to every machine.
    Retire,
}

#[derive(Debug, thiserror::Error)]
enum KeysError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("storage: {0}")]
    Storage(#[from] StorageError),
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error("the answer cannot be printed: {0}")]
    Output(#[from] io::Error),
    #[error(
        "the master key is in WARDESK_MASTER_KEY: changing it needs a file. Put the key into one and name that in WARDESK_MASTER_KEY_FILE"
    )]
    NoFile,
    #[error("the key file holds one key: add the new one first")]
    OneKey,
    #[error("the other keys are still needed: run `wardesk keys rotate --stage wrap` first")]
    StillNeeded,
    #[error("what the lost key store sealed cannot be read any more: say so with --yes")]
    NotSaid,
    #[error(
        "{0} data keys do not open; `wardesk keys check` names them. No master key was retired"
    )]
    Unreadable(usize),
}

/// Carries a command out. 0: done; 1: the database or the like failed; 4: refused by a rule; 5: data keys do not open.
pub fn run(config: &Config, command: KeysCommand) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("wardesk: the runtime cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(carry_out(config, command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("wardesk: {error}");
            match error {
                KeysError::NoFile
                | KeysError::OneKey
                | KeysError::StillNeeded
                | KeysError::NotSaid
                | KeysError::Storage(StorageError::Backup(_))
                | KeysError::File(KeyFileError::Busy) => ExitCode::from(EXIT_REFUSED),
                KeysError::Unreadable(_) => ExitCode::from(EXIT_UNREADABLE),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

async fn carry_out(config: &Config, command: KeysCommand) -> Result<ExitCode, KeysError> {
    lifecycle::make_folders(config)?;
    match command {
        KeysCommand::Rotate { stage, json } => {
            let file = hold(config)?;
            let said = change(config, &file, stage).await?;
            print(if json { &said.json } else { &said.words }, json)?;
            Ok(ExitCode::SUCCESS)
        }
        KeysCommand::Check { json } => check(config, json).await,
        KeysCommand::Adopt { yes: false } => Err(KeysError::NotSaid),
        KeysCommand::Adopt { yes: true } => {
            let store = Store::open(&config.store).await?;
            let alone = store.use_alone().await?;
            let done = store.adopt_key_store(&alone).await;
            store.close().await;
            alone.end().await;
            done?;
            print(&Value::from("The key store at hand is the database's own from now on."), false)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What a step came to, for people and for programs.
struct Said {
    words: Value,
    json: Value,
}

fn print(value: &Value, json: bool) -> io::Result<()> {
    let text = match value {
        Value::String(text) if !json => format!("{text}\n"),
        value => format!("{value:#}\n"),
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn hold(config: &Config) -> Result<KeyFile, KeysError> {
    let path = config.store.master_keys.file().ok_or(KeysError::NoFile)?;
    Ok(KeyFile::hold(path)?)
}

/// Changes the master key, or makes one step of that. No restore puts older data keys in place meanwhile: they would need
/// the key that goes from the file.
async fn change(config: &Config, file: &KeyFile, stage: Option<Stage>) -> Result<Said, KeysError> {
    let store = KeyStore::open(&config.store.keys_url, &file.read()?).await?;
    let in_use = store.use_with_others().await?;
    let said = match stage {
        None => rotate(config, file).await,
        Some(Stage::Add) => add(config, file).await,
        Some(Stage::Wrap) => wrap(config, file).await,
        Some(Stage::Retire) => retire(config, file).await,
    };
    store.close().await;
    in_use.end().await;
    said
}

async fn rotate(config: &Config, file: &KeyFile) -> Result<Said, KeysError> {
    let keys = add_to(config, file).await?;
    let moved = rewrap(config, &keys).await?;
    retire_from(config, file).await?;
    Ok(Said {
        words: Value::from(format!(
            "{moved} data keys were wrapped anew. The key file holds the new master key alone: keep a copy of it.\n\
             Backups of the key store that were made before need the old one; make a new one now."
        )),
        json: json!({ "rewrapped": moved, "master": keys.names()[0], "retired": true }),
    })
}

/// Puts a new key into the file, unless a change is under way. Before anything is changed: the key of the file must be
/// the right one.
async fn add_to(config: &Config, file: &KeyFile) -> Result<MasterKeys, KeysError> {
    let store = KeyStore::open(&config.store.keys_url, &file.read()?).await?;
    let is_first_enough = store.others_can_go().await;
    store.close().await;
    Ok(file.add(is_first_enough?)?)
}

async fn add(config: &Config, file: &KeyFile) -> Result<Said, KeysError> {
    let keys = add_to(config, file).await?;
    Ok(Said {
        words: Value::from(
            "The key file holds a new master key in front of the other. Copy it to every machine, and run the stage \
             `wrap` on one.",
        ),
        json: json!({ "master": keys.names()[0], "keys": keys.count() }),
    })
}

async fn wrap(config: &Config, file: &KeyFile) -> Result<Said, KeysError> {
    let keys = file.read()?;
    if keys.count() < 2 {
        return Err(KeysError::OneKey);
    }
    let moved = rewrap(config, &keys).await?;
    Ok(Said {
        words: Value::from(format!(
            "{moved} data keys were wrapped anew. Run the stage `retire`, and copy the key file to every machine."
        )),
        json: json!({ "rewrapped": moved, "master": keys.names()[0] }),
    })
}

async fn retire(config: &Config, file: &KeyFile) -> Result<Said, KeysError> {
    retire_from(config, file).await?;
    Ok(Said {
        words: Value::from(
            "The key file holds the present master key alone: copy it to every machine, and keep a copy of it.\n\
             Backups of the key store that were made before need the old one; make a new one now.",
        ),
        json: json!({ "retired": true }),
    })
}

/// Wraps every data key by the first of these.
async fn rewrap(config: &Config, keys: &MasterKeys) -> Result<u64, KeysError> {
    let store = KeyStore::open(&config.store.keys_url, keys).await?;
    store.wrap_by_first().await?;
    let done = store.rewrap().await;
    store.close().await;
    let done = done?;
    if done.unreadable.is_empty() {
        Ok(done.moved)
    } else {
        Err(KeysError::Unreadable(done.unreadable.len()))
    }
}

async fn retire_from(config: &Config, file: &KeyFile) -> Result<(), KeysError> {
    let store = KeyStore::open(&config.store.keys_url, &file.read()?).await?;
    let can_go = store.others_can_go().await;
    store.close().await;
    if !can_go? {
        return Err(KeysError::StillNeeded);
    }
    Ok(file.retire()?)
}

async fn check(config: &Config, as_json: bool) -> Result<ExitCode, KeysError> {
    let store = KeyStore::open(&config.store.keys_url, &config.store.master_keys).await?;
    let (counts, opened) = (store.counts().await, store.open_all().await);
    store.close().await;
    let (counts, (good, bad)) = (counts?, opened?);
    let said = if as_json { as_value(&counts, good, &bad) } else { words(&counts, good, &bad) };
    print(&said, as_json)?;
    Ok(if bad.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_UNREADABLE) })
}

fn as_value(counts: &[MasterCount], good: u64, bad: &[Unreadable]) -> Value {
    let masters: Vec<Value> = counts
        .iter()
        .map(|one| {
            json!({ "master": one.master, "at_hand": one.known, "present": one.present,
                    "data_keys": one.rows })
        })
        .collect();
    let unreadable: Vec<Value> = bad
        .iter()
        .map(|one| json!({ "data_key": one.key_id, "server": one.guild, "master": one.master }))
        .collect();
    json!({ "masters": masters, "open": good, "unreadable": unreadable })
}

fn words(counts: &[MasterCount], good: u64, bad: &[Unreadable]) -> Value {
    let mut lines: Vec<String> = counts
        .iter()
        .map(|one| {
            let name = if one.master.is_empty() { "not named" } else { &one.master };
            let present = if one.present { ", the present one" } else { "" };
            let at_hand = if one.known { "" } else { ", not at hand" };
            format!("master key {name}: {} data keys{present}{at_hand}", one.rows)
        })
        .collect();
    lines.push(format!("{good} data keys open, {} do not.", bad.len()));
    for one in bad.iter().take(NAMED) {
        let server = one.guild.map_or_else(|| "no server".to_owned(), |id| format!("server {id}"));
        lines.push(format!("data key {} of {server}: master key {}", one.key_id, one.master));
    }
    if bad.len() > NAMED {
        lines.push(format!("and {} more; --json names all", bad.len() - NAMED));
    }
    Value::from(lines.join("\n"))
}
