//! Taking words out of a transcript: what, a look at what would go, and then for good.

use domain::access::Capability;
use domain::ids::TicketId;
use domain::transcripts::patterns::{TEXT_LEAST, TEXT_LIMIT};
use domain::validation::FieldError;
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::guilds;
use wardesk_core::transcripts;
use wardesk_core::transcripts::keeping::{self, Kept};
use wardesk_core::transcripts::redact::{self, Look, Passage, What};
use words::Words;

use super::flash::flash;
use super::load::{Instead, asker, loaded};
use super::query::{param, query};
use super::{problems, summary};
use crate::context::words;
use crate::forms::{self, Fields, read_redaction};
use crate::ui::{
    Alert, Button, ButtonKind, Card, Checkbox, EmptyState, ErrorSummary, IconName, LinkButton,
    TextInput, Time, Tone,
};

/// The kinds of what can be redacted wherever it is said.
fn kinds(w: Words) -> [(&'static str, &'static str); 4] {
    [
        ("cards", w.transcripts_redact_cards()),
        ("emails", w.transcripts_redact_emails()),
        ("ibans", w.transcripts_redact_ibans()),
        ("text", w.transcripts_redact_words()),
    ]
}

/// What is asked first.
fn question(
    w: Words,
    action: &str,
    fields: &Fields,
    errors: &[FieldError],
) -> impl IntoView + use<> {
    let chosen = match fields.get("pattern") {
        "" => "cards".to_owned(),
        pattern => pattern.to_owned(),
    };
    let boxes = kinds(w)
        .map(|(value, label)| {
            view! { <Checkbox name="pattern" input_type="radio" value=value label=label checked=chosen == value/> }
        })
        .collect_view();
    let names = [("text", w.transcripts_redact_text())];
    let (action, wrong) = (action.to_owned(), summary(w, errors, &names));
    let (text, error) = (fields.get("text").to_owned(), problems::of(w, errors, "text"));
    view! {
        <ErrorSummary problems=wrong/>
        <form method="post" action=action class="stack">
            <Card title=w.transcripts_redact_what() lede=w.transcripts_redact_what_text()>
                <fieldset class="group field"><legend class="field-label">{w.transcripts_redact_pattern()}</legend>{boxes}</fieldset>
                <TextInput name="text" label=w.transcripts_redact_text() hint=w.transcripts_redact_text_hint(TEXT_LEAST, TEXT_LIMIT)
                    value=text error=error optional=true/>
            </Card>
            <div class="form-foot"><Button kind=ButtonKind::Primary name="action" value="look">{w.transcripts_redact_look()}</Button></div>
        </form>
    }
}

fn passage(w: Words, passage: Passage, zone: &str) -> impl IntoView + use<> {
    let who = match passage.message {
        Some(_) => passage.author.unwrap_or_else(|| w.common_unknown_person().to_owned()),
        None => w.transcripts_redact_form().to_owned(),
    };
    let zone = zone.to_owned();
    let text = passage
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
    view! {
        <li class="hit">
            <p class="hit-head"><strong>{who}</strong>" "{passage.at.map(|at| view! { <span class="faint"><Time at=at zone=zone/></span> })}</p>
            <p class="hit-words wrap-anywhere pre-line">{text}</p>
        </li>
    }
}

/// What would go, and the way to let it go.
fn answer(
    w: Words,
    action: &str,
    back: &str,
    what: &What,
    fields: &Fields,
    look: Look,
    zone: &str,
) -> impl IntoView + use<> {
    let (action, back) = (action.to_owned(), back.to_owned());
    if look.count == 0 {
        return view! {
            <EmptyState icon=IconName::Search title=w.transcripts_redact_none_title() text=w.transcripts_redact_none_text()>
                <LinkButton href=action>{w.transcripts_redact_again()}</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    let count = u64::try_from(look.count).unwrap_or(u64::MAX);
    let more = look.count > look.passages.len();
    let shown = u64::try_from(look.passages.len()).unwrap_or(u64::MAX);
    let files = look.passages.first().map_or(0, |p| p.files);
    let files = u64::try_from(files).unwrap_or(u64::MAX);
    let (title, message) = match what {
        What::Message { message, .. } => {
            (w.transcripts_redact_message().to_owned(), message.to_string())
        }
        What::Pattern(_) => (w.transcripts_redact_found(count), String::new()),
    };
    let items = look.passages.into_iter().map(|one| passage(w, one, zone)).collect_view();
    let (pattern, text) = (fields.get("pattern").to_owned(), fields.get("text").to_owned());
    view! {
        <h2>{title}</h2>
        <ol class="hits" aria-label=w.transcripts_redact_would_go()>{items}</ol>
        {more.then(|| view! { <p class="muted">{w.transcripts_redact_more(shown)}</p> })}
        <Alert tone=Tone::Warn><p>{w.transcripts_redact_warning()}</p></Alert>
        <form method="post" action=action.clone() class="stack">
            <input type="hidden" name="message" value=message/>
            <input type="hidden" name="pattern" value=pattern/>
            <input type="hidden" name="text" value=text/>
            {(files > 0).then(|| view! { <Checkbox name="files" label=w.transcripts_redact_files(files) checked=true/> })}
            <div class="row">
                <Button kind=ButtonKind::Danger name="action" value="redact">{w.transcripts_redact_do()}</Button>
                <LinkButton href=back>{w.common_cancel()}</LinkButton>
            </div>
        </form>
    }
    .into_any()
}

/// The page `/transcripts/{ticket}/redact`.
#[component]
pub fn Redact() -> impl IntoView {
    loaded(async move {
        let id: TicketId = param("ticket").parse().map_err(|_| Instead::NotFound)?;
        let (wardesk, session) = asker()?;
        let w = words();
        let access = transcripts::authorize(&wardesk, &session, id).await?;
        let zone = guilds::settings(access.require(Capability::Privacy)?).await?.settings.time_zone;
        let back = format!("/transcripts/{id}");
        let action = format!("{back}/redact");
        let draft = match query("draft") {
            Some(draft) => forms::take(&wardesk, &session, &action, &draft).await,
            None => None,
        };
        let mut draft = draft.unwrap_or_default();
        if let Some(message) = query("message") {
            draft.fields = Fields::one("message", &message);
        }
        let asked = if draft.errors.is_empty() { read_redaction(&draft.fields).ok() } else { None };
        let held = matches!(keeping::of(&access).await?, Kept::Held);
        let body = if held {
            view! { <Alert tone=Tone::Warn><p>{w.transcripts_redact_held()}</p></Alert> }.into_any()
        } else if let Some(what) = asked {
            let look = redact::look(&access, &what).await?;
            answer(w, &action, &back, &what, &draft.fields, look, &zone).into_any()
        } else {
            question(w, &action, &draft.fields, &draft.errors).into_any()
        };
        Ok(view! {
            <Title text=w.transcripts_redact_title()/>
            <div class="page-narrow stack">
                <div class="page-head"><div><h1>{w.transcripts_redact_title()}</h1><p class="lede">{w.transcripts_redact_lede()}</p></div></div>
                {flash()}
                {body}
                <p><a href=back>{w.transcripts_search_back()}</a></p>
            </div>
        })
    })
}
