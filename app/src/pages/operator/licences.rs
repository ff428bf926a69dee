//! Every licence of the service, and the form of a new one.

use domain::ids::LicenceId;
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::Wardesk;
use wardesk_core::licences::operator::{self, Find, OperatorAccess, OperatorLicence};
use words::Words;

use super::{BASE, KINDS, access, log};
use crate::context::words;
use crate::forms::{self, Draft};
use crate::pages::flash::flash;
use crate::pages::load::{Instead, asker, loaded};
use crate::pages::query::query;
use crate::pages::subscription::{end, source, standing};
use crate::pages::{problems, summary};
use crate::ui::{
    Button, ButtonKind, Card, EmptyState, ErrorSummary, IconName, Pagination, Select, SelectOption,
    Table, TextInput,
};

/// What is shown: what was looked for, or a page of all, and where the next begins.
async fn shown(
    access: &OperatorAccess,
    wanted: Option<&str>,
) -> Result<(Vec<OperatorLicence>, Option<LicenceId>), Instead> {
    let Some(text) = wanted else {
        let before = query("before").and_then(|id| id.parse().ok());
        let page = operator::list(access, before).await?;
        return Ok((page.licences, page.next));
    };
    let mut found = Vec::new();
    if let Ok(id) = text.parse() {
        found.extend(operator::find(access, Find::Id(id)).await?);
    }
    if let Ok(id) = text.parse() {
        found.extend(operator::find(access, Find::Server(id)).await?);
    }
    if let Ok(id) = text.parse() {
        found.extend(operator::find(access, Find::Account(id)).await?);
    }
    Ok((found, None))
}

/// The servers in the seats, by name.
fn servers(w: Words, one: &OperatorLicence) -> String {
    let names: Vec<&str> = one.licence.seated.iter().map(|seat| seat.guild_name.as_str()).collect();
    if names.is_empty() { w.licences_operator_no_server().to_owned() } else { names.join(", ") }
}

fn lines(w: Words, all: Vec<OperatorLicence>) -> impl IntoView {
    let columns = [
        w.licences_column_plan(),
        w.licences_standing(),
        w.licences_from(),
        w.licences_operator_holder(),
        w.licences_seats(),
        w.licences_until(),
    ];
    let lines = all.into_iter().map(move |one| {
        let name = one.plan_name.clone().unwrap_or_else(|| one.licence.plan.to_string());
        let seats = servers(w, &one);
        view! {
            <tr>
                <td data-label=columns[0]><a class="row-link" href=format!("{BASE}/{}", one.licence.id)>{name}</a></td>
                <td data-label=columns[1]>{standing(w, one.standing)}</td>
                <td data-label=columns[2]>{source(w, one.licence.source)}</td>
                <td data-label=columns[3] class="num">{one.licence.contact.to_string()}</td>
                <td data-label=columns[4]>{seats}</td>
                <td data-label=columns[5]>{end(w, one.licence.expires, "UTC")}</td>
            </tr>
        }
    });
    view! {
        <Table caption=w.licences_operator_licences() columns=columns.map(str::to_owned).to_vec()>{lines.collect_view()}</Table>
    }
}

