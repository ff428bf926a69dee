//! Polls with their results.

use super::{Scope, emoji, template, time};
use crate::html::{Attr, El, Writer};
use crate::labels::fill;
use crate::model::{Poll, PollMedia};
use crate::{TimeStyle, dates};

pub(super) fn poll(w: &mut Writer, scope: Scope<'_>, poll: &Poll) {
    let context = scope.context;
    let words = &context.labels.poll;
    let votes = |id: Option<u64>| {
        let counts = poll.results.as_ref().map_or(&[][..], |results| &results.answer_counts);
        counts.iter().find(|count| count.id == id).and_then(|count| count.count).unwrap_or(0)
    };
    let total =
        poll.answers.iter().fold(0_u64, |sum, answer| sum.saturating_add(votes(answer.answer_id)));
    w.el(El::Div, &[Attr::Class("t-poll")], |w| {
        w.el(El::P, &[Attr::Class("t-muted")], |w| {
            w.text(&words.poll);
            w.text(" · ");
            w.text(if poll.allow_multiselect { &words.multiple } else { &words.single });
        });
        if let Some(question) = &poll.question {
            w.el(El::P, &[Attr::Class("t-embed__title")], |w| media(w, scope, question));
        }
        w.el(El::Ul, &[], |w| {
            for answer in &poll.answers {
                let count = votes(answer.answer_id);
                let percent = (u128::from(count) * 100 / u128::from(total.max(1))).to_string();
                let label =
                    fill(&words.votes, &[("count", &count.to_string()), ("percent", &percent)]);
                w.el(El::Li, &[], |w| {
                    if let Some(text) = &answer.poll_media {
                        w.el(El::Span, &[], |w| media(w, scope, text));
                    }
                    w.text(" ");
                    w.el_text(El::Span, &[Attr::Class("t-muted")], &label);
                    w.empty(
                        El::Meter,
                        &[Attr::Meter(count, total.max(1)), Attr::AriaLabel(&label)],
                    );
                });
            }
        });
        w.el(El::P, &[Attr::Class("t-muted")], |w| {
            w.text(&fill(&words.total, &[("count", &total.to_string())]));
            w.text(" · ");
            if poll.results.as_ref().is_some_and(|results| results.is_finalized) {
                w.text(&words.ended);
            } else if let Some(at) = dates::parse_iso_ms(&poll.expiry) {
                template(w, &words.ends, |w, _| time(w, context, at, TimeStyle::ShortDateTime));
            }
        });
    });
}

fn media(w: &mut Writer, scope: Scope<'_>, media: &PollMedia) {
    if let Some(icon) = &media.emoji {
        emoji(w, scope.context, icon);
        w.text(" ");
    }
    w.text(&media.text);
}
