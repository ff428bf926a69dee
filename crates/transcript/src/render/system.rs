//! Lines of the system.

use super::{Scope, embeds, mentioned_name, message, person, template, time};
use crate::TimeStyle;
use crate::dates;
use crate::html::{Attr, El, Writer};
use crate::labels::fill;
use crate::model::{Message, MessageKind};

/// A message's line.
pub(super) fn line(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    let words = &scope.context.labels.system;
    let target = message.mentions.first();
    let form: &str = match message.kind {
        MessageKind::RecipientAdd => &words.recipient_add,
        MessageKind::RecipientRemove
            if target.is_none_or(|target| author_id(message) == target.id) =>
        {
            &words.recipient_left
        }
        MessageKind::RecipientRemove => &words.recipient_remove,
        MessageKind::Call => &words.call,
        MessageKind::ChannelNameChange => &words.channel_name_change,
        MessageKind::ChannelIconChange => &words.channel_icon_change,
        MessageKind::PinnedMessage => &words.pinned,
        MessageKind::UserJoin => &words.joined,
        MessageKind::Boost => &words.boost,
        MessageKind::BoostTier1 | MessageKind::BoostTier2 | MessageKind::BoostTier3 => {
            &words.boost_tier
        }
        MessageKind::FollowAdd => &words.follow_add,
        MessageKind::DiscoveryDisqualified => &words.discovery_disqualified,
        MessageKind::DiscoveryRequalified => &words.discovery_requalified,
        MessageKind::DiscoveryFirstWarning => &words.discovery_first_warning,
        MessageKind::DiscoveryLastWarning => &words.discovery_last_warning,
        MessageKind::ThreadCreated => &words.thread_created,
        MessageKind::InviteReminder => &words.invite_reminder,
        MessageKind::AutoModeration => &words.auto_moderation,
        MessageKind::RoleSubscription => &words.role_subscription,
        MessageKind::PremiumUpsell => &words.premium_upsell,
        MessageKind::StageStart => &words.stage_start,
        MessageKind::StageEnd => &words.stage_end,
        MessageKind::StageSpeaker => &words.stage_speaker,
        MessageKind::StageTopic => &words.stage_topic,
        MessageKind::AppSubscription => &words.app_subscription,
        MessageKind::IncidentAlertOn => &words.incident_on,
        MessageKind::IncidentAlertOff => &words.incident_off,
        MessageKind::RaidReport => &words.raid_report,
        MessageKind::RaidFalseAlarm => &words.raid_false_alarm,
        MessageKind::Purchase => &words.purchase,
        MessageKind::PollResult => &words.poll_result,
        MessageKind::HdStreaming => &words.hd_streaming,
        MessageKind::Unknown(number) => {
            let kind = if number == u64::MAX { "?".to_owned() } else { number.to_string() };
            w.text(&fill(&scope.context.labels.message.unknown_kind, &[("kind", &kind)]));
            return;
        }
        MessageKind::Default
        | MessageKind::Reply
        | MessageKind::ChatInputCommand
        | MessageKind::ContextMenuCommand
        | MessageKind::ThreadStarter => return,
    };
    template(w, form, |w, place| match place {
        "user" => author(w, scope, message),
        "target" => {
            if let Some(target) = target {
                w.el_text(El::Strong, &[Attr::Class("t-who")], named(scope, target));
            }
        }
        "content" => w.el_text(El::Strong, &[], subject(message)),
        "time" => {
            if let Some(until) = dates::parse_iso_ms(&message.content) {
                time(w, scope.context, until, TimeStyle::ShortDateTime);
            }
        }
        "level" => w.text(match message.kind {
            MessageKind::BoostTier1 => "1",
            MessageKind::BoostTier2 => "2",
            _ => "3",
        }),
        _ => {}
    });
}

/// What a line cannot say: embeds of alerts, a thread's card.
pub(super) fn extras(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    if message.kind == MessageKind::PollResult {
        return;
    }
    if message.kind == MessageKind::AutoModeration || message.content.is_empty() {
        for embed in &message.embeds {
            embeds::embed(w, scope, embed);
        }
    } else if message.kind == MessageKind::Purchase {
        message::content(w, scope, message);
    }
}

fn author_id(message: &Message) -> crate::Snowflake {
    message.author.as_ref().map(|author| author.id).unwrap_or_default()
}

fn author(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    match &message.author {
        Some(author) if !scope.context.people.contains_key(&author.id) => {
            let name = [author.global_name.as_str(), &author.username]
                .into_iter()
                .find(|name| !name.is_empty());
            w.el_text(
                El::Strong,
                &[Attr::Class("t-who")],
                name.unwrap_or(&scope.context.labels.message.unknown_user),
            );
        }
        _ => person(w, scope, author_id(message)),
    }
}

fn named<'a>(scope: Scope<'a>, user: &'a crate::model::MentionedUser) -> &'a str {
    match scope.context.people.get(&user.id) {
        Some(person) => &person.name,
        None => mentioned_name(user).unwrap_or(&scope.context.labels.message.unknown_user),
    }
}

/// What the line is about: the text, the tier, the poll's question.
fn subject(message: &Message) -> &str {
    if let Some(tier) = &message.role_subscription_data {
        return &tier.tier_name;
    }
    if message.kind == MessageKind::PollResult {
        let fields = message.embeds.first().map_or(&[][..], |embed| &embed.fields);
        return fields
            .iter()
            .find(|field| field.name == "poll_question_text")
            .map_or("", |field| &field.value);
    }
    &message.content
}
