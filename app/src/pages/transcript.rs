//! One transcript.

use domain::access::Capability;
use domain::ids::TicketId;
use jiff::tz::TimeZone;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::Title;
use transcript::{colours_css, render_messages};
use wardesk_core::guilds;
use wardesk_core::transcripts::{self, Participant, share};
use words::Words;

use super::flash::flash;
use super::load::{Instead, asker, broken, loaded};
use super::query::{param, query};
use super::search::{self, Asked};
use super::ticket_rows::state_badge;
use super::transcript_keeping;
use crate::context::words;
use crate::labels;
use crate::ui::{Alert, EmptyState, IconName, LinkButton, Rendered, Time, Tone};

/// Messages of a page.
const PAGE: u16 = 200;

fn name(w: Words, person: &Participant) -> String {
    person.name.clone().unwrap_or_else(|| w.common_unknown_person().to_owned())
}

/// The page `/transcripts/{ticket}`.
#[component]
pub fn Transcript() -> impl IntoView {
    loaded(async move {
        let id: TicketId = param("ticket").parse().map_err(|_| Instead::NotFound)?;
        let (wardesk, session) = asker()?;
        let w = words();
        let access = transcripts::authorize(&wardesk, &session, id).await?;
        let from = query("from").and_then(|m| m.parse().ok());
        let page = transcripts::page(&access, from, PAGE).await?;
        let header = page.header.clone();
        let settings = guilds::settings_of(&wardesk, header.guild).await?;
        let path = format!("/transcripts/{id}");
        let asked = Asked::read(&settings.time_zone);
        let text = asked.as_ref().map(|a| a.text.clone()).unwrap_or_default();
        let searched = asked.is_some();
        let hits = match &asked {
            None => None,
            Some(asked) => {
                let (before, limit) = asked.page();
                let hits = match &asked.query {
                    Ok(query) => {
                        Ok(transcripts::search::in_transcript(&access, query, before, limit)
                            .await?)
                    }
                    Err(error) => Err(*error),
                };
                Some(search::results(w, asked, hits, &path, &settings.time_zone))
            }
        };
        let field = search::field(w, path.clone(), w.transcripts_search_inside(), &text);
        let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
        let mut context = page.context(labels(w.locale()).map_err(broken)?, zone, wardesk.now());
        let redacts = access.require(Capability::Privacy).is_ok();
        if redacts {
            context.redact_link = format!("{path}/redact?message=");
        }
        let rendered = render_messages(&context, &page.timeline);
        let css = colours_css(&rendered.colours);
        let empty = page.timeline.is_empty();
        let title = w.transcripts_of(header.number);
        let shares = share::may_share(&access).await;
        let kept = transcripts::keeping::of(&access).await?;
        let hold = match access.require(Capability::Configure) {
            Ok(_) => Some(transcripts::hold::of(&access).await?),
            Err(_) => None,
        };
        let hold = hold.map(|hold| transcript_keeping::hold(w, hold, &path, &settings.time_zone));
        let next = page.next.map(|m| format!("{path}?from={m}"));
        let people = header.participants.iter().map(|p| name(w, p)).collect::<Vec<_>>().join(", ");
        let zone_name = settings.time_zone;
        Ok(view! {
            <Title text=title.clone()/>
            <style nonce=use_nonce()>{css}</style>
            <div class="page-narrow stack">
                {flash()}
                <div class="page-head">
                    <div>
                        <h1>{title}</h1>
                        <p class="row muted">{state_badge(w, header.state)}<span>{header.guild_name.clone()}</span></p>
                    </div>
                    <div class="row">
                        {shares.then(|| view! { <LinkButton href=format!("{path}/links")>{w.shares_menu()}</LinkButton> })}
                        <LinkButton href=format!("{path}/export")>{w.exports_menu()}</LinkButton>
                    </div>
                </div>
                <dl class="facts facts-wide">
                    <div><dt>{w.transcripts_panel()}</dt><dd>{header.panel.clone()}</dd></div>
                    <div><dt>{w.transcripts_opened_by()}</dt><dd>{name(w, &header.opener)}" · "<Time at=header.created_at zone=zone_name.clone()/></dd></div>
                    {header.closed_at.map(|at| view! {
                        <div><dt>{w.transcripts_closed_by()}</dt><dd>
                            {header.closed_by.as_ref().map_or_else(|| w.tickets_the_bot().to_owned(), |p| name(w, p))}" · "
                            <Time at=at zone=zone_name.clone()/>
                        </dd></div>
                    })}
                    <div><dt>{w.transcripts_count()}</dt><dd>{w.transcripts_messages(header.messages)}</dd></div>
                    <div><dt>{w.transcripts_kept()}</dt><dd>{transcript_keeping::kept(w, kept, &zone_name)}</dd></div>
                    <div><dt>{w.transcripts_participants()}</dt><dd class="wrap-anywhere">{people}</dd></div>
                </dl>
                {(hold.is_some() || redacts).then(|| view! {
                    <div class="row">
                        {redacts.then(|| view! { <LinkButton href=format!("{path}/redact")>{w.transcripts_redact_open()}</LinkButton> })}
                        {hold}
                    </div>
                })}
                {header.state.is_active().then(|| view! { <Alert tone=Tone::Info><p>{w.transcripts_still_open()}</p></Alert> })}
                {page.content_unavailable.then(|| view! { <Alert tone=Tone::Warn><p>{w.transcripts_content_unavailable()}</p></Alert> })}
                {field}
                {hits.map(|hits| view! { {hits} <p><LinkButton href=path.clone()>{w.transcripts_search_back()}</LinkButton></p> })}
                {from.map(|_| view! { <p><LinkButton href=path.clone()>{w.transcripts_first_page()}</LinkButton></p> })}
                {if searched {
                    ().into_any()
                } else if empty {
                    view! { <EmptyState icon=IconName::Transcript title=w.transcripts_title() text=w.transcripts_empty()/> }.into_any()
                } else {
                    view! { <Rendered html=rendered.html/> }.into_any()
                }}
                {next.filter(|_| !searched).map(|href| view! { <p><LinkButton href=href>{w.transcripts_next_page()}</LinkButton></p> })}
            </div>
        })
    })
}
