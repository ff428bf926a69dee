//! The register of disclosures compelled by law.

use domain::ids::DisclosureId;
use domain::privacy::{NotifyState, WORDS_LIMIT};
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::privacy::disclosures::{self, Disclosure, PAGE};
use words::Words;

use super::{DESK, REGISTER};
use crate::context::words;
use crate::forms::{self, Draft};
use crate::pages::flash::flash;
use crate::pages::load::{asker, loaded};
use crate::pages::operator;
use crate::pages::query::query;
use crate::ui::{
    Alert, Badge, Button, ButtonKind, Card, EmptyState, IconName, Pagination, Select, SelectOption,
    TextArea, TextInput, Time, Tone,
};

fn notify_name(w: Words, state: NotifyState) -> &'static str {
    match state {
        NotifyState::ToDo => w.requests_notify_to_do(),
        NotifyState::Told => w.requests_notify_told(),
        NotifyState::Forbidden => w.requests_notify_forbidden(),
        NotifyState::Impossible => w.requests_notify_impossible(),
    }
}

/// How it stands with telling whoever is affected: a choice, and a day for where it is forbidden.
fn choice(w: Words, chosen: &str, until: String, id: &str) -> impl IntoView + use<> {
    let options = NotifyState::ALL.iter();
    let options = options.map(|one| SelectOption::new(one.as_str(), notify_name(w, *one)));
    let options = options.collect();
    let chosen = chosen.to_owned();
    view! {
        <Select name="notify" id=format!("notify-{id}") label=w.requests_disclosures_notify() value=chosen options=options/>
        <TextInput name="until" id=format!("until-{id}") input_type="date" label=w.requests_disclosures_until() hint=w.requests_disclosures_until_hint() value=until optional=true/>
    }
}

fn one(w: Words, one: Disclosure) -> impl IntoView {
    let id = one.id.to_string();
    let affected: Vec<String> = one.details.affected.iter().map(ToString::to_string).collect();
    let by =
        one.notify_by.map(|at| view! { <span>" "{w.requests_notify_by()}" "<Time at=at/></span> });
    let open = matches!(one.state, NotifyState::ToDo | NotifyState::Forbidden);
    let form = open.then(|| {
        let choice = choice(w, one.state.as_str(), String::new(), &id);
        view! {
            <form method="post" action=format!("{REGISTER}/{id}") class="inline-form">
                {choice}
                <Button>{w.requests_disclosures_save()}</Button>
            </form>
        }
    });
    view! {
        <Card title=one.details.authority>
            <dl class="facts facts-wide">
                <div><dt>{w.requests_disclosures_notify()}</dt><dd>{notify_name(w, one.state)}{by}" "
                    {one.overdue.then(|| view! { <Badge label=w.requests_notify_overdue() tone=Tone::Danger/> })}</dd></div>
                <div><dt>{w.requests_disclosures_ground()}</dt><dd class="wrap-anywhere">{one.details.ground}</dd></div>
                <div><dt>{w.requests_disclosures_given_at()}</dt><dd><Time at=one.given/></dd></div>
                <div><dt>{w.requests_disclosures_affected()}</dt><dd class="num wrap-anywhere">{affected.join(" ")}</dd></div>
            </dl>
            <p class="pre-line">{one.details.given}</p>
            {form}
        </Card>
    }
}

/// The form of a new one. `id` is the one that it gets.
fn form(w: Words, id: &str, draft: &Draft) -> impl IntoView + use<> {
    let given = |name: &str| draft.fields.get(name).to_owned();
    let (authority, ground, what) = (given("authority"), given("ground"), given("given"));
    let (at, affected) = (given("given_at"), given("affected"));
    let choice = choice(w, &given("notify"), given("until"), "new");
    let id = id.to_owned();
    view! {
        <Card title=w.requests_disclosures_new()>
            <form method="post" action=REGISTER class="stack">
                <input type="hidden" name="disclosure" value=id/>
                <TextInput name="authority" label=w.requests_disclosures_authority() value=authority/>
                <TextInput name="ground" label=w.requests_disclosures_ground() value=ground/>
                <TextInput name="given_at" input_type="date" label=w.requests_disclosures_given_at() value=at/>
                <TextArea name="given" label=w.requests_disclosures_given() value=what limit=WORDS_LIMIT/>
                <TextArea name="affected" label=w.requests_disclosures_affected() hint=w.requests_disclosures_affected_hint() value=affected/>
                {choice}
                <div><Button kind=ButtonKind::Primary>{w.requests_disclosures_note()}</Button></div>
            </form>
        </Card>
    }
}

/// The page `/operator/disclosures`.
#[component]
pub fn Disclosures() -> impl IntoView {
    loaded(async move {
        let access = operator::access()?;
        let (wardesk, session) = asker()?;
        let w = words();
        let skip = query("skip").and_then(|text| text.parse::<i64>().ok()).unwrap_or(0).max(0);
        let all = disclosures::list(&access, skip).await?;
        let draft = match query("draft") {
            Some(draft) => forms::take(&wardesk, &session, REGISTER, &draft).await,
            None => None,
        };
        let refused = draft.is_some();
        let draft = draft.unwrap_or_default();
        let id = match draft.fields.get("disclosure") {
            "" => DisclosureId::new(wardesk.new_uuid()).to_string(),
            kept => kept.to_owned(),
        };
        let full = i64::try_from(all.len()).is_ok_and(|shown| shown == PAGE);
        let older = full.then(|| format!("{REGISTER}?skip={}", skip.saturating_add(PAGE)));
        let newer = (skip > 0).then(|| REGISTER.to_owned());
        let none = all.is_empty();
        let list = all.into_iter().map(|disclosure| one(w, disclosure)).collect_view();
        Ok(view! {
            <Title text=w.requests_disclosures_title()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{w.requests_disclosures_title()}</h1><p class="lede">{w.requests_disclosures_lede()}</p></div></div>
                {flash()}
                {refused.then(|| view! { <Alert tone=Tone::Danger announce=true><p>{w.requests_problem_entry()}</p></Alert> })}
                {if none {
                    view! { <EmptyState icon=IconName::Shield title=w.requests_disclosures_none_title() text=w.requests_disclosures_none_text()/> }.into_any()
                } else {
                    list.into_any()
                }}
                <Pagination newer=newer older=older/>
                {form(w, &id, &draft)}
                <p><a href=DESK>{w.requests_desk_all()}</a></p>
            </div>
        })
    })
}
