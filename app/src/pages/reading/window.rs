//! A part of a transcript, with the ways to its neighbours.

use domain::ids::MessageId;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use transcript::{Rendered as Drawn, TimelineItem, colours_css};
use wardesk_core::transcripts::TranscriptPage;
use words::Words;

use super::address::Reading;
use super::helpers::helpers;
use crate::islands::Reader;
use crate::ui::{EmptyState, IconName, LinkButton, Rendered};

/// The id of a page's first message.
pub fn first_shown(page: &TranscriptPage) -> Option<MessageId> {
    let id = page.timeline.iter().find_map(|item| match item {
        TimelineItem::Message(entry) => Some(entry.message.id),
        TimelineItem::Desk(_) => None,
    })?;
    MessageId::new(i64::try_from(id.get()).ok()?).ok()
}

/// A window of a transcript with the ways to earlier and later ones. The island `Reader` reads the addresses in its
/// attributes: `data-earlier` and `data-later` of its neighbours, `data-here` of itself, and
/// `data-colours`, the rules that it needs.
#[component]
pub fn Windows(
    /// What was asked for.
    reading: Reading,
    /// What the window holds.
    page: TranscriptPage,
    /// The same, drawn.
    drawn: Drawn,
    /// The texts.
    w: Words,
) -> impl IntoView {
    let first = first_shown(&page);
    let here = match (page.earlier, first) {
        (Some(_), Some(first)) => reading.from(first),
        _ => reading.first(),
    };
    let earlier = page.earlier.map(|message| reading.before(message));
    let later = page.next.map(|message| reading.from(message));
    let colours = colours_css(&drawn.colours);
    let log = if page.timeline.is_empty() {
        let text = if reading.by.is_some() || page.earlier.is_some() {
            w.transcripts_empty_here()
        } else {
            w.transcripts_empty()
        };
        view! { <EmptyState icon=IconName::Transcript title=w.transcripts_title() text=text/> }
            .into_any()
    } else {
        view! { <Rendered html=drawn.html/> }.into_any()
    };
    // The program shows and hides the ways as it fetches windows, and with them what paper says in place of each.
    let way =
        |href: Option<String>, id: &'static str, words: &'static str, printed: &'static str| {
            let hidden = href.is_none();
            view! {
                <p class="way" id=id hidden=hidden>
                    <LinkButton href=href.unwrap_or_default()>{words}</LinkButton>
                    <span class="way-printed">{printed}</span>
                </p>
            }
        };
    view! {
        <style nonce=use_nonce() id="colours">{colours.clone()}</style>
        <section class="stack" id="messages" aria-label=w.transcripts_messages_label() tabindex="-1">
            {way(earlier.clone(), "earlier", w.transcripts_previous_page(), w.transcripts_printed_earlier())}
            <div id="windows">
                <div class="window" data-earlier=earlier data-later=later.clone() data-here=here data-colours=colours>{log}</div>
            </div>
            {way(later, "later", w.transcripts_next_page(), w.transcripts_printed_later())}
            <span id="end"></span>
        </section>
        {helpers(w)}
        <Reader
            live=page.header.state.is_active()
            copy=w.transcripts_copy_link().to_owned()
            copied=w.transcripts_copied().to_owned()
            device=w.transcripts_zone_device("{zone}")
            arrived=w.transcripts_arrived("{count}")
        />
    }
}