/// The form of a new licence. `id` is the one that it gets.
fn form(w: Words, wardesk: &Wardesk, id: String, draft: &Draft) -> impl IntoView + use<> {
    let given =
        |name: &str| (draft.fields.get(name).to_owned(), problems::of(w, &draft.errors, name));
    let (plan, kind, contact) = (given("plan"), given("kind"), given("contact"));
    let (seats, expires) = (given("seats"), given("expires"));
    let (server, server_name) = (given("server"), given("server_name"));
    let plans = wardesk.plans().all().iter();
    let plans = plans.map(|plan| SelectOption::new(plan.key.as_str(), plan.name.clone())).collect();
    let kinds = KINDS.map(|kind| SelectOption::new(kind.as_str(), source(w, kind))).to_vec();
    view! {
        <Card title=w.licences_operator_issue()>
            <form method="post" action=BASE class="stack">
                <input type="hidden" name="licence" value=id/>
                <div class="fields">
                    <Select name="plan" label=w.licences_column_plan() value=plan.0 options=plans error=plan.1/>
                    <Select name="kind" label=w.licences_operator_kind() value=kind.0 options=kinds/>
                    <TextInput name="contact" label=w.licences_operator_contact() hint=w.licences_operator_contact_hint() value=contact.0 error=contact.1/>
                    <TextInput name="seats" label=w.licences_seats() hint=w.licences_operator_seats_hint() value=seats.0 error=seats.1 optional=true/>
                    <TextInput name="expires" input_type="date" label=w.licences_operator_expires() hint=w.licences_operator_expires_hint() value=expires.0 error=expires.1 optional=true/>
                    <TextInput name="server" label=w.licences_operator_server() hint=w.licences_operator_server_hint() value=server.0 error=server.1 optional=true/>
                    <TextInput name="server_name" label=w.licences_operator_server_name() hint=w.licences_operator_server_name_hint() value=server_name.0 error=server_name.1 optional=true/>
                </div>
                <div><Button kind=ButtonKind::Primary>{w.licences_operator_new()}</Button></div>
            </form>
        </Card>
    }
}

fn field(w: Words, value: String) -> impl IntoView {
    view! {
        <form method="get" action=BASE role="search" class="inline-form">
            <TextInput name="q" input_type="search" label=w.licences_operator_find() hint=w.licences_operator_find_hint() value=value/>
            <Button>{w.licences_operator_find()}</Button>
        </form>
    }
}

/// The page `/operator/licences`.
#[component]
pub fn OperatorLicences() -> impl IntoView {
    loaded(async move {
        let access = access()?;
        let (wardesk, session) = asker()?;
        let w = words();
        let wanted = query("q").map(|q| q.trim().to_owned()).filter(|q| !q.is_empty());
        let (all, next) = shown(&access, wanted.as_deref()).await?;
        let draft = match query("draft") {
            Some(draft) => forms::take(&wardesk, &session, BASE, &draft).await,
            None => None,
        };
        let draft = draft.unwrap_or_default();
        let names = [
            ("plan", w.licences_column_plan()),
            ("contact", w.licences_operator_contact()),
            ("seats", w.licences_seats()),
            ("expires", w.licences_operator_expires()),
            ("server", w.licences_operator_server()),
            ("server_name", w.licences_operator_server_name()),
        ];
        let problems = summary(w, &draft.errors, &names);
        let id = match draft.fields.get("licence") {
            "" => LicenceId::new(wardesk.new_uuid()).to_string(),
            kept => kept.to_owned(),
        };
        let entries = operator::log(&access, None).await?.entries;
        let older = next.map(|id| format!("{BASE}?before={id}"));
        let newer = query("before").map(|_| BASE.to_owned());
        let searched = wanted.is_some();
        let text = if searched {
            w.licences_operator_none_text()
        } else {
            w.licences_operator_empty_text()
        };
        Ok(view! {
            <Title text=w.licences_operator_licences()/>
            <div class="stack">
                <div class="page-head"><div><h1>{w.licences_operator_licences()}</h1><p class="lede">{w.licences_operator_lede()}</p></div></div>
                {flash()}
                <ErrorSummary problems=problems/>
                {field(w, wanted.unwrap_or_default())}
                {if all.is_empty() {
                    view! { <EmptyState icon=IconName::Ticket title=w.licences_operator_none_title() text=text/> }.into_any()
                } else {
                    lines(w, all).into_any()
                }}
                {searched.then(|| view! { <p><a href=BASE>{w.licences_operator_all()}</a></p> })}
                <Pagination newer=newer older=older/>
                {form(w, &wardesk, id, &draft)}
                <section class="stack-s"><h2>{w.licences_operator_log()}</h2>{log(w, entries)}</section>
            </div>
        })
    })
}
