//! A transcript by a share link.

use jiff::tz::TimeZone;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::Title;
use transcript::{colours_css, render_messages};
use wardesk_core::transcripts::shared::{self, Address};
use wardesk_core::{Wardesk, guilds};

use super::load::{Instead, broken, loaded};
use super::query::{param, query};
use super::ticket_rows::state_badge;
use crate::context::{session, words};
use crate::labels;
use crate::ui::{Alert, EmptyState, IconName, LinkButton, Rendered, Time, Tone};

/// Messages of a page.
const PAGE: u16 = 200;

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
        let from = query("from").and_then(|m| m.parse().ok());
        let page = shared.page(from, PAGE).await?;
        shared.viewed().await?;
        let header = page.header.clone();
        let settings = guilds::settings_of(&wardesk, header.guild).await?;
        let path = format!("/shared/{step}");
        let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
        let context = page.context(labels(w.locale()).map_err(broken)?, zone, wardesk.now());
        let rendered = render_messages(&context, &page.timeline);
        let css = colours_css(&rendered.colours);
        let empty = page.timeline.is_empty();
        let until = shared.expires_at();
        let title = w.transcripts_of(header.number);
        let next = page.next.map(|m| format!("{path}?from={m}"));
        let opener = header.opener.name.unwrap_or_else(|| w.common_unknown_person().to_owned());
        let zone_name = settings.time_zone;
        let of_closing = zone_name.clone();
        let closed = header.closed_at.map(|at| {
            view! {
                <div><dt>{w.shares_closed()}</dt><dd><Time at=at zone=of_closing/></dd></div>
            }
        });
        let (created, of_opening) = (header.created_at, zone_name.clone());
        Ok(view! {
            <Title text=title.clone()/>
            <style nonce=use_nonce()>{css}</style>
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
                {page.content_unavailable.then(|| view! { <Alert tone=Tone::Warn><p>{w.transcripts_content_unavailable()}</p></Alert> })}
                {from.map(|_| view! { <p><LinkButton href=path.clone()>{w.transcripts_first_page()}</LinkButton></p> })}
                {if empty {
                    view! { <EmptyState icon=IconName::Transcript title=w.transcripts_title() text=w.transcripts_empty()/> }.into_any()
                } else {
                    view! { <Rendered html=rendered.html/> }.into_any()
                }}
                {next.map(|href| view! { <p><LinkButton href=href>{w.transcripts_next_page()}</LinkButton></p> })}
            </div>
        })
    })
}
