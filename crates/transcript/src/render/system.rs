//! Lines of the system.

use super::{Scope, person, poll, template, text, time};
use crate::html::{Attr, El, Writer};
use crate::labels::fill;
use crate::model::{Embed, Message, MessageKind};
use crate::{TimeStyle, dates};

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
        MessageKind::Call if call_length(message).is_some() => &words.call_ended,
        MessageKind::Call => &words.call,
        MessageKind::ChannelNameChange => &words.channel_name_change,
        MessageKind::ChannelIconChange => &words.channel_icon_change,
        MessageKind::PinnedMessage => &words.pinned,
        MessageKind::UserJoin => &words.joined,
        MessageKind::Boost if boosts(message) > 1 => &words.boost_many,
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
        MessageKind::RoleSubscription
            if message.role_subscription_data.as_ref().is_some_and(|tier| tier.is_renewal) =>
        {
            &words.role_renewal
        }
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
        MessageKind::Purchase if !product(message).is_empty() => &words.purchase_product,
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
                w.el_text(El::Strong, &[Attr::Class("t-who")], scope.named(target));
            }
        }
        "content" => w.el_text(El::Strong, &[], subject(scope, message)),
        "message" => about(w, scope, message),
        "length" => w.text(&call_length(message).unwrap_or_default()),
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

/// What a line cannot say: alerts, results of polls, months of a subscription. Answers how many of the embeds, from the
/// first on, have been told by it.
pub(super) fn extras(w: &mut Writer, scope: Scope<'_>, message: &Message) -> usize {
    let embeds = &message.embeds;
    match message.kind {
        MessageKind::PollResult => {
            let result = &embeds[..embeds.len().min(1)];
            for embed in result {
                poll::result(w, scope, embed);
            }
            result.len()
        }
        MessageKind::AutoModeration => {
            let alerts = &embeds[..embeds.len().min(10)];
            for embed in alerts {
                alert(w, scope, embed);
            }
            alerts.len()
        }
        MessageKind::RoleSubscription => {
            let months = message.role_subscription_data.as_ref();
            if let Some(months) = months.and_then(|tier| tier.total_months_subscribed) {
                let words = &scope.context.labels.system.role_months;
                let words = fill(words, &[("count", &months.to_string())]);
                w.el_text(El::P, &[Attr::Class("t-muted")], &words);
            }
            0
        }
        _ => 0,
    }
}

/// What `AutoMod` found, as its alert tells it: fields by names of its own.
fn alert(w: &mut Writer, scope: Scope<'_>, embed: &Embed) {
    let words = &scope.context.labels.system;
    w.el(El::Div, &[Attr::Class("t-embed")], |w| {
        w.empty(El::Span, &[Attr::Class("t-bar t-bar--alert"), Attr::AriaHidden]);
        if !embed.description.is_empty() {
            text::markdown(w, scope, &embed.description);
        }
        w.el(El::Dl, &[Attr::Class("t-fields")], |w| {
            for field in embed.fields.iter().take(25) {
                let (name, channel): (&str, _) = match field.name.as_str() {
                    "rule_name" => (&words.auto_moderation_rule, None),
                    "keyword" => (&words.auto_moderation_keyword, None),
                    "keyword_matched_content" => (&words.auto_moderation_found, None),
                    "channel_id" => (&words.auto_moderation_channel, field.value.parse().ok()),
                    other => (other, None),
                };
                w.el(El::Div, &[Attr::Class("t-field t-field--inline")], |w| {
                    w.el_text(El::Dt, &[], name);
                    w.el(El::Dd, &[], |w| match channel {
                        Some(id) => {
                            w.text("#");
                            w.text(scope.channel(id));
                        }
                        None => w.text(&field.value),
                    });
                });
            }
        });
    });
}

/// The message that a line is about, if it can be led to.
fn about(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    let context = scope.context;
    let words = &context.labels.system.pinned_message;
    let id = message.message_reference.as_ref().map(|to| to.message_id).unwrap_or_default();
    if id.is_known() {
        w.el_text(El::A, &[Attr::HrefMessage(&context.message_link, id)], words);
    } else {
        w.text(words);
    }
}

/// How long a call lasted, as hours, minutes and seconds.
fn call_length(message: &Message) -> Option<String> {
    let ended = dates::parse_iso_ms(&message.call.as_ref()?.ended_timestamp)?;
    let seconds = ended.saturating_sub(message.sent_at_ms()).max(0) / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    Some(if hours > 0 {
        format!("{hours}:{minutes:02}:{:02}", seconds % 60)
    } else {
        format!("{minutes}:{:02}", seconds % 60)
    })
}

/// How often a server was boosted at once: the text of such a message.
fn boosts(message: &Message) -> u32 {
    message.content.parse().unwrap_or(1)
}

fn product(message: &Message) -> &str {
    let bought = message.purchase_notification.as_ref();
    bought.and_then(|p| p.guild_product_purchase.as_ref()).map_or("", |p| &p.product_name)
}

fn author_id(message: &Message) -> crate::Snowflake {
    message.author.as_ref().map(|author| author.id).unwrap_or_default()
}

fn author(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    let Some(author) = &message.author else { return person(w, scope, author_id(message)) };
    if scope.context.people.contains_key(&author.id) {
        return person(w, scope, author.id);
    }
    let name =
        [author.global_name.as_str(), &author.username].into_iter().find(|name| !name.is_empty());
    w.el_text(
        El::Strong,
        &[Attr::Class("t-who")],
        name.unwrap_or(&scope.context.labels.message.unknown_user),
    );
}

/// What the line is about: the text, the tier, the product, the app, the poll's question.
fn subject<'a>(scope: Scope<'a>, message: &'a Message) -> &'a str {
    match message.kind {
        MessageKind::Purchase => return product(message),
        MessageKind::AppSubscription => {
            let app = message.application.as_ref().map_or("", |app| &app.name);
            return if app.is_empty() { &scope.context.labels.message.some_app } else { app };
        }
        _ => {}
    }
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
