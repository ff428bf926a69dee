//! The one writer of HTML. It can only emit elements and attributes listed here, closes what it opens, and
//! escapes every text; there is no way to pass markup through it.

mod document;
mod escape;

use std::cell::Cell;
use std::fmt::Write as _;

use crate::Snowflake;
use crate::colour::{Colour, ColourSet};
use crate::url::{LocalPath, SafeUrl};

use escape::escape;

pub use document::{Document, Media};

macro_rules! elements {
    ($($name:ident $tag:literal,)*) => {
        /// The elements that a transcript is made of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names are those of the tags")]
        pub enum El { $($name,)* }

        impl El {
            /// The tag's name.
            pub const fn tag(self) -> &'static str {
                match self { $(Self::$name => $tag,)* }
            }

            /// How its start tag begins.
            const fn opening(self) -> &'static str {
                match self { $(Self::$name => concat!("<", $tag),)* }
            }

            /// Its end tag.
            const fn closing(self) -> &'static str {
                match self { $(Self::$name => concat!("</", $tag, ">"),)* }
            }
        }
    };
}

elements! {
    A "a", Article "article", Audio "audio", Blockquote "blockquote", Br "br", Code "code", Dd "dd",
    Details "details", Div "div", Dl "dl", Dt "dt", Em "em", Figcaption "figcaption", Figure "figure",
    Footer "footer", H1 "h1", H2 "h2", H3 "h3", Header "header", Hr "hr", Img "img", Input "input", Label "label",
    Li "li", Main "main", Meter "meter", Ol "ol", P "p", Path "path", Pre "pre", S "s", Small "small", Span "span", Strong "strong", Summary "summary",
    Svg "svg", Time "time", U "u", Ul "ul", Video "video",
}

impl El {
    const fn is_void(self) -> bool {
        matches!(self, Self::Br | Self::Hr | Self::Img | Self::Input)
    }
}

