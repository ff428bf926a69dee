//! The servers of a person, in three groups.

use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::guilds::{self, GuildCard};

use super::load::{asker, loaded};
use super::query::query;
use crate::context::words;
use crate::islands::LiveRegion;
use crate::ui::{Alert, Avatar, AvatarSize, Button, EmptyState, Icon, IconName, LinkButton, Tone};

/// How often the page looks whether the bot has arrived, in milliseconds.
const LOOK_EVERY: u32 = 10_000;

/// Servers to go to: the whole card is the link.
fn cards(guilds: Vec<GuildCard>, href: impl Fn(&GuildCard) -> String) -> impl IntoView {
    guilds
        .into_iter()
        .map(|card| {
            let to = href(&card);
            view! {
                <li class="tile">
                    <Avatar name=card.name.clone() src=card.icon_url server=true size=AvatarSize::Large/>
                    <span class="tile-name"><a href=to>{card.name}</a></span>
                    <span class="tile-go"><Icon name=IconName::ChevronRight/></span>
                </li>
            }
        })
        .collect_view()
}

/// Servers to invite the bot to.
fn invitations(guilds: Vec<GuildCard>) -> impl IntoView {
    let w = words();
    guilds
        .into_iter()
        .map(|card| {
            let to = card.invite_url.unwrap_or_default();
            view! {
                <li class="tile">
                    <Avatar name=card.name.clone() src=card.icon_url server=true size=AvatarSize::Large/>
                    <span class="tile-name">{card.name.clone()}</span>
                    <LinkButton href=to small=true external=true>
                        <Icon name=IconName::Plus/>{w.guilds_invite()}
                        <span class="visually-hidden">": "{card.name}</span>
                    </LinkButton>
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
            <ul class="tiles">{entries}</ul>
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
            <div class="page-middle stack">
                <div class="page-head">
                    <div><h1>{w.guilds_title()}</h1><p class="lede">{w.guilds_picker_text()}</p></div>
                    {(!nothing).then(|| view! {
                        <form method="get" action="/servers" role="search" class="search">
                            <input class="input" type="search" name="q" value=search aria-label=w.guilds_search() placeholder=w.guilds_search()/>
                            <Button>{w.common_search()}</Button>
                        </form>
                    })}
                </div>
                <div class="stack stack-l" id="servers">
                    {picker.incomplete.then(|| view! {
                        <Alert tone=Tone::Warn><p>{w.guilds_incomplete()}</p></Alert>
                    })}
                    {(none_left && nothing && !picker.incomplete).then(|| view! {
                        <EmptyState icon=IconName::Home title=w.guilds_none_title() text=w.guilds_none_text()/>
                    })}
                    {(none_left && !nothing).then(|| view! {
                        <EmptyState icon=IconName::Search title=w.guilds_none_match_title() text=w.guilds_none_match_text()>
                            <LinkButton href="/servers">{w.guilds_show_all()}</LinkButton>
                        </EmptyState>
                    })}
                    {(!picker.manage.is_empty()).then(|| group(
                        w.guilds_group_manage(), None,
                        cards(picker.manage, |c| format!("/servers/{}", c.id)),
                    ))}
                    {(!picker.participant.is_empty()).then(|| group(
                        w.guilds_group_participant(), None,
                        cards(picker.participant, |c| {
                            match (c.staff, c.reads) {
                                (true, _) => format!("/servers/{}", c.id),
                                (false, true) => format!("/servers/{}/search", c.id),
                                (false, false) => "/transcripts".to_owned(),
                            }
                        }),
                    ))}
                    {(!picker.invite.is_empty()).then(|| group(
                        w.guilds_group_invite(), Some(w.guilds_group_invite_text()),
                        invitations(picker.invite),
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
