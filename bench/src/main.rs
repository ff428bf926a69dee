//! Measures the real program: `bench/run` builds it and says which measurements there are, and
//! `bench/README.md` keeps what was seen.
//!
//! Each measurement starts a sandbox inside this process and the server as a child with an empty data
//! folder, fills the database where it has to, and prints a table.

mod answers;
mod client;
mod closing;
mod erase;
mod filling;
mod gateway;
mod installation;
mod list;
mod load;
mod memory;
mod page;
mod process;
mod scroll;
mod search;
mod shared;
mod stats;
mod webhooks;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Why a measurement ended early. There is nobody to handle it but the person who reads it.
type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Measures Wardesk.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
struct Options {
    /// The program to measure.
    #[arg(long, default_value = "target/run/wardesk")]
    wardesk: PathBuf,
    /// `postgres://…` of an empty database; SQLite in a temporary folder when left out.
    #[arg(long)]
    database: Option<String>,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Pages per second of the ticket list with 10,000 tickets.
    List(list::Options),
    /// Message events per second from the gateway to the database.
    Gateway(gateway::Options),
    /// Memory for each server that the bot is on.
    Memory(memory::Options),
    /// Time to a page of a transcript of 10,000 messages.
    Page(page::Options),
    /// Time to the first answer of a button, and how a burst drains.
    Answers(answers::Options),
    /// Memory while a long ticket is closed.
    Closing(closing::Options),
    /// Time until a person with many rows is erased.
    Erase(erase::Options),
    /// How a browser scrolls through a transcript of 200,000 messages.
    Scroll(scroll::Options),
    /// Time to an answer over many stored messages.
    Search(search::Options),
    /// Time to the answer of a webhook of the payment provider.
    Webhooks(webhooks::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let place = installation::Place { wardesk: options.wardesk, database: options.database };
    let measured = match options.what {
        What::List(options) => list::run(&place, &options).await,
        What::Gateway(options) => gateway::run(&place, &options).await,
        What::Memory(options) => memory::run(&place, &options).await,
        What::Page(options) => page::run(&place, &options).await,
        What::Answers(options) => answers::run(&place, options).await,
        What::Closing(options) => closing::run(&place, &options).await,
        What::Erase(options) => erase::run(&place, &options).await,
        What::Scroll(options) => scroll::run(&place, &options).await,
        What::Search(options) => search::run(&place, &options).await,
        What::Webhooks(options) => webhooks::run(&place, &options).await,
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bench: {problem}");
            ExitCode::FAILURE
        }
    }
}
