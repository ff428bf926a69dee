//! Markdown as plain text, for quotes of answers and for text exports.

use super::{Block, Inline, Navigation, Token, only_paragraph, parse};
use crate::Context;
use crate::dates;

/// The text without its marks. Spoilers are covered.
pub(crate) fn plain(blocks: &[Block], context: &Context, out: &mut String) {
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        match block {
            Block::Paragraph(run) | Block::Subtext(run) | Block::Heading { content: run, .. } => {
                inlines(run, context, out);
            }
            Block::Quote(inner) => plain(inner, context, out),
            Block::Code { text, .. } => out.push_str(text),
            Block::List { items, .. } => {
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "\n• " } else { "• " });
                    plain(item, context, out);
                }
            }
        }
    }
}

fn inlines(run: &[Inline], context: &Context, out: &mut String) {
    for inline in run {
        match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::CodeBlock { text, .. } => {
                out.push_str(text);
            }
            Inline::Bold(inner)
            | Inline::Italic(inner)
            | Inline::Underline(inner)
            | Inline::Strike(inner)
            | Inline::Link { content: inner, .. } => inlines(inner, context, out),
            Inline::Spoiler(_) => out.push_str("▒▒▒"),
            Inline::Url(url) => out.push_str(url.as_str()),
            Inline::Token { token, .. } => out.push_str(&token_text(token, context)),
        }
    }
}

/// How a token is shown.
pub(crate) fn token_text(token: &Token, context: &Context) -> String {
    let words = &context.labels.message;
    match token {
        Token::User(id) => format!("@{}", context.name_of(*id)),
        Token::Role(id) => {
            format!("@{}", context.roles.get(id).map_or(&*words.unknown_role, |role| &role.name))
        }
        Token::Channel(id) => {
            format!(
                "#{}",
                context.channels.get(id).map_or(&*words.unknown_channel, |channel| &channel.name)
            )
        }
        Token::Everyone => "@everyone".to_owned(),
        Token::Here => "@here".to_owned(),
        Token::Command(name) => format!("/{name}"),
        Token::Navigation(place) => match place {
            Navigation::Customize => &words.nav_customize,
            Navigation::Browse => &words.nav_browse,
            Navigation::Guide => &words.nav_guide,
            Navigation::LinkedRoles => &words.nav_linked_roles,
        }
        .to_string(),
        Token::Emoji { name, .. } => format!(":{name}:"),
        Token::Time { ms, style } => {
            dates::show(*ms, *style, context.now_ms, &context.zone, &context.labels.dates)
        }
    }
}

/// One line of at most so many characters.
pub(crate) fn excerpt(content: &str, context: &Context, max_chars: usize) -> String {
    // What can be shown needs no more of the source than this.
    let cut = first_chars(content, max_chars * 8);
    let mut parsed = String::new();
    let all = only_paragraph(cut).unwrap_or_else(|| {
        plain(&parse(cut), context, &mut parsed);
        &parsed
    });
    let mut line = String::with_capacity(all.len().min(max_chars * 4));
    let mut chars = 0;
    for word in all.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        chars += word.chars().count() + 1;
        // One more than fit, the space before the first word counted: what follows is cut off.
        if chars > max_chars + 1 {
            break;
        }
    }
    if first_chars(&line, max_chars).len() < line.len() {
        line.truncate(first_chars(&line, max_chars.saturating_sub(1)).len());
        line.push('…');
    }
    line
}

/// A text up to so many characters.
fn first_chars(text: &str, count: usize) -> &str {
    // A character has at least one byte.
    if text.len() <= count {
        return text;
    }
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, without looking for plain texts and without ending early.
    fn slowly(content: &str, context: &Context, max_chars: usize) -> String {
        let cut: String = content.chars().take(max_chars * 8).collect();
        let mut all = String::new();
        plain(&parse(&cut), context, &mut all);
        let line = all.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= max_chars {
            return line;
        }
        line.chars().take(max_chars.saturating_sub(1)).chain(['…']).collect()
    }

    proptest! {
        #[test]
        fn excerpts_are_cut_where_they_were(
            text in "([a-zé😀]{0,7}[ \n\u{a0}*|:>-]{0,2}){0,40}",
            max_chars in 0_usize..60,
        ) {
            let labels = include_str!("../../../../locales/en/transcript.json");
            let context = Context::new(serde_json::from_str(labels).unwrap(), 0);
            let (quickly, slowly) =
                (excerpt(&text, &context, max_chars), slowly(&text, &context, max_chars));
            prop_assert_eq!(quickly, slowly, "{:?}", text);
        }
    }
}
