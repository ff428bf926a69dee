//! Plain text and Markdown, page by page, made of the drawing that pages show: whatever is drawn there has its
//! lines here, and what nobody drew cannot be forgotten in one of three places.
//!
//! Nobody can write a message that looks like another person's: what was said is indented (plain text) or quoted
//! (Markdown), headers are not.

use super::{Back, Front, markdown, plain};
use crate::markup::{Node, Tag, tree, unescape};
use crate::render::render_after;
use crate::{Context, TimelineItem};

/// How an outline is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Plain text.
    Plain,
    /// `CommonMark`.
    Markdown,
}

/// A text that is written page by page.
#[derive(Debug)]
pub struct Outline {
    dialect: Dialect,
    /// The site's address, to which links to files lead.
    site: String,
    before: Option<TimelineItem>,
}

impl Outline {
    /// One in this dialect. `site` is the site's own address, without a slash at its end.
    pub fn new(dialect: Dialect, site: &str) -> Self {
        Self { dialect, site: site.to_owned(), before: None }
    }

    /// Everything before the first page.
    pub fn open(&self, front: &Front) -> String {
        let mut sheet = self.sheet();
        let title = plain::line(&front.title);
        match self.dialect {
            Dialect::Plain => {
                sheet.line(&title);
                sheet.line(&"=".repeat(title.chars().count()));
            }
            Dialect::Markdown => {
                sheet.line(&format!("# {}", sheet.words(&title)));
                sheet.gap();
            }
        }
        for (name, value) in &front.facts {
            let (name, value) = (plain::line(name), plain::line(value));
            let line = match self.dialect {
                Dialect::Plain => format!("{name}: {value}"),
                Dialect::Markdown => {
                    format!("- **{}:** {}", sheet.words(&name), sheet.words(&value))
                }
            };
            sheet.line(&line);
        }
        sheet.out
    }

    /// A page.
    pub fn page(&mut self, context: &Context, items: &[TimelineItem]) -> String {
        let html = render_after(context, self.before.as_ref(), items).html;
        if let Some(last) = items.last() {
            self.before = Some(last.clone());
        }
        let mut sheet = self.sheet();
        sheet.blocks(&tree(&html));
        sheet.out
    }

    /// Everything after the last page.
    pub fn close(&self, back: &Back) -> String {
        let mut sheet = self.sheet();
        sheet.gap();
        sheet.line(match self.dialect {
            Dialect::Plain => "----",
            Dialect::Markdown => "***",
        });
        for line in &back.lines {
            if self.dialect == Dialect::Markdown {
                sheet.gap();
            }
            let line = sheet.words(&plain::line(line));
            sheet.line(&line);
        }
        sheet.out
    }

    fn sheet(&self) -> Sheet<'_> {
        Sheet { dialect: self.dialect, site: &self.site, out: String::new(), levels: Vec::new() }
    }
}

/// What lines begin with, for as long as they are within something.
struct Level {
    first: &'static str,
    /// Said in the first line once, for example a list's number.
    label: String,
    rest: String,
    begun: bool,
}

/// Lines.
struct Sheet<'o> {
    dialect: Dialect,
    site: &'o str,
    out: String,
    levels: Vec<Level>,
}

/// Elements that begin on a line of their own.
fn is_block(tag: Tag<'_>) -> bool {
    matches!(
        tag.name,
        "article"
            | "blockquote"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "figcaption"
            | "figure"
            | "h2"
            | "h3"
            | "hr"
            | "li"
            | "ol"
            | "p"
            | "pre"
            | "summary"
            | "ul"
    ) || (tag.name == "code" && tag.has_class("t-pre"))
}

