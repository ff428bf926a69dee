//! The desk's own events.

use super::{Scope, person, template, time};
use crate::html::{Attr, El, Writer};
use crate::labels::DeskLabels;
use crate::{Answer, Context, DeskAction, DeskEvent, TimeStyle, Urgency};

pub(super) fn event(w: &mut Writer, context: &Context, event: &DeskEvent) {
    let words = &context.labels.desk;
    let scope = Scope::plain(context);
    let (form, class) = match &event.action {
        DeskAction::Opened { .. } => (&words.opened, "t-desk t-desk--opened"),
        DeskAction::Claimed => (&words.claimed, "t-desk"),
        DeskAction::Unclaimed => (&words.unclaimed, "t-desk"),
        DeskAction::Added(_) => (&words.added, "t-desk"),
        DeskAction::Removed(_) => (&words.removed, "t-desk"),
        DeskAction::Joined { noticed: false } => (&words.joined, "t-desk"),
        DeskAction::Joined { noticed: true } => (&words.back, "t-desk"),
        DeskAction::Left { noticed: false } => (&words.left, "t-desk"),
        DeskAction::Left { noticed: true } => (&words.away, "t-desk"),
        DeskAction::Priority(_) => (&words.priority, "t-desk"),
        DeskAction::Moved { .. } => (&words.moved, "t-desk"),
        DeskAction::MovedBack { .. } => (&words.moved_back, "t-desk"),
        DeskAction::Closed { .. } => (&words.closed, "t-desk t-desk--closed"),
        DeskAction::Reopened => (&words.reopened, "t-desk t-desk--opened"),
    };
    w.el(El::Div, &[Attr::Class(class)], |w| {
        w.el(El::P, &[Attr::Class("t-line")], |w| {
            w.el_text(El::Span, &[Attr::Class("t-tag")], &words.tag);
            w.text(" ");
            template(w, form, |w, place| match (place, &event.action, event.by) {
                ("user", _, Some(by)) => person(w, scope, by),
                ("user", _, None) => w.el_text(El::Strong, &[Attr::Class("t-who")], &words.system),
                ("target", DeskAction::Added(who) | DeskAction::Removed(who), _) => {
                    person(w, scope, *who);
                }
                ("panel", DeskAction::Opened { panel, .. }, _) => w.el_text(El::Strong, &[], panel),
                (
                    "from",
                    DeskAction::Moved { from, .. } | DeskAction::MovedBack { from, .. },
                    _,
                ) => {
                    w.el_text(El::Strong, &[], from);
                }
                ("to", DeskAction::Moved { to, .. } | DeskAction::MovedBack { to, .. }, _) => {
                    w.el_text(El::Strong, &[], to);
                }
                ("priority", DeskAction::Priority(urgency), _) => {
                    w.el_text(El::Strong, &[], urgency_word(words, *urgency));
                }
                _ => {}
            });
            w.text(" ");
            w.el(El::Span, &[Attr::Class("t-time")], |w| {
                time(w, context, event.at_ms, TimeStyle::ShortTime);
            });
        });
        match &event.action {
            DeskAction::Opened { answers, .. } if !answers.is_empty() => {
                form_answers(w, context, answers);
            }
            DeskAction::Closed { reason } if !reason.is_empty() => {
                w.el(El::Dl, &[Attr::Class("t-fields")], |w| {
                    w.el_text(El::Dt, &[], &words.reason);
                    w.el_text(El::Dd, &[Attr::Class("t-plain")], reason);
                });
            }
            _ => {}
        }
    });
}

fn urgency_word(words: &DeskLabels, urgency: Urgency) -> &str {
    match urgency {
        Urgency::Low => &words.priority_low,
        Urgency::Normal => &words.priority_normal,
        Urgency::High => &words.priority_high,
        Urgency::Urgent => &words.priority_urgent,
    }
}

fn form_answers(w: &mut Writer, context: &Context, answers: &[Answer]) {
    let words = &context.labels.desk;
    w.el_text(El::P, &[Attr::Class("t-muted")], &words.answers);
    w.el(El::Dl, &[Attr::Class("t-fields")], |w| {
        for one in answers {
            w.el_text(El::Dt, &[], &one.question);
            if one.answer.is_empty() {
                w.el_text(El::Dd, &[Attr::Class("t-muted")], &words.no_answer);
            } else {
                w.el_text(El::Dd, &[Attr::Class("t-plain")], &one.answer);
            }
        }
    });
}
