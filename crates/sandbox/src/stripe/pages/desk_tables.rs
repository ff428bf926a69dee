//! The lists of the desk, newest first.

use super::super::calendar;
use super::super::model::DisputeStatus;
use super::super::provider::Provider;
use super::super::subscription::Subscription;
use super::action;
use super::parts::money;
use crate::oauth::html::Html;

/// Rows shown of each list.
const SHOWN: usize = 30;

/// A heading and a list, or words when it is empty.
fn list<T>(
    html: &mut Html,
    title: &str,
    rows: impl Iterator<Item = T>,
    mut row: impl FnMut(&mut Html, T),
) {
    html.line("h2", &[], title);
    let mut rows = rows.take(SHOWN).peekable();
    if rows.peek().is_none() {
        html.line("p", &[("class", "pay-none")], "None yet.");
        return;
    }
    html.element("ul", &[("class", "pay-list")], |html| {
        for it in rows {
            html.element("li", &[], |html| row(html, it));
        }
    });
}

fn id(html: &mut Html, id: &str) {
    html.line("code", &[], id);
}

pub(super) fn subscriptions(html: &mut Html, stripe: &Provider) {
    list(html, "Subscriptions", stripe.subscriptions.newest(), |html, it| {
        html.line("strong", &[], &stripe.product_name(&it.price));
        html.line("span", &[("class", "tag")], it.status.name());
        html.line("span", &[], &state(it));
        id(html, &it.id);
    });
}

fn state(it: &Subscription) -> String {
    let end = calendar::day(it.period.end);
    match it.ended_at {
        Some(ended) => format!("ended {}", calendar::day(ended)),
        None if it.update.as_ref().is_some_and(|update| update.waits) => {
            format!("per {}, a change waits for its payment", it.interval.name())
        }
        None if it.cancel_at_period_end => format!("per {}, ends {end}", it.interval.name()),
        None => format!("per {}, period until {end}", it.interval.name()),
    }
}

pub(super) fn invoices(html: &mut Html, stripe: &Provider) {
    list(html, "Invoices", stripe.invoices.newest(), |html, it| {
        html.line("span", &[], &calendar::day(it.created));
        html.line("span", &[], &money(it.amount_due, &it.currency));
        html.line("span", &[("class", "tag")], it.status.name());
        if let Some(next) = it.next_attempt {
            html.line("span", &[], &format!("tried again {}", calendar::day(next)));
        }
        let address = format!("/stripe/invoices/{}", it.id);
        if it.finalized_at.is_some() {
            html.line("a", &[("href", &address)], it.number.as_deref().unwrap_or(&it.id));
        }
    });
}

pub(super) fn charges(html: &mut Html, stripe: &Provider) {
    list(html, "Payments", stripe.charges.newest(), |html, it| {
        html.line("span", &[], &calendar::day(it.created));
        html.line("span", &[], &money(it.amount, &it.currency));
        let words = match it.failure {
            Some(decline) => decline.message().to_owned(),
            None if it.refunded == it.amount => "refunded".to_owned(),
            None if it.refunded > 0 => format!("refunded {}", money(it.refunded, &it.currency)),
            None => "paid".to_owned(),
        };
        html.line("span", &[("class", "tag")], &words);
        id(html, &it.id);
        if it.failure.is_none() && !it.disputed && it.refunded < it.amount {
            action(html, "/stripe/desk/refund", &[("id", &it.id)], "Refund");
            action(html, "/stripe/desk/dispute", &[("id", &it.id)], "Dispute");
        }
    });
}

pub(super) fn disputes(html: &mut Html, stripe: &Provider) {
    list(html, "Disputes", stripe.disputes.newest(), |html, it| {
        html.line("span", &[], &calendar::day(it.created));
        html.line("span", &[], &money(it.amount, &it.currency));
        html.line("span", &[("class", "tag")], it.status.name());
        id(html, &it.id);
        if it.status == DisputeStatus::NeedsResponse {
            let path = "/stripe/desk/verdict";
            action(html, path, &[("id", &it.id), ("decision", "won")], "Won");
            action(html, path, &[("id", &it.id), ("decision", "lost")], "Lost");
        }
    });
}

pub(super) fn customers(html: &mut Html, stripe: &Provider) {
    let living = stripe.customers.newest().filter(|it| !it.deleted);
    list(html, "Customers", living, |html, it| {
        html.line("strong", &[], it.name.as_deref().unwrap_or("No name"));
        html.line("span", &[], it.email.as_deref().unwrap_or(""));
        for (currency, balance) in it.balances.iter().filter(|(_, balance)| **balance != 0) {
            html.line("span", &[], &format!("balance {}", money(*balance, currency)));
        }
        id(html, &it.id);
    });
}

pub(super) fn events(html: &mut Html, stripe: &Provider) {
    let waiting = stripe.webhooks.waiting();
    list(html, "Events", stripe.events.newest(), |html, it| {
        html.line("span", &[], &calendar::minute(it.created));
        html.line("strong", &[], &it.kind);
        id(html, it.object["id"].as_str().unwrap_or(""));
    });
    if waiting > 0 {
        html.line("p", &[], &format!("{waiting} webhooks wait to be delivered."));
    }
}
