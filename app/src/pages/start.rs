use leptos::prelude::*;
use leptos_meta::Title;

use super::flash::flash;
use super::query::query;
use crate::context::{self, words};
use crate::ui::{Alert, Icon, IconName, Tone};

/// The first page: the way in, or on to the servers for someone who is signed in.
#[component]
pub fn Start() -> impl IntoView {
    if context::session().is_some() {
        leptos_axum::redirect("/servers");
    }
    // Where to go afterwards. The sign-in takes paths of this site alone.
    let back = query("return");
    view! { <Public back=back/> }
}

/// What someone who is not signed in sees.
#[component]
pub fn Public(
    /// Where to go after signing in, kept by the server.
    back: Option<String>,
) -> impl IntoView {
    let w = words();
    // Where a problem is told, that is why they are asked.
    let needed = back.is_some() && query("problem").is_none();
    let points = [
        (IconName::Ticket, w.accounts_point_tickets_title(), w.accounts_point_tickets_text()),
        (
            IconName::Transcript,
            w.accounts_point_transcripts_title(),
            w.accounts_point_transcripts_text(),
        ),
        (IconName::Lock, w.accounts_point_sealed_title(), w.accounts_point_sealed_text()),
    ];
    view! {
        <Title text=""/>
        <div class="hero">
            <div>
                <h1>{w.accounts_start_title()}</h1>
                <p class="lede">{w.accounts_start_text()}</p>
                {flash()}
                {needed.then(|| view! {
                    <Alert tone=Tone::Info title=w.accounts_sign_in_needed()><p>{w.accounts_sign_in_needed_text()}</p></Alert>
                })}
                <form method="post" action="/auth/login" class="row">
                    {back.map(|back| view! { <input type="hidden" name="return" value=back/> })}
                    <button type="submit" class="button button-primary">
                        {w.accounts_sign_in()}
                    </button>
                </form>
                <p class="faint mt-3">{w.accounts_sign_in_note()}</p>
                <p class="faint">
                    {w.documents_sign_in_note()}" "<a href="/terms">{w.documents_terms()}</a>", "<a href="/privacy">{w.documents_privacy()}</a>
                </p>
            </div>
            <div aria-hidden="true" class="hero-picture">
                <div class="preview-frame">
                    <div class="preview-author"><span class="avatar avatar-small">"W"</span>"Wardesk"</div>
                    <div class="preview-embed">
                        <svg><rect width="4" height="100%" fill="#5fcdbb"></rect></svg>
                        <div>
                            <p class="preview-title">{w.accounts_sample_title()}</p>
                            <p class="preview-text">{w.accounts_sample_text()}</p>
                        </div>
                    </div>
                    <span class="preview-button"><Icon name=IconName::Ticket/>{w.accounts_sample_button()}</span>
                </div>
            </div>
        </div>
        <div class="points">
            {points.into_iter().map(|(icon, title, text)| view! {
                <section class="point"><h2><Icon name=icon/>{title}</h2><p>{text}</p></section>
            }).collect_view()}
        </div>
    }
}
