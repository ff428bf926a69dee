//! Wardesk's side: messages in, a finished page out, a chunk of the archive's size in memory at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use transcript::{
    Channel, Colour, ColourSet, Context, FileCopy, Labels, LocalPath, Person, Renderer, Role,
    Shows, Snowflake, TimelineItem, colours_css,
};

use crate::Problem;
use crate::corpus::server;
use crate::measure::{Run, processor_time};

/// Messages of a chunk of the archive.
const CHUNK: usize = 128;

/// What is rendered.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The messages.
    corpus: PathBuf,
    /// The page.
    #[arg(long)]
    out: PathBuf,
    /// Times it is done; the shortest counts.
    #[arg(long, default_value_t = 1)]
    rounds: u32,
}

/// Renders, and prints what it took.
pub fn run(options: &Options) -> Result<(), Problem> {
    let labels = include_str!("../../../locales/en/transcript.json");
    let folder = options.corpus.parent().unwrap_or(Path::new("."));
    let mut best: Option<(u64, Duration)> = None;
    for _ in 0..options.rounds.max(1) {
        let (messages, took) = timed(|| {
            let mut context = context(serde_json::from_str(labels)?, folder)?;
            page(&mut context, &options.corpus, &options.out)
        })?;
        if best.is_none_or(|(_, shortest)| took < shortest) {
            best = Some((messages, took));
        }
    }
    let (messages, took) = best.ok_or("no round")?;
    let bytes = std::fs::metadata(&options.out)?.len();
    println!("{}", Run::of_self(messages, took, bytes)?.line());
    Ok(())
}

fn timed<T>(what: impl FnOnce() -> Result<T, Problem>) -> Result<(T, Duration), Problem> {
    let before = processor_time()?;
    let done = what()?;
    Ok((done, processor_time()?.saturating_sub(before)))
}

fn path(text: String) -> Result<LocalPath, Problem> {
    LocalPath::new(text).ok_or_else(|| "not a local path".into())
}

fn id(value: &Value) -> Result<Snowflake, Problem> {
    Ok(value.as_str().ok_or("no id")?.parse()?)
}

/// What a transcript page knows of the server: names, colours, copies of pictures.
fn context(labels: Labels, folder: &Path) -> Result<Context, Problem> {
    let server: Value = serde_json::from_slice(&std::fs::read(folder.join("server.json"))?)?;
    let list = |name: &str| server[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut context = Context::new(labels, 1_773_482_400_000);
    for role in list("roles") {
        let number = |name: &str| role[name].as_u64().and_then(|n| u32::try_from(n).ok());
        let known = Role {
            name: text(&role["name"]),
            colour: number("color").and_then(Colour::new),
            position: number("position").unwrap_or(0).into(),
        };
        context.roles.insert(id(&role["id"])?, known);
    }
    for channel in list("channels") {
        context.channels.insert(id(&channel["id"])?, Channel { name: text(&channel["name"]) });
    }
    for member in list("members") {
        let user = &member["user"];
        let person = id(&user["id"])?;
        let roles: Vec<Snowflake> =
            member["roles"].as_array().into_iter().flatten().map(id).collect::<Result<_, _>>()?;
        let known = Person {
            name: text(&user["global_name"]),
            username: text(&user["username"]),
            avatar: Some(path(format!("/media/avatars/{person}.png"))?),
            colour: context.colour_of(&roles),
            bot: user["bot"] == true,
        };
        context.people.insert(person, known);
    }
    for emoji in list("emojis") {
        let emoji = id(&emoji["id"])?;
        context.emojis.insert(emoji, path(format!("/media/emojis/{emoji}.png"))?);
    }
    context
        .stickers
        .insert("900000000000000500".parse()?, path("/media/stickers/1.png".to_owned())?);
    for number in 0..server::PICTURES {
        context
            .media
            .insert(server::picture(number), path(format!("/media/pictures/{number}.png"))?);
    }
    Ok(context)
}

/// Writes the page and answers how many messages it has.
fn page(context: &mut Context, corpus: &Path, out: &Path) -> Result<u64, Problem> {
    let mut lines = BufReader::with_capacity(1 << 16, File::open(corpus)?);
    // The system takes pages of a file in larger pieces then: a twentieth of the whole time.
    let mut out = BufWriter::with_capacity(1 << 20, File::create(out)?);
    let style = include_str!("../../../crates/transcript/transcript.css");
    write!(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Ticket 1042</title><style>{style}</style></head><body><main class=\"t-log\">"
    )?;
    let mut colours = ColourSet::new();
    let mut chunk: Vec<TimelineItem> = Vec::with_capacity(CHUNK);
    let mut before: Option<TimelineItem> = None;
    let mut line = Vec::new();
    let mut messages = 0;
    loop {
        chunk.clear();
        while chunk.len() < CHUNK {
            let Some(item) = next_line(&mut lines, &mut line, TimelineItem::read)? else { break };
            chunk.push(item);
        }
        if chunk.is_empty() {
            break;
        }
        messages += chunk.len() as u64;
        keep_copies(context, &chunk)?;
        let mut renderer = Renderer::new(context);
        if let Some(item) = &before {
            renderer.continue_after(item);
        }
        renderer.may_quote(&chunk);
        for item in &chunk {
            renderer.push(item);
            renderer.drain_into(&mut Sink(&mut out))?;
        }
        colours.extend(renderer.finish().colours);
        before = chunk.pop();
    }
    write!(out, "</main><style>{}</style></body></html>", colours_css(&colours))?;
    out.flush()?;
    Ok(messages)
}

/// Reads a line where it lies in the reader's buffer, or in `spare` when it is not whole there. `None` at the end.
fn next_line<T>(
    lines: &mut impl BufRead,
    spare: &mut Vec<u8>,
    read: impl FnOnce(&str) -> T,
) -> Result<Option<T>, Problem> {
    let held = lines.fill_buf()?;
    if let Some(end) = memchr::memchr(b'\n', held) {
        let done = read(std::str::from_utf8(&held[..end])?);
        lines.consume(end + 1);
        return Ok(Some(done));
    }
    spare.clear();
    if lines.read_until(b'\n', spare)? == 0 {
        return Ok(None);
    }
    let line = spare.strip_suffix(b"\n").unwrap_or(spare);
    Ok(Some(read(std::str::from_utf8(line)?)))
}

/// A file that takes text.
struct Sink<'a>(&'a mut BufWriter<File>);

impl std::fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write_all(text.as_bytes()).map_err(|_| std::fmt::Error)
    }
}

/// The table of a chunk's files tells the page where their copies are.
fn keep_copies(context: &mut Context, chunk: &[TimelineItem]) -> Result<(), Problem> {
    context.files.clear();
    for item in chunk {
        let TimelineItem::Message(entry) = item else { continue };
        for file in &entry.message.attachments {
            // The corpus tells the truth about its files.
            let shows = Shows::of(&file.content_type);
            let copy = FileCopy::Stored(path(format!("/media/files/{}", file.id))?, shows);
            context.files.insert(file.id, copy);
        }
    }
    Ok(())
}
