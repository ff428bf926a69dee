//! The form for anyone.

use domain::privacy::{NAME_LIMIT, RequestKind, WORDS_LIMIT};
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::Wardesk;
use words::Words;

use super::kind_name;
use crate::context::{self, words};
use crate::forms::{self, Draft};
use crate::pages::flash::flash;
use crate::pages::load::{Instead, loaded};
use crate::pages::query::query;
use crate::pages::{problems, summary};
use crate::ui::{
    Alert, Button, ButtonKind, Card, ErrorSummary, Field, Select, SelectOption, Tone, describedby,
    raw_text,
};

/// The address of the form.
const PATH: &str = "/privacy/request";

/// What it is about. Whoever has no session gets no draft back, so the browser holds on to the limits itself.
fn about(w: Words, value: String, error: Option<String>) -> impl IntoView {
    let id = "request_words";
    let described = describedby(id, true, error.is_some(), true);
    let invalid = error.is_some().then_some("true");
    // HTML drops one line break right after the opening tag: give one that it may have.
    let shown = format!("\n{}", raw_text(&value));
    view! {
        <Field id=id label=w.requests_words() hint=Some(w.requests_words_hint().to_owned()) error=error limit=Some((WORDS_LIMIT, value))>
            <textarea class="input" id=id name=id rows="8" required=true maxlength=WORDS_LIMIT aria-describedby=described aria-invalid=invalid>
                {shown}
            </textarea>
        </Field>
    }
}

/// One line that names something, and may stay empty.
fn named(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    (value, error): (String, Option<String>),
) -> impl IntoView {
    let described = describedby(id, true, error.is_some(), false);
    let invalid = error.is_some().then_some("true");
    view! {
        <Field id=id label=label hint=Some(hint.to_owned()) error=error optional=true>
            <input class="input" id=id name=id type="text" value=value maxlength=NAME_LIMIT autocomplete="off" aria-describedby=described aria-invalid=invalid/>
        </Field>
    }
}

fn form(w: Words, once: String, draft: &Draft, signed_in: bool) -> impl IntoView + use<> {
    let given =
        |name: &str| (draft.fields.get(name).to_owned(), problems::of(w, &draft.errors, name));
    let (what, server) = (given("request_words"), given("request_server"));
    let account = given("request_account");
    let kind = RequestKind::parse(draft.fields.get("kind")).or_else(|| {
        let asked = query("kind")?;
        RequestKind::parse(&asked)
    });
    let kinds = RequestKind::ALL.iter();
    let kinds = kinds.map(|kind| SelectOption::new(kind.as_str(), kind_name(w, *kind))).collect();
    let chosen = kind.unwrap_or(RequestKind::Access).as_str();
    let note = if signed_in { w.requests_form_signed_in() } else { w.requests_form_signed_out() };
    view! {
        <Card>
            <form method="post" action=PATH class="stack">
                <input type="hidden" name="once" value=once/>
                <Select name="kind" label=w.requests_kind() value=chosen options=kinds/>
                {about(w, what.0, what.1)}
                {named("request_server", w.requests_server(), w.requests_server_hint(), server)}
                {named("request_account", w.requests_account(), w.requests_account_hint(), account)}
                <p class="muted">{note}</p>
                <div><Button kind=ButtonKind::Primary>{w.requests_send()}</Button></div>
            </form>
        </Card>
    }
}

/// The page `/privacy/request`.
#[component]
pub fn RequestForm() -> impl IntoView {
    loaded(async move {
        let wardesk: Wardesk = use_context().ok_or(Instead::NotFound)?;
        let w = words();
        let session = context::session();
        let draft = match (&session, query("draft")) {
            (Some(session), Some(draft)) => forms::take(&wardesk, session, PATH, &draft).await,
            _ => None,
        };
        let draft = draft.unwrap_or_default();
        let names = [
            ("request_words", w.requests_words()),
            ("request_server", w.requests_server()),
            ("request_account", w.requests_account()),
        ];
        let problems = summary(w, &draft.errors, &names);
        let once = match draft.fields.get("once") {
            "" => wardesk.new_uuid().to_string(),
            kept => kept.to_owned(),
        };
        Ok(view! {
            <Title text=w.requests_form_title()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{w.requests_form_title()}</h1><p class="lede">{w.requests_form_lede()}</p></div></div>
                {flash()}
                <ErrorSummary problems=problems/>
                <Alert tone=Tone::Info><p>{w.requests_form_own()}" "<a href="/account/privacy">{w.requests_form_own_link()}</a></p></Alert>
                {form(w, once, &draft, session.is_some())}
            </div>
        })
    })
}
