//! Bodies that are JSON, or multipart with `payload_json` and `files[n]` as Discord's own are.

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;

use super::reply::Refusal;
use crate::world::model::Upload;

/// A JSON body and the files that came with it.
#[derive(Debug)]
pub(crate) struct Payload {
    /// The JSON; an empty object when there was none.
    pub json: Value,
    /// In the order of their numbers.
    pub files: Vec<Upload>,
}

impl<S: Send + Sync> FromRequest<S> for Payload {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            let form = Multipart::from_request(request, state)
                .await
                .map_err(IntoResponse::into_response)?;
            return multipart(form).await.map_err(IntoResponse::into_response);
        }
        let body =
            Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        if body.is_empty() {
            return Ok(Self { json: Value::Object(serde_json::Map::new()), files: Vec::new() });
        }
        let json = parse(&body).map_err(IntoResponse::into_response)?;
        Ok(Self { json, files: Vec::new() })
    }
}

fn parse(text: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(text)
        .map_err(|error| Refusal::misuse(format!("The body is not JSON: {error}")))
}

async fn multipart(mut form: Multipart) -> Result<Payload, Refusal> {
    let broken =
        |error: axum::extract::multipart::MultipartError| Refusal::misuse(error.to_string());
    let mut json = Value::Object(serde_json::Map::new());
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "payload_json" {
            json = parse(&field.bytes().await.map_err(broken)?)?;
            continue;
        }
        let Some(index) = name.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']'))
        else {
            return Err(Refusal::misuse(format!(
                "The part \"{name}\" is neither payload_json nor files[n]."
            )));
        };
        let index = index.parse().map_err(|_| Refusal::misuse("files[n] needs a number."))?;
        let filename = field.file_name().unwrap_or("file").to_owned();
        let content_type = field.content_type().map(str::to_owned);
        let data = field.bytes().await.map_err(broken)?;
        files.push(Upload { index, filename, content_type, data });
    }
    files.sort_by_key(|file| file.index);
    Ok(Payload { json, files })
}
