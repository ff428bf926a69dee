//! One HTML document, page by page: the same drawing as on the site, with its style sheet inside and without a
//! script. Pictures and files are places to be filled by whoever has their bytes.

use crate::colour::ColourSet;
use crate::export::names::address;
use crate::export::{Back, Front};
use crate::html::{Attr, Document, El, Media, Writer};
use crate::markup::{Attribute, Tag, Token, tokens};
use crate::render::render_after;
use crate::{Context, LocalPath, TimelineItem};

/// The style sheets of a document.
const SHEETS: &[&str] = &[include_str!("../../transcript.css"), include_str!("../../export.css")];

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// HTML as it is.
    Text(String),
    /// The bytes of a file, or where they are.
    File(Place),
}

/// A place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, by its address on the site.
    pub file: LocalPath,
    /// What the place is for.
    pub part: Part,
}

/// What a place of a file is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A picture that is drawn again and again (an avatar, an emoji), with its class names.
    Small(String),
    /// A picture.
    Picture,
    /// A film or a sound.
    Sound,
    /// A picture's link to itself.
    Link,
    /// A link that saves a file.
    Save,
}

impl Part {
    /// Whether it shows the file, rather than leading to it.
    pub const fn shows(&self) -> bool {
        matches!(self, Self::Small(_) | Self::Picture | Self::Sound)
    }
}

/// A document that is written page by page.
#[derive(Debug)]
pub struct HtmlFile {
    media: Media,
    nonce: String,
    before: Option<TimelineItem>,
    colours: ColourSet,
}

impl HtmlFile {
    /// One whose files are inside it or beside it. The nonce is of letters and digits, new for each document.
    pub fn new(media: Media, nonce: String) -> Self {
        Self { media, nonce, before: None, colours: ColourSet::new() }
    }

    /// Everything before the first page.
    pub fn open(&self, front: &Front) -> String {
        let mut w = Writer::new();
        w.open_document(&Document {
            language: front.language,
            title: &front.title,
            media: self.media,
            nonce: &self.nonce,
            sheets: SHEETS,
        });
        w.open_log();
        w.el(El::Header, &[Attr::Class("x-head")], |w| {
            w.el_text(El::H1, &[], &front.title);
            w.el(El::Dl, &[Attr::Class("x-facts")], |w| {
                for (name, value) in &front.facts {
                    w.el(El::Div, &[], |w| {
                        w.el_text(El::Dt, &[], name);
                        w.el_text(El::Dd, &[], value);
                    });
                }
            });
        });
        w.finish().0.into_string()
    }

    /// A page. Colours that were not used before come with their rules.
    pub fn page(&mut self, context: &Context, items: &[TimelineItem]) -> Vec<Piece> {
        let rendered = render_after(context, self.before.as_ref(), items);
        if let Some(last) = items.last() {
            self.before = Some(last.clone());
        }
        let fresh: ColourSet = rendered.colours.difference(&self.colours).copied().collect();
        let mut w = Writer::new();
        w.colour_sheet(&self.nonce, &fresh);
        self.colours.extend(fresh);
        let mut cut = Cut { pieces: Vec::new(), text: w.finish().0.into_string() };
        for token in tokens(&rendered.html) {
            match token {
                Token::Text(text) | Token::End(text) => cut.text.push_str(text),
                Token::Start(tag) => cut.tag(tag),
            }
        }
        cut.end()
    }

    /// Everything after the last page.
    pub fn close(&self, back: &Back) -> String {
        let mut w = Writer::new();
        w.el(El::Footer, &[Attr::Class("x-foot")], |w| {
            for line in &back.lines {
                w.el_text(El::P, &[], line);
            }
        });
        w.close_log();
        w.close_document();
        w.finish().0.into_string()
    }

    /// The beginning of a style sheet with small pictures.
    pub fn open_pictures(&self) -> String {
        let mut w = Writer::new();
        w.open_sheet(&self.nonce);
        w.finish().0.into_string()
    }

    /// The end of a style sheet with small pictures.
    pub fn close_pictures(&self) -> String {
        let mut w = Writer::new();
        w.close_sheet();
        w.finish().0.into_string()
    }

    /// The rule of small picture `number`: what comes before its bytes in base64, and after them.
    pub fn picture_rule(number: usize, media_type: &'static str) -> (String, &'static str) {
        (format!(".f-{number}{{content:url(\"data:{media_type};base64,"), "\")}")
    }
}

/// Something must be there in the place of a picture that a rule draws: one clear pixel.
const CLEAR: &str =
    "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

