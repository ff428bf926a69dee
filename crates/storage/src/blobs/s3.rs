//! S3 over the program's own HTTP client and hashes: `object_store` brings others along otherwise, and with
//! them a second HTTP client and a second TLS provider.

use std::time::Duration;

use async_trait::async_trait;
use domain::egress::Egress;
use hmac::{Hmac, Mac as _};
use http_body_util::BodyExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, HttpClient, HttpConnector,
    HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService, Signer,
    SigningAlgorithm,
};
use object_store::{ClientOptions, RetryConfig};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::address::Bucket;
use crate::errors::StorageError;

/// The longest until a connection stands.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest between two pieces of an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest that one request may take: a part of 5 MiB over a slow line.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(2);
/// How often a request is repeated that may be.
const RETRIES: usize = 4;
/// How long one is repeated.
const RETRIED_FOR: Duration = Duration::from_secs(30);

/// The keys of an S3 store. They have settings of their own, so that addresses can be shown.
#[derive(Debug, Clone)]
pub struct S3Keys {
    /// The access key's id.
    pub id: SecretString,
    /// Its secret.
    pub secret: SecretString,
}

/// Makes a client of a bucket. Connects to nothing.
pub(super) fn open(bucket: &Bucket, keys: &S3Keys) -> Result<AmazonS3, StorageError> {
    let retry =
        RetryConfig { max_retries: RETRIES, retry_timeout: RETRIED_FOR, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_access_key_id(keys.id.expose_secret())
        .with_secret_access_key(keys.secret.expose_secret())
        .with_retry(retry)
        // Not every store takes lists of what is to be deleted.
        .with_disable_bulk_delete(true)
        .with_crypto_provider(std::sync::Arc::new(Hashes))
        .with_http_connector(Connector {
            plain: bucket.is_plain(),
            egress: Egress::new([bucket.host()]),
        });
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(bucket.is_plain());
    }
    Ok(builder.build()?)
}

#[derive(Debug)]
struct Connector {
    plain: bool,
    egress: Egress,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder()
            .no_proxy()
            // A signed request goes where it was signed for and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .https_only(!self.plain)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .build()
            .map_err(|error| object_store::Error::Generic { store: "S3", source: error.into() })?;
        Ok(HttpClient::new(Client { client, egress: self.egress.clone() }))
    }
}

#[derive(Debug)]
struct Client {
    client: reqwest::Client,
    /// The store itself, and nobody else.
    egress: Egress,
}

#[async_trait]
impl HttpService for Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = request.map(|body| match body.as_bytes() {
            Some(bytes) => reqwest::Body::from(bytes.clone()),
            None => reqwest::Body::wrap(body),
        });
        let request = reqwest::Request::try_from(request).map_err(failure)?;
        self.egress
            .check(request.url().host_str())
            .map_err(|error| HttpError::new(HttpErrorKind::Request, error))?;
        let response = self.client.execute(request).await.map_err(failure)?;
        let (parts, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(body.map_err(failure))))
    }
}

/// Sorts a failure by whether the request may be repeated. The address stays out of it.
fn failure(error: reqwest::Error) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else if error.is_request() || error.is_body() {
        // The connection broke: repeated where that does no harm.
        HttpErrorKind::Interrupted
    } else if error.is_decode() {
        HttpErrorKind::Decode
    } else {
        HttpErrorKind::Unknown
    };
    HttpError::new(kind, error.without_url())
}

/// SHA-256 and its HMAC, as the rest of the program makes them.
#[derive(Debug)]
struct Hashes;

impl CryptoProvider for Hashes {
    fn digest(&self, algorithm: DigestAlgorithm) -> object_store::Result<Box<dyn DigestContext>> {
        match algorithm {
            DigestAlgorithm::Sha256 => Ok(Box::new(Hash { state: Sha256::new(), done: [0; 32] })),
            _ => Err(unknown_algorithm()),
        }
    }

    fn hmac(
        &self,
        algorithm: DigestAlgorithm,
        secret: &[u8],
    ) -> object_store::Result<Box<dyn HmacContext>> {
        match algorithm {
            DigestAlgorithm::Sha256 => {
                let state =
                    Hmac::<Sha256>::new_from_slice(secret).map_err(|_| unknown_algorithm())?;
                Ok(Box::new(Hash { state, done: [0; 32] }))
            }
            _ => Err(unknown_algorithm()),
        }
    }

    fn sign(&self, _: SigningAlgorithm, _: &[u8]) -> object_store::Result<Box<dyn Signer>> {
        // Google's stores sign so; this program does not speak to them.
        Err(unknown_algorithm())
    }
}

fn unknown_algorithm() -> object_store::Error {
    object_store::Error::NotSupported { source: "only SHA-256 and its HMAC".into() }
}

/// A hash under way, and its value afterwards.
struct Hash<S> {
    state: S,
    done: [u8; 32],
}

impl DigestContext for Hash<Sha256> {
    fn update(&mut self, data: &[u8]) {
        sha2::Digest::update(&mut self.state, data);
    }

    fn finish(&mut self) -> object_store::Result<&[u8]> {
        self.done = self.state.clone().finalize().into();
        Ok(&self.done)
    }
}

impl HmacContext for Hash<Hmac<Sha256>> {
    fn update(&mut self, data: &[u8]) {
        self.state.update(data);
    }

    fn finish(&mut self) -> object_store::Result<&[u8]> {
        self.done = self.state.clone().finalize().into_bytes().into();
        Ok(&self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: FIPS 180-4's example "abc", and RFC 4231, test case 2.
    #[test]
    fn hashes_are_the_standards() {
        let mut digest = Hashes.digest(DigestAlgorithm::Sha256).unwrap();
        digest.update(b"a");
        digest.update(b"bc");
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::super::hex(digest.finish().unwrap()), expected);
        let mut mac = Hashes.hmac(DigestAlgorithm::Sha256, b"Jefe").unwrap();
        mac.update(b"what do ya want ");
        mac.update(b"for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(super::super::hex(mac.finish().unwrap()), expected);
    }
}
