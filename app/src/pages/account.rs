//! The account: language, colours, sessions.

use domain::locale::Locale;
use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::accounts::{choices, sessions};

use super::flash::flash;
use super::load::{asker, broken, loaded};
use crate::context::{Theme, words};
use crate::ui::{Badge, Button, ButtonKind, Card, Select, SelectOption, Table, Time, Tone};

/// The page `/account`.
#[component]
pub fn Account() -> impl IntoView {
    loaded(async move {
        let (wardesk, session) = asker()?;
        let w = words();
        let chosen = choices::get(&wardesk, &session).await.map_err(|e| broken(&e))?;
        let all = sessions::list(&wardesk, &session).await?;
        let languages = std::iter::once(SelectOption::new("", w.accounts_language_browser()))
            .chain(Locale::ALL.map(|l| SelectOption::new(l.tag(), l.own_name())))
            .collect();
        let themes = Theme::ALL
            .map(|t| {
                SelectOption::new(
                    t.as_str(),
                    match t {
                        Theme::System => w.accounts_theme_system(),
                        Theme::Light => w.accounts_theme_light(),
                        Theme::Dark => w.accounts_theme_dark(),
                    },
                )
            })
            .to_vec();
        let columns = [
            w.accounts_session_browser(),
            w.accounts_session_created(),
            w.accounts_session_seen(),
            "",
        ];
        let others = all.iter().any(|entry| !entry.current);
        let lines = all.into_iter().map(|entry| {
            let browser = if entry.browser.is_empty() { w.common_unknown_browser().to_owned() } else { entry.browser };
            view! {
                <tr>
                    <td data-label=columns[0]>{browser.clone()}" "{entry.current.then(|| view! { <Badge label=w.accounts_session_this() tone=Tone::Good/> })}</td>
                    <td data-label=columns[1]><Time at=entry.created_at/></td>
                    <td data-label=columns[2]><Time at=entry.last_seen_at/></td>
                    <td class="end">
                        {(!entry.current).then(|| view! {
                            <form method="post" action="/account/sessions">
                                <input type="hidden" name="session" value=entry.handle/>
                                <Button small=true kind=ButtonKind::Quiet>{w.accounts_session_revoke()}<span class="visually-hidden">": "{browser}</span></Button>
                            </form>
                        })}
                    </td>
                </tr>
            }
        }).collect_view();
        let names = vec![
            columns[0].to_owned(),
            columns[1].to_owned(),
            columns[2].to_owned(),
            w.common_actions().to_owned(),
        ];
        Ok(view! {
            <Title text=w.accounts_title()/>
            <div class="page-middle stack">
                <div class="page-head"><div><h1>{w.accounts_title()}</h1><p class="lede wrap-anywhere">{w.accounts_signed_in_as(session.name())}</p></div></div>
                {flash()}
                <Card title=w.accounts_preferences() lede=w.accounts_preferences_text()>
                    <form method="post" action="/account" class="stack">
                        <Select name="locale" label=w.accounts_language() value=chosen.locale.map(Locale::tag).unwrap_or_default() options=languages/>
                        <Select name="theme" label=w.accounts_theme() value=chosen.theme.unwrap_or_default() options=themes/>
                        <div><Button kind=ButtonKind::Primary>{w.common_save()}</Button></div>
                    </form>
                </Card>
                <Card title=w.privacy_title() lede=w.privacy_text()>
                    <p><a href="/account/privacy">{w.privacy_title()}</a></p>
                </Card>
                <Card title=w.accounts_sessions() lede=w.accounts_sessions_text()>
                    <Table caption=w.accounts_sessions() columns=names>{lines}</Table>
                    {others.then(|| view! {
                        <form method="post" action="/account/sessions/others">
                            <Button>{w.accounts_session_revoke_all()}</Button>
                        </form>
                    })}
                </Card>
            </div>
        })
    })
}
