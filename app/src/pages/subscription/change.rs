//! What another plan would cost, before it is taken.

use domain::access::Capability;
use domain::licences::Interval;
use leptos::prelude::*;
use wardesk_core::licences::payments::{self, DueWhen, PlanChange};
use wardesk_core::ports::Money;
use words::Words;

use super::paid::interval;
use crate::context::words;
use crate::pages::flash::flash;
use crate::pages::load::{Instead, loaded, refused};
use crate::pages::query::query;
use crate::pages::server::{self, Area};
use crate::ui::{Button, ButtonKind, Card, LinkButton, money};

/// What is to be paid, and when.
fn amounts(w: Words, change: &PlanChange) -> impl IntoView + use<> {
    let locale = w.locale();
    let when = match change.when {
        DueWhen::Now => w.subscriptions_change_now(),
        DueWhen::NextInvoice => w.subscriptions_change_later(),
        DueWhen::TrialEnd => w.subscriptions_change_trial(),
    };
    let due = money(locale, &change.due);
    let credit = (change.total < 0).then(|| {
        let left = Money { amount: -change.total, currency: change.due.currency.clone() };
        let left = money(locale, &left);
        view! { <div><dt>{w.subscriptions_change_credit()}</dt><dd class="num">{left}</dd></div> }
    });
    let then = change.price.as_ref().map(|price| {
        let price = money(locale, price);
        let text = match change.interval {
            Interval::Month => w.subscriptions_per_month(price),
            Interval::Year => w.subscriptions_per_year(price),
        };
        view! { <div><dt>{w.subscriptions_change_price()}</dt><dd class="num">{text}</dd></div> }
    });
    view! {
        <div><dt>{when}</dt><dd class="num"><strong>{due}</strong></dd></div>
        {credit}
        {then}
    }
}

/// The page `/servers/{guild}/subscription/change?plan=…&interval=…`.
#[component]
pub fn Change() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::Billing).await?;
        let w = words();
        let place = server::place(&access).await?;
        let wanted = query("plan").and_then(|plan| plan.parse().ok());
        let often = query("interval").and_then(|word| Interval::parse(&word));
        let (plan, often) = wanted.zip(often).ok_or(Instead::NotFound)?;
        let path = format!("/servers/{}/subscription", access.guild());
        let change = payments::preview_change(&access, &plan, often).await;
        let change = change.map_err(|error| refused(error, &path))?;
        let name = |key: &domain::licences::PlanKey| {
            let plan = access.wardesk().plans().get(key);
            plan.map_or_else(|| key.to_string(), |plan| plan.name.clone())
        };
        let (from, to) = (name(&change.from), name(&change.to));
        let note = match change.when {
            DueWhen::Now => w.subscriptions_change_note_now(),
            DueWhen::NextInvoice => w.subscriptions_change_note_later(),
            DueWhen::TrialEnd => w.subscriptions_change_note_trial(),
        };
        let amounts = amounts(w, &change);
        let hidden = [
            ("plan", change.to.to_string()),
            ("interval", often.as_str().to_owned()),
            ("at", change.at.0.to_string()),
            ("amount", change.due.amount.to_string()),
            ("currency", change.due.currency.clone()),
        ]
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
        let button = w.subscriptions_change_do(&to);
        let action = format!("{path}/change");
        let often = interval(w, often);
        let body = view! {
            <div class="page-head"><div><h1>{w.subscriptions_change_title()}</h1></div></div>
            {flash()}
            <Card>
                <dl class="facts facts-wide">
                    <div><dt>{w.subscriptions_change_from()}</dt><dd>{from}</dd></div>
                    <div><dt>{w.subscriptions_change_to()}</dt><dd><strong>{to}</strong>" "{often}</dd></div>
                    {amounts}
                </dl>
                <p class="muted">{note}</p>
                <form method="post" action=action class="row">
                    {hidden}
                    <Button kind=ButtonKind::Primary>{button}</Button>
                    <LinkButton href=path.clone()>{w.subscriptions_change_back()}</LinkButton>
                </form>
            </Card>
        };
        Ok(server::frame(
            &access,
            place,
            Area::Plan,
            w.subscriptions_change_title().to_owned(),
            body,
        ))
    })
}
