//! The forms of payments: each leads to the payment provider's page, or changes a plan as it was shown.

use axum::Extension;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::access::Capability;
use domain::licences::Interval;
use domain::locale::Locale;
use domain::time::Millis;
use domain::validation::{FieldError, Problem};
use wardesk_core::Wardesk;
use wardesk_core::accounts::{Session, choices};
use wardesk_core::licences::payments::{self, Changed, Confirmed, PaymentsError};
use wardesk_core::ports::{Money, PaymentError};

use super::fields::Posted;
use super::{Asker, Draft, authorize, done, draft, failed, guild_failed, problem, signed_out};
use crate::forward;

/// The code under which a page says why payments refused; `None` for what is not there, and for what broke elsewhere.
pub fn payment_problem(error: &PaymentsError) -> Option<&'static str> {
    if let PaymentsError::Provider(error) = error {
        tracing::warn!(%error, "the payment provider did not do what was asked");
    }
    Some(match error {
        PaymentsError::NotFound
        | PaymentsError::Off
        | PaymentsError::Guild(_)
        | PaymentsError::Storage(_) => return None,
        PaymentsError::NotSold => "payment_not_sold",
        PaymentsError::NotInCurrency => "payment_currency",
        PaymentsError::CurrencyFixed => "payment_currency_fixed",
        PaymentsError::AlreadySubscribed => "payment_subscribed",
        PaymentsError::NotHolder => "payment_holder",
        PaymentsError::NoCustomer => "payment_customer",
        PaymentsError::Unchanged => "payment_unchanged",
        PaymentsError::AmountChanged => "payment_amount",
        PaymentsError::NotChangeable => "payment_unchangeable",
        PaymentsError::Declined => "payment_declined",
        PaymentsError::ChangeWaits => "payment_waits",
        PaymentsError::NoneWaits => "payment_none_waits",
        PaymentsError::TooMany => "payment_too_many",
        // It may have done it all the same.
        PaymentsError::Provider(PaymentError::Unavailable | PaymentError::Unreadable) => {
            "payment_provider"
        }
        PaymentsError::BadAmount
        | PaymentsError::Provider(PaymentError::BadKey | PaymentError::Refused { .. }) => {
            "payment_refused"
        }
    })
}

