//! The subscription of a server: what it costs, and how its payment stands.

use domain::licences::Interval;
use leptos::prelude::*;
use wardesk_core::guilds::GuildAccess;
use wardesk_core::licences::payments::{NextInvoice, PaymentState, SubscriptionView};
use words::Words;

use crate::ui::{Alert, Badge, Button, ButtonKind, Card, Time, Tone, money};

/// How often a subscription is paid, in a word.
pub fn interval(w: Words, interval: Interval) -> &'static str {
    match interval {
        Interval::Month => w.subscriptions_monthly(),
        Interval::Year => w.subscriptions_yearly(),
    }
}

fn state(w: Words, payment: PaymentState) -> impl IntoView {
    let (label, tone) = match payment {
        PaymentState::Trial => (w.subscriptions_state_trial(), Tone::Info),
        PaymentState::Paid => (w.subscriptions_state_paid(), Tone::Good),
        PaymentState::Failed { .. } => (w.subscriptions_state_failed(), Tone::Warn),
        PaymentState::Unpaid => (w.subscriptions_state_unpaid(), Tone::Danger),
        PaymentState::Refunded => (w.subscriptions_state_refunded(), Tone::Warn),
        PaymentState::Disputed => (w.subscriptions_state_disputed(), Tone::Warn),
        PaymentState::Lost => (w.subscriptions_state_lost(), Tone::Danger),
        PaymentState::Paused => (w.subscriptions_state_paused(), Tone::Warn),
        PaymentState::Ended => {
            return view! { <Badge label=w.subscriptions_state_ended()/> }.into_any();
        }
    };
    view! { <Badge label=label tone=tone/> }.into_any()
}

/// What the state of the payment means for the server.
fn told(w: Words, own: &SubscriptionView, zone: &str) -> impl IntoView + use<> {
    let zone = zone.to_owned();
    let text = match own.payment {
        PaymentState::Failed { grace_until } => {
            // For a subscription that has ended nothing is collected any more.
            let then = if own.stands {
                w.subscriptions_failed_then()
            } else {
                w.subscriptions_failed_over()
            };
            return view! {
                <Alert tone=Tone::Warn title=w.subscriptions_failed_title()>
                    <p>{w.subscriptions_failed_text()}<Time at=grace_until zone=zone/>{then}</p>
                </Alert>
            }
            .into_any();
        }
        PaymentState::Refunded => w.subscriptions_refunded_text(),
        PaymentState::Disputed => w.subscriptions_disputed_text(),
        PaymentState::Unpaid if own.stands => w.subscriptions_unpaid_text(),
        PaymentState::Paused => w.subscriptions_paused_text(),
        PaymentState::Unpaid | PaymentState::Lost | PaymentState::Ended => {
            w.subscriptions_ended_text()
        }
        PaymentState::Trial | PaymentState::Paid => return ().into_any(),
    };
    view! { <p class="muted">{text}</p> }.into_any()
}

/// A change that waits for the holder's bank, and what they may do about it.
fn waiting(
    w: Words,
    access: &GuildAccess,
    own: &SubscriptionView,
    base: &str,
    zone: &str,
) -> Option<impl IntoView + use<>> {
    let change = own.change.as_ref()?;
    let plan = change.plan.as_ref().and_then(|key| access.wardesk().plans().get(key));
    let text = match plan.zip(change.interval) {
        Some((plan, often)) => w.subscriptions_waits_text(&plan.name, interval(w, often)),
        // A price that is not sold any more.
        None => w.subscriptions_waits_odd().to_owned(),
    };
    let ways = own.is_own.then(|| {
        view! {
            <div class="row">
                <form method="post" action=format!("{base}/subscription/change/confirm")>
                    <Button kind=ButtonKind::Primary>{w.subscriptions_waits_confirm()}</Button>
                </form>
                <form method="post" action=format!("{base}/subscription/change/drop")>
                    <Button>{w.subscriptions_waits_drop()}</Button>
                </form>
            </div>
        }
    });
    let until = view! { <Time at=change.until zone=zone.to_owned()/> };
    Some(view! {
        <Alert tone=Tone::Warn title=w.subscriptions_waits_title()>
            <p>{text}{until}{w.subscriptions_waits_then()}</p>
            {ways}
        </Alert>
    })
}

fn next(w: Words, invoice: &NextInvoice, zone: &str) -> impl IntoView + use<> {
    match invoice {
        NextInvoice::Due { money: due, at } => {
            let (text, at) = (w.subscriptions_next_due(money(w.locale(), due)), *at);
            view! { {text}<Time at=at zone=zone.to_owned()/> }.into_any()
        }
        NextInvoice::None => w.subscriptions_next_none().into_any(),
        NextInvoice::Unknown => w.subscriptions_next_unknown().into_any(),
    }
}

/// The way to the provider's page; `action` is the address of the form.
pub fn portal(w: Words, action: String) -> impl IntoView {
    view! {
        <form method="post" action=action class="stack-s">
            <div><Button>{w.subscriptions_portal()}</Button></div>
            <p class="faint">{w.subscriptions_portal_note()}</p>
        </form>
    }
}

/// What the server pays for.
pub fn subscription(
    w: Words,
    access: &GuildAccess,
    own: &SubscriptionView,
    base: &str,
    zone: &str,
) -> impl IntoView + use<> {
    let plan = access.wardesk().plans().get(&own.plan);
    let name = plan.map_or_else(|| own.plan.to_string(), |plan| plan.name.clone());
    let often = own.interval.map(|often| interval(w, often));
    let (state, told) = (state(w, own.payment), told(w, own, zone));
    let waiting = waiting(w, access, own, base, zone);
    let time = |at| view! { <Time at=at zone=zone.to_owned()/> };
    let renews = own.renews_at.map(|at| {
        let at = time(at);
        view! { <div><dt>{w.subscriptions_renews()}</dt><dd>{at}</dd></div> }
    });
    let over = own.payment == PaymentState::Ended;
    let ends = own.ends_at.map(|at| {
        let at = time(at);
        let label = if over { w.subscriptions_ended() } else { w.subscriptions_ends() };
        view! { <div><dt>{label}</dt><dd>{at}</dd></div> }
    });
    let in_trial = own.trial_until.filter(|_| own.payment == PaymentState::Trial);
    let trial = in_trial.map(|at| {
        let at = time(at);
        view! { <div><dt>{w.subscriptions_trial_until()}</dt><dd>{at}</dd></div> }
    });
    let next = next(w, &own.next_invoice, zone);
    let seats = w.subscriptions_seats_of(own.seats_taken, own.seats);
    let way = if own.is_own {
        portal(w, format!("{base}/subscription/portal")).into_any()
    } else {
        view! { <p class="muted">{w.subscriptions_not_own()}</p> }.into_any()
    };
    view! {
        <Card title=w.subscriptions_title()>
            {told}
            {waiting}
            <dl class="facts facts-wide">
                <div><dt>{w.subscriptions_plan()}</dt><dd><strong>{name}</strong>" "{often}</dd></div>
                <div><dt>{w.subscriptions_payment()}</dt><dd>{state}</dd></div>
                {trial}
                {renews}
                {ends}
                <div><dt>{w.subscriptions_next_invoice()}</dt><dd>{next}</dd></div>
                <div><dt>{w.subscriptions_seats()}</dt><dd>{seats}</dd></div>
            </dl>
            {way}
        </Card>
    }
}
