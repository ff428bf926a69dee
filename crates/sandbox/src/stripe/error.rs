//! Stripe's errors: a status and `{"error": {"type", "code", "message", "param", …}}`.
//! Source: Stripe API reference, "Errors".

use serde_json::{Value, json};

use super::cards::Decline;

/// A refusal in Stripe's words.
#[derive(Debug, Clone)]
pub(crate) struct StripeError {
    pub(crate) status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    decline_code: Option<&'static str>,
}

pub(crate) type Answer = Result<Value, StripeError>;

impl StripeError {
    fn new(status: u16, kind: &'static str, code: Option<&'static str>, message: String) -> Self {
        Self { status, kind, code, message, param: None, decline_code: None }
    }

    #[must_use]
    fn about(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    /// 400 for a request that makes no sense.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", None, message.into())
    }

    /// 400 with a code of Stripe's.
    pub(crate) fn coded(code: &'static str, param: &str, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", Some(code), message.into()).about(param)
    }

    pub(crate) fn missing_param(param: &str) -> Self {
        Self::coded("parameter_missing", param, format!("Missing required param: {param}."))
    }

    pub(crate) fn unknown_param(param: &str) -> Self {
        Self::coded("parameter_unknown", param, format!("Received unknown parameter: {param}"))
    }

    pub(crate) fn invalid_integer(param: &str, value: &str) -> Self {
        Self::coded("parameter_invalid_integer", param, format!("Invalid integer: {value}"))
    }

    /// An object that the address names and that is not there.
    pub(crate) fn no_such(what: &str, id: &str) -> Self {
        let mut error = Self::no_such_param(what, id, "id");
        error.status = 404;
        error
    }

    /// An object that a parameter names and that is not there.
    pub(crate) fn no_such_param(what: &str, id: &str, param: &str) -> Self {
        Self::coded("resource_missing", param, format!("No such {what}: '{id}'"))
    }

    /// No or a wrong key.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, "invalid_request_error", None, message.into())
    }

    pub(crate) fn unrecognized(method: &str, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: /v1/{path}).");
        Self::new(404, "invalid_request_error", None, message)
    }

    /// The same key with another request.
    pub(crate) fn idempotency(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used \
             with. Try using a key other than '{key}' if you meant to execute a different request."
        );
        Self::new(400, "idempotency_error", None, message)
    }

    /// The card was refused.
    pub(crate) fn card(decline: Decline) -> Self {
        let message = decline.message().to_owned();
        let mut error = Self::new(402, "card_error", Some(decline.code()), message);
        error.decline_code = decline.decline_code();
        error
    }

    pub(crate) fn rate_limit() -> Self {
        let message = "Too many requests. Try again with exponential back-off.".to_owned();
        Self::new(429, "invalid_request_error", Some("rate_limit"), message)
    }

    /// Stripe's own trouble.
    pub(crate) fn api(status: u16) -> Self {
        let message = "The payment provider of the sandbox is unavailable, as it was told to be.";
        Self::new(status, "api_error", None, message.to_owned())
    }

    pub(crate) fn body(&self) -> Value {
        let mut error = json!({"type": self.kind, "message": self.message});
        if let Some(code) = self.code {
            error["code"] = json!(code);
            error["doc_url"] = json!(format!("https://stripe.com/docs/error-codes/{code}"));
        }
        if let Some(param) = &self.param {
            error["param"] = json!(param);
        }
        if let Some(decline_code) = self.decline_code {
            error["decline_code"] = json!(decline_code);
        }
        json!({"error": error})
    }

    /// The words, for pages.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}