fn payment_failed(error: &PaymentsError, path: &str) -> Response {
    match error {
        PaymentsError::Guild(error) => guild_failed(error),
        PaymentsError::Storage(error) => failed(error),
        other => match payment_problem(other) {
            Some(code) => problem(path, code),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

/// Why a subscription was not begun, on the page with the amounts as they were: in the same currency, unless that was
/// the reason.
fn not_begun(error: &PaymentsError, path: &str, currency: Option<&str>) -> Response {
    let is_reason = matches!(error, PaymentsError::NotInCurrency | PaymentsError::CurrencyFixed);
    let currency = currency.filter(|code| is_code(code) && !is_reason);
    match payment_problem(error).zip(currency) {
        Some((code, currency)) => problem(path, &format!("{code}&currency={currency}")),
        None => payment_failed(error, path),
    }
}

/// Whether a text has the form of a currency's code, and so can stand in an address as it is.
fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The language of the provider's page: the one that the person chose, else that of their browser.
async fn locale(wardesk: &Wardesk, session: &Session, headers: &HeaderMap) -> Locale {
    let chosen = choices::get(wardesk, session).await.ok().and_then(|choices| choices.locale);
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    chosen.or_else(|| asked.and_then(Locale::from_accept_language)).unwrap_or_default()
}

/// Leads to the provider's page of a new subscription. Browsers hold a redirect of a form to where forms may go, so
/// the answer is a page that goes there.
pub async fn subscribe(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(guild): Path<String>,
    headers: HeaderMap,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let access = authorize(&wardesk, &asker, &guild, Capability::Billing).await?;
    let path = format!("/servers/{}/subscription", access.guild());
    let plan = fields.get("plan").parse().ok();
    let Some((plan, interval)) = plan.zip(Interval::parse(fields.get("interval"))) else {
        return Err(problem(&path, "payment_not_sold"));
    };
    let currency = Some(fields.get("currency")).filter(|code| !code.is_empty());
    let locale = locale(&wardesk, session, &headers).await;
    match payments::start_checkout(&access, &plan, interval, currency, locale).await {
        Ok(address) => Ok(forward::page(&address)),
        Err(error) => Err(not_begun(&error, &path, currency)),
    }
}

/// Leads to the provider's page for card, invoices and cancelling.
pub async fn portal(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(guild): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let access = authorize(&wardesk, &asker, &guild, Capability::Billing).await?;
    let path = format!("/servers/{}/subscription", access.guild());
    let locale = locale(&wardesk, session, &headers).await;
    match payments::open_portal(&access, locale).await {
        Ok(address) => Ok(forward::page(&address)),
        Err(error) => Err(payment_failed(&error, &path)),
    }
}

/// Leads to the same page from the licences of a person: who pays reaches it without a server.
pub async fn own_portal(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let locale = locale(&wardesk, session, &headers).await;
    match payments::open_own_portal(&wardesk, session, locale).await {
        Ok(address) => Ok(forward::page(&address)),
        Err(error) => Err(payment_failed(&error, "/account/licences")),
    }
}

/// Changes the plan to what was shown with its amount, or leads to the provider's page where the payment is confirmed.
pub async fn change(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(guild): Path<String>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let access = authorize(&wardesk, &asker, &guild, Capability::Billing).await?;
    let path = format!("/servers/{}/subscription", access.guild());
    let plan = fields.get("plan").parse().ok();
    let shown = fields.get("at").parse().ok().zip(fields.get("amount").parse().ok());
    let interval = Interval::parse(fields.get("interval"));
    let (Some(plan), Some((at, amount)), Some(interval)) = (plan, shown, interval) else {
        return Err(problem(&path, "payment_amount"));
    };
    let due = Money { amount, currency: fields.get("currency").to_owned() };
    let confirmed = Confirmed { plan, interval, at: Millis(at), due };
    match payments::change_plan(&access, &confirmed).await {
        Ok(Changed::Done) => Ok(done(&path, "plan_changed")),
        Ok(Changed::Confirm(address)) => Ok(forward::page(&address)),
        Err(error) => Err(payment_failed(&error, &path)),
    }
}

/// Leads to the provider's page on which the change that waits is paid and confirmed.
pub async fn confirm(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(guild): Path<String>,
) -> Result<Response, Response> {
    let access = authorize(&wardesk, &asker, &guild, Capability::Billing).await?;
    match payments::pay_change(&access).await {
        Ok(address) => Ok(forward::page(&address)),
        Err(error) => {
            let path = format!("/servers/{}/subscription", access.guild());
            Err(payment_failed(&error, &path))
        }
    }
}

/// Gives up the change that waits.
pub async fn drop(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(guild): Path<String>,
) -> Result<Response, Response> {
    let access = authorize(&wardesk, &asker, &guild, Capability::Billing).await?;
    let path = format!("/servers/{}/subscription", access.guild());
    match payments::drop_change(&access).await {
        Ok(()) => Ok(done(&path, "plan_kept")),
        Err(error) => Err(payment_failed(&error, &path)),
    }
}

/// Leads to the provider's page of a donation.
pub async fn donate(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let amount = read_amount(fields.get("amount"));
    let money = Money { amount: amount.unwrap_or(0), currency: fields.get("currency").to_owned() };
    let locale = locale(&wardesk, session, &headers).await;
    match payments::donate(&wardesk, session, &money, locale).await {
        Ok(address) => Ok(forward::page(&address)),
        Err(PaymentsError::BadAmount) => {
            let errors = vec![FieldError::new("amount", Problem::Malformed)];
            let draft = Draft { fields, errors, conflict: false };
            Ok(draft::back(&wardesk, &asker, "/donate", &draft).await)
        }
        Err(error) => Err(payment_failed(&error, "/donate")),
    }
}

/// Reads an amount as people write it: `5`, `5.50`, `5,5`. In hundredths.
fn read_amount(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let hundredths = format!("{part:0<2}");
    Some(whole.parse::<i64>().ok()? * 100 + hundredths.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::{PaymentsError, is_code, not_begun, read_amount};

    #[test]
    fn only_codes_of_currencies_stand_in_an_address() {
        for (text, good) in
            [("usd", true), ("USD", false), ("us", false), ("usd&x=y", false), ("€", false)]
        {
            assert_eq!(is_code(text), good, "{text}");
        }
        let leads = |error: &PaymentsError, currency| {
            let answer = not_begun(error, "/plans", Some(currency));
            answer.headers()["location"].to_str().unwrap_or_default().to_owned()
        };
        let again = leads(&PaymentsError::TooMany, "usd");
        assert_eq!(again, "/plans?problem=payment_too_many&currency=usd");
        let other = leads(&PaymentsError::TooMany, "x&y");
        assert_eq!(other, "/plans?problem=payment_too_many");
        // Where the currency is the reason, it is not kept.
        let fixed = leads(&PaymentsError::CurrencyFixed, "usd");
        assert_eq!(fixed, "/plans?problem=payment_currency_fixed");
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let good = [("5", 500), ("5.5", 550), ("0,05", 5), ("12.34", 1234), ("7,", 700)];
        for (text, amount) in good {
            assert_eq!(read_amount(text), Some(amount), "{text}");
        }
        for text in ["", "-5", "5.123", "1e3", "5 €", ".5", "1234567890", "٥"] {
            assert_eq!(read_amount(text), None, "{text}");
        }
    }
}