impl Place {
    /// A small picture that is drawn by the rule of this number.
    pub fn by_rule(&self, number: usize) -> String {
        let class = self.class();
        format!(" class=\"{class} f-{number}\" src=\"{CLEAR}\"")
    }

    /// A file inside: what comes before its bytes in base64, and after them. `name` is what a saved file is called.
    pub fn inside(&self, media_type: &'static str, name: &str) -> (String, String) {
        let (class, attribute) = (self.class_attribute(), self.attribute());
        let mut after = Writer::new();
        if !self.part.shows() {
            after.save_as(name);
        }
        let after = after.finish().0.into_string();
        (format!("{class} {attribute}=\"data:{media_type};base64,"), format!("\"{after}"))
    }

    /// A file beside the document, by its path from there.
    pub fn beside(&self, path: &str, name: &str) -> String {
        let (class, attribute) = (self.class_attribute(), self.attribute());
        let mut w = Writer::new();
        if self.part == Part::Save {
            w.save_as(name);
        }
        format!("{class} {attribute}=\"{}\"{}", address(path), w.finish().0.as_str())
    }

    /// Nothing: the words around it remain.
    pub fn without(&self) -> String {
        self.class_attribute()
    }

    fn class(&self) -> &str {
        if let Part::Small(class) = &self.part { class } else { "" }
    }

    fn class_attribute(&self) -> String {
        match self.class() {
            "" => String::new(),
            class => format!(" class=\"{class}\""),
        }
    }

    const fn attribute(&self) -> &'static str {
        if self.part.shows() { "src" } else { "href" }
    }
}

/// Cuts rendered HTML at the places of files.
struct Cut {
    pieces: Vec<Piece>,
    text: String,
}

impl Cut {
    fn tag(&mut self, tag: Tag<'_>) {
        let Some((at, file)) = file_of(tag) else { return self.text.push_str(tag.whole) };
        let get = |name| tag.attributes().find(|a: &Attribute<'_>| a.name == name);
        let class = get("class").and_then(|class| class.value);
        let part = match (tag.name, at.name, class) {
            // Pictures that a message shows have no class of their own: their link has it.
            ("img", _, Some(class)) => Part::Small(class.to_owned()),
            ("img", _, None) => Part::Picture,
            (_, "src", _) => Part::Sound,
            _ if get("download").is_some() => Part::Save,
            _ => Part::Link,
        };
        let small = matches!(part, Part::Small(_));
        self.text.push('<');
        self.text.push_str(tag.name);
        for attribute in tag.attributes() {
            if attribute.name == at.name {
                self.flush();
                self.pieces.push(Piece::File(Place { file: file.clone(), part: part.clone() }));
            } else if attribute.name != "download" && !(small && attribute.name == "class") {
                self.text.push_str(attribute.whole);
            }
        }
        self.text.push('>');
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.text)));
        }
    }

    fn end(mut self) -> Vec<Piece> {
        self.flush();
        self.pieces
    }
}

/// The attribute of a tag that names a file of the site, and the file.
fn file_of(tag: Tag<'_>) -> Option<(Attribute<'_>, LocalPath)> {
    let at = tag.attributes().find(|a| {
        matches!(a.name, "src" | "href") && a.value.is_some_and(|value| value.starts_with('/'))
    })?;
    let path = crate::markup::unescape(at.value?).into_owned();
    Some((at, LocalPath::new(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(part: Part) -> Place {
        Place { file: LocalPath::new("/transcripts/1/files/2").unwrap(), part }
    }

    #[test]
    fn places_are_filled_with_attributes() {
        let small = place(Part::Small("t-avatar".into()));
        assert!(
            small.by_rule(3).starts_with(" class=\"t-avatar f-3\" src=\"data:image/gif;base64,")
        );
        assert_eq!(small.without(), " class=\"t-avatar\"");
        let (before, after) = place(Part::Picture).inside("image/png", "x");
        assert_eq!((before.as_str(), after.as_str()), (" src=\"data:image/png;base64,", "\""));
        let save = place(Part::Save);
        let (before, after) = save.inside("application/octet-stream", "a\" onclick=\"x");
        assert_eq!(before, " href=\"data:application/octet-stream;base64,");
        assert_eq!(after, "\" download=\"a&quot; onclick=&quot;x\"");
        assert_eq!(
            save.beside("files/2-ü.txt", "ü.txt"),
            " href=\"files/2-%C3%BC.txt\" download=\"ü.txt\""
        );
        assert_eq!(place(Part::Link).beside("files/2-a.png", "a"), " href=\"files/2-a.png\"");
        assert_eq!(place(Part::Link).without(), "");
    }
}
