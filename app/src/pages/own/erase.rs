//! The page that asks once more before everything of somebody is erased.

use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::privacy::erase::ends_licences;

use super::PATH;
use crate::context::words;
use crate::pages::flash::flash;
use crate::pages::load::{asker, broken, loaded};
use crate::ui::{Alert, Button, ButtonKind, Card, Checkbox, Tone};

/// The page `/account/privacy/erase`.
#[component]
pub fn EraseOwn() -> impl IntoView {
    loaded(async move {
        let (wardesk, session) = asker()?;
        let w = words();
        let licences = ends_licences(&wardesk, session.user).await.map_err(|e| broken(&e))?;
        let points = [
            w.privacy_erase_point_words(),
            w.privacy_erase_point_tickets(),
            w.privacy_erase_point_others(),
            w.privacy_erase_point_hold(),
            w.privacy_erase_point_back(),
        ];
        let points = points.map(|point| view! { <li>{point}</li> }).collect_view();
        let acknowledge = licences.then(|| {
            view! {
                <Alert tone=Tone::Warn><p>{w.privacy_erase_licences_text()}</p></Alert>
                <Checkbox name="licences" label=w.privacy_erase_licences()/>
            }
        });
        Ok(view! {
            <Title text=w.privacy_erase_title()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{w.privacy_erase_title()}</h1><p class="lede">{w.privacy_erase_lede()}</p></div></div>
                {flash()}
                <Card title=w.privacy_erase_what()>
                    <ul class="bullets">{points}</ul>
                    <form method="post" action="/account/privacy/erase" class="stack">
                        {acknowledge}
                        <Checkbox name="understood" label=w.privacy_erase_understood()/>
                        <div class="row">
                            <Button kind=ButtonKind::Danger>{w.privacy_erase_now()}</Button>
                            <a href=PATH>{w.common_cancel()}</a>
                        </div>
                    </form>
                </Card>
            </div>
        })
    })
}
