//! A connection that can be told goodbye.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What a client reads that began a request and did not end it. Source: RFC 9110, 15.5.9.
const TOO_LATE: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Nothing has come since the last answer.
const SILENT: u8 = 0;
/// A request has begun.
const BEGUN: u8 = 1;
/// The rest of it did not come in time.
const LATE: u8 = 2;

/// What its owner may say to a [`Stream`] that hyper holds.
#[derive(Debug, Clone, Default)]
pub struct Lateness(Arc<AtomicU8>);

impl Lateness {
    /// Time is up. Answers whether a request had begun: then 408 will be the stream's last words. A client
    /// that is silent, as browsers are between two requests and when they connect ahead, is told nothing.
    pub fn note(&self) -> bool {
        self.0.compare_exchange(BEGUN, LATE, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// A TCP stream that answers 408 when it is dropped and its client was late: hyper itself would close it
/// without a word.
#[derive(Debug)]
pub struct Stream {
    stream: TcpStream,
    state: Lateness,
}

impl Stream {
    /// Wraps a stream.
    pub fn new(stream: TcpStream) -> (Self, Lateness) {
        let state = Lateness::default();
        (Self { stream, state: state.clone() }, state)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.state.0.load(Ordering::Relaxed) == LATE {
            // Whoever does not take it now has gone.
            let _ = self.stream.try_write(TOO_LATE);
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
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
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
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.state.0.store(SILENT, Ordering::Relaxed);
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
