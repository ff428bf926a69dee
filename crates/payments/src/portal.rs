//! The page for card, invoices and cancelling. Source: Stripe API reference, "Customer portal".

use domain::locale::Locale;
use miniserde::Deserialize;
use serde::Serialize;
use stripe::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};

/// Makes the page.
pub(crate) struct Create<'a> {
    pub customer: &'a str,
    pub return_url: &'a str,
    pub locale: Locale,
}

#[derive(Serialize)]
struct Form<'a> {
    customer: &'a str,
    return_url: &'a str,
    locale: &'a str,
}

impl StripeRequest for Create<'_> {
    type Output = Object;

    fn build(&self) -> RequestBuilder {
        let Create { customer, return_url, locale } = self;
        let form = Form { customer, return_url, locale: locale.tag() };
        RequestBuilder::new(StripeMethod::Post, "/billing_portal/sessions").form(&form)
    }
}

#[derive(Deserialize)]
pub(crate) struct Object {
    pub url: String,
}
