//! Reading request bodies: JSON, multipart with `payload_json` and `files[n]`, forms.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart};
use axum::http::{HeaderMap, Request, header};
use serde_json::{Map, Value};

use crate::error::{self, ApiError};
use crate::world::model::Upload;

/// Bytes of a request at most: ten files of ten mebibytes and some text.
const MOST_BYTES: usize = 105 * 1024 * 1024;

/// A body: its JSON (`None` when there was none) and files.
pub(super) struct Read {
    pub json: Option<Value>,
    pub uploads: Vec<Upload>,
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("")
}

pub(super) async fn read(request: Request<Body>) -> Result<Read, ApiError> {
    if content_type(request.headers()).starts_with("multipart/form-data") {
        return multipart(request).await;
    }
    let form = content_type(request.headers()).starts_with("application/x-www-form-urlencoded");
    let bytes = to_bytes(request.into_body(), MOST_BYTES)
        .await
        .map_err(|_| ApiError::from(error::ENTITY_TOO_LARGE))?;
    let json = if bytes.is_empty() {
        None
    } else if form {
        let pairs = url::form_urlencoded::parse(&bytes);
        let map: Map<String, Value> = pairs
            .map(|(key, value)| (key.into_owned(), Value::String(value.into_owned())))
            .collect();
        Some(Value::Object(map))
    } else {
        Some(serde_json::from_slice(&bytes).map_err(|_| ApiError::from(error::INVALID_JSON))?)
    };
    Ok(Read { json, uploads: Vec::new() })
}

async fn multipart(request: Request<Body>) -> Result<Read, ApiError> {
    let broken = || ApiError::from(error::INVALID_JSON);
    let (parts, body) = request.into_parts();
    let bytes =
        to_bytes(body, MOST_BYTES).await.map_err(|_| ApiError::from(error::ENTITY_TOO_LARGE))?;
    let mut request = Request::from_parts(parts, Body::from(bytes));
    // Counted above already; axum's own limit of 2 MiB would come first.
    axum::extract::DefaultBodyLimit::apply(
        axum::extract::DefaultBodyLimit::disable(),
        &mut request,
    );
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let mut fields = Map::new();
    let mut json = None;
    let mut uploads = Vec::new();
    while let Some(field) = parts.next_field().await.map_err(|_| broken())? {
        let name = field.name().unwrap_or("").to_owned();
        let filename = field.file_name().map(str::to_owned);
        let content_type = field.content_type().map(str::to_owned);
        let data = field.bytes().await.map_err(|_| broken())?;
        if name == "payload_json" {
            json = Some(serde_json::from_slice(&data).map_err(|_| broken())?);
        } else if let Some(filename) = filename {
            let index = name
                .strip_prefix("files[")
                .and_then(|rest| rest.strip_suffix(']'))
                .and_then(|index| index.parse().ok())
                .unwrap_or(uploads.len() as u64);
            uploads.push(Upload { index, filename, content_type, data });
        } else {
            let text = String::from_utf8_lossy(&data).into_owned();
            fields.insert(name, Value::String(text));
        }
    }
    let json = json.unwrap_or(Value::Object(fields));
    Ok(Read { json: Some(json), uploads })
}
