//! Renders one corpus of messages with Wardesk and with two other renderers, each on one core, one after the other:
//! `bench/run transcripts` sets everything up, and `bench/README.md` keeps what was seen.
//!
//! * `corpus` writes the messages: one file of Discord's message objects, one on each line, for all three.
//! * `render` is Wardesk's side: the file in, a finished page out.
//! * `compare` runs the three over one size after the other and prints a table.

mod compare;
mod corpus;
mod measure;
mod render;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Why a measurement ended early. There is nobody to handle it but the person who reads it.
type Problem = Box<dyn std::error::Error>;

/// What the program itself runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Messages of a ticket, from raw JSON to finished HTML.
#[derive(Debug, Parser)]
#[command(name = "bench-transcripts", version)]
struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Writes a corpus.
    Corpus(corpus::Options),
    /// Renders one with Wardesk.
    Render(render::Options),
    /// Renders several sizes with Wardesk and with the others, and prints what each took.
    Compare(compare::Options),
}

fn main() -> ExitCode {
    let done = match Options::parse().what {
        What::Corpus(options) => corpus::run(&options),
        What::Render(options) => render::run(&options),
        What::Compare(options) => compare::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bench-transcripts: {problem}");
            ExitCode::FAILURE
        }
    }
}
