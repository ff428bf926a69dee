//! The corpus: messages of one long ticket, the same for a seed wherever it is made.

mod message;
mod random;
pub mod server;
mod words;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::Problem;

/// What corpus is written.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How many messages.
    #[arg(long)]
    messages: u64,
    /// Another seed is another ticket.
    #[arg(long, default_value_t = 1042)]
    seed: u64,
    /// The folder for `messages-<n>.jsonl` and `server.json`.
    #[arg(long)]
    into: PathBuf,
}

/// Writes it.
pub fn run(options: &Options) -> Result<(), Problem> {
    let at = write(&options.into, options.messages, options.seed)?;
    println!("{}", at.display());
    Ok(())
}

/// Writes the messages, one on each line, and the server they belong to; answers where the messages are.
pub fn write(into: &Path, messages: u64, seed: u64) -> Result<PathBuf, Problem> {
    std::fs::create_dir_all(into)?;
    std::fs::write(into.join("server.json"), server::description().to_string())?;
    let at = into.join(format!("messages-{messages}.jsonl"));
    let mut out = BufWriter::new(File::create(&at)?);
    let mut ticket = message::Messages::new(seed);
    for _ in 0..messages {
        serde_json::to_writer(&mut out, &ticket.next())?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(at)
}