impl Sheet<'_> {
    const fn is_markdown(&self) -> bool {
        matches!(self.dialect, Dialect::Markdown)
    }

    fn line(&mut self, text: &str) {
        let start = self.out.len();
        for level in &mut self.levels {
            if level.begun {
                self.out.push_str(&level.rest);
            } else {
                level.begun = true;
                self.out.push_str(&level.label);
                self.out.push_str(level.first);
            }
        }
        self.out.push_str(text);
        let end = self.out.trim_end_matches(' ').len().max(start);
        self.out.truncate(end);
        self.out.push('\n');
    }

    /// An empty line, unless the part that begins here has no line yet.
    fn gap(&mut self) {
        if self.levels.last().is_none_or(|level| level.begun) {
            self.line("");
        }
    }

    /// An empty line where the dialect needs one between two parts of a message.
    fn part(&mut self) {
        if self.is_markdown() {
            self.gap();
        }
    }

    fn within(&mut self, first: &'static str, rest: &str, content: impl FnOnce(&mut Self)) {
        self.labelled(String::new(), first, rest, content);
    }

    fn labelled(
        &mut self,
        label: String,
        first: &'static str,
        rest: &str,
        content: impl FnOnce(&mut Self),
    ) {
        self.levels.push(Level { first, label, rest: rest.to_owned(), begun: false });
        content(self);
        self.levels.pop();
    }

    /// A text that is nobody's mark.
    fn words(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        match self.dialect {
            Dialect::Plain => plain::text(&mut out, text),
            Dialect::Markdown => markdown::text(&mut out, text),
        }
        out
    }

    fn paragraph(&mut self, text: &str) {
        let text = text.trim_matches(['\n', ' ']);
        if text.is_empty() {
            return;
        }
        self.part();
        if !self.is_markdown() {
            for line in text.split('\n') {
                self.line(line);
            }
            return;
        }
        let lines: Vec<String> = markdown::lines(text).collect();
        for (index, line) in lines.iter().enumerate() {
            let goes_on = lines.get(index + 1).is_some_and(|next| !next.is_empty());
            // A line break within a paragraph.
            let end = if goes_on && !line.is_empty() { "\\" } else { "" };
            self.line(&format!("{line}{end}"));
        }
    }

    fn blocks(&mut self, nodes: &[Node<'_>]) {
        let mut run = String::new();
        for node in nodes {
            match node {
                Node::Element(tag, inside) if is_block(*tag) => {
                    self.paragraph(&std::mem::take(&mut run));
                    self.block(*tag, inside);
                }
                other => self.inline(other, &mut run),
            }
        }
        self.paragraph(&run);
    }

    fn block(&mut self, tag: Tag<'_>, inside: &[Node<'_>]) {
        match tag.name {
            "article" => self.message(inside),
            "div" if tag.has_class("t-desk") => self.aside("* ", inside),
            "h2" => {
                self.gap();
                let day = self.inlines(inside);
                let line =
                    if self.is_markdown() { format!("## {day}") } else { format!("== {day} ==") };
                self.line(&line);
            }
            "h3" => {
                let text = self.inlines(inside).replace('\n', " ");
                self.part();
                let line = if self.is_markdown() { format!("#### {}", text.trim()) } else { text };
                self.line(&line);
            }
            "blockquote" => {
                self.part();
                self.within("> ", "> ", |sheet| sheet.blocks(inside));
            }
            "ul" if tag.has_class("t-reactions") => self.reactions(tag, inside),
            "ul" | "ol" => self.list(tag, inside),
            "dl" => self.fields(inside),
            "details" => self.details(inside),
            "pre" | "code" => self.code(tag, inside),
            "hr" => {
                self.part();
                self.line("***");
            }
            _ => self.blocks(inside),
        }
    }

    /// A message: who and when, and what was said.
    fn message(&mut self, inside: &[Node<'_>]) {
        let class = |node: &Node<'_>, class: &str| matches!(node, Node::Element(tag, _) if tag.has_class(class));
        let Some(Node::Element(_, head)) = inside.iter().find(|node| class(node, "t-head")) else {
            return self.aside("- ", inside);
        };
        self.gap();
        let head = self.head(head);
        self.line(&head);
        self.part();
        let indent = if self.is_markdown() { "> " } else { "    " };
        self.within(indent, indent, |sheet| {
            for node in inside {
                match node {
                    Node::Element(tag, inside) if tag.has_class("t-reply") => {
                        let answered = sheet.inlines(inside);
                        sheet.paragraph(&format!("↪ {}", answered.trim()));
                    }
                    Node::Element(tag, inside) if is_block(*tag) && !tag.has_class("t-head") => {
                        sheet.block(*tag, inside);
                    }
                    // The avatar.
                    _ => {}
                }
            }
            if sheet.levels.last().is_some_and(|level| !level.begun) {
                sheet.line("");
            }
        });
    }

    fn head(&self, nodes: &[Node<'_>]) -> String {
        let mut parts: Vec<String> = Vec::new();
        for node in nodes {
            let Node::Element(tag, inside) = node else { continue };
            let words = self.inlines(inside).replace('\n', " ");
            parts.push(if tag.has_class("t-name") && self.is_markdown() {
                let mut name = String::new();
                markdown::marked(&mut name, "**", &words);
                name
            } else if tag.has_class("t-tag") {
                self.words(&format!("[{}]", words.trim()))
            } else {
                words.trim().to_owned()
            });
        }
        let line = parts.join(" · ");
        if self.is_markdown() { markdown::lines(&line).collect() } else { line }
    }

    /// A line of the system or of the desk: not said by anybody.
    fn aside(&mut self, plain: &'static str, inside: &[Node<'_>]) {
        self.gap();
        let (first, rest) = if self.is_markdown() { ("- ", "  ") } else { (plain, "    ") };
        self.within(first, rest, |sheet| sheet.blocks(inside));
    }

    fn reactions(&mut self, tag: Tag<'_>, inside: &[Node<'_>]) {
        let name = tag.get("aria-label").unwrap_or_default();
        let all: Vec<String> = inside
            .iter()
            .filter_map(|node| match node {
                Node::Element(_, inside) => Some(self.inlines(inside).trim().to_owned()),
                Node::Text(_) => None,
            })
            .collect();
        let line = format!("{}: {}", self.words(&name), all.join(" · "));
        self.paragraph(&line);
    }

    fn list(&mut self, tag: Tag<'_>, inside: &[Node<'_>]) {
        self.part();
        let first = tag.get("start").and_then(|start| start.parse::<u64>().ok());
        let mut number = first.unwrap_or(1);
        for node in inside {
            let Node::Element(_, inside) = node else { continue };
            let (label, first) = if tag.name == "ol" {
                // Nine digits at most. Source: `CommonMark` 0.31.2, "List items".
                (format!("{}", number.min(999_999_999)), ". ")
            } else {
                (String::new(), "- ")
            };
            number = number.saturating_add(1);
            let rest = " ".repeat(label.len() + first.len());
            self.labelled(label, first, &rest, |sheet| sheet.blocks(inside));
        }
    }

    /// Names and values.
    fn fields(&mut self, inside: &[Node<'_>]) {
        for node in inside {
            let Node::Element(tag, inside) = node else { continue };
            match tag.name {
                "dt" => {
                    let mut name = String::new();
                    let words = self.inlines(inside).replace('\n', " ");
                    if self.is_markdown() {
                        markdown::marked(&mut name, "**", &words);
                    } else {
                        name.push_str(&words);
                    }
                    let end = if words.trim_end().ends_with(['?', ':']) { "" } else { ":" };
                    self.paragraph(&format!("{}{end}", name.trim()));
                }
                "dd" => self.within("  ", "  ", |sheet| sheet.blocks(inside)),
                _ => self.fields(inside),
            }
        }
    }

    fn details(&mut self, inside: &[Node<'_>]) {
        for node in inside {
            match node {
                Node::Element(tag, inside) if tag.name == "summary" => {
                    let words = self.inlines(inside);
                    self.paragraph(&words);
                }
                Node::Element(tag, inside) if is_block(*tag) => {
                    // Four spaces would be code.
                    self.within("  ", "  ", |sheet| sheet.block(*tag, inside));
                }
                other => {
                    let mut words = String::new();
                    self.inline(other, &mut words);
                    self.paragraph(&words);
                }
            }
        }
    }

    fn code(&mut self, tag: Tag<'_>, inside: &[Node<'_>]) {
        let mut text = String::new();
        plain::text(&mut text, &raw(inside));
        let text = text.trim_end_matches('\n');
        self.part();
        if !self.is_markdown() {
            return self.within("  | ", "  | ", |sheet| {
                for line in text.split('\n') {
                    sheet.line(line);
                }
            });
        }
        let fence = markdown::fence(text);
        let language = tag.get("data-lang").unwrap_or_default();
        self.line(&format!("{fence}{}", markdown::language(&language)));
        for line in text.split('\n') {
            self.line(line);
        }
        self.line(&fence);
    }

    fn inlines(&self, nodes: &[Node<'_>]) -> String {
        let mut out = String::new();
        for node in nodes {
            self.inline(node, &mut out);
        }
        out
    }

    fn inline(&self, node: &Node<'_>, out: &mut String) {
        let (tag, inside) = match node {
            Node::Text(text) => return out.push_str(&self.words(&unescape(text))),
            Node::Element(tag, inside) => (*tag, inside),
        };
        if tag.get("aria-hidden").is_some() {
            return;
        }
        match tag.name {
            "br" => out.push('\n'),
            "img" => {
                let alt = tag.get("alt").unwrap_or_default();
                if tag.has_class("t-emoji") {
                    out.push_str(&self.words(&alt));
                } else if !alt.is_empty() {
                    out.push_str(&self.words(&format!("[{alt}]")));
                }
            }
            "audio" | "video" => {
                let label = tag.get("aria-label").unwrap_or_default();
                out.push_str(&self.words(&format!("[{label}]")));
            }
            "input" | "meter" | "svg" => {}
            "span" if tag.has_class("t-tick") => {
                let mark = if tag.has_class("t-tick--on") { "[x]" } else { "[ ]" };
                out.push_str(&self.words(mark));
            }
            "label" => {
                let hidden = self.words("||");
                out.push_str(&hidden);
                out.push_str(&self.inlines(inside));
                out.push_str(&hidden);
            }
            "strong" if self.is_markdown() => markdown::marked(out, "**", &self.inlines(inside)),
            "em" if self.is_markdown() => markdown::marked(out, "*", &self.inlines(inside)),
            "s" if self.is_markdown() => markdown::marked(out, "~~", &self.inlines(inside)),
            "code" if self.is_markdown() => markdown::code(out, &raw(inside)),
            "a" => self.link(tag, inside, out),
            _ if tag.has_class("t-button") => {
                self.bracketed(inside, out);
                out.push(' ');
            }
            _ if tag.has_class("t-tag") => self.bracketed(inside, out),
            _ => inside.iter().for_each(|node| self.inline(node, out)),
        }
    }

    fn bracketed(&self, inside: &[Node<'_>], out: &mut String) {
        let label = self.inlines(inside);
        out.push_str(&self.words("["));
        out.push_str(label.trim());
        out.push_str(&self.words("]"));
    }

    fn link(&self, tag: Tag<'_>, inside: &[Node<'_>], out: &mut String) {
        let words = self.inlines(inside);
        let href = tag.get("href").unwrap_or_default();
        let address =
            if href.starts_with('/') { format!("{}{href}", self.site) } else { href.into_owned() };
        // Within the page: the message is in this file.
        if address.is_empty() || address.starts_with('#') {
            return out.push_str(&words);
        }
        if self.is_markdown() {
            let words = words.replace('\n', " ");
            // A link has brackets of its own.
            let bare = words.strip_prefix("\\[").and_then(|rest| rest.strip_suffix("\\]"));
            markdown::link(out, bare.unwrap_or(&words), &address);
        } else {
            let address = plain::line(&address);
            out.push_str(&words);
            if words.trim() != address {
                out.push_str(" (");
                out.push_str(&address);
                out.push(')');
            }
        }
        if tag.has_class("t-button") || tag.has_class("t-picture") {
            out.push(' ');
        }
    }
}

/// The text of nodes, as it was written.
fn raw(nodes: &[Node<'_>]) -> String {
    let mut out = String::new();
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(&unescape(text)),
            Node::Element(_, inside) => out.push_str(&raw(inside)),
        }
    }
    out
}
