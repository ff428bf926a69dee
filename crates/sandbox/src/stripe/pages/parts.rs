//! What the pages share: the head, money, fields of a card.

use axum::extract::{FromRequest, Request};
use serde::Deserialize;

use crate::oauth::html::Html;

/// A document with the provider's sheet.
pub(super) fn document(title: &str, class: &str, body: impl FnOnce(&mut Html)) -> String {
    let sheets = ["/assets/css/base.css", "/assets/css/consent.css", "/assets/css/pay.css"];
    Html::document(title, &sheets, class, |html| {
        body(html);
        let foot = "This is the sandbox's payment provider. No money moves.";
        html.line("p", &[("class", "consent-foot")], foot);
    })
}

/// 3-D Secure, as a bank would show it. The answer goes to `path` as `decision`.
pub(super) fn bank_asks(path: &str, words: &str) -> String {
    document("Confirm with your bank", "consent", |html| {
        html.element("main", &[("class", "consent-card")], |html| {
            html.line("h1", &[], "3-D Secure: is it you?");
            html.line("p", &[], words);
            html.element("form", &[("method", "post"), ("action", path)], |html| {
                html.element("div", &[("class", "consent-buttons")], |html| {
                    let fail = [("class", "button"), ("name", "decision"), ("value", "fail")];
                    html.line("button", &fail, "Fail");
                    let complete =
                        [("class", "button primary"), ("name", "decision"), ("value", "complete")];
                    html.line("button", &complete, "Complete");
                });
            });
        });
    })
}

/// `€4.99`, `$5.49`, `£4.49`, `4.99 CHF`; a minus in front.
pub(super) fn money(amount: i64, currency: &str) -> String {
    let sign = if amount < 0 { "−" } else { "" };
    let (whole, cents) = (amount.abs() / 100, amount.abs() % 100);
    match currency {
        "eur" => format!("{sign}€{whole}.{cents:02}"),
        "usd" => format!("{sign}${whole}.{cents:02}"),
        "gbp" => format!("{sign}£{whole}.{cents:02}"),
        other => format!("{sign}{whole}.{cents:02} {}", other.to_uppercase()),
    }
}

/// A field with its label.
pub(super) fn field(html: &mut Html, label: &str, attributes: &[(&'static str, &str)]) {
    let id = attributes.iter().find(|(name, _)| *name == "name").map_or("", |(_, name)| name);
    html.element("div", &[("class", "pay-field")], |html| {
        html.line("label", &[("for", id)], label);
        let mut all = vec![("id", id)];
        all.extend_from_slice(attributes);
        html.open("input", &all);
    });
}

/// Number, expiry, security code, name.
pub(super) fn card_fields(html: &mut Html, typed: &Typed) {
    let number = [
        ("name", "number"),
        ("inputmode", "numeric"),
        ("autocomplete", "cc-number"),
        ("placeholder", "4242 4242 4242 4242"),
        ("required", ""),
        ("value", &typed.number),
    ];
    field(html, "Card number", &number);
    html.element("div", &[("class", "pay-pair")], |html| {
        let expiry = [
            ("name", "expiry"),
            ("inputmode", "numeric"),
            ("autocomplete", "cc-exp"),
            ("placeholder", "MM / YY"),
            ("required", ""),
            ("value", &typed.expiry),
        ];
        field(html, "Expiry", &expiry);
        let cvc = [
            ("name", "cvc"),
            ("inputmode", "numeric"),
            ("autocomplete", "cc-csc"),
            ("placeholder", "CVC"),
            ("maxlength", "4"),
            ("required", ""),
            ("value", ""),
        ];
        field(html, "Security code", &cvc);
    });
    let name =
        [("name", "name"), ("autocomplete", "cc-name"), ("required", ""), ("value", &typed.name)];
    field(html, "Name on card", &name);
}

/// The cards of the test set, for those who try the page.
pub(super) fn test_cards(html: &mut Html) {
    html.element("details", &[("class", "pay-cards")], |html| {
        html.line("summary", &[], "Test cards");
        html.element("ul", &[], |html| {
            for (number, words) in [
                ("4242 4242 4242 4242", "succeeds"),
                ("4000 0025 0000 3155", "asks for 3-D Secure"),
                ("4000 0027 6000 3184", "asks for 3-D Secure with every payment"),
                ("4000 0000 0000 0002", "is declined"),
                ("4000 0000 0000 9995", "has insufficient funds"),
                ("4000 0000 0000 0341", "is kept, but payments with it fail"),
            ] {
                html.element("li", &[], |html| {
                    html.line("code", &[], number);
                    html.text(&format!(" {words}"));
                });
            }
        });
        html.line("p", &[], "Any expiry in the future and any three digits will do.");
    });
}

/// What was typed into a page's form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) number: String,
    pub(super) expiry: String,
    pub(super) cvc: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) country: String,
    pub(super) code: String,
    pub(super) decision: String,
    pub(super) by: String,
    pub(super) id: String,
}

impl<S: Send + Sync> FromRequest<S> for Typed {
    type Rejection = axum::extract::rejection::FormRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        axum::Form::from_request(request, state).await.map(|axum::Form(typed)| typed)
    }
}

impl Typed {
    /// As the billing takes it.
    pub(super) fn form(&self) -> super::super::billing::Form<'_> {
        super::super::billing::Form {
            number: &self.number,
            expiry: &self.expiry,
            cvc: self.cvc.trim(),
            name: &self.name,
            email: &self.email,
            country: &self.country,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::money;

    #[test]
    fn money_reads_as_people_write_it() {
        assert_eq!(money(499, "eur"), "€4.99");
        assert_eq!(money(-5, "usd"), "−$0.05");
        assert_eq!(money(449, "gbp"), "£4.49");
        assert_eq!(money(1_200, "chf"), "12.00 CHF");
    }
}
