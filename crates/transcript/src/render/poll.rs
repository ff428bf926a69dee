//! Polls and their results.

use super::{Scope, drawn, emoji, rest, template, time};
use crate::html::{Attr, El, Writer};
use crate::labels::fill;
use crate::model::{Embed, Emoji, Poll, PollMedia};
use crate::{Snowflake, TimeStyle, dates};

pub(super) fn poll(w: &mut Writer, scope: Scope<'_>, poll: &Poll) {
    let context = scope.context;
    let words = &context.labels.poll;
    let votes = |id: Option<u64>| {
        let counts = poll.results.as_ref().map_or(&[][..], |results| &results.answer_counts);
        counts.iter().find(|count| count.id == id).and_then(|count| count.count).unwrap_or(0)
    };
    let all = poll.answers.iter().map(|answer| votes(answer.answer_id));
    let total = all.clone().fold(0_u64, u64::saturating_add);
    let ended = poll.results.as_ref().is_some_and(|results| results.is_finalized);
    let most = all.max().filter(|most| ended && *most > 0);
    w.el(El::Div, &[Attr::Class("t-poll")], |w| {
        if let Some(question) = &poll.question {
            w.el(El::P, &[Attr::Class("t-embed__title")], |w| media(w, scope, question));
        }
        w.el(El::P, &[Attr::Class("t-muted")], |w| {
            w.text(&words.poll);
            w.text(" · ");
            w.text(if poll.allow_multiselect { &words.multiple } else { &words.single });
        });
        w.el(El::Ul, &[], |w| {
            for answer in drawn(&poll.answers) {
                let count = votes(answer.answer_id);
                let percent = (u128::from(count) * 100 / u128::from(total.max(1))).to_string();
                let label =
                    fill(&words.votes, &[("count", &count.to_string()), ("percent", &percent)]);
                let won = most == Some(count);
                let class = if won { "t-answer t-answer--won" } else { "t-answer" };
                w.el(El::Li, &[Attr::Class(class)], |w| {
                    w.el(El::Span, &[], |w| {
                        if let Some(text) = &answer.poll_media {
                            media(w, scope, text);
                        }
                        if won {
                            w.text(" ");
                            w.el_text(El::Span, &[Attr::Class("t-won")], &words.winner);
                        }
                    });
                    w.text(" ");
                    w.el_text(El::Span, &[Attr::Class("t-muted")], &label);
                    w.empty(
                        El::Meter,
                        &[Attr::Meter(count, total.max(1)), Attr::AriaLabel(&label)],
                    );
                });
            }
        });
        rest(w, context, &poll.answers);
        w.el(El::P, &[Attr::Class("t-muted")], |w| {
            w.text(&fill(&words.total, &[("count", &total.to_string())]));
            if ended {
                w.text(" · ");
                w.text(&words.ended);
            } else if let Some(at) = dates::parse_iso_ms(&poll.expiry) {
                w.text(" · ");
                template(w, &words.ends, |w, _| time(w, context, at, TimeStyle::ShortDateTime));
            }
        });
    });
}

/// How a poll ended, as its own message tells it: an embed of the kind `poll_result`.
pub(super) fn result(w: &mut Writer, scope: Scope<'_>, embed: &Embed) {
    let words = &scope.context.labels.poll;
    let field = |name: &str| {
        let found = embed.fields.iter().find(|field| field.name == name);
        found.map_or("", |field| field.value.as_str())
    };
    let total = field("total_votes");
    let icon = Emoji {
        id: field("victor_answer_emoji_id").parse::<Snowflake>().unwrap_or_default(),
        name: field("victor_answer_emoji_name").to_owned(),
        animated: field("victor_answer_emoji_animated") == "true",
    };
    let won = !field("victor_answer_id").is_empty() || !field("victor_answer_text").is_empty();
    w.el(El::Div, &[Attr::Class("t-poll")], |w| {
        if won {
            w.el(El::P, &[Attr::Class("t-embed__title")], |w| {
                if !icon.name.is_empty() {
                    emoji(w, scope.context, &icon);
                    w.text(" ");
                }
                w.text(field("victor_answer_text"));
                w.text(" ");
                w.el_text(El::Span, &[Attr::Class("t-won")], &words.winner);
            });
            let count = field("victor_answer_votes");
            let votes = fill(&words.winner_votes, &[("count", count), ("total", total)]);
            w.el_text(El::P, &[Attr::Class("t-muted")], &votes);
        } else {
            let nobody = matches!(total, "" | "0");
            let outcome = if nobody { &words.no_votes } else { &words.draw };
            w.el_text(El::P, &[Attr::Class("t-embed__title")], outcome);
            if !nobody {
                let votes = fill(&words.total, &[("count", total)]);
                w.el_text(El::P, &[Attr::Class("t-muted")], &votes);
            }
        }
    });
}

fn media(w: &mut Writer, scope: Scope<'_>, media: &PollMedia) {
    if let Some(icon) = media.emoji.as_ref().filter(|icon| !icon.name.is_empty()) {
        emoji(w, scope.context, icon);
        w.text(" ");
    }
    w.text(&media.text);
}
