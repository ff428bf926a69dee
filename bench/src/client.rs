//! One HTTP connection.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, HeaderMap};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::Problem;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as it came: not unpacked.
    pub body: Bytes,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that is kept open between requests.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Client {
    /// Connects; `host` is what the server is called.
    pub async fn connect(address: SocketAddr, host: &str) -> Result<Self, Problem> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: host.to_owned() })
    }

    /// Asks and reads the whole answer.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, Problem> {
        Ok(self.timed_send(method, path, headers, body).await?.0)
    }

    /// As [`Client::send`], with the time until the answer began.
    async fn timed_send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<(Answer, Duration), Problem> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await?;
        let began = Instant::now();
        let response = self.sender.send_request(request.body(Full::new(body.into()))?).await?;
        let first = began.elapsed();
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok((Answer { status: parts.status, headers: parts.headers, body }, first))
    }

    /// Asks for a page; answers the time until its first byte came, too.
    pub async fn timed_get(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<(Answer, Duration), Problem> {
        self.timed_send(Method::GET, path, headers, Bytes::new()).await
    }

    /// Asks for a page.
    pub async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Answer, Problem> {
        self.send(Method::GET, path, headers, Bytes::new()).await
    }
}
