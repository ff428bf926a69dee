//! Drawing a timeline as HTML. Class names start with `t-`; `transcript.css` lists and styles them.

mod attachments;
mod code;
mod components;
mod desk;
mod embeds;
mod header;
mod history;
mod known;
mod message;
mod poll;
mod system;
mod text;
mod unknown;

use std::fmt;

use jiff::civil::{Date, DateTime};

use known::Known;

use crate::colour::ColourSet;
use crate::html::{Attr, El, RenderedHtml, Writer};
use crate::labels::{Piece, fill, pieces};
use crate::model::{MentionedUser, Message, Thread};
use crate::{Context, Snowflake, TimeStyle, TimelineItem, dates, markdown};

/// A finished piece: HTML, and the colours whose rules the page must have ([`crate::colours_css`]).
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// The HTML.
    pub html: RenderedHtml,
    /// The colours.
    pub colours: ColourSet,
}

/// Draws a piece of a timeline.
pub fn render_messages<'a>(context: &'a Context, items: &'a [TimelineItem]) -> Rendered {
    render_after(context, None, items)
}

/// Draws a piece of a timeline that goes on after the item `before`, which was drawn already.
pub(crate) fn render_after<'a>(
    context: &'a Context,
    before: Option<&TimelineItem>,
    items: &'a [TimelineItem],
) -> Rendered {
    let mut renderer = Renderer::new(context);
    renderer.may_quote(items);
    if let Some(before) = before {
        renderer.continue_after(before);
    }
    for item in items {
        renderer.push(item);
    }
    renderer.finish()
}

/// Draws a timeline item by item into a sink, holding one item in memory. Answers the colours.
///
/// An answer quotes what [`Context::quotes`] or Discord's own copy holds, since items gone by are forgotten.
pub fn render_into<'i>(
    context: &Context,
    items: impl IntoIterator<Item = &'i TimelineItem>,
    out: &mut dyn fmt::Write,
) -> Result<ColourSet, fmt::Error> {
    let mut renderer = Renderer::new(context);
    for item in items {
        renderer.push(item);
        renderer.drain_into(out)?;
    }
    Ok(renderer.finish().colours)
}

/// Draws Discord markdown alone, as a message would show it.
pub fn render_markdown(context: &Context, content: &str) -> Rendered {
    let mut w = Writer::new();
    text::markdown(&mut w, Scope::plain(context), content);
    let (html, colours) = w.finish();
    Rendered { html, colours }
}

/// Draws one item after the other.
#[derive(Debug)]
pub struct Renderer<'c> {
    context: &'c Context,
    w: Writer,
    /// Messages of the same piece, which answers may quote.
    known: Known<'c>,
    last: Option<Last>,
    /// The last item's day.
    day: Option<Date>,
}

/// The last item, as far as the next one's look depends on it.
#[derive(Debug)]
struct Last {
    author: (Snowflake, String),
    at_ms: i64,
}

/// Messages of one author within this time share one header. Source: Discord's client.
const GROUP_MS: i64 = 7 * 60 * 1000;

impl<'c> Renderer<'c> {
    /// One that has drawn nothing.
    pub fn new(context: &'c Context) -> Self {
        Self { context, w: Writer::new(), known: Known::default(), last: None, day: None }
    }

    /// Takes note of the item before the first one drawn, so that a page continues the one before it.
    pub fn continue_after(&mut self, item: &TimelineItem) {
        let at_ms = item.at_ms();
        self.take_note(item, at_ms, dates::civil(at_ms, &self.context.zone));
    }

    /// Takes note of messages of the same piece, so that answers to them quote and lead to them.
    pub fn may_quote(&mut self, items: &'c [TimelineItem]) {
        self.known.reserve(items.len());
        for item in items {
            if let TimelineItem::Message(entry) = item {
                self.known.insert(entry.message.id, &entry.message);
            }
        }
    }

