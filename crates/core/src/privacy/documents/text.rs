//! The text of a document: Markdown, read into blocks that pages draw. There is no HTML in it, and no way to any.

use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

/// Stands for whoever operates this installation.
const OPERATOR: &str = "{operator}";
/// Stands for where questions go.
const CONTACT: &str = "{contact}";

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of level 2 or 3, with the id that links lead to.
    Heading {
        /// 2 or 3: the page's own heading is level 1.
        level: u8,
        /// Unique in the document.
        id: String,
        /// What it says.
        text: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list without numbers.
    List(Vec<Vec<Block>>),
    /// A table. Every row has as many cells as the head.
    Table {
        /// The names of the columns.
        head: Vec<Vec<Inline>>,
        /// The rows.
        rows: Vec<Vec<Vec<Inline>>>,
    },
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Words.
    Text(String),
    /// Words that matter.
    Strong(Vec<Inline>),
    /// Something literal.
    Code(String),
    /// A link to a page of this site, to a part of this one, or to another site by https.
    Link {
        /// Where to.
        to: String,
        /// What it says.
        text: Vec<Inline>,
    },
    /// The name of whoever operates this installation.
    Operator,
    /// Where questions go.
    Contact,
}

/// Reads a text. What pages cannot draw is an error, which says what it is.
pub(super) fn read(markdown: &str) -> Result<Vec<Block>, String> {
    let mut reader = Reader { events: Parser::new_ext(markdown, Options::ENABLE_TABLES).collect() };
    reader.events.reverse();
    let blocks = reader.blocks(None)?;
    let mut ids: Vec<&str> = blocks.iter().filter_map(heading_id).collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("two headings are called {}", pair[0])),
        None => Ok(blocks),
    }
}

fn heading_id(block: &Block) -> Option<&str> {
    if let Block::Heading { id, .. } = block { Some(id) } else { None }
}

struct Reader<'t> {
    /// What is still to be read, last first.
    events: Vec<Event<'t>>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<Event<'t>> {
        self.events.pop()
    }

    /// Reads blocks up to `end`; up to the end of the text without one.
    fn blocks(&mut self, end: Option<TagEnd>) -> Result<Vec<Block>, String> {
        let mut blocks = Vec::new();
        // The items of a list without empty lines between hold words directly.
        let mut tight = Vec::new();
        while let Some(event) = self.next() {
            match event {
                Event::End(found) if Some(found) == end => {
                    if !tight.is_empty() {
                        blocks.insert(0, Block::Paragraph(tight));
                    }
                    return Ok(blocks);
                }
                Event::Start(Tag::Paragraph) => {
                    blocks.push(Block::Paragraph(self.inlines(TagEnd::Paragraph)?));
                }
                Event::Start(Tag::Heading { level, .. }) => blocks.push(self.heading(level)?),
                Event::Start(Tag::List(None)) => {
                    let mut items = Vec::new();
                    while let Some(Event::Start(Tag::Item)) = self.next() {
                        items.push(self.blocks(Some(TagEnd::Item))?);
                    }
                    blocks.push(Block::List(items));
                }
                Event::Start(Tag::Table(_)) => blocks.push(self.table()?),
                other if end == Some(TagEnd::Item) => self.inline(other, &mut tight)?,
                other => return Err(unknown(&other)),
            }
        }
        if end.is_some() { Err("something does not end".to_owned()) } else { Ok(blocks) }
    }

    fn heading(&mut self, level: HeadingLevel) -> Result<Block, String> {
        let number = match level {
            HeadingLevel::H2 => 2,
            HeadingLevel::H3 => 3,
            _ => return Err("headings are of level 2 and 3".to_owned()),
        };
        let text = self.inlines(TagEnd::Heading(level))?;
        Ok(Block::Heading { level: number, id: slug(&plain(&text)), text })
    }

    fn table(&mut self) -> Result<Block, String> {
        let (mut head, mut rows) = (Vec::new(), Vec::new());
        while let Some(event) = self.next() {
            match event {
                Event::Start(Tag::TableHead) => head = self.cells(TagEnd::TableHead)?,
                Event::Start(Tag::TableRow) => rows.push(self.cells(TagEnd::TableRow)?),
                Event::End(TagEnd::Table) => return Ok(Block::Table { head, rows }),
                other => return Err(unknown(&other)),
            }
        }
        Err("a table does not end".to_owned())
    }

    fn cells(&mut self, end: TagEnd) -> Result<Vec<Vec<Inline>>, String> {
        let mut cells = Vec::new();
        while let Some(event) = self.next() {
            match event {
                Event::Start(Tag::TableCell) => cells.push(self.inlines(TagEnd::TableCell)?),
                Event::End(found) if found == end => return Ok(cells),
                other => return Err(unknown(&other)),
            }
        }
        Err("a row does not end".to_owned())
    }

    fn inlines(&mut self, end: TagEnd) -> Result<Vec<Inline>, String> {
        let mut all = Vec::new();
        while let Some(event) = self.next() {
            if matches!(&event, Event::End(found) if *found == end) {
                return Ok(all);
            }
            self.inline(event, &mut all)?;
        }
        Err("a line does not end".to_owned())
    }

    fn inline(&mut self, event: Event<'t>, all: &mut Vec<Inline>) -> Result<(), String> {
        match event {
            Event::Text(text) => words(&text, all),
            Event::SoftBreak => words(" ", all),
            Event::Code(text) => all.push(Inline::Code(text.into_string())),
            Event::Start(Tag::Strong) => all.push(Inline::Strong(self.inlines(TagEnd::Strong)?)),
            Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, .. }) => {
                let to = dest_url.into_string();
                let own = to.starts_with('#') || (to.starts_with('/') && !to.starts_with("//"));
                if !own && !to.starts_with("https://") {
                    return Err(format!("a link leads to {to}"));
                }
                all.push(Inline::Link { to, text: self.inlines(TagEnd::Link)? });
            }
            other => return Err(unknown(&other)),
        }
        Ok(())
    }
}

