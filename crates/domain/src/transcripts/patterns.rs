//! What can be redacted wherever it is said: numbers of cards, addresses of mail, numbers of accounts, and words.
//!
//! Everything here is linear in the length of the text.

use std::ops::Range;

/// What stands in place of what was redacted. Its length tells nothing.
pub const MARK: &str = "█████";
/// Characters of words to redact, at least: fewer are in every message.
pub const TEXT_LEAST: u32 = 3;
/// Characters of words to redact, at most.
pub const TEXT_LIMIT: u32 = 200;

/// How often a text is gone through again.
const TOUCHING: u32 = 3;

/// What to redact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Numbers of payment cards: 13 to 19 digits of a known network, with a right check digit. Source: ISO/IEC
    /// 7812-1, annex B.
    Cards,
    /// Addresses of mail.
    Emails,
    /// International bank account numbers, of a known country's length and with right check digits. Source:
    /// ISO 13616-1 and the registry of IBAN formats.
    Ibans,
    /// These words, whatever their case.
    Text(String),
}

impl Pattern {
    /// Words to redact; `None` for fewer than [`TEXT_LEAST`] characters or more than [`TEXT_LIMIT`].
    pub fn text(words: &str) -> Option<Self> {
        let words = words.trim();
        let count = u32::try_from(words.chars().count()).unwrap_or(u32::MAX);
        (TEXT_LEAST..=TEXT_LIMIT).contains(&count).then(|| Self::Text(words.to_owned()))
    }

    /// Where it is in a text: ranges of bytes in order, none over another.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Cards => cards(text),
            Self::Emails => emails(text),
            Self::Ibans => ibans(text),
            Self::Text(words) => literally(text, words),
        }
    }

    /// The text with [`MARK`] in place of each; `None` if it has none.
    pub fn redact(&self, text: &str) -> Option<String> {
        let mut left = self.redact_once(text)?;
        // Where two touch, what is left of one may be one again.
        for _ in 0..TOUCHING {
            match self.redact_once(&left) {
                Some(less) => left = less,
                None => break,
            }
        }
        Some(left)
    }

    fn redact_once(&self, text: &str) -> Option<String> {
        let found = self.find(text);
        if found.is_empty() {
            return None;
        }
        let mut left = String::with_capacity(text.len());
        let mut at = 0;
        for range in found {
            left.push_str(&text[at..range.start]);
            left.push_str(MARK);
            at = range.end;
        }
        left.push_str(&text[at..]);
        Some(left)
    }
}

/// What people and programs put between groups of digits: one of these.
const BETWEEN: [&str; 9] =
    [" ", "-", ".", "\u{a0}", "\u{2007}", "\u{2009}", "\u{202f}", "\u{2011}", "\u{2013}"];

/// How many bytes stand between two groups here; 0 for none.
fn between(bytes: &[u8]) -> usize {
    BETWEEN.iter().find(|mark| bytes.starts_with(mark.as_bytes())).map_or(0, |mark| mark.len())
}

/// Groups of digits with one mark between them, beginning at `start`.
fn groups(bytes: &[u8], start: usize) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut at = start;
    loop {
        let begin = at;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        all.push(begin..at);
        let mark = between(&bytes[at..]);
        if mark == 0 || !bytes.get(at + mark).is_some_and(u8::is_ascii_digit) {
            return all;
        }
        at += mark;
    }
}

fn cards(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let groups = groups(bytes, at);
        let mut first = 0;
        while let Some(group) = groups.get(first) {
            match card_from(bytes, &groups[first..]) {
                // Mentions, emoji and times are numbers too, and not for people.
                Some(count) if count > 1 || !is_mention(bytes, group) => {
                    found.push(group.start..groups[first + count - 1].end);
                    first += count;
                }
                _ => first += 1,
            }
        }
        at = groups.last().map_or(at + 1, |last| last.end);
    }
    found
}

/// How many of the groups are the number of a card, of several lengths the longest.
fn card_from(bytes: &[u8], groups: &[Range<usize>]) -> Option<usize> {
    let mut digits = Vec::with_capacity(19);
    let mut card = None;
    for (index, group) in groups.iter().enumerate() {
        if digits.len() + group.len() > 19 {
            break;
        }
        digits.extend(bytes[group.clone()].iter().map(|digit| digit - b'0'));
        if digits.len() >= 13 && is_card(&digits) {
            card = Some(index + 1);
        }
    }
    card
}

fn is_card(digits: &[u8]) -> bool {
    let lead = |count: usize| digits[..count].iter().fold(0_u32, |n, d| n * 10 + u32::from(*d));
    let length = digits.len();
    let network = match (lead(1), lead(2), lead(4)) {
        (4, ..) => matches!(length, 13 | 16 | 19),
        (_, 34 | 37, _) => length == 15,
        (_, 30 | 36 | 38 | 39, _) => (14..=19).contains(&length),
        (_, 35 | 60 | 62 | 64 | 65, _) => (16..=19).contains(&length),
        (_, 51..=55, _) | (.., 2221..=2720) => length == 16,
        (_, 50 | 56..=59 | 61 | 63 | 66..=69, _) => (13..=19).contains(&length),
        _ => false,
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit);
            let value = if place % 2 == 1 { digit * 2 } else { digit };
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    network && sum.is_multiple_of(10)
}