/// An attribute. Every text in one is escaped; addresses have types of their own.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Attr<'a> {
    /// Class names, known when the program is built.
    Class(&'static str),
    /// Class names and a colour's class, which the writer takes note of.
    Coloured(&'static str, Option<Colour>),
    /// `id="m-…"` of a message.
    MessageId(Snowflake),
    /// A link to another site, with `rel` and `target`.
    Href(&'a SafeUrl),
    /// A link within this site.
    HrefLocal(&'a LocalPath),
    /// A link to a file, saved under its name rather than opened.
    Download(&'a LocalPath),
    /// A link to a message: the page's prefix, then `#m-…`.
    HrefMessage(&'a str, Snowflake),
    /// A picture, film or sound of this site.
    Src(&'a LocalPath),
    /// An animation of this site for the page's player.
    Animation(&'a LocalPath),
    /// Alternative text.
    Alt(&'a str),
    /// More words on hovering.
    Title(&'a str),
    /// An accessible name.
    AriaLabel(&'a str),
    /// Hidden from assistive technology.
    AriaHidden,
    /// `role="img"`, for drawings with a name.
    RoleImg,
    /// `role="note"`.
    RoleNote,
    /// Machine-readable time.
    DateTime(&'a str),
    /// Pixels.
    Width(u64),
    /// Pixels.
    Height(u64),
    /// First number of an ordered list.
    Start(u64),
    /// A code block's language.
    Language(&'a str),
    /// Load a picture when it is near.
    Lazy,
    /// Controls of a film or sound, its head loaded only.
    Controls,
    /// `type="checkbox"`.
    Checkbox,
    /// A meter's value and maximum.
    Meter(u64, u64),
    /// The drawing's own coordinates, from zero.
    ViewBox(u64, u64),
    /// A path of vertical strokes: (x, top, bottom).
    Strokes(&'a [(u64, u64, u64)]),
}

/// Finished HTML. Only this crate makes it, by its writer: whoever holds one may put it into a page as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RenderedHtml(String);

impl RenderedHtml {
    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Writes HTML into a buffer and takes note of the colours used.
#[derive(Debug, Default)]
pub struct Writer {
    buffer: String,
    colours: ColourSet,
}

impl Writer {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// An element with content.
    pub fn el(&mut self, element: El, attributes: &[Attr<'_>], content: impl FnOnce(&mut Self)) {
        self.start(element, attributes);
        if !element.is_void() {
            content(self);
            self.end(element);
        }
    }

    /// An element without content.
    pub fn empty(&mut self, element: El, attributes: &[Attr<'_>]) {
        self.el(element, attributes, |_| {});
    }

    /// An element with a text.
    pub fn el_text(&mut self, element: El, attributes: &[Attr<'_>], text: &str) {
        self.el(element, attributes, |w| w.text(text));
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        escape(&mut self.buffer, text);
    }

    /// Writes something of at most `limit` bytes and answers how many it took; longer ones are taken back.
    pub(crate) fn attempt(&mut self, limit: usize, draw: impl FnOnce(&mut Self)) -> Option<usize> {
        let before = self.buffer.len();
        draw(self);
        let taken = self.buffer.len() - before;
        if taken > limit {
            self.buffer.truncate(before);
            return None;
        }
        Some(taken)
    }

    /// An element that pays for its tags out of `left`, bytes; what it cannot pay for is its content alone.
    pub(crate) fn el_within(
        &mut self,
        left: &Cell<usize>,
        element: El,
        attributes: &[Attr<'_>],
        content: impl FnOnce(&mut Self),
    ) -> bool {
        let end = element.closing().len();
        let affordable = left.get().saturating_sub(end);
        let Some(start) = self.attempt(affordable, |w| w.start(element, attributes)) else {
            content(self);
            return false;
        };
        left.set(left.get() - start - end);
        content(self);
        self.end(element);
        true
    }

    /// Bytes written and not yet taken.
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether nothing is there to be taken.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// What was written so far, for a caller that passes it on; the buffer is empty afterwards.
    pub(crate) fn drain_into(&mut self, out: &mut dyn std::fmt::Write) -> std::fmt::Result {
        let result = out.write_str(&self.buffer);
        self.buffer.clear();
        result
    }

    /// The finished HTML and its colours.
    pub fn finish(self) -> (RenderedHtml, ColourSet) {
        (RenderedHtml(self.buffer), self.colours)
    }

    fn start(&mut self, element: El, attributes: &[Attr<'_>]) {
        self.buffer.push_str(element.opening());
        for attribute in attributes {
            self.attribute(*attribute);
        }
        self.buffer.push('>');
    }

    fn end(&mut self, element: El) {
        self.buffer.push_str(element.closing());
    }

    /// An attribute; `name` is its beginning, with the space before it and the quotation mark that opens its value.
    fn quoted(&mut self, name: &'static str, value: &str) {
        self.buffer.push_str(name);
        escape(&mut self.buffer, value);
        self.buffer.push('"');
    }

    /// As [`Self::quoted`], for a number.
    fn number(&mut self, name: &'static str, value: u64) {
        self.buffer.push_str(name);
        self.digits(value);
        self.buffer.push('"');
    }

    fn digits(&mut self, value: u64) {
        self.buffer.push_str(itoa::Buffer::new().format(value));
    }

    fn attribute(&mut self, attribute: Attr<'_>) {
        match attribute {
            Attr::Class(names) | Attr::Coloured(names, None) => {
                // Known when the program is built: nothing in it to escape.
                self.buffer.push_str(" class=\"");
                self.buffer.push_str(names);
                self.buffer.push('"');
            }
            Attr::Coloured(names, Some(colour)) => {
                self.colours.insert(colour);
                self.buffer.push_str(" class=\"");
                self.buffer.push_str(names);
                self.buffer.push_str(" c-");
                colour.write_hex(&mut self.buffer);
                self.buffer.push('"');
            }
            Attr::MessageId(id) => {
                self.number(" id=\"m-", id.get());
            }
            Attr::Href(url) => {
                self.quoted(" href=\"", url.as_str());
                self.buffer.push_str(" rel=\"noopener noreferrer nofollow ugc\" target=\"_blank\"");
            }
            Attr::HrefLocal(path) => self.quoted(" href=\"", path.as_str()),
            Attr::Download(path) => {
                self.quoted(" href=\"", path.as_str());
                self.buffer.push_str(" download");
            }
            Attr::HrefMessage(prefix, id) => {
                self.buffer.push_str(" href=\"");
                if !prefix.is_empty() {
                    escape(&mut self.buffer, prefix);
                    self.digits(id.get());
                }
                self.number("#m-", id.get());
            }
            Attr::Src(path) => self.quoted(" src=\"", path.as_str()),
            Attr::Animation(path) => self.quoted(" data-lottie=\"", path.as_str()),
            Attr::Alt(text) => self.quoted(" alt=\"", text),
            Attr::Title(text) => self.quoted(" title=\"", text),
            Attr::AriaLabel(text) => self.quoted(" aria-label=\"", text),
            Attr::AriaHidden => self.buffer.push_str(" aria-hidden=\"true\""),
            Attr::RoleImg => self.buffer.push_str(" role=\"img\""),
            Attr::RoleNote => self.buffer.push_str(" role=\"note\""),
            Attr::DateTime(text) => self.quoted(" datetime=\"", text),
            Attr::Width(pixels) => self.number(" width=\"", pixels),
            Attr::Height(pixels) => self.number(" height=\"", pixels),
            Attr::Start(first) => self.number(" start=\"", first),
            Attr::Language(name) => self.quoted(" data-lang=\"", name),
            Attr::Lazy => self.buffer.push_str(" loading=\"lazy\" decoding=\"async\""),
            Attr::Controls => self.buffer.push_str(" controls preload=\"metadata\""),
            Attr::Checkbox => self.buffer.push_str(" type=\"checkbox\""),
            Attr::Meter(..) | Attr::ViewBox(..) | Attr::Strokes(_) => self.drawing(attribute),
        }
    }

    /// Attributes of meters and drawings.
    fn drawing(&mut self, attribute: Attr<'_>) {
        match attribute {
            Attr::Meter(value, max) => {
                self.number(" value=\"", value);
                self.buffer.push_str(" min=\"0\"");
                self.number(" max=\"", max);
            }
            Attr::ViewBox(width, height) => {
                let _ = write!(self.buffer, " viewBox=\"0 0 {width} {height}\"");
            }
            Attr::Strokes(strokes) => {
                self.buffer.push_str(" d=\"");
                for (x, top, bottom) in strokes {
                    for (mark, number) in [('M', *x), (' ', *top), ('V', *bottom)] {
                        self.buffer.push(mark);
                        self.digits(number);
                    }
                }
                self.buffer.push('"');
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let mut w = Writer::new();
        w.el(El::Span, &[Attr::Title("\"><script>'&")], |w| w.text("<b>&'\"\0\r\n\u{1b}"));
        let (html, _) = w.finish();
        assert_eq!(
            html.as_str(),
            "<span title=\"&quot;&gt;&lt;script&gt;&#39;&amp;\">&lt;b&gt;&amp;&#39;&quot;\u{FFFD}\n\u{FFFD}</span>"
        );
    }

    #[test]
    fn void_elements_have_no_end() {
        let mut w = Writer::new();
        w.empty(El::Hr, &[]);
        w.empty(El::Span, &[]);
        assert_eq!(w.finish().0.as_str(), "<hr><span></span>");
    }

    #[test]
    fn colours_are_classes_and_taken_note_of() {
        let mut w = Writer::new();
        w.empty(El::Span, &[Attr::Coloured("t-name", Colour::new(0x0058_65f2))]);
        let (html, colours) = w.finish();
        assert_eq!(html.as_str(), "<span class=\"t-name c-5865f2\"></span>");
        assert_eq!(colours.len(), 1);
    }
}
