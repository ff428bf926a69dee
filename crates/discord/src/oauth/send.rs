//! How sign-in reaches Discord: within limits of time and size, and counting invalid requests.

use std::sync::Arc;

use futures::future::BoxFuture;
use oauth2::{HttpRequest, HttpResponse};
use reqwest::{Response, StatusCode};
use tokio::time::Instant;

use crate::http::{self, CALL_TIMEOUT};
use crate::rest::{Breaker, Rest};

/// The largest answer of the token addresses that is read.
const MAX_ANSWER: usize = 64 * 1024;

/// No usable answer came.
#[derive(Debug, thiserror::Error)]
#[error("no usable answer")]
pub(super) struct SendError;

/// Sends without the bot's limits, which are another token's, but shares the count of invalid
/// requests, which Discord keeps per address.
#[derive(Clone)]
pub(super) struct Sender {
    pub(super) client: reqwest::Client,
    breaker: Arc<Breaker>,
}

impl Sender {
    pub(super) fn new(rest: &Rest) -> Result<Self, reqwest::Error> {
        let client = http::client().timeout(CALL_TIMEOUT).build()?;
        Ok(Self { client, breaker: Arc::clone(rest.breaker()) })
    }

    pub(super) async fn execute(&self, request: reqwest::Request) -> Result<Response, SendError> {
        if self.breaker.open_for(Instant::now()).is_some() {
            return Err(SendError);
        }
        let response = self.client.execute(request).await.map_err(|_| SendError)?;
        if matches!(response.status().as_u16(), 401 | 403 | 429) {
            self.breaker.count(Instant::now());
        }
        Ok(response)
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
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
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