/// Whether digits are the id of a mention, an emoji or a time: `<@1>`, `<#1>`, `<@&1>`, `<:name:1>`, `<t:1>`.
fn is_mention(bytes: &[u8], digits: &Range<usize>) -> bool {
    /// Bytes of the longest beginning, `<a:` with a name of 32 letters and a colon. Source: Discord API
    /// documentation, "Message Formatting".
    const BEGINNING: usize = 36;
    let before = &bytes[digits.start.saturating_sub(BEGINNING)..digits.start];
    let opened = before.iter().rposition(|byte| *byte == b'<');
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_@!&#:".contains(byte);
    opened.is_some_and(|at| before[at + 1..].iter().all(name))
        && matches!(before.last(), Some(b'@' | b'!' | b'&' | b'#' | b':'))
        && matches!(bytes.get(digits.end), Some(b'>' | b':'))
}

fn emails(text: &str) -> Vec<Range<usize>> {
    /// Characters of the part before the sign. Source: RFC 5321, 4.5.3.1.1.
    const LOCAL: usize = 64;
    /// Bytes of a domain. Source: RFC 5321, 4.5.3.1.2.
    const DOMAIN: usize = 255;
    let is_local = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let mut found: Vec<Range<usize>> = Vec::new();
    for (sign, _) in text.match_indices('@') {
        let from = found.last().map_or(0, |last| last.end);
        let Some(before) = text.get(from..sign) else { continue };
        let local = before.chars().rev().take(LOCAL).take_while(|c| is_local(*c));
        let start = sign - local.map(char::len_utf8).sum::<usize>();
        let start = start + text[start..sign].len()
            - text[start..sign].trim_start_matches(['.', '\'']).len();
        let rest = &text[sign + 1..];
        let domain: usize = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
            .take(DOMAIN)
            .map(char::len_utf8)
            .sum();
        let domain = rest[..domain].trim_end_matches(['.', '-']);
        let top = domain.rsplit_once('.').map(|(_, top)| top).unwrap_or_default();
        // What is written on without a gap ends where it is no letter any more.
        let letters = |c: &char| c.is_alphabetic() || top.starts_with("xn--");
        let top_end: usize = top.chars().take_while(letters).map(char::len_utf8).sum();
        let domain = &domain[..domain.len() - top.len() + top_end];
        let real =
            top[..top_end].chars().count() >= 2 && domain.split('.').all(|label| !label.is_empty());
        if start < sign && real {
            found.push(start..sign + 1 + domain.len());
        }
    }
    found
}

/// Characters of an account's number by country.
const IBAN_LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

fn ibans(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at + 4 <= bytes.len() {
        let inside = at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphanumeric());
        match iban_at(bytes, at).filter(|_| !inside) {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Where the account's number ends that begins here.
fn iban_at(bytes: &[u8], start: usize) -> Option<usize> {
    let country =
        [bytes.get(start)?.to_ascii_uppercase(), bytes.get(start + 1)?.to_ascii_uppercase()];
    let (_, length) = IBAN_LENGTHS.iter().find(|(code, _)| **code == country)?;
    let mut number = Vec::with_capacity(*length);
    let mut at = start;
    while number.len() < *length {
        let byte = *bytes.get(at)?;
        if byte.is_ascii_alphanumeric() {
            number.push(byte.to_ascii_uppercase());
            at += 1;
            continue;
        }
        let mark = between(&bytes[at..]);
        if mark == 0 || !bytes[at - 1].is_ascii_alphanumeric() {
            return None;
        }
        at += mark;
    }
    let ended = !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let checks = number[2].is_ascii_digit() && number[3].is_ascii_digit();
    number.rotate_left(4);
    // Letters count as 10 to 35, which is two digits.
    let rest = number.iter().fold(0_u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
    });
    (ended && checks && rest == 1).then_some(at)
}

/// A text in small letters, and for each of its bytes where the letter begins that it is of.
fn folded(text: &str) -> (String, Vec<usize>) {
    let mut small = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        small.extend(letter.to_lowercase());
        places.resize(small.len(), at);
    }
    (small, places)
}

