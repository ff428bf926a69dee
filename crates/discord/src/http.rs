//! How this crate makes HTTP clients.

use std::time::Duration;

use domain::egress::{Egress, NotContacted};
use reqwest::{IntoUrl, Method, Request, RequestBuilder, Response};

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

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendFailure {
    /// The host is not one that the program contacts.
    #[error(transparent)]
    NotContacted(#[from] NotContacted),
    /// Sending failed.
    #[error("not sent, or not answered")]
    Http(#[from] reqwest::Error),
}

/// A client that contacts only who is on the list of this installation.
#[derive(Clone)]
pub(crate) struct Guarded {
    client: reqwest::Client,
    egress: Egress,
}

impl Guarded {
    /// Makes one that waits for [`CALL_TIMEOUT`] at most.
    pub(crate) fn new(egress: Egress) -> Result<Self, reqwest::Error> {
        Ok(Self { client: client().timeout(CALL_TIMEOUT).build()?, egress })
    }

    /// Begins a request, which [`Guarded::execute`] sends.
    pub(crate) fn request(&self, method: Method, url: impl IntoUrl) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request, if its host may be contacted.
    pub(crate) async fn execute(&self, request: Request) -> Result<Response, SendFailure> {
        self.egress.check(request.url().host_str()).inspect_err(|_| {
            metrics::counter!("egress_refused_total").increment(1);
        })?;
        Ok(self.client.execute(request).await?)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_not_on_the_list_is_not_connected_to() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let ask = async |egress: Egress| {
            let client = Guarded::new(egress).unwrap();
            let request = client.request(Method::GET, &url).build().unwrap();
            let asking = tokio::spawn(async move { client.execute(request).await });
            let accepted = tokio::time::timeout(Duration::from_secs(1), listener.accept()).await;
            let connected = accepted.is_ok();
            drop(accepted);
            (asking.await.unwrap(), connected)
        };
        let egress = Egress::new(["discord.com".to_owned()]);
        let (answer, connected) = ask(egress.clone()).await;
        assert!(matches!(answer, Err(SendFailure::NotContacted(_))) && !connected);
        assert_eq!(egress.refused(), 1);
        // The same with the host on the list: the test sees connections.
        let (answer, connected) = ask(Egress::new(["127.0.0.1".to_owned()])).await;
        assert!(matches!(answer, Err(SendFailure::Http(_))) && connected);
    }
}
