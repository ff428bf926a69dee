//! A connection that can be told goodbye, and that does not wait for ever for a client to read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// What a client reads that began a request and did not end it. Source: RFC 9110, 15.5.9.
const TOO_LATE: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// How long a client may take nothing of what is sent. Who reads, however slowly, and a live page, of which
/// little is sent, are not affected.
const PATIENCE: Duration = Duration::from_secs(30);

/// Nothing has come since the last answer.
const SILENT: u8 = 0;
/// A request has begun.
const BEGUN: u8 = 1;
/// The rest of it did not come in time.
const LATE: u8 = 2;
/// The client took nothing of its answer.
const STALLED: u8 = 3;

/// What its owner may say to a [`Stream`] that hyper holds.
#[derive(Debug, Clone, Default)]
pub struct Lateness(Arc<AtomicU8>);

impl Lateness {
    /// Time is up. Answers whether a request had begun: then 408 will be the stream's last words. A client
    /// that is silent, as browsers are between two requests and when they connect ahead, is told nothing.
    pub fn note(&self) -> bool {
        self.0.compare_exchange(BEGUN, LATE, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Whether the connection ended because its client did not read.
    pub fn has_stalled(&self) -> bool {
        self.0.load(Ordering::Relaxed) == STALLED
    }
}

/// A TCP stream that answers 408 when it is dropped and its client was late: hyper itself would close it
/// without a word.
#[derive(Debug)]
pub struct Stream {
    tcp: TcpStream,
    state: Lateness,
    patience: Duration,
    /// Since the client takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    /// Wraps a stream.
    pub fn new(stream: TcpStream) -> (Self, Lateness) {
        Self::with(stream, PATIENCE)
    }

    fn with(stream: TcpStream, patience: Duration) -> (Self, Lateness) {
        let state = Lateness::default();
        (Self { tcp: stream, state: state.clone(), patience, stalled: None }, state)
    }

    /// What came of an attempt to write, and an end to it when that takes too long.
    fn written(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let timer = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(timer.as_mut().poll(cx));
        self.state.0.store(STALLED, Ordering::Relaxed);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.state.0.load(Ordering::Relaxed) == LATE {
            // Whoever does not take it now has gone.
            let _ = self.tcp.try_write(TOO_LATE);
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.tcp).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.state.0.store(BEGUN, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.state.0.store(SILENT, Ordering::Relaxed);
        let written = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.written(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.state.0.store(SILENT, Ordering::Relaxed);
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, parts);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    async fn pair(patience: Duration) -> (Stream, Lateness, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, lateness) = Stream::with(listener.accept().await.unwrap().0, patience);
        (stream, lateness, client)
    }

    #[tokio::test]
    async fn who_reads_nothing_is_left() {
        let (mut stream, lateness, _client) = pair(Duration::from_millis(50)).await;
        let answer = vec![b'a'; 64 << 20];
        let failed = stream.write_all(&answer).await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
        assert!(lateness.has_stalled());
    }

    #[tokio::test]
    async fn who_reads_in_time_gets_everything() {
        let (mut stream, lateness, mut client) = pair(Duration::from_secs(5)).await;
        let answer = vec![b'a'; 8 << 20];
        let writing = async {
            stream.write_all(&answer).await.unwrap();
            stream.shutdown().await.unwrap();
        };
        let reading = async {
            let mut all = Vec::new();
            client.read_to_end(&mut all).await.unwrap();
            all.len()
        };
        let ((), read) = tokio::join!(writing, reading);
        assert_eq!(read, 8 << 20);
        assert!(!lateness.has_stalled());
    }
}
