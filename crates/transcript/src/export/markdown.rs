//! Markdown: escaping, and the marks that may stand around a text. Source: `CommonMark` 0.31.2, and the tables,
//! strike-through and address rules of GitHub's dialect.

use super::plain;

/// A text in which nothing is a mark. Brackets and ampersands become entities, which no reader of Markdown takes
/// for HTML, not even one that lets HTML through.
pub(super) fn text(out: &mut String, text: &str) {
    let mut clean = String::with_capacity(text.len());
    plain::text(&mut clean, text);
    for c in clean.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\t' => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
}

/// Something within marks. White space at its ends stays outside: marks beside it would be no marks.
pub(super) fn marked(out: &mut String, mark: &str, content: &str) {
    let inner = content.trim();
    if inner.is_empty() {
        return out.push_str(content);
    }
    let start = content.len() - content.trim_start().len();
    out.push_str(&content[..start]);
    // An empty line would end the paragraph, and the marks would stand alone.
    if inner.contains("\n\n") {
        out.push_str(inner);
    } else {
        out.push_str(mark);
        out.push_str(inner);
        out.push_str(mark);
    }
    out.push_str(&content[start + inner.len()..]);
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Code within a line. `text` is as it was written.
pub(super) fn code(out: &mut String, text: &str) {
    let mut clean = String::with_capacity(text.len());
    plain::text(&mut clean, text);
    let clean = clean.replace('\n', " ");
    if clean.trim().is_empty() {
        return;
    }
    let fence = "`".repeat(longest_run(&clean) + 1);
    let pad = if clean.starts_with('`') || clean.ends_with('`') { " " } else { "" };
    for part in [&fence, pad, &clean, pad, &fence] {
        out.push_str(part);
    }
}

/// What stands above and below a block of code: longer than anything within it.
pub(super) fn fence(text: &str) -> String {
    "`".repeat(longest_run(text).max(2) + 1)
}

/// The name of a code block's language, if it is one.
pub(super) fn language(name: &str) -> &str {
    let fits = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'#'));
    if fits { name } else { "" }
}

/// A link. The address has no white space and no pointed brackets: it is a `SafeUrl` or of our own making.
pub(super) fn link(out: &mut String, content: &str, address: &str) {
    // An exclamation mark before it would make it a picture.
    if out.ends_with('!') {
        out.insert(out.len() - 1, '\\');
    }
    out.push('[');
    out.push_str(content.trim());
    out.push_str("](<");
    out.push_str(&address.replace('\\', "%5C").replace('&', "&amp;"));
    out.push_str(">)");
}

/// The lines of a paragraph: what would be a mark at the beginning of a line is none.
pub(super) fn lines(paragraph: &str) -> impl Iterator<Item = String> + '_ {
    paragraph.split('\n').map(|line| {
        let line = line.trim();
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let rest = &line[digits..];
        if digits > 0 && rest.starts_with(['.', ')']) {
            format!("{}\\{rest}", &line[..digits])
        } else if line.starts_with(['-', '+', '=', '#']) {
            format!("\\{line}")
        } else {
            line.to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(source: &str) -> String {
        let mut out = String::new();
        text(&mut out, source);
        out
    }

    #[test]
    fn nothing_that_was_written_is_a_mark() {
        assert_eq!(escaped("<b>&amp;"), "&lt;b&gt;&amp;amp;");
        assert_eq!(
            escaped("*a* _b_ `c` ![d](e) ~f~ |g|"),
            "\\*a\\* \\_b\\_ \\`c\\` !\\[d\\](e) \\~f\\~ \\|g\\|"
        );
        let all: Vec<String> = lines("- a\n+ b\n1. c\n12) d\n===\n  # e\n1x").collect();
        assert_eq!(all, ["\\- a", "\\+ b", "1\\. c", "12\\) d", "\\===", "\\# e", "1x"]);
    }

    #[test]
    fn code_cannot_end_early() {
        let mut out = String::new();
        code(&mut out, "a``b`\nc");
        assert_eq!(out, "```a``b` c```");
        out.clear();
        code(&mut out, "`");
        assert_eq!(out, "`` ` ``");
        assert_eq!(fence("x\n````\n"), "`````");
        assert_eq!(fence("x"), "```");
        assert_eq!((language("c++"), language("a b"), language("rs`")), ("c++", "", ""));
    }

    #[test]
    fn a_link_is_no_picture() {
        let mut out = "look!".to_owned();
        link(&mut out, " x ", "https://a.example/?a&b\\");
        assert_eq!(out, "look\\![x](<https://a.example/?a&amp;b%5C>)");
    }

    #[test]
    fn marks_stand_beside_words() {
        let mut out = String::new();
        marked(&mut out, "**", " a b ");
        marked(&mut out, "*", "  ");
        assert_eq!(out, " **a b**   ");
    }
}
