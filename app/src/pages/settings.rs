//! The settings of a server.

use domain::access::Capability;
use domain::guilds::GuildSettings;
use domain::locale::Locale;
use domain::transcripts::Retention;
use domain::validation::{FieldError, Problem};
use leptos::prelude::*;
use wardesk_core::guilds::{self, ChannelChoice, Choices};
use wardesk_core::licences::{self, ServerPlan};
use words::Words;

use super::flash::flash;
use super::load::{asker, loaded};
use super::query::query;
use super::server::{self, Area};
use super::{problems, summary};
use crate::context::words;
use crate::forms::{self, read_settings};
use crate::islands::SaveBar;
use crate::ui::{
    Alert, Button, ButtonKind, Card, Checkbox, Choice, ChoiceList, ErrorSummary, Select,
    SelectOption, Tone,
};

const FORM: &str = "settings-form";

/// A note behind a choice that is no good one.
fn note(w: Words, problem: Option<Problem>) -> Option<&'static str> {
    Some(match problem? {
        Problem::Gone => w.common_deleted(),
        _ => w.common_unreachable(),
    })
}

/// The entries of a channel picker: none, every channel, and the chosen one even if it is gone.
pub fn channel_options(
    w: Words,
    none: &str,
    channels: &[ChannelChoice],
    chosen: Option<domain::ids::ChannelId>,
) -> Vec<SelectOption> {
    let mut options = vec![SelectOption::new("", none)];
    if let Some(id) = chosen.filter(|id| !channels.iter().any(|c| c.id == *id)) {
        let gone = SelectOption::new(id.to_string(), id.to_string());
        options.push(gone.flagged(Some(w.common_deleted())));
    }
    options.extend(channels.iter().map(|c| {
        SelectOption::new(c.id.to_string(), c.name.clone())
            .under(c.parent_name.clone())
            .flagged(note(w, c.problem))
    }));
    options
}

/// The entries of a role picker: every role, and chosen ones even if they are gone.
pub fn role_choices(w: Words, choices: &Choices, chosen: &[domain::ids::RoleId]) -> Vec<Choice> {
    let gone = chosen.iter().filter(|id| choices.role_problem(**id).is_some()).map(|id| Choice {
        value: id.to_string(),
        label: id.to_string(),
        colour: None,
        problem: Some(w.common_deleted().to_owned()),
        checked: true,
    });
    let roles = choices.roles.iter().map(|role| Choice {
        value: role.id.to_string(),
        label: role.name.clone(),
        colour: Some(role.colour),
        problem: None,
        checked: chosen.contains(&role.id),
    });
    gone.chain(roles).collect()
}

/// The entries of the picker of time zones, by area; the chosen one even if it is not offered.
pub(super) fn zone_options(chosen: &str) -> Vec<SelectOption> {
    let offered = guilds::time_zones();
    let other = (!offered.iter().any(|zone| zone == chosen)).then_some(chosen);
    let offered = offered.iter().map(|zone| {
        let area = zone.split_once('/').map(|(area, _)| area.to_owned());
        SelectOption::new(zone, zone.replace('_', " ")).under(area)
    });
    other.map(|zone| SelectOption::new(zone, zone)).into_iter().chain(offered).collect()
}

/// How long transcripts are kept, in words.
pub fn retention_name(w: Words, retention: Retention) -> String {
    retention.days().map_or_else(
        || w.guilds_retention_for_ever().to_owned(),
        |days| w.guilds_retention_days(days.unsigned_abs()),
    )
}

/// How long the plan keeps transcripts at most, what keeps them longer, and where that is said.
fn kept_by_plan(w: Words, plan: &ServerPlan, base: &str) -> Option<impl IntoView + use<>> {
    let days = plan.entitlements.limits.keep_days?;
    let text = w.licences_kept_by_plan(days.into(), &plan.plan.name);
    let longer = plan.retention_unlocked_by.as_ref().map(|by| w.licences_kept_longer_by(&by.name));
    let href = format!("{base}/subscription");
    Some(view! { <p class="muted">{text}" "{longer}" "<a href=href>{w.licences_plan()}</a></p> })
}

/// Who reads transcripts, and how long they are kept: `limit` is what the plan says to that.
fn transcripts(
    w: Words,
    settings: &GuildSettings,
    choices: &Choices,
    errors: &[FieldError],
    limit: Option<impl IntoView + 'static>,
) -> impl IntoView {
    let error = |field| problems::of(w, errors, field);
    let readers = role_choices(w, choices, &settings.reader_roles);
    let retention = settings.retention.as_str();
    let times =
        Retention::ALL.map(|r| SelectOption::new(r.as_str(), retention_name(w, r))).to_vec();
    let deletes = errors.iter().find_map(|e| match e.problem {
        Problem::Deletes { count } => Some(count),
        _ => None,
    });
    let (of_roles, of_time) = (error("reader_roles"), error("retention"));
    let confirm = deletes.map(|count| {
        let label = w.guilds_retention_confirm(count.into());
        view! { <Checkbox name="retention_confirmed" value=retention label=label/> }
    });
    let roles = (!readers.is_empty()).then(|| {
        view! {
            <ChoiceList name="reader_roles" id="reader_roles" label=w.guilds_reader_roles() hint=w.guilds_reader_roles_hint()
                error=of_roles choices=readers/>
        }
    });
    let members_read = settings.members_read;
    let keep_deleted = settings.keep_deleted;
    let (share_links, opener_shares) = (settings.share_links, settings.opener_shares);
    view! {
        <Card title=w.guilds_settings_transcripts() lede=w.guilds_settings_transcripts_text()>
            <Select name="retention" label=w.guilds_retention() hint=w.guilds_retention_hint() value=retention options=times error=of_time/>
            {limit}
            {confirm}
            <Checkbox name="members_read" label=w.guilds_members_read() checked=members_read/>
            <Checkbox name="keep_deleted" label=w.guilds_keep_deleted() hint=w.guilds_keep_deleted_hint() checked=keep_deleted/>
            {roles}
            <Checkbox name="share_links" label=w.guilds_share_links() hint=w.guilds_share_links_hint() checked=share_links/>
            <Checkbox name="opener_shares" label=w.guilds_opener_shares() hint=w.guilds_opener_shares_hint() checked=opener_shares/>
        </Card>
    }
}

