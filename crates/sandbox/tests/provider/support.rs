//! A client of the provider, and a receiver of its webhooks.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, Mac};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use sandbox::world::World;
use sandbox::{Sandbox, SandboxConfig};
use serde_json::{Value, json};
use sha2::Sha256;

pub const DAY: i64 = 86_400;
pub const GOOD: &str = "4242 4242 4242 4242";
pub const DECLINED: &str = "4000 0000 0000 0002";
pub const POOR: &str = "4000 0000 0000 9995";
pub const SECURE: &str = "4000 0025 0000 3155";
pub const FAILS_LATER: &str = "4000 0000 0000 0341";
/// Asks for 3-D Secure with every payment.
pub const ASKS_ALWAYS: &str = "4000 0027 6000 3184";

pub struct Setup {
    pub sandbox: Sandbox,
    pub client: Client,
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

pub async fn setup() -> Setup {
    // Fails when another test of this process was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = SandboxConfig { world: World::example(), openapi: None, ..SandboxConfig::fast() };
    let sandbox = Sandbox::start(config).await.unwrap();
    let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    Setup { sandbox, client }
}

impl Setup {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}v1/{path}", self.sandbox.stripe_url());
        self.client.request(method, url).bearer_auth(sandbox::stripe::SECRET_KEY)
    }

    pub async fn raw(&self, request: RequestBuilder) -> Reply {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        Reply { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    /// A POST that may fail.
    pub async fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.raw(self.request(Method::POST, path).form(fields)).await
    }

    /// A POST with a key.
    pub async fn keyed(&self, path: &str, fields: &[(&str, &str)], key: &str) -> Reply {
        let request = self.request(Method::POST, path).form(fields);
        self.raw(request.header("Idempotency-Key", key)).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Value {
        let reply = self.try_post(path, fields).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    pub async fn try_get(&self, path: &str) -> Reply {
        self.raw(self.request(Method::GET, path)).await
    }

    /// As a client of an older version of the API.
    pub async fn get_in_version(&self, path: &str, version: &str) -> Value {
        let request = self.request(Method::GET, path).header("Stripe-Version", version);
        self.raw(request).await.body
    }

    pub async fn get(&self, path: &str) -> Value {
        let reply = self.try_get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    pub async fn delete(&self, path: &str) -> Value {
        self.raw(self.request(Method::DELETE, path)).await.body
    }

    pub async fn try_control(&self, method: Method, path: &str, body: Value) -> Reply {
        let url = format!("{}/control{path}", self.sandbox.base_url());
        self.raw(self.client.request(method, url).json(&body)).await
    }

    pub async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let reply = self.try_control(method, path, body).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    pub async fn look(&self, path: &str) -> Value {
        let url = format!("{}/control{path}", self.sandbox.base_url());
        let reply = self.raw(self.client.get(url)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    /// Seconds of the sandbox's clock.
    pub fn now(&self) -> i64 {
        self.sandbox.world().now().div_euclid(1_000)
    }

    pub async fn advance(&self, seconds: i64) {
        self.control(Method::POST, "/clock", json!({"advance_ms": seconds * 1_000})).await;
    }

    /// Moves the clock to a moment that an object names, and a minute on.
    pub async fn advance_to(&self, moment: &Value) {
        self.advance(moment.as_i64().unwrap() - self.now() + 60).await;
    }

    pub async fn price(&self, lookup_key: &str) -> String {
        let found = self.get(&format!("prices?active=true&lookup_keys[]={lookup_key}")).await;
        text(&found["data"][0]["id"])
    }

    /// A session for a subscription of Plus by the month, with these fields besides.
    pub async fn session(&self, more: &[(&str, &str)]) -> Value {
        let price = self.price("wardesk_plus_month").await;
        let mut fields = vec![
            ("mode", "subscription"),
            ("line_items[0][price]", price.as_str()),
            ("line_items[0][quantity]", "1"),
            ("success_url", "http://localhost:8080/done?session={CHECKOUT_SESSION_ID}"),
            ("cancel_url", "http://localhost:8080/plans"),
        ];
        fields.extend_from_slice(more);
        self.post("checkout/sessions", &fields).await
    }

    pub async fn pay(&self, session: &Value, card: &str) -> Value {
        let path = format!("/stripe/checkout/{}", text(&session["id"]));
        self.control(Method::POST, &path, json!({"card": card})).await
    }

    /// A paid subscription, as it is then.
    pub async fn subscribe(&self, card: &str, more: &[(&str, &str)]) -> Value {
        let session = self.session(more).await;
        let paid = self.pay(&session, card).await;
        assert_eq!(paid["state"], "paid", "{paid}");
        self.get(&format!("subscriptions/{}", text(&paid["session"]["subscription"]))).await
    }

    pub async fn again(&self, object: &Value) -> Value {
        let place = match object["object"].as_str().unwrap() {
            "checkout.session" => "checkout/sessions".to_owned(),
            other => format!("{other}s"),
        };
        self.get(&format!("{place}/{}", text(&object["id"]))).await
    }

    /// Types of all events, oldest first.
    pub async fn events(&self) -> Vec<String> {
        let state = self.look("/stripe").await;
        let mut all: Vec<String> =
            state["events"].as_array().unwrap().iter().map(|it| text(&it["type"])).collect();
        all.reverse();
        all
    }

    /// Waits until every webhook that is not held was sent.
    pub async fn settled(&self) {
        self.look("/wait?for=stripe_idle").await;
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// What a receiver got.
#[derive(Debug, Clone)]
pub struct Hook {
    pub signature: Option<String>,
    pub body: String,
}

impl Hook {
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether some signature of it was made with a secret over its body, at most 300 s from `now`.
    pub fn is_signed(&self, secret: &str, now: i64) -> bool {
        let Some(header) = &self.signature else { return false };
        let parts: Vec<(&str, &str)> =
            header.split(',').filter_map(|part| part.split_once('=')).collect();
        let Some((_, t)) = parts.iter().find(|(name, _)| *name == "t") else { return false };
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{t}.{}", self.body).as_bytes());
        let wanted = hex::encode(mac.finalize().into_bytes());
        let near = (t.parse::<i64>().unwrap() - now).abs() <= 300;
        near && parts.iter().any(|(name, value)| *name == "v1" && *value == wanted)
    }
}

/// A server that takes webhooks.
#[derive(Clone, Default)]
pub struct Receiver {
    pub got: Arc<Mutex<Vec<Hook>>>,
    /// What it answers next; 200 when there is nothing left.
    pub answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    /// Starts one; its address.
    pub async fn start() -> (Self, String) {
        let receiver = Self::default();
        let listener =
            tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/hook", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (receiver, format!("http://{address}/hook"))
    }

    pub fn hooks(&self) -> Vec<Hook> {
        self.got.lock().unwrap().clone()
    }

    pub fn types(&self) -> Vec<String> {
        self.hooks().iter().map(|hook| text(&hook.event()["type"])).collect()
    }

    pub fn answer_with(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("stripe-signature").map(|value| value.to_str().unwrap().to_owned());
    let body = String::from_utf8(body.to_vec()).unwrap();
    receiver.got.lock().unwrap().push(Hook { signature, body });
    let status = receiver.answers.lock().unwrap().pop_front().unwrap_or(200);
    StatusCode::from_u16(status).unwrap()
}
