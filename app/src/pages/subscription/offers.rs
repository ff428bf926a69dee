//! The plans of the service side by side, and what they cost.

use domain::licences::{Interval, Plan};
use leptos::prelude::*;
use wardesk_core::Wardesk;
use wardesk_core::licences::ServerPlan;
use wardesk_core::licences::payments::{Currencies, Offer, PaymentState, SubscriptionPage};
use words::Words;

use super::kept;
use super::paid::interval;
use crate::ui::{Badge, Button, LinkButton, Select, SelectOption, Table, Tone, money, size};

/// What somebody may do about a plan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum May {
    Subscribe,
    Change,
    Nothing,
}

/// One price with its button.
fn price(
    w: Words,
    plan: &Plan,
    offer: Option<&Offer>,
    may: May,
    current: bool,
    currencies: &Currencies,
    base: &str,
) -> impl IntoView + use<> {
    let Some(offer) = offer else { return ().into_any() };
    let Some(cost) = &offer.price else {
        return view! { <span class="faint">{w.subscriptions_no_price()}</span> }.into_any();
    };
    let shown = currencies.shown.as_deref().unwrap_or(&cost.currency);
    let sold = !currencies.fixed || shown == cost.currency;
    let (currency, wanted) = (cost.currency.clone(), shown.to_uppercase());
    let cost = money(w.locale(), cost);
    let often = interval(w, offer.interval);
    let (key, word) = (plan.key.to_string(), offer.interval.as_str());
    let button = match may {
        _ if current => {
            view! { <Badge label=w.subscriptions_current() tone=Tone::Good/> }.into_any()
        }
        May::Nothing => ().into_any(),
        _ if !sold => {
            view! { <span class="faint">{w.subscriptions_currency_none(wanted)}</span> }.into_any()
        }
        May::Change => {
            let href = format!("{base}/subscription/change?plan={key}&interval={word}");
            let label = w.subscriptions_change_label(&plan.name, often);
            view! {
                <LinkButton href=href small=true>{w.subscriptions_change()}<span class="visually-hidden">": "{label}</span></LinkButton>
            }
            .into_any()
        }
        May::Subscribe => {
            let label = w.subscriptions_subscribe_label(&plan.name, often);
            view! {
                <form method="post" action=format!("{base}/subscription")>
                    <input type="hidden" name="plan" value=key/>
                    <input type="hidden" name="currency" value=currency/>
                    <Button small=true name="interval" value=word label=label>{w.subscriptions_subscribe()}</Button>
                </form>
            }
            .into_any()
        }
    };
    let trial = offer.trial_days.filter(|_| may == May::Subscribe).map(|days| {
        view! { <span class="faint">{w.subscriptions_trial_days(days.into())}</span> }
    });
    view! { <span class="price"><span class="num">{cost}</span>{trial}{button}</span> }.into_any()
}

/// The choice of a currency, or why there is none. An address keeps what was chosen.
fn currency(w: Words, page: &SubscriptionPage, may: May, base: &str) -> Option<AnyView> {
    let Currencies { shown, choice, fixed } = &page.currencies;
    let shown = shown.clone()?;
    if *fixed && may == May::Subscribe {
        let text = w.subscriptions_currency_fixed(shown.to_uppercase());
        return Some(view! { <p class="muted">{text}</p> }.into_any());
    }
    if choice.is_empty() {
        return None;
    }
    let options = choice.iter().map(|code| SelectOption::new(code, code.to_uppercase())).collect();
    let action = format!("{base}/subscription#plans");
    let form = view! {
        <form method="get" action=action class="inline-form mb-2">
            <Select name="currency" label=w.subscriptions_currency() value=shown options=options/>
            <Button>{w.subscriptions_currency_do()}</Button>
        </form>
    };
    Some(form.into_any())
}

/// What each plan allows and costs. Plans that only operators grant are not offered.
pub fn offers(
    w: Words,
    wardesk: &Wardesk,
    present: &ServerPlan,
    page: &SubscriptionPage,
    base: &str,
) -> impl IntoView + use<> {
    let sold = !page.offers.is_empty();
    let standing = page.subscription.as_ref().filter(|own| own.stands);
    let may = match standing {
        None => May::Subscribe,
        // What is outstanding, in dispute, or waits is settled first.
        Some(own)
            if own.is_own
                && own.change.is_none()
                && matches!(own.payment, PaymentState::Trial | PaymentState::Paid) =>
        {
            May::Change
        }
        Some(_) => May::Nothing,
    };
    let mut columns = vec![
        w.licences_column_plan(),
        w.licences_panels(),
        w.licences_kept(),
        w.licences_files(),
        w.licences_column_servers(),
    ];
    if sold {
        columns.extend([w.subscriptions_column_month(), w.subscriptions_column_year()]);
    }
    let default = wardesk.plans().default_plan().key.clone();
    let shown = |plan: &&Plan| !plan.granted || plan.key == present.plan.key;
    let lines = wardesk.plans().all().iter().filter(shown).map(|plan| {
        let is_present = plan.key == present.plan.key;
        // Every server has it without a licence.
        let is_free = plan.prices.is_empty() && plan.key == default;
        let (name, limits, seats) = (plan.name.clone(), plan.limits, plan.seats);
        let prices = sold.then(|| {
            [Interval::Month, Interval::Year].map(|often| {
                let offer = page.offers.iter().find(|o| o.plan == plan.key && o.interval == often);
                let current =
                    standing.is_some_and(|own| own.plan == plan.key && own.interval == Some(often));
                let price = if is_free {
                    view! { <span class="faint">{w.subscriptions_free()}</span> }.into_any()
                } else {
                    price(w, plan, offer, may, current, &page.currencies, base).into_any()
                };
                let label = match often {
                    Interval::Month => w.subscriptions_column_month(),
                    Interval::Year => w.subscriptions_column_year(),
                };
                view! { <td data-label=label>{price}</td> }
            })
        });
        view! {
            <tr>
                <td data-label=w.licences_column_plan()>
                    <strong>{name}</strong>
                    {is_present.then(|| view! { " "<Badge label=w.licences_present() tone=Tone::Good/> })}
                </td>
                <td data-label=w.licences_panels() class="num">{limits.panels}</td>
                <td data-label=w.licences_kept()>{kept(w, &limits)}</td>
                <td data-label=w.licences_files() class="num">{size(w, limits.storage)}</td>
                <td data-label=w.licences_column_servers() class="num">{seats}</td>
                {prices}
            </tr>
        }
    });
    let lines = lines.collect_view();
    let currency = currency(w, page, may, base);
    let columns = columns.into_iter().map(str::to_owned).collect();
    view! {
        <section class="stack-s" id="plans">
            <h2>{w.licences_plans()}</h2>
            <p class="muted">{w.licences_plans_text()}</p>
            {currency}
            <Table caption=w.licences_plans() columns=columns>{lines}</Table>
            {(!sold).then(|| view! { <p class="muted">{w.subscriptions_off()}</p> })}
        </section>
    }
}