/// The page `/servers/{guild}/settings`.
#[component]
pub fn Settings() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::Configure).await?;
        let (wardesk, session) = asker()?;
        let w = words();
        let place = server::place(&access).await?;
        let path = format!("/servers/{}/settings", access.guild());
        let stored = guilds::settings(&access).await?;
        let draft = match query("draft") {
            Some(id) => forms::take(&wardesk, &session, &path, &id).await,
            None => None,
        };
        let refused = draft.is_some();
        let settings =
            draft.as_ref().map_or_else(|| stored.settings.clone(), |d| read_settings(&d.fields));
        let errors: Vec<FieldError> = draft.as_ref().map(|d| d.errors.clone()).unwrap_or_default();
        let conflict = draft.is_some_and(|d| d.conflict);
        let choices = guilds::choices(&access).await?;
        let listed = StoredValue::new(errors.clone());
        let error = move |field: &str| listed.with_value(|e| problems::of(w, e, field));
        let select = move |name: &'static str,
                           label: &'static str,
                           hint: &'static str,
                           value: Option<domain::ids::ChannelId>,
                           options: Vec<SelectOption>| {
            view! {
                <Select name=name label=label hint=hint value=value.map(|v| v.to_string()).unwrap_or_default() options=options error=error(name) search=true/>
            }
        };
        let roles = role_choices(w, &choices, &settings.support_roles);
        let category = channel_options(
            w,
            w.guilds_no_category(),
            &choices.categories,
            settings.ticket_category,
        );
        let for_transcripts = channel_options(
            w,
            w.guilds_no_channel(),
            &choices.text_channels,
            settings.transcript_channel,
        );
        let none = w.guilds_no_log_channel();
        let for_log = channel_options(w, none, &choices.text_channels, settings.log_channel);
        let languages = Locale::ALL.map(|l| SelectOption::new(l.tag(), l.own_name())).to_vec();
        let names = [
            ("support_roles", w.guilds_support_roles()),
            ("ticket_category", w.guilds_ticket_category()),
            ("transcript_channel", w.guilds_transcript_channel()),
            ("log_channel", w.guilds_log_channel()),
            ("time_zone", w.guilds_time_zone()),
            ("reader_roles", w.guilds_reader_roles()),
            ("retention", w.guilds_retention()),
        ];
        let plan = licences::of_server(&access).await?;
        let limit = kept_by_plan(w, &plan, &format!("/servers/{}", access.guild()));
        let transcripts = transcripts(w, &settings, &choices, &errors, limit);
        let body = view! {
            <div class="page-head"><div><h1>{w.guilds_settings_title()}</h1><p class="lede">{w.guilds_settings_text()}</p></div></div>
            {flash()}
            {conflict.then(|| view! { <Alert tone=Tone::Warn announce=errors.is_empty()><p>{w.errors_conflict()}</p></Alert> })}
            <ErrorSummary problems=summary(w, &errors, &names)/>
            <form method="post" action=path.clone() id=FORM class="stack">
                <input type="hidden" name="revision" value=stored.revision.to_string()/>
                <Card title=w.guilds_settings_people() lede=w.guilds_settings_people_text()>
                    {if roles.is_empty() {
                        view! { <p class="muted">{w.guilds_no_roles()}</p> }.into_any()
                    } else {
                        view! {
                            <ChoiceList name="support_roles" id="support_roles" label=w.guilds_support_roles() hint=w.guilds_support_roles_hint()
                                error=error("support_roles") choices=roles/>
                        }.into_any()
                    }}
                </Card>
                <Card title=w.guilds_settings_places() lede=w.guilds_settings_places_text()>
                    {select("ticket_category", w.guilds_ticket_category(), w.guilds_ticket_category_hint(), settings.ticket_category, category)}
                    {select("transcript_channel", w.guilds_transcript_channel(), w.guilds_transcript_channel_hint(), settings.transcript_channel, for_transcripts)}
                    {select("log_channel", w.guilds_log_channel(), w.guilds_log_channel_hint(), settings.log_channel, for_log)}
                </Card>
                {transcripts}
                <Card title=w.guilds_settings_language()>
                    <Select name="locale" label=w.guilds_locale() value=settings.locale.tag() options=languages/>
                    <Select name="time_zone" label=w.guilds_time_zone() hint=w.guilds_time_zone_hint() value=settings.time_zone.clone()
                        options=zone_options(&settings.time_zone) error=error("time_zone") search=true/>
                </Card>
                <div class="form-foot"><Button kind=ButtonKind::Primary>{w.common_save()}</Button></div>
            </form>
            <SaveBar form=FORM.to_owned() text=w.common_unsaved().to_owned() save=w.common_save().to_owned()
                saving=w.common_saving().to_owned() reset=w.common_reset().to_owned() changed=refused stored=path.clone()/>
        };
        Ok(server::frame(
            &access,
            place,
            Area::Settings,
            w.guilds_settings_title().to_owned(),
            body,
        ))
    })
}
