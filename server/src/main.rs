//! The program `wardesk`: the web pages and the bot.

mod admin;
mod config;
#[cfg(feature = "failpoints")]
mod failpoints;
mod http;
mod lifecycle;
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
    telemetry::tell_panics();
    // One TLS provider for everything, before anything can ask for another.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[cfg(feature = "failpoints")]
    let _armed = failpoints::arm();
    let arguments = Arguments::parse();
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
