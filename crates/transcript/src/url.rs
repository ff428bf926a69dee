//! Addresses: the only ways to an `href` or a `src`.

use crate::Snowflake;

/// The longest address that becomes a link; longer ones stay text.
const MAX_LEN: usize = 2048;

/// An address of another site that is safe to link: `https`, `http` or `mailto`, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SafeUrl(String);

impl SafeUrl {
    /// Takes an absolute address. `None` for every other scheme, for an address without a host, and for one with
    /// white space, control characters or invisible direction marks, which browsers skip and readers do not see.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_LEN || text.chars().any(is_unfit) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
            let host = rest.strip_prefix("//")?;
            // `https:///x` and `https://\x` would be read by browsers as a host of their own making.
            if host.is_empty() || host.starts_with(['/', '\\', '?', '#', ':', '@']) {
                return None;
            }
        } else if scheme.eq_ignore_ascii_case("mailto") {
            // Only an address: `?bcc=` and the like write letters in the reader's name.
            if !rest.contains('@') || rest.starts_with('/') || rest.contains('?') {
                return None;
            }
        } else {
            return None;
        }
        Some(Self(text.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The channel that an address of Discord's client leads to, and whether it leads on to a message.
pub(crate) fn discord_channel(address: &str) -> Option<(Snowflake, bool)> {
    let rest = address.strip_prefix("https://")?;
    let rest = ["discord.com/", "ptb.discord.com/", "canary.discord.com/", "discordapp.com/"]
        .iter()
        .find_map(|host| rest.strip_prefix(host))?;
    let mut parts = rest.strip_prefix("channels/")?.split('/');
    let is_id = |part: &str| part.parse::<Snowflake>().ok();
    parts.next().filter(|guild| *guild == "@me" || is_id(guild).is_some())?;
    let channel = parts.next().and_then(is_id)?;
    let message = match parts.next() {
        None => false,
        Some(message) => is_id(message).map(|_| true)?,
    };
    parts.next().is_none().then_some((channel, message))
}

fn is_unfit(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
        || matches!(c, '<' | '>' | '"')
}

/// An address within this site, by path: where copied pictures and files are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LocalPath(String);

impl LocalPath {
    /// Takes a path that starts with one slash. `None` for everything a browser could read as another site's
    /// address, and for a path with a step upwards.
    pub fn new(path: impl Into<String>) -> Option<Self> {
        let path = path.into();
        let fits = path.starts_with('/')
            && !path.starts_with("//")
            && path.len() <= MAX_LEN
            && !path.contains('\\')
            && !path.chars().any(is_unfit)
            && !path.split(['/', '?', '#']).any(|step| step == "..");
        fits.then_some(Self(path))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{LocalPath, SafeUrl, discord_channel};

    #[test]
    fn three_schemes_are_links() {
        for good in [
            "https://example.org",
            "HTTP://example.org/a?b=c#d",
            "mailto:a@example.org",
            "https://ü.example/",
        ] {
            assert!(SafeUrl::parse(good).is_some(), "{good}");
        }
    }

    #[test]
    fn everything_else_is_text() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://x/1",
            "//example.org",
            "/path",
            "https:",
            "https://",
            "https:///x",
            "https:\\\\x",
            "http:x",
            "https://a b",
            "https://a\"b",
            "https://a<b",
            "ht\u{200B}tps://a",
            "https://\u{202E}moc",
            "discord://x",
            "steam://run/1",
            "mailto:",
            "mailto:nobody",
            "mailto:a@b?bcc=c@d",
            "",
            "x",
            "https://@",
            "view-source:https://x",
        ] {
            assert!(SafeUrl::parse(bad).is_none(), "{bad:?}");
        }
        assert!(SafeUrl::parse(&format!("https://x/{}", "a".repeat(3000))).is_none());
    }

    #[test]
    fn addresses_of_channels_are_known() {
        let found = |address| discord_channel(address).map(|(id, to)| (id.get(), to));
        assert_eq!(found("https://discord.com/channels/1/2"), Some((2, false)));
        assert_eq!(found("https://ptb.discord.com/channels/@me/2/3"), Some((2, true)));
        for none in [
            "https://discord.com/channels/1",
            "https://discord.com/channels/1/x",
            "https://discord.com/channels/1/2/3/4",
            "https://discord.com.evil.example/channels/1/2",
            "http://discord.com/channels/1/2",
        ] {
            assert_eq!(found(none), None, "{none}");
        }
    }

    #[test]
    fn paths_stay_here() {
        assert!(LocalPath::new("/media/a?b=c").is_some());
        for bad in [
            "",
            "a",
            "//evil.example",
            "/\\evil",
            "https://x",
            "/a/../b",
            "/a b",
            "/a\"b",
            "javascript:x",
        ] {
            assert!(LocalPath::new(bad).is_none(), "{bad:?}");
        }
    }
}