fn literally(text: &str, words: &str) -> Vec<Range<usize>> {
    let (small, places) = folded(text);
    let (words, _) = folded(words);
    if words.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in small.match_indices(words.as_str()) {
        let start = places[at];
        // To the end of the letter that the last byte is of.
        let last = places[at + words.len() - 1];
        let end = last + text[last..].chars().next().map_or(0, char::len_utf8);
        if found.last().is_none_or(|before| before.end <= start) {
            found.push(start..end);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(pattern: &Pattern, text: &str) -> String {
        pattern.redact(text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn cards_of_all_networks_go_however_they_are_written() {
        for card in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4111.1111.1111.1111",
            "4111\u{a0}1111\u{202f}1111\u{a0}1111",
            "4222222222222",
            "5555555555554444",
            "2223 0031 2200 3222",
            "3782 822463 10005",
            "30569309025904",
            "3530111333300000",
            "6011 1111 1111 1117",
            "6759649826438453",
        ] {
            let text = format!("My card: {card}, until 12/27, 123");
            assert_eq!(
                redacted(&Pattern::Cards, &text),
                format!("My card: {MARK}, until 12/27, 123")
            );
            assert_eq!(redacted(&Pattern::Cards, card), MARK, "{card}");
        }
        let two = "4111111111111111 5555555555554444";
        assert_eq!(redacted(&Pattern::Cards, two), format!("{MARK} {MARK}"));
        assert_eq!(redacted(&Pattern::Cards, "4111 1111 1111 1111 123"), format!("{MARK} 123"));
        assert_eq!(redacted(&Pattern::Cards, "ä4111111111111111ä"), format!("ä{MARK}ä"));
        assert_eq!(redacted(&Pattern::Cards, "card:4111111111111111:"), format!("card:{MARK}:"));
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "4111111111111112",
            "1111 1111 1111 1111",
            "+49 170 1234567",
            "<@4111111111111111>",
            "<@!4111111111111111> <:a:4111111111111111> <t:4111111111111111:R>",
            "41111111111111111111",
            "2026-11-21 16:52",
            "",
        ] {
            assert_eq!(Pattern::Cards.redact(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_of_mail_go() {
        for (text, left) in [
            ("write to mia.k+lamp@mail.example.org.", "write to █████."),
            ("<mia@example.org>", "<█████>"),
            ("a@b.co,c@d.co", "█████,█████"),
            ("mailto:jörg@müller.example?x", "mailto:█████?x"),
            ("mia@example.org2026", "█████2026"),
            ("@everyone and me@home", "@everyone and me@home"),
            ("price@9.99", "price@9.99"),
            ("a@b..co @x.org", "a@b..co @x.org"),
        ] {
            assert_eq!(redacted(&Pattern::Emails, text), left);
        }
    }

    #[test]
    fn numbers_of_accounts_go_when_their_checks_are_right() {
        for iban in [
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "DE89\u{a0}3704\u{a0}0044\u{a0}0532\u{a0}0130\u{a0}00",
            "de89 3704 0044 0532 0130 00",
            "GB82 WEST 1234 5698 7654 32",
            "NO93 8601 1117 947",
            "MT84MALT011000012345MTLCAST001S",
        ] {
            let text = format!("Account {iban}, thanks");
            assert_eq!(
                redacted(&Pattern::Ibans, &text),
                format!("Account {MARK}, thanks"),
                "{iban}"
            );
        }
        for text in [
            "DE88370400440532013000",
            "XX89370400440532013000",
            "DE89 3704",
            "DE89370400440532013000x",
        ] {
            assert_eq!(Pattern::Ibans.redact(text), None, "{text}");
        }
        let words = "DE89 3704 0044 0532 0130 00 is mine";
        assert_eq!(redacted(&Pattern::Ibans, words), format!("{MARK} is mine"));
    }

    #[test]
    fn words_go_whatever_their_case() {
        let pattern = Pattern::text(" Große Lampe ").unwrap();
        assert_eq!(
            redacted(&pattern, "die GROßE LAMPE, große lampe!"),
            format!("die {MARK}, {MARK}!")
        );
        let dotted = Pattern::text("izmir").unwrap();
        // The small form of this letter is two: what is cut is the whole letter.
        assert_eq!(redacted(&dotted, "in izmir, İzmir"), format!("in {MARK}, İzmir"));
        assert_eq!(redacted(&Pattern::text("aaa").unwrap(), "aaaa"), format!("{MARK}a"));
        assert_eq!(Pattern::text("ab"), None);
        assert_eq!(Pattern::text(&"x".repeat(201)), None);
    }

    #[test]
    fn nothing_is_left_to_find_and_ranges_are_in_order() {
        let pieces = [
            "4111111111111111",
            "mia@example.org",
            "DE89370400440532013000",
            "lamp",
            "ß",
            " ",
            "-",
            "@",
            ".",
        ];
        let mut state = 1_u64;
        for _ in 0..3000 {
            let mut text = String::new();
            for _ in 0..8 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                text.push_str(pieces[usize::try_from(state >> 33).unwrap() % pieces.len()]);
            }
            for pattern in
                [Pattern::Cards, Pattern::Emails, Pattern::Ibans, Pattern::Text("lamp".into())]
            {
                let found = pattern.find(&text);
                assert!(found.windows(2).all(|two| two[0].end <= two[1].start), "{text}");
                if let Some(left) = pattern.redact(&text) {
                    assert!(left.matches(MARK).count() >= found.len(), "{text}");
                    assert_eq!(pattern.redact(&left), None, "{text} → {left}");
                }
            }
        }
    }
}
