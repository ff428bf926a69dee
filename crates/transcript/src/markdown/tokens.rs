//! What stands between `<` and `>`.

use super::{Inline, Navigation, Token, steps};
use crate::{SafeUrl, Snowflake, TimeStyle};

/// The longest token other than an address: a command of three words of 32 characters and an id.
const MAX_TOKEN: usize = 320;

/// Reads what starts with `<` at the start of the text; answers it with its length in bytes.
pub(super) fn angle(text: &str) -> Option<(Inline, usize)> {
    // To the next mark of any kind: whatever is skipped here is looked at by one `<` only.
    let end = 1 + text.bytes().skip(1).position(|b| matches!(b, b'<' | b'>' | b'\n'))?;
    steps::take(end);
    if text.as_bytes().get(end) != Some(&b'>') {
        return None;
    }
    let inner = text.get(1..end)?;
    let source = text.get(..=end)?;
    if let Some(token) = (inner.len() <= MAX_TOKEN).then(|| token(inner)).flatten() {
        return Some((Inline::Token { token, source: source.to_owned() }, source.len()));
    }
    if inner.contains("://") || inner.starts_with("mailto:") {
        return SafeUrl::parse(inner).map(|url| (Inline::Url(url), source.len()));
    }
    is_mail(inner).then(|| SafeUrl::parse(&format!("mailto:{inner}"))).flatten().map(|url| {
        let content = vec![Inline::Text(inner.to_owned())];
        (Inline::Link { url, title: String::new(), content }, source.len())
    })
}

/// Whether it is a plain mail address: what Discord's client makes a link of within angle brackets.
fn is_mail(text: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+'))
    };
    text.split_once('@').is_some_and(|(name, host)| fits(name) && fits(host) && host.contains('.'))
}

fn token(inner: &str) -> Option<Token> {
    let id = |text: &str| text.parse::<Snowflake>().ok();
    if let Some(rest) = inner.strip_prefix("@&") {
        return id(rest).map(Token::Role);
    }
    if let Some(rest) = inner.strip_prefix('@') {
        return id(rest.strip_prefix('!').unwrap_or(rest)).map(Token::User);
    }
    if let Some(rest) = inner.strip_prefix('#') {
        return id(rest).map(Token::Channel);
    }
    if let Some(rest) = inner.strip_prefix('/') {
        let (name, command) = rest.rsplit_once(':')?;
        let fits = !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '\''));
        return (fits && id(command).is_some()).then(|| Token::Command(name.to_owned()));
    }
    if let Some(rest) = inner.strip_prefix("id:") {
        return Some(Token::Navigation(match rest {
            "customize" => Navigation::Customize,
            "browse" => Navigation::Browse,
            "guide" => Navigation::Guide,
            "linked-roles" => Navigation::LinkedRoles,
            _ => {
                id(rest.strip_prefix("linked-roles:")?)?;
                Navigation::LinkedRoles
            }
        }));
    }
    if let Some(rest) = inner.strip_prefix("t:") {
        return time(rest);
    }
    let moving = inner.strip_prefix("a:");
    let (name, emoji) = moving.or_else(|| inner.strip_prefix(':'))?.split_once(':')?;
    let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    id(emoji).filter(|_| fits).map(|id| Token::Emoji {
        id,
        name: name.to_owned(),
        animated: moving.is_some(),
    })
}

fn time(rest: &str) -> Option<Token> {
    let (seconds, style) = match rest.split_once(':') {
        Some((seconds, style)) => {
            let [letter] = style.as_bytes() else { return None };
            (seconds, TimeStyle::from_letter(*letter)?)
        }
        None => (rest, TimeStyle::default()),
    };
    let digits = seconds.strip_prefix('-').unwrap_or(seconds);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = seconds.parse().ok()?;
    Some(Token::Time { ms: seconds.saturating_mul(1000), style })
}
