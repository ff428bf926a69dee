//! `wardesk admin`: what operators do from the console, on the database of the settings, while the service runs or
//! not. Running processes see it within ten seconds.

mod licence;
mod output;

use std::process::ExitCode;

use clap::Subcommand;
use storage::Store;
use wardesk_core::licences::operator::OperatorAccess;
use wardesk_core::licences::{LicenceError, Refusal};

use crate::config::Config;
use crate::lifecycle::{self, RunError};

/// The exit code for what is not there.
const EXIT_NOT_FOUND: u8 = 3;
/// The exit code for what a rule does not allow.
const EXIT_REFUSED: u8 = 4;

/// What operators administrate.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Issues licences and looks after them.
    Licence {
        /// Prints JSON instead of a table.
        #[arg(long, global = true)]
        json: bool,
        #[command(subcommand)]
        command: licence::LicenceCommand,
    },
}

/// Why a command did not do what it was told.
#[derive(Debug, thiserror::Error)]
enum AdminError {
    /// Database, keys or settings.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Something about the licence.
    #[error("{}", words(.0))]
    Licence(#[from] LicenceError),
    /// The answer cannot be printed.
    #[error("the answer cannot be printed: {0}")]
    Output(#[from] std::io::Error),
}

fn words(error: &LicenceError) -> String {
    match error {
        LicenceError::NotFound => "there is no such licence".to_owned(),
        LicenceError::Refused(refusal) => why(*refusal).to_owned(),
        LicenceError::Guild(error) => error.to_string(),
        LicenceError::Storage(error) => format!("storage: {error}"),
    }
}

const fn why(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownPlan => "there is no such plan in the plans' file",
        Refusal::Seats => "a licence has 1 to 100 seats",
        Refusal::End => "the end has to lie in the future, and after the one there is",
        Refusal::Paid => {
            "the payment provider says when this licence ends; issue another one instead"
        }
        Refusal::Over => "the licence was revoked, or is over",
        Refusal::Unchanged => "it is so already",
        Refusal::Seated => "the server has a seat of this licence already",
        Refusal::NotSeated => "the server has no seat of this licence",
        Refusal::Full => "every seat is taken",
        Refusal::Cooling { .. } => "the seat was moved less than 24 hours before",
        Refusal::NotAcknowledged => "it has to be said that licences end for good",
    }
}

/// Carries a command out. 0: done; 1: the database or the like failed; 3: not there; 4: refused by a rule.
pub fn run(config: &Config, command: AdminCommand) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("wardesk: the runtime cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(carry_out(config, command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wardesk: {error}");
            match error {
                AdminError::Licence(LicenceError::NotFound) => ExitCode::from(EXIT_NOT_FOUND),
                AdminError::Licence(LicenceError::Refused(_)) => ExitCode::from(EXIT_REFUSED),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

async fn carry_out(config: &Config, command: AdminCommand) -> Result<(), AdminError> {
    lifecycle::make_folders(config)?;
    let store = Store::open(&config.store).await.map_err(RunError::from)?;
    let in_use = store.use_with_others().await.map_err(RunError::from)?;
    store.migrate().await.map_err(RunError::from)?;
    let (clock, _) = lifecycle::clock_of(config).await?;
    let (wardesk, _) = lifecycle::wire(config, store, clock)?;
    let access = OperatorAccess::of_console(&wardesk);
    let AdminCommand::Licence { json, command } = command;
    let done = licence::run(&access, command, json).await;
    wardesk.store().close().await;
    in_use.end().await;
    done
}
