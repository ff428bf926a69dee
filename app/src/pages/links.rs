//! The share links of a transcript.

use domain::ids::TicketId;
use domain::transcripts::sharing::{SHARE_PEOPLE_LIMIT, ShareTime};
use domain::validation::FieldError;
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::transcripts;
use wardesk_core::transcripts::share::{self, Share};
use wardesk_core::{Wardesk, guilds};
use words::Words;

use super::flash::flash;
use super::load::{Instead, asker, loaded};
use super::query::{param, query};
use super::{problems, summary};
use crate::context::words;
use crate::forms::{self, Draft};
use crate::ui::{
    Badge, Button, ButtonKind, Card, Checkbox, EmptyState, ErrorSummary, IconName, Select,
    SelectOption, TextArea, Time,
};

fn time_name(w: Words, time: ShareTime) -> String {
    w.shares_days(time.days().into())
}

/// The form of a new link. `id` is the one that it gets.
fn form(w: Words, path: &str, id: &str, draft: &Draft) -> impl IntoView + use<> {
    let fields = &draft.fields;
    let named = fields.get("for") == "people";
    let chosen = ShareTime::parse(fields.get("time")).unwrap_or_default();
    let times =
        ShareTime::ALL.map(|time| SelectOption::new(time.as_str(), time_name(w, time))).to_vec();
    let error = |field| problems::of(w, &draft.errors, field);
    let (of_people, of_time) = (error("people"), error("time"));
    let people = fields.get("people").to_owned();
    let (path, id) = (path.to_owned(), id.to_owned());
    view! {
        <Card title=w.shares_new()>
            <form method="post" action=path class="stack">
                <input type="hidden" name="link" value=id/>
                <fieldset class="group field">
                    <legend class="field-label">{w.shares_for()}</legend>
                    <Checkbox name="for" input_type="radio" value="anybody" label=w.shares_anybody() hint=w.shares_anybody_hint() checked=!named/>
                    <Checkbox name="for" input_type="radio" value="people" label=w.shares_people() hint=w.shares_people_hint() checked=named/>
                </fieldset>
                <TextArea name="people" label=w.shares_accounts() hint=w.shares_accounts_hint(SHARE_PEOPLE_LIMIT)
                    value=people error=of_people optional=true/>
                <Select name="time" label=w.shares_time() value=chosen.as_str() options=times error=of_time/>
                <div class="row"><Button kind=ButtonKind::Primary name="action" value="create">{w.shares_create()}</Button></div>
            </form>
        </Card>
    }
}

fn link(w: Words, share: Share, path: &str, site: &str, zone: &str) -> impl IntoView + use<> {
    let named = |(id, name): (domain::ids::UserId, Option<String>)| {
        name.unwrap_or_else(|| super::number_of(w, id))
    };
    let people: Vec<String> = share.people.into_iter().map(named).collect();
    let whom = if people.is_empty() { w.shares_anybody().to_owned() } else { people.join(", ") };
    let (zone, path, id) = (zone.to_owned(), path.to_owned(), share.id.to_string());
    let state = match (share.revoked_at, &share.path) {
        (Some(_), _) => view! { <Badge label=w.shares_revoked()/> }.into_any(),
        (None, None) => view! { <Badge label=w.shares_expired()/> }.into_any(),
        (None, Some(_)) => view! {
            <span>{w.shares_until()}<Time at=share.expires_at zone=zone.clone()/></span>
        }
        .into_any(),
    };
    let seen = share.viewed_at.map(|at| {
        let zone = zone.clone();
        view! { <span class="faint">{w.shares_last_view()}<Time at=at zone=zone/></span> }
    });
    let address = share.path.map(|own| {
        let url = format!("{site}{own}");
        let field = format!("address-{id}");
        view! {
            <div class="row share-address">
                <label class="visually-hidden" for=field.clone()>{w.shares_address()}</label>
                <input class="input" type="text" id=field readonly=true value=url.clone()/>
                <a class="button button-plain button-small" href=url>{w.shares_open()}</a>
            </div>
            <form method="post" action=path>
                <input type="hidden" name="link" value=id/>
                <Button small=true name="action" value="revoke">{w.shares_revoke()}</Button>
            </form>
        }
    });
    view! {
        <li class="hit stack-s">
            <p class="row"><strong class="wrap-anywhere">{whom}</strong>{state}</p>
            <p class="muted">
                {w.shares_made_by(named(share.by))}<Time at=share.at zone=zone/>
            </p>
            <p class="row">{w.shares_views(share.views)}" "{seen}</p>
            {address}
        </li>
    }
}

/// The page `/transcripts/{ticket}/links`.
#[component]
pub fn Links() -> impl IntoView {
    loaded(async move {
        let id: TicketId = param("ticket").parse().map_err(|_| Instead::NotFound)?;
        let (wardesk, session) = asker()?;
        let w = words();
        let access = transcripts::authorize(&wardesk, &session, id).await?;
        let shares = share::list(&access).await?;
        let header = transcripts::page(&access, None, 1).await?.header;
        let zone = guilds::settings_of(&wardesk, header.guild).await?.time_zone;
        let back = format!("/transcripts/{id}");
        let path = format!("{back}/links");
        let draft = match query("draft") {
            Some(draft) => forms::take(&wardesk, &session, &path, &draft).await,
            None => None,
        };
        let draft = draft.unwrap_or_default();
        let errors: Vec<FieldError> = draft.errors.clone();
        let names = [("people", w.shares_accounts()), ("time", w.shares_time())];
        let new = new_id(&wardesk);
        let none = shares.is_empty();
        let items = shares
            .into_iter()
            .map(|one| link(w, one, &path, wardesk.public_url(), &zone))
            .collect_view();
        let title = w.shares_title(header.number);
        Ok(view! {
            <Title text=title.clone()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{title}</h1><p class="lede">{w.shares_lede()}</p></div></div>
                {flash()}
                <ErrorSummary problems=summary(w, &errors, &names)/>
                {form(w, &path, &new, &draft)}
                <h2>{w.shares_list()}</h2>
                {if none {
                    view! { <EmptyState icon=IconName::Transcript title=w.shares_none_title() text=w.shares_none_text()/> }.into_any()
                } else {
                    view! { <ul class="hits">{items}</ul> }.into_any()
                }}
                <p><a href=back>{w.transcripts_search_back()}</a></p>
            </div>
        })
    })
}

fn new_id(wardesk: &Wardesk) -> String {
    domain::ids::ShareId::new(wardesk.new_uuid()).to_string()
}
