//! Connections: bounded in number, in time for their headers, and in the size of them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::client::{self, Proxies};
use super::observe;
use super::seats::{Full, Seats};
use super::stream::{Lateness, Stream};

/// Connections at once.
const CONNECTIONS: usize = 4096;
/// Connections at once from one address that is neither this machine (a proxy runs there) nor a proxy that
/// the settings name.
const PER_ADDRESS: usize = 64;
/// How long the headers of a request may take, from the connection's beginning or the last answer on.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Bytes of all headers at most; more is answered with 431.
const HEADER_LIMIT: usize = 16 * 1024;
/// How long requests under way may take to end after the stop.
const DRAIN_TIME: Duration = Duration::from_secs(20);

/// Writes down what hyper refused by itself. Any other broken connection is the other side's affair.
fn told(error: &hyper::Error, lateness: &Lateness) {
    if error.is_parse_too_large() {
        let status = http::StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        observe::refused("large_header", Some(status));
    } else if lateness.has_stalled() {
        observe::refused("slow_reader", None);
    } else if error.is_timeout() && lateness.note() {
        observe::refused("slow_header", Some(http::StatusCode::REQUEST_TIMEOUT));
    }
}

/// Serves until `stop`, then lets requests under way end. HTTP/1 alone: browsers speak HTTP/2 with TLS
/// only, which is the proxy's. Any number of connections may come from `proxies`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    proxies: Proxies,
    stop: CancellationToken,
) {
    let seats = Seats::new(PER_ADDRESS, CONNECTIONS);
    let proxies = Arc::new(proxies);
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_LIMIT.max(8192));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, for one: others end meanwhile.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let seat = match seats.take(proxies.counted(peer.ip())) {
            Ok(seat) => seat,
            Err(full) => {
                let reason = match full {
                    Full::All => "connections",
                    Full::Own => "address",
                };
                metrics::counter!("http_refused_total", "reason" => reason).increment(1);
                continue;
            }
        };
        let (router, proxies) = (router.clone(), Arc::clone(&proxies));
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            let client = client::of(peer.ip(), request.headers(), &proxies);
            request.extensions_mut().insert(client);
            router.clone().oneshot(request.map(Body::new))
        });
        // What is written is whole: waiting for more would only delay it.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended as it began");
            continue;
        }
        let (stream, lateness) = Stream::new(stream);
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // By reference: the stream outlives what is told of it, since its end is what says 408.
            let mut connection = std::pin::pin!(connection);
            connection.as_mut().await.unwrap_or_else(|error| told(&error, &lateness));
            drop(seat);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests under way were cut off at the end of the drain time");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str) -> Option<String> {
        let proxies = ["203.0.113.9".parse().unwrap(), "2001:db8::9".parse().unwrap()];
        let proxies = Proxies::Named(proxies.to_vec());
        proxies.counted(peer.parse().unwrap()).map(|address| address.to_string())
    }

    #[test]
    fn a_customers_addresses_are_counted_together() {
        assert_eq!(of("2001:db8:1:2:aaaa::1"), of("2001:db8:1:2:bbbb::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("203.0.113.1").unwrap(), "203.0.113.1");
        // As a socket for both families tells IPv4.
        assert_eq!(of("::ffff:203.0.113.1"), of("203.0.113.1"));
    }

    #[test]
    fn this_machine_and_named_proxies_are_not_counted() {
        let free = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "203.0.113.9", "::ffff:203.0.113.9"];
        for peer in free.into_iter().chain(["2001:db8::9"]) {
            assert_eq!(of(peer), None, "{peer}");
        }
        // A private address is a neighbour, not a proxy.
        assert!(of("10.0.0.1").is_some());
    }
}
