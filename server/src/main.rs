//! The program `wardesk`: the web pages and the bot.

mod admin;
mod backup;
mod config;
mod dumps;
#[cfg(feature = "failpoints")]
mod failpoints;
mod http;
mod keys;
mod lifecycle;
mod own;
mod sandbox_clock;
mod tasks;
mod telemetry;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use config::Config;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The exit code for wrong settings.
const EXIT_SETTINGS: u8 = 2;

#[derive(Parser)]
#[command(
    name = "wardesk",
    version,
    about = "The support desk and the watch of a Discord community"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the web pages and runs the bot.
    Serve,
    /// What operators do, on the database of the settings, also while the service runs.
    Admin {
        #[command(subcommand)]
        command: admin::AdminCommand,
    },
    /// Makes a backup of everything, or checks one, also while the service runs.
    Backup(backup::BackupArguments),
    /// Puts a backup back. The service must not run.
    Restore(backup::RestoreArguments),
    /// Looks after the master key that wraps all other keys, also while the service runs.
    Keys {
        #[command(subcommand)]
        command: keys::KeysCommand,
    },
    /// Looks at the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Says what is wrong with the settings, all at once, and shows them with secrets left out.
    Check,
}

fn main() -> ExitCode {
    dumps::forbid();
    own::claim();
    telemetry::tell_panics();
    // One TLS provider for everything, before anything can ask for another.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[cfg(feature = "failpoints")]
    let _armed = failpoints::arm();
    let arguments = Arguments::parse();
    // A backup is checked where there are no settings.
    if let Command::Backup(arguments) = &arguments.command
        && let Some(done) = backup::without_settings(arguments)
    {
        return done;
    }
    let (config, problems) = config::load();
    match arguments.command {
        Command::Config { command: ConfigCommand::Check } => {
            print!("{}", config::report::describe(config.as_ref(), &problems));
            exit_for(&problems)
        }
        Command::Serve => match good(config, &problems) {
            Ok(config) => serve(config),
            Err(code) => code,
        },
        Command::Backup(arguments) => match good(config, &problems) {
            Ok(config) => backup::make(&config, &arguments),
            Err(code) => code,
        },
        Command::Restore(arguments) => match good(config, &problems) {
            Ok(config) => backup::restore(&config, &arguments),
            Err(code) => code,
        },
        Command::Keys { command } => match good(config, &problems) {
            Ok(config) => keys::run(&config, command),
            Err(code) => code,
        },
        Command::Admin { command } => match good(config, &problems) {
            Ok(config) => admin::run(&config, command),
            Err(code) => code,
        },
    }
}

/// The settings, if they are good; else says what is wrong with them.
fn good(config: Option<Config>, problems: &[config::Problem]) -> Result<Config, ExitCode> {
    config.filter(|_| problems.is_empty()).ok_or_else(|| {
        eprint!("{}", config::report::describe(None, problems));
        exit_for(problems)
    })
}

fn exit_for(problems: &[config::Problem]) -> ExitCode {
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_SETTINGS) }
}

fn serve(config: Config) -> ExitCode {
    telemetry::start_logs(&config.log_filter);
    for hint in &config.hints {
        tracing::warn!(setting = hint.name, "{}", hint.text);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the runtime cannot be started");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(lifecycle::run(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "stopped by an error");
            eprintln!("wardesk: {error}");
            ExitCode::FAILURE
        }
    }
}
