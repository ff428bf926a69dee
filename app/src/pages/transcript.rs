//! One transcript.

use domain::access::Capability;
use domain::ids::TicketId;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use leptos_meta::Title;
use transcript::render_messages;
use wardesk_core::guilds;
use wardesk_core::transcripts::keeping::Kept;
use wardesk_core::transcripts::{
    self, Standing, Start, TranscriptAccess, TranscriptHeader, Wanted, share,
};
use words::Words;

use super::flash::flash;
use super::load::{Instead, asker, broken, loaded};
use super::query::param;
use super::reading::{Reading, Unread, Windows, first_shown, name, tools};
use super::search::{self, Asked};
use super::ticket_rows::state_badge;
use super::transcript_keeping;
use crate::context::words;
use crate::labels;
use crate::ui::{Alert, LinkButton, Time, Tone};

/// The page `/transcripts/{ticket}`.
#[component]
pub fn Transcript() -> impl IntoView {
    loaded(async move {
        let id: TicketId = param("ticket").parse().map_err(|_| Instead::NotFound)?;
        let (wardesk, session) = asker()?;
        let w = words();
        let access = transcripts::authorize(&wardesk, &session, id).await?;
        let path = format!("/transcripts/{id}");
        let guild = access.guild();
        let server_zone = guilds::settings_of(&wardesk, guild).await?.time_zone;
        let reading = Reading::asked(path.clone(), &server_zone);
        let asked = Asked::read(&reading.zone);
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
                Some(search::results(w, asked, hits, &path, &reading.zone))
            }
        };
        let field = search::field(w, path.clone(), w.transcripts_search_inside(), &text);
        // Beside what was found, only the head of the transcript is shown.
        let wanted = if searched {
            Wanted { start: Start::First, by: None, limit: 1 }
        } else {
            reading.wanted()
        };
        let page = transcripts::window(&access, wanted).await?;
        let header = page.header.clone();
        let content_unavailable = page.content_unavailable;
        let unread = unread(&access).await?;
        let redacts = access.require(Capability::Privacy).is_ok();
        let messages = if searched {
            None
        } else {
            if reading.by.is_none() {
                transcripts::looked(&access, &page).await?;
            }
            let zone = TimeZone::get(&reading.zone).unwrap_or(TimeZone::UTC);
            let labels = labels(w.locale()).map_err(broken)?;
            let mut context = page.context(labels, zone, wardesk.now());
            context.message_link = reading.message_link();
            context.plays_animations = true;
            if redacts {
                context.redact_link = format!("{path}/redact?message=");
            }
            let drawn = render_messages(&context, &page.timeline);
            let place = (first_shown(&page), unread);
            let tools = tools(w, &reading, &header, &server_zone, place, wardesk.now());
            let reading = reading.clone();
            Some(view! {
                {tools}
                <Windows reading=reading page=page drawn=drawn w=w/>
            })
        };
        let title = w.transcripts_of(header.number);
        let shares = share::may_share(&access).await;
        let kept = transcripts::keeping::of(&access).await?;
        let hold = match access.require(Capability::Configure) {
            Ok(_) => Some(transcripts::hold::of(&access).await?),
            Err(_) => None,
        };
        let zone = reading.zone.clone();
        let hold = hold.map(|hold| transcript_keeping::hold(w, hold, &path, &zone));
        Ok(view! {
            <Title text=title.clone()/>
            <div class="page-narrow stack">
                {flash()}
                <div class="page-head">
                    <div>
                        <h1>{title}</h1>
                        <p class="row muted">{state_badge(w, header.state)}{server(w, &access, &header)}</p>
                    </div>
                    <div class="row">
                        {shares.then(|| view! { <LinkButton href=format!("{path}/links")>{w.shares_menu()}</LinkButton> })}
                        <LinkButton href=format!("{path}/export")>{w.exports_menu()}</LinkButton>
                    </div>
                </div>
                {facts(w, &header, kept, &zone)}
                {(hold.is_some() || redacts).then(|| view! {
                    <div class="row">
                        {redacts.then(|| view! { <LinkButton href=format!("{path}/redact")>{w.transcripts_redact_open()}</LinkButton> })}
                        {hold}
                    </div>
                })}
                {header.state.is_active().then(|| view! { <Alert tone=Tone::Info><p>{w.transcripts_still_open()}</p></Alert> })}
                {content_unavailable.then(|| view! { <Alert tone=Tone::Warn><p>{w.transcripts_content_unavailable()}</p></Alert> })}
                {field}
                {search::hint(w)}
                {hits.map(|hits| view! { {hits} <p><LinkButton href=path.clone()>{w.transcripts_search_back()}</LinkButton></p> })}
                {messages}
            </div>
        })
    })
}

/// The server; for those who work on it with the way there, and to the ticket.
fn server(w: Words, access: &TranscriptAccess, header: &TranscriptHeader) -> impl IntoView + use<> {
    let name = header.guild_name.clone();
    if access.require(Capability::See).is_err() {
        return view! { <span>{name}</span> }.into_any();
    }
    let server = format!("/servers/{}", access.guild());
    let ticket = format!("{server}/tickets/{}", access.ticket());
    view! { <a href=server>{name}</a><a href=ticket>{w.tickets_one(header.number)}</a> }.into_any()
}

/// What is known of the ticket.
fn facts(w: Words, header: &TranscriptHeader, kept: Kept, zone: &str) -> impl IntoView + use<> {
    let people = header.participants.iter().map(|p| name(w, p)).collect::<Vec<_>>().join(", ");
    view! {
        <dl class="facts facts-wide">
            <div><dt>{w.transcripts_panel()}</dt><dd>{header.panel.clone()}</dd></div>
            <div><dt>{w.transcripts_opened_by()}</dt><dd>{name(w, &header.opener)}" · "<Time at=header.created_at zone=zone.to_owned()/></dd></div>
            {header.closed_at.map(|at| view! {
                <div><dt>{w.transcripts_closed_by()}</dt><dd>
                    {header.closed_by.as_ref().map_or_else(|| w.tickets_the_bot().to_owned(), |p| name(w, p))}" · "
                    <Time at=at zone=zone.to_owned()/>
                </dd></div>
            })}
            <div><dt>{w.transcripts_count()}</dt><dd>{w.transcripts_messages(header.messages)}</dd></div>
            <div><dt>{w.transcripts_kept()}</dt><dd>{transcript_keeping::kept(w, kept, zone)}</dd></div>
            <div><dt>{w.transcripts_participants()}</dt><dd class="wrap-anywhere">{people}</dd></div>
        </dl>
    }
}

/// What the opener has not read, if they are who reads.
async fn unread(access: &TranscriptAccess) -> Result<Unread, Instead> {
    if access.standing() != Standing::Opener {
        return Ok(Unread::NotTheirs);
    }
    let first = transcripts::first_unread(access).await?;
    Ok(first.map_or(Unread::Nothing, Unread::From))
}