fn unknown(event: &Event<'_>) -> String {
    let name = format!("{event:?}");
    let name: String = name.chars().take(60).collect();
    format!("{name} is not drawn")
}

/// Adds words, with what they stand for.
fn words(text: &str, all: &mut Vec<Inline>) {
    let marks = [(OPERATOR, Inline::Operator), (CONTACT, Inline::Contact)];
    let first = marks.iter().filter_map(|(mark, stands)| Some((text.find(mark)?, mark, stands)));
    match first.min_by_key(|(at, ..)| *at) {
        Some((at, mark, stands)) => {
            push(&text[..at], all);
            all.push(stands.clone());
            words(&text[at + mark.len()..], all);
        }
        None => push(text, all),
    }
}

/// Adds plain words to those before.
fn push(text: &str, all: &mut Vec<Inline>) {
    if text.is_empty() {
        return;
    }
    if let Some(Inline::Text(before)) = all.last_mut() {
        before.push_str(text);
    } else {
        all.push(Inline::Text(text.to_owned()));
    }
}

fn plain(text: &[Inline]) -> String {
    text.iter()
        .map(|inline| match inline {
            Inline::Text(text) | Inline::Code(text) => text.clone(),
            Inline::Strong(text) | Inline::Link { text, .. } => plain(text),
            Inline::Operator | Inline::Contact => String::new(),
        })
        .collect()
}

/// The id of a heading: its letters and digits, with dashes between its words.
fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.to_owned())
    }

    #[test]
    fn a_text_becomes_blocks() {
        let blocks = read(
            "## Who we are\n\nAsk {operator} **now** at\n{contact}.\n\n- one [page](/status)\n- two\n\n| a | b |\n|--|--|\n| `c` | d |\n",
        );
        let link = Inline::Link { to: "/status".into(), text: vec![text("page")] };
        let cell = |inline| vec![inline];
        assert_eq!(
            blocks.unwrap(),
            [
                Block::Heading {
                    level: 2,
                    id: "who-we-are".into(),
                    text: cell(text("Who we are"))
                },
                Block::Paragraph(vec![
                    text("Ask "),
                    Inline::Operator,
                    text(" "),
                    Inline::Strong(vec![text("now")]),
                    text(" at "),
                    Inline::Contact,
                    text("."),
                ]),
                Block::List(vec![
                    vec![Block::Paragraph(vec![text("one "), link])],
                    vec![Block::Paragraph(vec![text("two")])],
                ]),
                Block::Table {
                    head: vec![cell(text("a")), cell(text("b"))],
                    rows: vec![vec![cell(Inline::Code("c".into())), cell(text("d"))]],
                },
            ]
        );
    }

    #[test]
    fn nothing_else_gets_in() {
        for bad in [
            "<b>x</b>",
            "a <i>b</i>",
            "# Title",
            "![x](/y.png)",
            "[x](javascript:alert(1))",
            "[x](http://example.org)",
            "[x](//example.org)",
            "[x](data:text/html,x)",
            "> quoted",
            "    code",
            "1. numbered",
            "## A\n\n## a",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
