//! Writes the sign-in pages. Tags and attribute names are fixed by the program, everything else is
//! escaped on the way in, so no text that a person or client sent can become markup.

/// A page under construction.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

impl Html {
    /// An element with children.
    pub(crate) fn element(
        &mut self,
        tag: &'static str,
        attributes: &[(&'static str, &str)],
        children: impl FnOnce(&mut Self),
    ) {
        self.open(tag, attributes);
        children(self);
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
    }

    /// An element whose only child is text.
    pub(crate) fn line(
        &mut self,
        tag: &'static str,
        attributes: &[(&'static str, &str)],
        text: &str,
    ) {
        self.element(tag, attributes, |html| html.text(text));
    }

    /// An element that has no end tag (`input`, `meta`, `link`, `img`). An attribute whose value is empty
    /// is written without one, which is how HTML spells booleans.
    pub(crate) fn open(&mut self, tag: &'static str, attributes: &[(&'static str, &str)]) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            if !value.is_empty() || *name == "value" || *name == "alt" {
                self.0.push_str("=\"");
                self.text(value);
                self.0.push('"');
            }
        }
        self.0.push('>');
    }

    /// Escaped text.
    pub(crate) fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
    }

    /// The finished document.
    pub(crate) fn finish(self) -> String {
        self.0
    }

    /// A whole page with the sandbox's head and one card in the middle.
    pub(crate) fn page(title: &str, card: impl FnOnce(&mut Self)) -> String {
        let sheets = ["/assets/css/base.css", "/assets/css/consent.css"];
        Self::document(title, &sheets, "consent", |html| {
            html.element("main", &[("class", "consent-card")], card);
            html.line(
                "p",
                &[("class", "consent-foot")],
                "This is the sandbox, a Discord of your own on this machine.",
            );
        })
    }

    /// A whole document with the sandbox's head.
    pub(crate) fn document(
        title: &str,
        sheets: &[&str],
        class: &str,
        body: impl FnOnce(&mut Self),
    ) -> String {
        let mut html = Self(String::from("<!doctype html>"));
        html.element("html", &[("lang", "en")], |html| {
            html.element("head", &[], |html| {
                html.open("meta", &[("charset", "utf-8")]);
                let width = "width=device-width, initial-scale=1";
                html.open("meta", &[("name", "viewport"), ("content", width)]);
                html.open("meta", &[("name", "color-scheme"), ("content", "light dark")]);
                html.line("title", &[], title);
                html.open("link", &[("rel", "icon"), ("href", "/assets/icon.svg")]);
                for sheet in sheets {
                    html.open("link", &[("rel", "stylesheet"), ("href", sheet)]);
                }
            });
            html.element("body", &[("class", class)], body);
        });
        html.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Html;

    #[test]
    fn what_was_sent_never_becomes_markup() {
        let mut html = Html::default();
        html.element("p", &[("title", "\"><script>")], |html| {
            html.text("<img src=x onerror='1'> & more");
        });
        assert_eq!(
            html.finish(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;img src=x onerror=&#39;1&#39;&gt; &amp; more</p>"
        );
    }
}
