//! Taking a transcript along: as what, and with times of which zone.

use domain::ids::TicketId;
use leptos::prelude::*;
use leptos_meta::Title;
use transcript::export::Format;
use wardesk_core::guilds;
use wardesk_core::transcripts;
use wardesk_core::transcripts::export::{self, Progress};
use words::Words;

use super::load::{Instead, asker, loaded};
use super::query::param;
use super::settings::zone_options;
use crate::context::words;
use crate::islands::LiveRegion;
use crate::ui::{Alert, Button, ButtonKind, Card, Checkbox, LinkButton, Select, Tone};

/// A format's name and what it is good for.
fn described(w: Words, format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Html => (w.exports_format_html(), w.exports_format_html_hint()),
        Format::Zip => (w.exports_format_zip(), w.exports_format_zip_hint()),
        Format::Markdown => (w.exports_format_markdown(), w.exports_format_markdown_hint()),
        Format::Text => (w.exports_format_text(), w.exports_format_text_hint()),
        Format::Json => (w.exports_format_json(), w.exports_format_json_hint()),
    }
}

/// The exports that are under way.
fn progress(w: Words, all: Vec<Progress>) -> impl IntoView {
    let lines = all
        .into_iter()
        .map(|one| {
            let (format, _) = described(w, one.format);
            let line = w.exports_running_one(format, one.messages, one.total);
            view! {
                <p>
                    <span class="row">{line.clone()}</span>
                    <progress class="progress" max=one.total.max(1) value=one.messages aria-label=line></progress>
                </p>
            }
        })
        .collect_view();
    view! {
        <Alert tone=Tone::Info title=w.exports_running()>
            {lines}
            <p class="muted">{w.exports_running_hint()}</p>
        </Alert>
    }
}

/// The page `/transcripts/{ticket}/export`.
#[component]
pub fn Export() -> impl IntoView {
    loaded(async move {
        let id: TicketId = param("ticket").parse().map_err(|_| Instead::NotFound)?;
        let (wardesk, session) = asker()?;
        let w = words();
        let access = transcripts::authorize(&wardesk, &session, id).await?;
        let header = transcripts::page(&access, None, 1).await?.header;
        let settings = guilds::settings_of(&wardesk, header.guild).await?;
        let running = export::under_way(&access);
        let title = w.exports_title(header.number);
        let path = format!("/transcripts/{id}/export");
        let live = format!("{path}/live");
        let formats = Format::ALL
            .into_iter()
            .map(|format| {
                let (label, hint) = described(w, format);
                view! {
                    <Checkbox name="format" value=format.as_str() label=label hint=hint
                        checked=format == Format::Html input_type="radio"/>
                }
            })
            .collect_view();
        Ok(view! {
            <Title text=title.clone()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{title}</h1><p class="lede">{w.exports_text()}</p></div></div>
                <div id="exports" class="stack">
                    {(!running.is_empty()).then(|| progress(w, running))}
                </div>
                <Card>
                    <form method="post" action=path class="stack">
                        <fieldset class="group field">
                            <legend class="field-label">{w.exports_format()}</legend>
                            <div class="stack-s">{formats}</div>
                        </fieldset>
                        <Select name="zone" label=w.exports_zone_label() value=settings.time_zone.clone()
                            options=zone_options(&settings.time_zone) search=true/>
                        {export::is_noted(&access).then(|| view! { <p class="muted">{w.exports_staff_note()}</p> })}
                        <div class="row"><Button kind=ButtonKind::Primary>{w.exports_download()}</Button></div>
                    </form>
                </Card>
                <p class="faint">
                    <LiveRegion region="exports".to_owned() events=live every=0 note=w.exports_live().to_owned()/>
                </p>
                <p><LinkButton href=format!("/transcripts/{id}")>{w.exports_back()}</LinkButton></p>
            </div>
        })
    })
}
