//! A transcript by a share link.

use jiff::tz::TimeZone;
use leptos::prelude::*;
use leptos_meta::Title;
use transcript::render_messages;
use wardesk_core::transcripts::shared::{self, Address};
use wardesk_core::{Wardesk, guilds};

use super::load::{Instead, broken, loaded};
use super::query::param;
use super::reading::{Reading, Unread, Windows, first_shown, tools};
use super::ticket_rows::state_badge;
use crate::context::{session, words};
use crate::labels;
use crate::ui::{Alert, Time, Tone};

/// The page `/shared/{link}`.
#[component]
pub fn Shared() -> impl IntoView {
    loaded(async move {
        let step = param("link");
        let address = Address::parse(&step).ok_or(Instead::NotFound)?;
        let wardesk: Wardesk = use_context().ok_or(Instead::NotFound)?;
        let reader = session().map(|session| session.user);
        let w = words();
        let shared = shared::open(&wardesk, &address, reader).await?;
        let path = format!("/shared/{step}");
        let server_zone = guilds::settings_of(&wardesk, shared.guild()).await?.time_zone;
        let reading = Reading::asked(path, &server_zone);
        let page = shared.window(reading.wanted()).await?;
        shared.viewed().await?;
        let header = page.header.clone();
        let content_unavailable = page.content_unavailable;
        let zone = TimeZone::get(&reading.zone).unwrap_or(TimeZone::UTC);
        let mut context = page.context(labels(w.locale()).map_err(broken)?, zone, wardesk.now());
        context.message_link = reading.message_link();
        let drawn = render_messages(&context, &page.timeline);
        let place = (first_shown(&page), Unread::NotTheirs);
        let tools = tools(w, &reading, &header, &server_zone, place, wardesk.now());
        let until = shared.expires_at();
        let title = w.transcripts_of(header.number);
        let opener = header.opener.name.unwrap_or_else(|| super::nameless(w, header.opener.user));
        let zone_name = reading.zone.clone();
        let of_closing = zone_name.clone();
        let closed = header.closed_at.map(|at| {
            view! {
                <div><dt>{w.shares_closed()}</dt><dd><Time at=at zone=of_closing/></dd></div>
            }
        });
        let (created, of_opening) = (header.created_at, zone_name.clone());
        Ok(view! {
            <Title text=title.clone()/>
            <div class="page-narrow stack">
                <div class="page-head">
                    <div>
                        <h1>{title}</h1>
                        <p class="row muted">{state_badge(w, header.state)}<span>{header.guild_name}</span></p>
                    </div>
                </div>
                <Alert tone=Tone::Info>
                    <p>{w.shares_shared_until()}<Time at=until zone=zone_name/></p>
                </Alert>
                <dl class="facts facts-wide">
                    <div><dt>{w.transcripts_opened_by()}</dt><dd class="wrap-anywhere">{opener}" · "<Time at=created zone=of_opening/></dd></div>
                    {closed}
                    <div><dt>{w.transcripts_count()}</dt><dd>{w.transcripts_messages(header.messages)}</dd></div>
                </dl>
                {content_unavailable.then(|| view! { <Alert tone=Tone::Warn><p>{w.transcripts_content_unavailable()}</p></Alert> })}
                {tools}
                <Windows reading=reading page=page drawn=drawn w=w/>
            </div>
        })
    })
}
