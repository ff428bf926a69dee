//! Messages of emoji only, which are shown large.

use super::{Block, Inline, Token};

/// The most emoji that are shown large. Source: observed in Discord's client.
const MAX_JUMBO: usize = 30;

/// Whether a text consists of at most thirty emoji and nothing else.
pub(crate) fn is_jumbo(blocks: &[Block]) -> bool {
    let [Block::Paragraph(run)] = blocks else { return false };
    let mut count = 0;
    for inline in run {
        match inline {
            Inline::Token { token: Token::Emoji { .. }, .. } => count += 1,
            Inline::Text(text) => match count_unicode(text) {
                Some(more) => count += more,
                None => return false,
            },
            _ => return false,
        }
    }
    (1..=MAX_JUMBO).contains(&count)
}

/// As [`is_jumbo`], for a text that is plain.
pub(crate) fn is_jumbo_text(text: &str) -> bool {
    count_unicode(text).is_some_and(|count| (1..=MAX_JUMBO).contains(&count))
}

/// How many emoji a text holds; `None` if it holds anything else besides white space.
fn count_unicode(text: &str) -> Option<usize> {
    let mut count = 0;
    let mut joined = false;
    let mut flag_half = false;
    for c in text.chars() {
        match c {
            _ if c.is_whitespace() => {}
            '\u{FE0F}' | '\u{20E3}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}' => {}
            '\u{200D}' => {
                joined = true;
                continue;
            }
            '\u{1F1E6}'..='\u{1F1FF}' => {
                count += usize::from(flag_half);
                flag_half = !flag_half;
            }
            '\u{1F000}'..='\u{1FAFF}'
            | '\u{2190}'..='\u{21FF}'
            | '\u{2300}'..='\u{23FF}'
            | '\u{25A0}'..='\u{27BF}'
            | '\u{2900}'..='\u{297F}'
            | '\u{2B00}'..='\u{2BFF}'
            | '\u{3030}'
            | '\u{303D}'
            | '\u{3297}'
            | '\u{3299}' => {
                count += usize::from(!joined);
            }
            _ => return None,
        }
        joined = false;
    }
    Some(count)
}
