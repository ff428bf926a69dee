//! Checks requests and answers against Discord's own OpenAPI description.

mod schema;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use crate::world::Violation;

const ROOT: &str = "https://sandbox.invalid/openapi";
/// Mismatches told of one body.
const MOST_ERRORS: usize = 5;

/// Why the description could not be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenApiError {
    /// The file cannot be read.
    #[error("cannot read the OpenAPI description: {0}")]
    Read(#[from] std::io::Error),
    /// The file is not JSON.
    #[error("the OpenAPI description is not JSON: {0}")]
    Parse(#[from] serde_json::Error),
    /// A reference in it leads nowhere.
    #[error("the OpenAPI description is broken: {0}")]
    Broken(String),
}

/// Discord's description, ready to check with.
pub struct Checker {
    document: Value,
    registry: Registry<'static>,
    validators: Mutex<HashMap<String, Option<Arc<Validator>>>>,
}

/// What this process has read: a program of tests starts many sandboxes.
static READ: LazyLock<Mutex<HashMap<PathBuf, Arc<Checker>>>> = LazyLock::new(Mutex::default);

impl Checker {
    /// The description in a file, read once by each process.
    pub fn shared(path: &Path) -> Result<Arc<Self>, OpenApiError> {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(path) {
            return Ok(Arc::clone(known));
        }
        let checker = Arc::new(Self::load(path)?);
        read.insert(path.to_owned(), Arc::clone(&checker));
        Ok(checker)
    }

    /// Reads the description from a file.
    pub fn load(path: &Path) -> Result<Self, OpenApiError> {
        Self::new(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// Takes the description as JSON.
    pub fn new(mut document: Value) -> Result<Self, OpenApiError> {
        schema::relax(&mut document);
        schema::name_field_errors(&mut document);
        let broken = |error: &dyn std::fmt::Display| OpenApiError::Broken(error.to_string());
        let registry = Registry::new()
            .add(ROOT, document.clone())
            .and_then(jsonschema::RegistryBuilder::prepare)
            .map_err(|error| broken(&error))?;
        Ok(Self { document, registry, validators: Mutex::default() })
    }

    fn operation(&self, method: &str, route: &str) -> Option<&Value> {
        self.document["paths"].get(route)?.get(method.to_lowercase())
    }

    fn pointer(method: &str, route: &str) -> String {
        format!("/paths/{}/{}", schema::escape(route), method.to_lowercase())
    }

    fn validator(&self, pointer: &str) -> Option<Arc<Validator>> {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = validators.get(pointer) {
            return known.clone();
        }
        // Braces of path templates are not allowed in the fragment of a reference.
        let fragment = pointer.replace('{', "%7B").replace('}', "%7D");
        let built = jsonschema::options()
            .with_registry(&self.registry)
            .should_validate_formats(true)
            .build(&json!({"$ref": format!("{ROOT}#{fragment}")}));
        let validator = match built {
            Ok(validator) => Some(Arc::new(validator)),
            Err(error) => {
                tracing::warn!(pointer, %error, "schema cannot be compiled");
                None
            }
        };
        validators.insert(pointer.to_owned(), validator.clone());
        validator
    }

    fn errors(&self, pointer: &str, body: &Value) -> Vec<String> {
        let Some(validator) = self.validator(pointer) else {
            return vec![format!("the schema at {pointer} cannot be compiled")];
        };
        validator
            .iter_errors(body)
            .take(MOST_ERRORS)
            .map(|error| {
                let mut text = error.to_string();
                if text.len() > 400 {
                    let end = (0..=400).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                    text.truncate(end);
                    text.push('…');
                }
                format!("{}: {text}", error.instance_path())
            })
            .collect()
    }

    /// Mismatches of a request. `body` is `None` when there was none.
    pub fn request(&self, method: &str, route: &str, body: Option<&Value>) -> Vec<Violation> {
        let violation = |kind: &str, detail: String| Violation {
            kind: kind.into(),
            method: method.into(),
            route: route.into(),
            status: 0,
            detail,
        };
        let Some(operation) = self.operation(method, route) else {
            return vec![violation("unknown_route", "Discord describes no such endpoint".into())];
        };
        let Some(pointer) = schema::request_pointer(operation, &Self::pointer(method, route))
        else {
            return Vec::new();
        };
        // The description also demands bodies of DELETE and PUT requests that Discord takes without one.
        let required =
            operation["requestBody"]["required"] == true && matches!(method, "POST" | "PATCH");
        match body {
            Some(body) => self
                .errors(&pointer, body)
                .into_iter()
                .map(|text| violation("request", text))
                .collect(),
            None if required => vec![violation("request", "a body is required".into())],
            None => Vec::new(),
        }
    }

    /// Mismatches of an answer. Answers of 5xx are not described and not checked.
    pub fn response(
        &self,
        method: &str,
        route: &str,
        status: u16,
        body: Option<&Value>,
    ) -> Vec<Violation> {
        let violation = |detail: String| Violation {
            kind: "response".into(),
            method: method.into(),
            route: route.into(),
            status,
            detail,
        };
        let Some(operation) = self.operation(method, route).filter(|_| status < 500) else {
            return Vec::new();
        };
        let Some(key) = schema::response_key(operation, status) else {
            return vec![violation(format!("status {status} is not described"))];
        };
        let described = &operation["responses"][&key];
        let at = format!("{}/responses/{key}", Self::pointer(method, route));
        let (at, described) = match described["$ref"]
            .as_str()
            .and_then(|link| link.strip_prefix('#'))
        {
            Some(link) => (link.to_owned(), self.document.pointer(link).unwrap_or(&Value::Null)),
            None => (at, described),
        };
        let has_schema = described["content"]["application/json"]["schema"].is_object();
        match body {
            Some(body) if has_schema => self
                .errors(&format!("{at}/content/application~1json/schema"), body)
                .into_iter()
                .map(violation)
                .collect(),
            None if has_schema => vec![violation("a body is described, none was sent".into())],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checker() -> Checker {
        Checker::new(json!({
            "paths": {"/things/{id}": {"post": {
                "requestBody": {"required": true, "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"200": {"content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Thing"}}}}},
            }}},
            "components": {"schemas": {"Thing": {"type": "object", "required": ["count"],
                "properties": {"count": {"type": "integer"},
                    "id": {"type": "string", "format": "snowflake"}}}}},
        }))
        .unwrap()
    }

    #[test]
    fn texts_that_parse_as_integers_count_as_integers() {
        let checker = checker();
        let found = |body: Value| checker.request("POST", "/things/{id}", Some(&body)).len();
        assert_eq!(found(json!({"count": 1})), 0);
        assert_eq!(found(json!({"count": "17"})), 0);
        assert_eq!(found(json!({"count": 1, "id": 0})), 0);
        assert_eq!(found(json!({"count": "many"})), 1);
        assert_eq!(found(json!({})), 1);
    }

    #[test]
    fn endpoints_and_statuses_that_are_not_described_are_told() {
        let checker = checker();
        assert_eq!(checker.request("GET", "/nothing", None)[0].kind, "unknown_route");
        assert_eq!(checker.response("POST", "/things/{id}", 404, None).len(), 1);
        assert_eq!(
            checker.response("POST", "/things/{id}", 200, Some(&json!({"count": 1}))).len(),
            0
        );
    }
}
