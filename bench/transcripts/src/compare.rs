//! Runs the three renderers over one size after the other, each in a process of its own on one core.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::measure::Run;
use crate::{Problem, corpus};

/// What is compared.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Sizes of the corpus, in messages.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000])]
    sizes: Vec<u64>,
    /// A size that Wardesk alone renders, to see that its memory does not grow; 0 leaves it out.
    #[arg(long, default_value_t = 1_000_000)]
    alone: u64,
    /// Minutes that one run of the others may take; what takes longer is ended and said so.
    #[arg(long, default_value_t = 15)]
    limit: u64,
    /// Another seed is another ticket.
    #[arg(long, default_value_t = 1042)]
    seed: u64,
    /// The processor that everything runs on.
    #[arg(long, default_value_t = 0)]
    core: u32,
    /// The folder where `discord-html-transcripts` and its script are; without it, it is left out.
    #[arg(long)]
    npm: Option<PathBuf>,
    /// The folder of the virtual environment where `chat-exporter` is; without it, it is left out.
    #[arg(long)]
    pip: Option<PathBuf>,
    /// The script that renders with `chat-exporter`.
    #[arg(long, default_value = "bench/transcripts/peers/pip/render.py")]
    pip_script: PathBuf,
    /// The folder for the corpus and the pages.
    #[arg(long)]
    work: PathBuf,
}

/// Rounds of a size, for each of the renderers: short runs are mostly an engine's warming up, or the processor's, so the
/// best of several counts. Ours take 40 ms for 10,000 messages.
const fn rounds(messages: u64) -> u32 {
    if messages <= 10_000 { 5 } else { 1 }
}

/// The most memory that a million messages may take, bytes.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;
/// How many times as many messages a second as each of the others.
const TIMES: f64 = 100.0;

/// Compares, prints, and fails when an aim is missed.
pub fn run(options: &Options) -> Result<(), Problem> {
    let mut missed = Vec::new();
    println!("| messages | renderer | messages/s | page, bytes | memory, MiB | Wardesk is |");
    println!("|---|---|---|---|---|---|");
    for &size in &options.sizes {
        let corpus = corpus::write(&options.work, size, options.seed)?;
        let ours = wardesk(options, &corpus, rounds(size))?;
        row("Wardesk", size, &Ok(ours), "");
        for (name, others) in peers(options, &corpus, rounds(size)) {
            let limit = Duration::from_secs(options.limit * 60);
            let theirs = measured(others, options.core, limit);
            let times = theirs.as_ref().map(|theirs| ours.rate() / theirs.rate());
            let words = times
                .as_ref()
                .map_or_else(|_| String::new(), |times| format!("{times:.0} times as quick"));
            row(name, size, &theirs, &words);
            if times.is_ok_and(|times| times < TIMES) {
                missed.push(format!("{size} messages: {words} as {name}, the aim is {TIMES:.0}"));
            }
        }
        std::fs::remove_file(corpus)?;
    }
    if options.alone > 0 {
        let corpus = corpus::write(&options.work, options.alone, options.seed)?;
        let ours = wardesk(options, &corpus, 1)?;
        row("Wardesk", options.alone, &Ok(ours), "");
        if ours.peak > MOST_MEMORY {
            missed.push(format!("{} messages took {} MiB", options.alone, ours.peak >> 20));
        }
        std::fs::remove_file(corpus)?;
    }
    if missed.is_empty() { Ok(()) } else { Err(missed.join("; ").into()) }
}

fn row(name: &str, size: u64, run: &Result<Run, Problem>, words: &str) {
    match run {
        Ok(run) => println!(
            "| {size} | {name} | {:.0} | {} | {:.1} | {words} |",
            run.rate(),
            run.bytes,
            mib(run.peak)
        ),
        Err(problem) => println!("| {size} | {name} | – | – | – | {problem} |"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "far from 2^52")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

fn wardesk(options: &Options, corpus: &Path, rounds: u32) -> Result<Run, Problem> {
    let program = std::fs::read_link("/proc/self/exe")?;
    let mut command = vec![program.into_os_string(), "render".into()];
    command.extend([corpus.into(), "--rounds".into(), rounds.to_string().into(), "--out".into()]);
    command.push(options.work.join("wardesk.html").into());
    measured(command, options.core, Duration::MAX)
}

type Words = Vec<std::ffi::OsString>;

/// The commands of the others: script, corpus, page, rounds.
fn peers(options: &Options, corpus: &Path, rounds: u32) -> Vec<(&'static str, Words)> {
    let mut all = Vec::new();
    let mut add = |name: &'static str, mut command: Words, page: &str| {
        command.extend([corpus.into(), options.work.join(page).into(), rounds.to_string().into()]);
        all.push((name, command));
    };
    if let Some(folder) = &options.npm {
        // Room for what it holds of 100,000 messages; the engine's own limit would end it earlier.
        let command = vec![
            "node".into(),
            "--max-old-space-size=12288".into(),
            folder.join("render.mjs").into(),
        ];
        add("discord-html-transcripts", command, "npm.html");
    }
    if let Some(folder) = &options.pip {
        let command = vec![folder.join("bin/python").into(), options.pip_script.clone().into()];
        add("chat-exporter", command, "pip.html");
    }
    all
}

/// Runs a command on one core and reads the line that it prints.
fn measured(command: Words, core: u32, limit: Duration) -> Result<Run, Problem> {
    let mut child = Command::new("taskset")
        .args(["--cpu-list", &core.to_string()])
        .args(command)
        .env("NODE_ENV", "production")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut out = child.stdout.take().ok_or("no output")?;
    let (send, said) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let read = out.read_to_string(&mut text).map(|_| text);
        // Nobody listens any more when it took too long.
        let _ = send.send(read);
    });
    let said = said.recv_timeout(limit);
    if said.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    reader.join().map_err(|_| "the reader panicked")?;
    let Ok(said) = said else {
        return Err(format!("not finished after {} minutes", limit.as_secs() / 60).into());
    };
    if !status.success() {
        return Err(format!("ended with {status}").into());
    }
    Run::read(said?.lines().last().ok_or("said nothing")?)
}
