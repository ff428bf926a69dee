//! How this crate makes HTTP clients.

use std::time::Duration;

/// Discord asks for this form. Source: Discord API reference, "User Agent".
pub(crate) const USER_AGENT: &str =
    concat!("DiscordBot (https://github.com/wardesk, ", env!("CARGO_PKG_VERSION"), ")");

/// The longest a call may take, connecting included.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest connecting may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What every client has in common: no proxy from the environment, no redirects, time limits.
pub(crate) fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(USER_AGENT)
}

/// Reads a body of at most `limit` bytes; `None` when it is larger or breaks off.
pub(crate) async fn read_body(mut response: reqwest::Response, limit: usize) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > limit {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}
