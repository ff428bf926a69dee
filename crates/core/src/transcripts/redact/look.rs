//! What would go: shown before it goes.

use ::search::Piece;
use domain::access::Capability;
use domain::ids::MessageId;
use domain::time::Millis;
use domain::transcripts::patterns::Pattern;
use serde_json::Value;

use super::{What, rewrite};
use crate::transcripts::read::{name_of, profiles};
use crate::transcripts::{TranscriptAccess, TranscriptError, load};

/// Messages that are shown.
const SHOWN: usize = 50;
/// Messages that are read at once.
const PAGE: usize = 200;
/// Characters that are shown of a text.
const LONGEST: usize = 600;

/// Something that would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The message; `None` for the form and the reason for closing.
    pub message: Option<MessageId>,
    /// When it was sent.
    pub at: Option<Millis>,
    /// Who wrote it, if that is known.
    pub author: Option<String>,
    /// Its text; what would go is marked.
    pub pieces: Vec<Piece>,
    /// How many files it has.
    pub files: usize,
}

/// What would go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The first of it.
    pub passages: Vec<Passage>,
    /// How many messages and other texts it is in.
    pub count: usize,
}

/// What a redaction would take out. For those who may redact.
pub async fn look(access: &TranscriptAccess, what: &What) -> Result<Look, TranscriptError> {
    access.require(Capability::Privacy)?;
    match what {
        What::Message { message, .. } => at_message(access, *message).await,
        What::Pattern(pattern) => everywhere(access, pattern).await,
    }
}

async fn at_message(
    access: &TranscriptAccess,
    message: MessageId,
) -> Result<Look, TranscriptError> {
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let found = load::these(w, ticket, &[message].into()).await?;
    let found = found.get(&message).ok_or(TranscriptError::NotFound)?;
    let (_, newest) = found.versions.last_key_value().ok_or(TranscriptError::NotFound)?;
    let value: Value = serde_json::from_str(newest).unwrap_or_default();
    let content = value.get("content").and_then(Value::as_str).unwrap_or_default();
    let files = value.get("attachments").and_then(Value::as_array).map_or(0, Vec::len);
    let known = profiles(w, ticket).await?;
    let passage = Passage {
        message: Some(message),
        at: Some(Millis(message.created_at_ms())),
        author: name_of(&known, &value),
        pieces: vec![Piece { text: shortened(content), found: true }],
        files,
    };
    Ok(Look { passages: vec![passage], count: 1 })
}

async fn everywhere(access: &TranscriptAccess, pattern: &Pattern) -> Result<Look, TranscriptError> {
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let known = profiles(w, ticket).await?;
    let mut look = Look::default();
    let answers = crate::tickets::detail_answers(w, ticket).await?;
    let reason = crate::tickets::detail_reason(w, ticket).await?;
    let form = answers.into_iter().map(|given| given.answer).chain(reason);
    for text in form.filter(|text| !pattern.find(text).is_empty()) {
        let pieces = pieces(&text, pattern);
        look.add(Passage { message: None, at: None, author: None, pieces, files: 0 });
    }
    let mut from = 0;
    loop {
        let page = load::page(w, ticket, from, PAGE).await?;
        for (message, found) in &page.messages {
            // Earlier versions go as well; of several, what is shown is the newest that has it.
            let texts = found.versions.values().rev().find_map(|body| {
                let texts = rewrite::texts_with(body, pattern);
                (!texts.is_empty()).then(|| (texts.join("\n"), body))
            });
            let Some((text, body)) = texts else { continue };
            let value: Value = serde_json::from_str(body).unwrap_or_default();
            look.add(Passage {
                message: Some(*message),
                at: Some(Millis(message.created_at_ms())),
                author: name_of(&known, &value),
                pieces: pieces(&text, pattern),
                files: 0,
            });
        }
        match page.next {
            Some(next) => from = next.get(),
            None => return Ok(look),
        }
        tokio::task::yield_now().await;
    }
}

impl Look {
    fn add(&mut self, passage: Passage) {
        self.count += 1;
        if self.passages.len() < SHOWN {
            self.passages.push(passage);
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// A text from shortly before the first place that would go.
fn pieces(text: &str, pattern: &Pattern) -> Vec<Piece> {
    /// Characters before the first place.
    const BEFORE: usize = 120;
    let found = pattern.find(text);
    let Some(first) = found.first() else { return Vec::new() };
    let begin = text[..first.start].char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at);
    let end = text[begin..].char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| begin + at);
    let mut pieces = Vec::new();
    let mut at = begin;
    let mut add = |text: &str, found: bool| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), found });
        }
    };
    if begin > 0 {
        add("…", false);
    }
    for range in found.into_iter().filter(|range| range.end <= end) {
        add(&text[at..range.start], false);
        add(&text[range.clone()], true);
        at = range.end;
    }
    add(&text[at..end], false);
    if end < text.len() {
        add("…", false);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_go_is_marked_in_its_surroundings() {
        let pieces = pieces("pay 4111111111111111 now", &Pattern::Cards);
        let marked: Vec<_> = pieces.iter().map(|p| (p.text.as_str(), p.found)).collect();
        assert_eq!(marked, [("pay ", false), ("4111111111111111", true), (" now", false)]);
        let long = format!("{}4111111111111111{}", "ä".repeat(500), "ö".repeat(2000));
        let pieces = super::pieces(&long, &Pattern::Cards);
        assert!(pieces.iter().any(|p| p.found) && pieces.first().unwrap().text == "…");
        assert!(pieces.iter().map(|p| p.text.chars().count()).sum::<usize>() < 700);
    }
}
