//! What this installation has shown is noted at each start; a material change is announced on Discord, once.

use domain::locale::Locale;
use serde_json::{Value, json};
use storage::StorageError;
use storage::privacy::documents::{self as rows, SeenVersion};
use words::Words;

use super::{Document, DocumentKind, DocumentVersion};
use crate::Wardesk;
use crate::outbox::Effect;
use crate::tickets::Change;
use crate::tickets::messages::{COLOUR, only};

/// Notes versions that were not seen before, and announces those that are material changes where a channel for that
/// is named. Called at each start, by every process; each version is announced by one.
///
/// The first version of a document changes nothing. Nor does, on an installation that is new, a later one which holds
/// already: nobody there knew another. Neither is announced.
pub async fn note(w: &Wardesk) -> Result<(), StorageError> {
    // Nothing is written where everything was seen.
    let seen = rows::seen(&mut *w.store().read().acquire().await?).await?;
    for document in w.documents().all() {
        let kind = document.kind.as_str();
        let version = document.version.to_string();
        match seen.iter().find(|row| row.document == kind && row.version == version) {
            Some(row) if row.digest != document.digest => tracing::warn!(
                document = kind,
                version,
                "a document was altered after it was shown: a change needs a new version"
            ),
            Some(_) => {}
            None => first_seen(w, document, is_change(w, document, &seen)).await?,
        }
    }
    Ok(())
}

/// Whether a version changes what people know, given what was seen before this start.
fn is_change(w: &Wardesk, document: &Document, seen: &[SeenVersion]) -> bool {
    let version = document.version;
    let (kind, is_coming) = (document.kind.as_str(), document.effective > w.now());
    let known = seen.iter().filter(|row| row.document == kind);
    let mut known = known.filter_map(|row| row.version.parse::<DocumentVersion>().ok());
    let mut shown = w.documents().versions(document.kind).map(|other| other.version);
    let changes =
        known.any(|other| other < version) || (is_coming && shown.any(|other| other < version));
    document.material && changes
}

async fn first_seen(w: &Wardesk, document: &Document, changes: bool) -> Result<(), StorageError> {
    let Some((guild, channel)) = w.imprint().announcements else {
        let mut tx = w.store().begin().await?;
        rows::note(tx.conn(), &row_of(w, document)).await?;
        return tx.commit().await;
    };
    let mut change = Change::begin(w, guild).await?;
    // Of several processes that start at once, one announces.
    let mine = rows::note(change.conn(), &row_of(w, document)).await?;
    if mine && changes {
        let (document, version) = (document.kind, document.version);
        change.effect(&Effect::AnnounceDocument { document, version, channel })?;
    }
    change.commit().await?.tell();
    Ok(())
}

fn row_of(w: &Wardesk, document: &Document) -> SeenVersion {
    SeenVersion {
        document: document.kind.as_str().to_owned(),
        version: document.version.to_string(),
        effective_at: document.effective,
        first_seen_at: w.now(),
        digest: document.digest.to_vec(),
    }
}

/// The message about a version, in both languages: everybody reads it.
pub(crate) fn announcement(w: &Wardesk, document: &Document) -> Value {
    let at = document.effective.0.div_euclid(1000);
    let url =
        format!("{}/{}/versions/{}", w.public_url(), document.kind.as_str(), document.version);
    let embeds: Vec<Value> = Locale::ALL
        .into_iter()
        .map(|locale| {
            let words = Words::new(locale);
            let title = match document.kind {
                DocumentKind::Privacy => words.documents_announce_privacy(),
                DocumentKind::Terms => words.documents_announce_terms(),
            };
            let summary = &document.wording(locale).summary;
            // Discord shows the date in the reader's own way.
            let when = words.documents_announce_when(document.version, format!("<t:{at}:D>"));
            json!({ "title": title, "description": format!("{when}\n\n{summary}\n\n{url}"), "color": COLOUR })
        })
        .collect();
    json!({ "embeds": embeds, "allowed_mentions": only(&[]) })
}
