//! One's own data: what is held, and what one may do about it.

mod choices;
mod erase;
mod held;

use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::privacy::erase::{Waiting, state_of};
use wardesk_core::privacy::{download, held as use_case, requests, restrict};

pub use erase::EraseOwn;

use super::flash::flash;
use super::load::{asker, broken, loaded};
use super::requests::own_list;
use crate::context::words;
use crate::ui::{Alert, Card, Tone};

/// The address of this page.
const PATH: &str = "/account/privacy";

/// The page `/account/privacy`.
#[component]
pub fn OwnData() -> impl IntoView {
    loaded(async move {
        let (wardesk, session) = asker()?;
        let w = words();
        let places = use_case::of_person(&wardesk, &session).await?;
        let restrictions = restrict::of(&wardesk, session.user).await.map_err(|e| broken(&e))?;
        let erasure = state_of(&wardesk, session.user).await.map_err(|e| broken(&e))?;
        let mine = requests::of_person(&wardesk, session.user).await.map_err(|e| broken(&e))?;
        let name_of = |guild| {
            let place = places.iter().find(|place| place.guild == Some(guild));
            place.map_or_else(|| guild.to_string(), |place| place.name.clone())
        };
        let waiting = erasure.map(|erasure| {
            let lines = erasure.waiting.into_iter().map(|(guild, waiting)| {
                let why = match waiting {
                    Waiting::Tickets => w.privacy_waits_tickets(),
                    Waiting::Hold => w.privacy_waits_hold(),
                };
                view! { <li class="wrap-anywhere">{name_of(guild)}": "{why}</li> }
            });
            let lines = lines.collect_view();
            view! {
                <Alert tone=Tone::Info title=w.privacy_erasing_title()>
                    <p>{w.privacy_erasing_text()}</p>
                    <ul class="bullets">{lines}</ul>
                </Alert>
            }
        });
        let download = download::of(&wardesk, &session).await.map_err(|e| broken(&e))?;
        let restrictions = restrictions.into_iter().map(|one| (one, one.guild.map(&name_of)));
        let choices = choices::cards(w, restrictions.collect(), download);
        let held = held::places(w, places);
        Ok(view! {
            <Title text=w.privacy_title()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{w.privacy_title()}</h1><p class="lede">{w.privacy_text()}</p></div></div>
                {flash()}
                {waiting}
                {held}
                {choices}
                <Card title=w.privacy_requests() lede=w.privacy_requests_text()>
                    {own_list(w, mine)}
                    <p><a href="/privacy/request">{w.privacy_requests_new()}</a></p>
                </Card>
            </div>
        })
    })
}
