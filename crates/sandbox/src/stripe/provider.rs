//! The provider's whole state.

use serde_json::{Map, Value, json};
use url::{Position, Url};

use super::api::idempotency::Remembered;
use super::api::outage::Outage;
use super::id::{self, Ids};
use super::invoice::Invoice;
use super::model::{
    Charge, Customer, Dispute, Event, Intent, Method, Portal, Price, Product, Refund, Session,
};
use super::subscription::Subscription;
use super::table::Table;
use super::webhooks::Webhooks;
use super::{API_VERSION, seed};
use crate::control::guard::is_loopback;

/// An address for webhooks that is not on this machine.
#[derive(Debug, thiserror::Error)]
#[error("webhooks go to http addresses of this machine only, not to {0}")]
pub struct NotHere(String);

/// A payment provider like Stripe: its books and its webhooks.
#[derive(Debug)]
pub struct Provider {
    pub(crate) ids: Ids,
    pub(crate) customers: Table<Customer>,
    pub(crate) methods: Table<Method>,
    pub(crate) products: Table<Product>,
    pub(crate) prices: Table<Price>,
    pub(crate) sessions: Table<Session>,
    pub(crate) portals: Table<Portal>,
    pub(crate) subscriptions: Table<Subscription>,
    pub(crate) invoices: Table<Invoice>,
    pub(crate) intents: Table<Intent>,
    pub(crate) charges: Table<Charge>,
    pub(crate) refunds: Table<Refund>,
    pub(crate) disputes: Table<Dispute>,
    pub(crate) events: Table<Event>,
    /// How often the seeded promotion code was used.
    pub(crate) redemptions: u32,
    pub(crate) answers: Remembered,
    pub(crate) outage: Option<Outage>,
    pub(crate) webhooks: Webhooks,
    /// Where its pages are, without a slash at the end: the sandbox's address.
    pub(crate) base_url: String,
}

impl Default for Provider {
    fn default() -> Self {
        let mut provider = Self {
            ids: Ids::default(),
            customers: Table::default(),
            methods: Table::default(),
            products: Table::default(),
            prices: Table::default(),
            sessions: Table::default(),
            portals: Table::default(),
            subscriptions: Table::default(),
            invoices: Table::default(),
            intents: Table::default(),
            charges: Table::default(),
            refunds: Table::default(),
            disputes: Table::default(),
            events: Table::default(),
            redemptions: 0,
            answers: Remembered::default(),
            outage: None,
            webhooks: Webhooks::default(),
            base_url: String::new(),
        };
        seed::catalogue(&mut provider);
        provider
    }
}

impl Provider {
    /// Sends events to an address of this machine from now on, signed with a secret. Answers the endpoint's id.
    /// An address that has an endpoint keeps it and gets the secret.
    pub fn add_endpoint(&mut self, url: &str, secret: &str) -> Result<String, NotHere> {
        let here = Url::parse(url).is_ok_and(|url| {
            url.scheme() == "http" && is_loopback(&url[Position::BeforeHost..Position::AfterPort])
        });
        if !here {
            return Err(NotHere(url.to_owned()));
        }
        if let Some(known) = self.webhooks.endpoint_at(url) {
            known.replace_secret(secret, None);
            return Ok(known.id.clone());
        }
        let id = self.ids.next(id::ENDPOINT);
        self.webhooks.add(&id, url, secret);
        Ok(id)
    }

    /// Records that something happened to an object, and queues it for the endpoints.
    pub(crate) fn emit(&mut self, kind: &str, object: Value, at: i64) {
        self.emit_event(kind, object, None, at);
    }

    /// Records a change: what an object was and what it is now.
    pub(crate) fn emit_change(&mut self, kind: &str, before: &Value, after: Value, at: i64) {
        let mut previous = Map::new();
        if let (Value::Object(before), Value::Object(now)) = (before, &after) {
            for (name, value) in before {
                if now.get(name) != Some(value) {
                    previous.insert(name.clone(), value.clone());
                }
            }
        }
        self.emit_event(kind, after, Some(Value::Object(previous)), at);
    }

    fn emit_event(&mut self, kind: &str, object: Value, previous: Option<Value>, at: i64) {
        let event = Event {
            id: self.ids.next(id::EVENT),
            created: at,
            kind: kind.to_owned(),
            object,
            previous,
            livemode: false,
            api_version: API_VERSION.to_owned(),
        };
        self.record(event);
    }

    /// Records an event as it is, and queues it.
    pub(crate) fn record(&mut self, event: Event) {
        let mut payload = self.event_json(&event);
        payload["pending_webhooks"] = json!(self.webhooks.endpoints().len());
        self.webhooks.queue(&event.id, &event.kind, &payload.to_string());
        self.events.insert(event);
    }

    /// Everything, newest first, each as the API shows it.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "customers": self.customers.newest().map(|row| self.customer_json(row)).collect::<Vec<_>>(),
            "subscriptions":
                self.subscriptions.newest().map(|row| self.subscription_json(row)).collect::<Vec<_>>(),
            "sessions": self.sessions.newest().map(|row| self.session_json(row)).collect::<Vec<_>>(),
            "invoices": self.invoices.newest().map(|row| self.invoice_json(row)).collect::<Vec<_>>(),
            "payment_intents": self.intents.newest().map(|row| self.intent_json(row)).collect::<Vec<_>>(),
            "charges": self.charges.newest().map(|row| self.charge_json(row)).collect::<Vec<_>>(),
            "refunds": self.refunds.newest().map(|row| self.refund_json(row)).collect::<Vec<_>>(),
            "disputes": self.disputes.newest().map(|row| self.dispute_json(row)).collect::<Vec<_>>(),
            "events": self.events.newest().map(|row| self.event_json(row)).collect::<Vec<_>>(),
            "outage": self.outage,
        })
    }
}
