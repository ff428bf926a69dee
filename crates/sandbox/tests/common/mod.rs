//! Calling a router without a socket.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use sandbox::world::World;
use sandbox::{Sandbox, SandboxConfig};
use serde_json::Value;
use tower::ServiceExt;

/// A sandbox with this world on a free port, checking nothing.
pub async fn start(world: World) -> Sandbox {
    let config = SandboxConfig { world, openapi: None, ..SandboxConfig::fast() };
    Sandbox::start(config).await.unwrap()
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub cookie: Option<String>,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// One parameter of the address that the answer leads to.
    pub fn redirected(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(self.location.as_deref()?).unwrap();
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// Sends a request as a program on this machine would.
pub async fn call(router: &Router, request: Request<Body>) -> Answer {
    let (mut parts, body) = request.into_parts();
    parts.headers.entry(header::HOST).or_insert("127.0.0.1:4010".parse().unwrap());
    let response = router.clone().oneshot(Request::from_parts(parts, body)).await.unwrap();
    let status = response.status();
    let location = header_text(&response, header::LOCATION);
    let cookie = header_text(&response, header::SET_COOKIE);
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Answer { status, location, cookie, text: String::from_utf8_lossy(&bytes).into_owned() }
}

fn header_text(response: &Response, name: header::HeaderName) -> Option<String> {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

pub async fn get(router: &Router, path: &str) -> Answer {
    call(router, Request::get(path).body(Body::empty()).unwrap()).await
}

pub async fn json(router: &Router, method: Method, path: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    call(router, request).await
}

pub fn form(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap()
}