    /// Draws an item.
    pub fn push(&mut self, item: &TimelineItem) {
        let day_before = self.day;
        let at_ms = item.at_ms();
        let at = dates::civil(at_ms, &self.context.zone);
        let continues = self.take_note(item, at_ms, at);
        if let Some(date) = self.day.filter(|_| self.day != day_before) {
            let words = &self.context.labels.dates;
            let day = dates::show(at_ms, TimeStyle::LongDate, 0, &self.context.zone, words);
            self.w.el(El::H2, &[Attr::Class("t-day")], |w| {
                w.el_text(El::Time, &[Attr::DateTime(&date.to_string())], &day);
            });
        }
        match item {
            TimelineItem::Message(entry) => {
                message::entry(
                    &mut self.w,
                    self.context,
                    &self.known,
                    entry,
                    Place { at_ms, at, continues },
                );
            }
            TimelineItem::Desk(event) => desk::event(&mut self.w, self.context, event),
        }
    }

    /// Passes on what was drawn so far, and keeps the room for what comes.
    pub fn drain_into(&mut self, out: &mut dyn fmt::Write) -> fmt::Result {
        self.w.drain_into(out)
    }

    /// The finished piece.
    pub fn finish(self) -> Rendered {
        let (html, colours) = self.w.finish();
        Rendered { html, colours }
    }

    /// Whether the item continues the author's run.
    fn take_note(&mut self, item: &TimelineItem, at_ms: i64, at: Option<DateTime>) -> bool {
        let day = at.map(DateTime::date);
        let same_day = day == self.day;
        self.day = day;
        let TimelineItem::Message(entry) = item else {
            self.last = None;
            return false;
        };
        let message = &entry.message;
        if !message.kind.is_said() {
            self.last = None;
            return false;
        }
        let author = message.author.as_ref().map_or_else(Default::default, |author| {
            // A webhook speaks with many names.
            let name =
                if message.is_by_webhook() { author.username.clone() } else { String::new() };
            (author.id, name)
        });
        let continues = same_day
            && author.0.is_known()
            && header::note(message).is_none()
            && self.last.as_ref().is_some_and(|last| {
                last.author == author && (0..=GROUP_MS).contains(&(at_ms - last.at_ms))
            });
        self.last = Some(Last { author, at_ms });
        continues
    }
}

/// Where a message stands.
#[derive(Clone, Copy)]
struct Place {
    /// When it was sent, in milliseconds since 1970 UTC.
    at_ms: i64,
    /// The same as the reader's calendar and clock show it.
    at: Option<DateTime>,
    /// Whether it continues its author's run.
    continues: bool,
}

/// What tokens in a text are resolved with.
#[derive(Clone, Copy)]
struct Scope<'a> {
    context: &'a Context,
    /// Names that the message itself brings.
    mentions: &'a [MentionedUser],
    /// Channels of other servers that the message itself names.
    channels: &'a [Thread],
}

impl<'a> Scope<'a> {
    /// What a user object calls someone, unless they are known.
    fn named(&self, user: &'a MentionedUser) -> &'a str {
        match self.context.people.get(&user.id).filter(|person| !person.name.is_empty()) {
            Some(person) => &person.name,
            None => mentioned_name(user).unwrap_or(&self.context.labels.message.unknown_user),
        }
    }

    /// Without a message.
    fn plain(context: &'a Context) -> Self {
        Self { context, mentions: &[], channels: &[] }
    }

    fn of(context: &'a Context, message: &'a Message) -> Self {
        Self { context, mentions: &message.mentions, channels: &message.mention_channels }
    }

    fn channel(&self, id: Snowflake) -> &'a str {
        let here = self.context.channels.get(&id).map(|channel| &channel.name);
        here.or_else(|| self.channels.iter().find(|one| one.id == id).map(|one| &one.name))
            .filter(|name| !name.is_empty())
            .map_or(&self.context.labels.message.unknown_channel, |name| name)
    }

