//! A whole document around rendered pieces, for a file that is opened without this site.

use super::{Attr, El, Writer, escape};
use crate::colour::{ColourSet, colours_css};

/// What a document's own policy lets it load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// Nothing but what is written in it.
    Inside,
    /// Files beside it: `'self'` for whoever serves them, `file:` for whoever opens them from a disk.
    Beside,
}

/// A document's head.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// A BCP 47 tag.
    pub language: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Where its pictures are.
    pub media: Media,
    /// What its own style sheets carry and nothing else does: letters and digits, new for each document.
    pub nonce: &'a str,
    /// Its style sheets, part of this program.
    pub sheets: &'static [&'static str],
}

impl Writer {
    /// Everything before a document's content. Nothing in it runs, nothing in it asks another site for anything,
    /// whatever its content is.
    pub fn open_document(&mut self, document: &Document<'_>) {
        let media = match document.media {
            Media::Inside => "data:",
            Media::Beside => "'self' file:",
        };
        self.buffer.push_str("<!DOCTYPE html>\n<html");
        self.quoted(" lang=\"", document.language);
        self.buffer.push_str("><head><meta charset=\"utf-8\">");
        self.buffer.push_str("<meta http-equiv=\"Content-Security-Policy\"");
        let policy = format!(
            "default-src 'none'; img-src {media}; media-src {media}; style-src 'nonce-{}'; \
             base-uri 'none'; form-action 'none'",
            document.nonce
        );
        self.quoted(" content=\"", &policy);
        self.buffer
            .push_str("><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        self.buffer.push_str("<meta name=\"color-scheme\" content=\"light dark\">");
        self.buffer.push_str("<meta name=\"robots\" content=\"noindex\">");
        self.buffer.push_str("<meta name=\"referrer\" content=\"no-referrer\"><title>");
        escape(&mut self.buffer, document.title);
        self.buffer.push_str("</title>");
        self.open_sheet(document.nonce);
        for sheet in document.sheets {
            self.buffer.push_str(sheet);
        }
        self.close_sheet();
        self.buffer.push_str("</head><body>");
    }

    /// The beginning of the element around everything that a page draws.
    pub(crate) fn open_log(&mut self) {
        self.start(El::Main, &[Attr::Class("t-log")]);
    }

    /// The end of that element.
    pub(crate) fn close_log(&mut self) {
        self.end(El::Main);
    }

    /// A style sheet with the rules of these colours; nothing for none.
    pub fn colour_sheet(&mut self, nonce: &str, colours: &ColourSet) {
        if !colours.is_empty() {
            self.open_sheet(nonce);
            self.buffer.push_str(&colours_css(colours));
            self.close_sheet();
        }
    }

    /// The beginning of a style sheet.
    pub(crate) fn open_sheet(&mut self, nonce: &str) {
        self.buffer.push_str("<style");
        self.quoted(" nonce=\"", nonce);
        self.buffer.push('>');
    }

    /// The end of a style sheet.
    pub(crate) fn close_sheet(&mut self) {
        self.buffer.push_str("</style>");
    }

    /// Only ` download="…"`: the name under which a link saves a file.
    pub(crate) fn save_as(&mut self, name: &str) {
        self.quoted(" download=\"", name);
    }

    /// The end of a document.
    pub fn close_document(&mut self) {
        self.buffer.push_str("</body></html>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Colour;

    #[test]
    fn a_document_lets_nothing_in() {
        let mut w = Writer::new();
        let title = "</title><script>alert(1)</script>";
        let document = Document {
            language: "en",
            title,
            media: Media::Inside,
            nonce: "aZ09",
            sheets: &["p{color:red}"],
        };
        w.open_document(&document);
        w.colour_sheet("aZ09", &ColourSet::new());
        w.colour_sheet("aZ09", &Colour::new(0x00ff_0000).into_iter().collect());
        w.close_document();
        let (html, _) = w.finish();
        let html = html.as_str();
        assert!(
            html.starts_with("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        );
        assert!(html.contains("default-src &#39;none&#39;") && html.contains("img-src data:;"));
        assert!(!html.contains("<script") && html.contains("&lt;script"));
        assert_eq!(html.matches("<style nonce=\"aZ09\">").count(), 2);
        assert_eq!(html.matches("</style>").count(), 2);
    }
}
