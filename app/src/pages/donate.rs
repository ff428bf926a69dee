//! Giving something, and the thanks for it.

use leptos::prelude::*;
use leptos_meta::Title;
use wardesk_core::licences::payments::{self, CURRENCIES, LARGEST_DONATION, SMALLEST_DONATION};
use wardesk_core::ports::Money;

use super::flash::flash;
use super::load::{Instead, asker, loaded};
use super::query::{param, query};
use crate::context::words;
use crate::forms;
use crate::ui::{Button, ButtonKind, Card, LinkButton, Select, SelectOption, TextInput, money};

/// The page `/donate`. It is there where payments are on.
#[component]
pub fn Donate() -> impl IntoView {
    loaded(async move {
        let (wardesk, session) = asker()?;
        if wardesk.payments().is_none() {
            return Err(Instead::NotFound);
        }
        let w = words();
        let draft = match query("draft") {
            Some(draft) => forms::take(&wardesk, &session, "/donate", &draft).await,
            None => None,
        };
        let draft = draft.unwrap_or_default();
        let (amount, currency) =
            (draft.fields.get("amount").to_owned(), draft.fields.get("currency").to_owned());
        let bound = |amount| {
            let currency = if currency.is_empty() { "eur" } else { &currency };
            money(w.locale(), &Money { amount, currency: currency.to_owned() })
        };
        let wrong = (!draft.errors.is_empty()).then(|| {
            w.subscriptions_problem_money(bound(SMALLEST_DONATION), bound(LARGEST_DONATION))
        });
        let currencies =
            CURRENCIES.map(|code| SelectOption::new(code, code.to_uppercase())).to_vec();
        Ok(view! {
            <Title text=w.subscriptions_donate()/>
            <div class="page-narrow stack">
                <div class="page-head"><div><h1>{w.subscriptions_donate()}</h1><p class="lede">{w.subscriptions_donate_lede()}</p></div></div>
                {flash()}
                <Card>
                    <form method="post" action="/donate" class="stack">
                        <div class="fields">
                            <TextInput name="amount" label=w.subscriptions_donate_amount() value=amount error=wrong placeholder="5"/>
                            <Select name="currency" label=w.subscriptions_donate_currency() value=currency options=currencies/>
                        </div>
                        <div><Button kind=ButtonKind::Primary>{w.subscriptions_donate_do()}</Button></div>
                        <p class="faint">{w.subscriptions_portal_note()}</p>
                    </form>
                </Card>
            </div>
        })
    })
}

/// The page `/donate/thanks/{donation}`. Only what the payment provider confirms is thanked for.
#[component]
pub fn Thanks() -> impl IntoView {
    loaded(async move {
        let (wardesk, session) = asker()?;
        let w = words();
        let donation = payments::donation(&wardesk, &session, &param("donation")).await?;
        let amount = money(w.locale(), &donation.money);
        let (title, text) = if donation.paid {
            (w.subscriptions_thanks_title(), w.subscriptions_thanks_text(amount))
        } else {
            (w.subscriptions_thanks_pending_title(), w.subscriptions_thanks_pending_text(amount))
        };
        Ok(view! {
            <Title text=title/>
            <div class="page-narrow stack">
                <div class="page-head"><div><h1>{title}</h1><p class="lede">{text}</p></div></div>
                <p><LinkButton href="/">{w.subscriptions_thanks_again()}</LinkButton></p>
            </div>
        })
    })
}
