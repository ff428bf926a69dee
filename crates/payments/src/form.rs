//! What Stripe's answers have in common. Source: Stripe API reference, "Pagination", "Expanding responses".

use domain::time::Millis;
use miniserde::Deserialize;
use miniserde::json::Value;
use wardesk_core::ports::Page;

/// Objects on a page at most, which is Stripe's limit too.
pub(crate) const LIMIT: u8 = 100;

/// A list, or a page of one.
#[derive(Deserialize)]
pub(crate) struct List<T> {
    pub data: Vec<T>,
    pub has_more: Option<bool>,
}

impl<T> List<T> {
    /// The page with what could be read of it. What could not is passed over: one object of a form to come
    /// must not hide the others.
    pub fn page<U>(
        self,
        id: impl Fn(&T) -> Option<String>,
        read: impl Fn(T) -> Option<U>,
    ) -> Page<U> {
        let more = self.has_more.unwrap_or(false);
        let next = self.data.last().and_then(id).filter(|_| more);
        let all = self.data.len();
        let items: Vec<U> = self.data.into_iter().filter_map(read).collect();
        if items.len() < all {
            tracing::warn!(
                count = all - items.len(),
                "objects of the payment provider cannot be read"
            );
        }
        Page { items, next }
    }
}

/// The id of another object, which may stand there whole.
pub(crate) fn id_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(id) => Some(id.clone()),
        Value::Object(object) => match object.get("id")? {
            Value::String(id) => Some(id.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a word is a code of ISO 4217 as Stripe writes it.
pub(crate) fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Stripe counts time in seconds.
pub(crate) const fn time(seconds: i64) -> Millis {
    Millis(seconds.saturating_mul(1000))
}

/// The second that holds a time.
pub(crate) const fn seconds(at: Millis) -> i64 {
    at.0.div_euclid(1000)
}