    fn name_of(&self, id: Snowflake) -> &'a str {
        if let Some(person) = self.context.people.get(&id).filter(|person| !person.name.is_empty())
        {
            return &person.name;
        }
        self.mentions
            .iter()
            .find(|user| user.id == id)
            .and_then(mentioned_name)
            .unwrap_or(&self.context.labels.message.unknown_user)
    }
}

fn mentioned_name(user: &MentionedUser) -> Option<&str> {
    let nick = user.member.as_ref().map_or("", |member| &member.nick);
    [nick, &user.global_name, &user.username].into_iter().find(|name| !name.is_empty())
}

/// Draws a text with places, each by a function.
fn template(w: &mut Writer, template: &str, mut place: impl FnMut(&mut Writer, &str)) {
    for piece in pieces(template) {
        match piece {
            Piece::Words(words) => w.text(words),
            Piece::Place(name) => place(w, name),
        }
    }
}

/// A moment: words for people, ISO 8601 for machines, the long form on hovering.
fn time(w: &mut Writer, context: &Context, ms: i64, style: TimeStyle) {
    time_at(w, context, ms, dates::civil(ms, &context.zone), style);
}

/// As [`time`], of a moment whose [`dates::civil`] time is known already.
fn time_at(w: &mut Writer, context: &Context, ms: i64, at: Option<DateTime>, style: TimeStyle) {
    let words = &context.labels.dates;
    let Some(at) = at else { return w.text(&words.invalid) };
    // All three in one string.
    let mut all = String::with_capacity(128);
    dates::iso(&mut all, ms);
    let iso = all.len();
    dates::show_civil(&mut all, at, ms, TimeStyle::LongDateTime, context.now_ms, words);
    let long = all.len();
    dates::show_civil(&mut all, at, ms, style, context.now_ms, words);
    let attributes = [Attr::DateTime(&all[..iso]), Attr::Title(&all[iso..long])];
    w.el_text(El::Time, &attributes, &all[long..]);
}

/// Someone's name in their colour.
fn person(w: &mut Writer, scope: Scope<'_>, id: Snowflake) {
    let colour = scope.context.people.get(&id).and_then(|person| person.colour);
    w.el_text(El::Strong, &[Attr::Coloured("t-who", colour)], scope.name_of(id));
}

/// Something hidden until asked for.
fn hidden(w: &mut Writer, name: &str, content: impl FnOnce(&mut Writer)) {
    w.el(El::Details, &[Attr::Class("t-hidden")], |w| {
        w.el_text(El::Summary, &[], name);
        content(w);
    });
}

/// Parts of one kind that are drawn; honest messages have fewer.
const MAX_PARTS: usize = 100;

/// The parts that are drawn.
fn drawn<T>(all: &[T]) -> &[T] {
    all.get(..MAX_PARTS).unwrap_or(all)
}

/// Says how many parts are not drawn.
fn rest<T>(w: &mut Writer, context: &Context, all: &[T]) {
    let count = all.len().saturating_sub(MAX_PARTS);
    if count > 0 {
        let words = fill(&context.labels.message.more, &[("count", &count.to_string())]);
        w.el_text(El::P, &[Attr::Class("t-note")], &words);
    }
}

/// An emoji of a reaction, a button or a poll.
fn emoji(w: &mut Writer, context: &Context, emoji: &crate::model::Emoji) {
    if !emoji.id.is_known() {
        w.text(&emoji.name);
        return;
    }
    let name = format!(":{}:", emoji.name);
    match context.emojis.get(&emoji.id) {
        Some(path) => w.empty(
            El::Img,
            &[
                Attr::Class("t-emoji"),
                Attr::Src(path),
                Attr::Alt(&name),
                Attr::Title(&name),
                Attr::Width(22),
                Attr::Height(22),
                Attr::Lazy,
            ],
        ),
        // By its name, apart from the text around it.
        None => w.el_text(El::Span, &[Attr::Class("t-emoji-name")], &name),
    }
}

/// One line of plain text that stands for a message.
fn excerpt(context: &Context, content: &str) -> String {
    markdown::excerpt(content, context, 120)
}
