//! Reading attachments from Discord's CDN, and from nowhere else.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use url::{Host, Url};
use wardesk_core::ports::{AttachmentSource, DiscordError};

use super::addresses::{Lookup, PublicOnly, SystemLookup, is_global};
use crate::http;

/// The longest until the headers are there, and between two pieces of the body.
const WAIT: Duration = Duration::from_secs(10);

/// The longest a whole transfer may take.
const WHOLE: Duration = Duration::from_mins(2);

/// Where the bytes of an attachment may come from.
pub(crate) struct Attachments {
    client: reqwest::Client,
    /// Scheme, host and port of each allowed CDN.
    allowed: Vec<(String, String, u16)>,
    allow_loopback: bool,
}

impl Attachments {
    pub(crate) fn new(cdns: &[Url], allow_loopback: bool) -> Result<Self, reqwest::Error> {
        Self::with_lookup(cdns, allow_loopback, Arc::new(SystemLookup))
    }

    fn with_lookup(
        cdns: &[Url],
        allow_loopback: bool,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, reqwest::Error> {
        let client = http::client()
            .read_timeout(WAIT)
            .timeout(WHOLE)
            .https_only(!allow_loopback)
            .dns_resolver(Arc::new(PublicOnly { lookup, allow_loopback }))
            .build()?;
        let allowed = cdns.iter().filter_map(origin).collect();
        Ok(Self { client, allowed, allow_loopback })
    }

    /// The address, if attachments may be read from there.
    fn check(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        let host_ok = match url.host()? {
            Host::Domain(_) => true,
            // A literal address is not looked up, so the resolver doesn't see it.
            Host::Ipv4(ip) => self.ip_ok(ip.into()),
            Host::Ipv6(ip) => self.ip_ok(ip.into()),
        };
        let scheme_ok = url.scheme() == "https" || (self.allow_loopback && url.scheme() == "http");
        let listed = self.allowed.contains(&origin(&url)?);
        (plain && host_ok && scheme_ok && listed).then_some(url)
    }

    fn ip_ok(&self, ip: std::net::IpAddr) -> bool {
        is_global(ip) || (self.allow_loopback && ip.is_loopback())
    }

    pub(crate) async fn open(&self, text: &str) -> Result<AttachmentSource, DiscordError> {
        let unavailable = DiscordError::Unavailable { retry_after_ms: None };
        let url = self.check(text).ok_or(DiscordError::Refused { status: 0, code: 0 })?;
        let sent = tokio::time::timeout(WAIT, self.client.get(url).send()).await;
        let Ok(Ok(response)) = sent else { return Err(unavailable) };
        match response.status() {
            StatusCode::OK => {}
            // 403 is how the CDN answers a link that has expired.
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN => {
                return Err(DiscordError::Gone { code: 0 });
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Err(unavailable);
            }
            status => return Err(DiscordError::Refused { status: status.as_u16(), code: 0 }),
        }
        let content_type = response.headers().get(CONTENT_TYPE).map(HeaderValue::to_str);
        Ok(AttachmentSource {
            length: response.content_length(),
            content_type: content_type.and_then(Result::ok).map(str::to_owned),
            bytes: response
                .bytes_stream()
                .map(|piece| piece.map_err(|_| DiscordError::Unavailable { retry_after_ms: None }))
                .boxed(),
        })
    }
}

fn origin(url: &Url) -> Option<(String, String, u16)> {
    Some((url.scheme().to_owned(), url.host_str()?.to_owned(), url.port_or_known_default()?))
}

#[cfg(test)]
mod tests;
