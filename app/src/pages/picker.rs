//! The servers of a person, in three groups.

use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::guilds::{self, GuildCard};

use super::load::{asker, loaded};
use super::query::query;
use crate::context::words;
use crate::islands::LiveRegion;
use crate::ui::{Avatar, AvatarSize, Button, ButtonKind, EmptyState, Icon, IconName, LinkButton};

/// How often the page looks whether the bot has arrived, in milliseconds.
const LOOK_EVERY: u32 = 10_000;

fn cards(guilds: Vec<GuildCard>, href: impl Fn(&GuildCard) -> String) -> impl IntoView {
    let w = words();
    guilds
        .into_iter()
        .map(|card| {
            let to = href(&card);
            let invite = card.invite_url.is_some();
            view! {
                <li class="server-card">
                    <Avatar name=card.name.clone() src=card.icon_url server=true size=AvatarSize::Medium/>
                    <span class="grow wrap-anywhere">{card.name.clone()}</span>
                    {if invite {
                        view! {
                            <LinkButton href=to small=true external=true>
                                <Icon name=IconName::Plus/>{w.guilds_invite()}
                                <span class="visually-hidden">" "{card.name}</span>
                            </LinkButton>
                        }.into_any()
                    } else {
                        view! {
                            <LinkButton href=to small=true kind=ButtonKind::Primary>
                                {w.common_open()}<span class="visually-hidden">" "{card.name}</span>
                            </LinkButton>
                        }.into_any()
                    }}
                </li>
            }
        })
        .collect_view()
}

fn group(title: &'static str, text: Option<&'static str>, entries: impl IntoView) -> impl IntoView {
    view! {
        <section class="stack-s">
            <h2>{title}</h2>
            {text.map(|text| view! { <p class="muted">{text}</p> })}
            <ul class="server-cards">{entries}</ul>
        </section>
    }
}

/// The page `/servers`.
#[component]
pub fn Servers() -> impl IntoView {
    loaded(async move {
        let (wardesk, session) = asker()?;
        let w = words();
        let search = query("q").unwrap_or_default();
        let mut picker = guilds::picker(&wardesk, &session).await?;
        let nothing =
            picker.manage.is_empty() && picker.invite.is_empty() && picker.participant.is_empty();
        let wanted = search.to_lowercase();
        for list in [&mut picker.manage, &mut picker.invite, &mut picker.participant] {
            list.retain(|card| card.name.to_lowercase().contains(&wanted));
        }
        let none_left =
            picker.manage.is_empty() && picker.invite.is_empty() && picker.participant.is_empty();
        let waiting = !picker.invite.is_empty();
        Ok(view! {
            <Title text=w.guilds_title()/>
            <div class="page-narrow stack">
                <div class="page-head">
                    <div><h1>{w.guilds_title()}</h1><p class="muted">{w.guilds_picker_text()}</p></div>
                </div>
                <form method="get" action="/servers" role="search" class="row">
                    <input class="input grow" type="search" name="q" value=search aria-label=w.guilds_search() placeholder=w.guilds_search()/>
                    <Button>{w.common_search()}</Button>
                </form>
                <div class="stack" id="servers">
                    {(none_left && nothing).then(|| view! {
                        <EmptyState icon=IconName::Home title=w.guilds_none_title() text=w.guilds_none_text()/>
                    })}
                    {(none_left && !nothing).then(|| view! {
                        <EmptyState icon=IconName::Search title=w.guilds_none_match_title() text=w.guilds_none_match_text()/>
                    })}
                    {(!picker.manage.is_empty()).then(|| group(
                        w.guilds_group_manage(), None,
                        cards(picker.manage, |c| format!("/servers/{}", c.id)),
                    ))}
                    {(!picker.participant.is_empty()).then(|| group(
                        w.guilds_group_participant(), None,
                        cards(picker.participant, |c| {
                            if c.staff { format!("/servers/{}/tickets", c.id) } else { "/transcripts".to_owned() }
                        }),
                    ))}
                    {(!picker.invite.is_empty()).then(|| group(
                        w.guilds_group_invite(), Some(w.guilds_group_invite_text()),
                        cards(picker.invite, |c| c.invite_url.clone().unwrap_or_default()),
                    ))}
                </div>
                {waiting.then(|| view! {
                    <p class="faint">
                        {w.guilds_invited_hint()}" "<a href="/servers">{w.common_refresh()}</a>" "
                        <LiveRegion region="servers".to_owned() events=String::new() every=LOOK_EVERY note=w.guilds_watching().to_owned()/>
                    </p>
                })}
            </div>
        })
    })
}
