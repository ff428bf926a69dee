//! Looking for words in transcripts: the field, and what was found.

use domain::access::Capability;
use domain::ids::MessageId;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use wardesk_core::transcripts::search::{self, Hit, Hits, Query, QueryError};
use words::Words;

use super::load::loaded;
use super::query::query;
use super::server::{self, Area};
use crate::context::words;
use crate::ui::{Alert, Button, EmptyState, IconName, Pagination, Time, Tone};

/// Answers of a page.
const PAGE: usize = 20;

/// What an address asks for.
pub struct Asked {
    /// The words as they were typed.
    pub text: String,
    /// The question; why it is none.
    pub query: Result<Query, QueryError>,
    before: Option<MessageId>,
}

impl Asked {
    /// What the address asks for, if it asks for anything. Days are those of `zone`.
    pub fn read(zone: &str) -> Option<Self> {
        let text = query("q")?;
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let asked = Query::parse(&text, &zone);
        Some(Self { text, query: asked, before: query("before").and_then(|m| m.parse().ok()) })
    }

    /// What the use-cases take besides the question: from where on, and how many.
    pub const fn page(&self) -> (Option<MessageId>, usize) {
        (self.before, PAGE)
    }
}

/// The field. What it finds is shown at `action`.
pub fn field(w: Words, action: String, label: &'static str, text: &str) -> impl IntoView + use<> {
    view! {
        <form method="get" action=action role="search" class="search">
            <input class="input" type="search" name="q" value=text.to_owned() maxlength="400" aria-label=label placeholder=label/>
            <Button>{w.common_search()}</Button>
        </form>
    }
}

/// What the field understands beside words.
pub fn hint(w: Words) -> impl IntoView + use<> {
    view! { <p class="faint search-hint">{w.transcripts_search_hint()}</p> }
}

fn problem(w: Words, error: QueryError) -> &'static str {
    match error {
        QueryError::Empty => w.transcripts_search_empty(),
        QueryError::TooLong => w.transcripts_search_too_long(),
        QueryError::Date => w.transcripts_search_date(),
        QueryError::Has => w.transcripts_search_has(),
        QueryError::From => w.transcripts_search_from(),
    }
}

fn found(w: Words, hit: Hit, zone: &str) -> impl IntoView + use<> {
    let words = hit
        .pieces
        .into_iter()
        .map(|piece| {
            if piece.found {
                view! { <mark>{piece.text}</mark> }.into_any()
            } else {
                piece.text.into_any()
            }
        })
        .collect_view();
    let author = hit.author.unwrap_or_else(|| w.common_unknown_person().to_owned());
    let href = format!("/transcripts/{0}?at={1}#m-{1}", hit.ticket, hit.message);
    view! {
        <li class="hit">
            <p class="hit-head">
                <strong>{author}</strong>" "
                <span class="faint"><Time at=hit.at zone=zone.to_owned()/>{hit.deleted.then(|| format!(" · {}", w.transcripts_search_deleted()))}</span>
            </p>
            <p class="hit-words wrap-anywhere">{words}</p>
            <p><a href=href>{w.transcripts_search_open(hit.number)}</a></p>
        </li>
    }
}

/// What was found, or why nothing. Addresses of other pages are `base` with the question.
pub fn results(
    w: Words,
    asked: &Asked,
    hits: Result<Hits, QueryError>,
    base: &str,
    zone: &str,
) -> impl IntoView + use<> {
    let hits = match hits {
        Ok(hits) => hits,
        Err(error) => {
            return view! { <Alert tone=Tone::Warn announce=true><p>{problem(w, error)}</p></Alert> }
                .into_any();
        }
    };
    let asks = |before: Option<MessageId>| {
        let mut asks = url::form_urlencoded::Serializer::new(String::new());
        asks.append_pair("q", &asked.text);
        if let Some(before) = before {
            asks.append_pair("before", &before.to_string());
        }
        format!("{base}?{}", asks.finish())
    };
    let older = hits.next.map(|next| asks(Some(next)));
    let newer = asked.before.map(|_| asks(None));
    if hits.items.is_empty() && older.is_none() {
        return view! {
            <EmptyState icon=IconName::Search title=w.transcripts_search_none_title() text=w.transcripts_search_none_text()/>
            <Pagination newer=newer older=older/>
        }
        .into_any();
    }
    let items = hits.items.into_iter().map(|hit| found(w, hit, zone)).collect_view();
    view! {
        <ol class="hits" aria-label=w.transcripts_search_results()>{items}</ol>
        <Pagination newer=newer older=older/>
    }
    .into_any()
}

/// The page `/servers/{guild}/search`.
#[component]
pub fn Search() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::Transcripts).await?;
        let w = words();
        let place = server::place(&access).await?;
        let zone = access.time_zone().to_owned();
        let base = format!("/servers/{}/search", access.guild());
        let asked = Asked::read(&zone);
        let text = asked.as_ref().map(|a| a.text.clone()).unwrap_or_default();
        let shown = match &asked {
            None => None,
            Some(asked) => {
                let (before, limit) = asked.page();
                let hits = match &asked.query {
                    Ok(query) => Ok(search::in_guild(&access, query, before, limit).await?),
                    Err(error) => Err(*error),
                };
                Some(results(w, asked, hits, &base, &zone))
            }
        };
        let body = view! {
            <div class="page-head"><div><h1>{w.transcripts_search_title()}</h1><p class="lede">{w.transcripts_search_text()}</p></div></div>
            {field(w, base, w.transcripts_search_label(), &text)}
            {hint(w)}
            {shown}
        };
        Ok(server::frame(
            &access,
            place,
            Area::Search,
            w.transcripts_search_title().to_owned(),
            body,
        ))
    })
}
