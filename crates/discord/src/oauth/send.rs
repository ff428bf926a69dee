//! How sign-in reaches Discord: within limits of time, size and number, and counting invalid requests.

use std::sync::Arc;

use domain::egress::Egress;
use futures::future::BoxFuture;
use oauth2::{HttpRequest, HttpResponse};
use reqwest::{Response, StatusCode};
use tokio::time::Instant;

use super::holds::{Call, Holds};
use crate::http::{self, Guarded};
use crate::rest::Breaker;
use crate::rest::answer::{Limited, Scope};

/// The largest answer of the token addresses that is read.
const MAX_ANSWER: usize = 64 * 1024;

/// No usable answer came.
#[derive(Debug, thiserror::Error)]
#[error("no usable answer")]
pub(super) struct SendError;

/// Sends apart from the bot: its limits are another token's, and its calls go on when these stop.
#[derive(Clone)]
pub(super) struct Sender {
    pub(super) client: Guarded,
    limits: Arc<Limits>,
}

struct Limits {
    breaker: Breaker,
    holds: Holds,
}

impl Sender {
    pub(super) fn new(egress: Egress) -> Result<Self, reqwest::Error> {
        let client = Guarded::new(egress)?;
        let limits = Limits { breaker: Breaker::of_sign_in(), holds: Holds::default() };
        Ok(Self { client, limits: Arc::new(limits) })
    }

    /// Sends, unless Discord asked to wait. An answer of 429 is none.
    pub(super) async fn execute(&self, request: reqwest::Request) -> Result<Response, SendError> {
        let Limits { breaker, holds } = self.limits.as_ref();
        let call = Call::of(&request);
        let now = Instant::now();
        if breaker.open_for(now).is_some() || holds.holds(call, now) {
            return Err(SendError);
        }
        let response = self.client.execute(request).await.map_err(|_| SendError)?;
        match response.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                breaker.count(Instant::now());
                Ok(response)
            }
            StatusCode::TOO_MANY_REQUESTS => {
                let headers = response.headers().clone();
                let body = http::read_body(response, MAX_ANSWER).await.unwrap_or_default();
                let limited = Limited::read(&headers, &body);
                holds.remember(call, &limited, Instant::now());
                if limited.scope != Scope::Shared {
                    breaker.count(Instant::now());
                }
                Err(SendError)
            }
            _ => Ok(response),
        }
    }

    /// What the `oauth2` crate sends with.
    pub(super) fn carrier(
        &self,
    ) -> impl Fn(HttpRequest) -> BoxFuture<'static, Result<HttpResponse, SendError>> + use<> {
        let sender = self.clone();
        move |request| {
            let sender = sender.clone();
            Box::pin(async move { sender.carry(request).await })
        }
    }

    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, SendError> {
        let request = reqwest::Request::try_from(request).map_err(|_| SendError)?;
        let response = self.execute(request).await?;
        let status = response.status();
        // Only a refusal is an answer that the crate has to read.
        if status.is_server_error() {
            return Err(SendError);
        }
        let mut answer = oauth2::http::Response::builder().status(status);
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let body = http::read_body(response, MAX_ANSWER).await.ok_or(SendError)?;
        answer.body(body).map_err(|_| SendError)
    }
}
