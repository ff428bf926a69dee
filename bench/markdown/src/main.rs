//! How long the markdown parser takes for its worst inputs, in the length of the longest message:
//!
//! ```text
//! cargo run --release -p bench-markdown
//! ```
//!
//! Every piece of [`PIECES`], every pair and every triple of some of them fills a message of 4,000 characters. The ten slowest
//! are printed with the shortest of several times (others tell of the machine rather than the parser). Fails when one takes more than
//! the aim of 1 ms. That the parser is linear is a test of `crates/transcript`, which counts steps instead.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use transcript::markdown::parse;

/// Characters of the longest message. Source: Discord API reference, "Create Message" (4,000 with Nitro).
const LENGTH: usize = 4000;
/// What no input of that length may take.
const AIM: Duration = Duration::from_millis(1);
/// Times that an input is parsed; the shortest counts.
const TIMES: usize = 25;

/// What messages are made of when they are made to be slow.
const PIECES: [&str; 40] = [
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "||",
    "`",
    "``",
    "```",
    "[",
    "](",
    "[a](",
    "<",
    "<@",
    "<@5>",
    "<t:1:R>",
    "> ",
    ">>> ",
    "- a\n",
    "  - a\n",
    "1. a\n",
    "# a\n",
    "-# a\n",
    "```a\n",
    "http://",
    "https://a)",
    "\\",
    "a ",
    "a_",
    "*a ",
    "_a*",
    "||```a",
    "(((",
    "h",
    "@everyone",
    "\n",
    "ü",
    "😀",
    "<a@b.c>",
];

#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn shortest(input: &str) -> Duration {
    let once = || {
        let start = Instant::now();
        std::hint::black_box(parse(std::hint::black_box(input)));
        start.elapsed()
    };
    (0..TIMES).map(|_| once()).min().unwrap_or_default()
}

fn main() -> ExitCode {
    let mut pieces: Vec<String> = PIECES.iter().map(|one| (*one).to_owned()).collect();
    for one in PIECES {
        for other in PIECES {
            pieces.push(format!("{one}{other}"));
            for third in PIECES.iter().step_by(3) {
                pieces.push(format!("{one}{other}{third}"));
            }
        }
    }
    let mut seen: Vec<(Duration, String)> = pieces
        .into_iter()
        .map(|piece| {
            let times = LENGTH / piece.chars().count();
            (shortest(&piece.repeat(times)), piece)
        })
        .collect();
    seen.sort_by(|one, other| other.cmp(one));
    println!("{} inputs of {LENGTH} characters; the slowest:", seen.len());
    for (time, piece) in seen.iter().take(10) {
        println!("{:>8.1} µs  {piece:?}", time.as_secs_f64() * 1e6);
    }
    match seen.first() {
        Some((time, _)) if *time <= AIM => ExitCode::SUCCESS,
        _ => {
            eprintln!("more than {AIM:?}");
            ExitCode::FAILURE
        }
    }
}
