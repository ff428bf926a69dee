//! Connections: bounded in number, in time for their headers, and in the size of them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use moka::future::Cache;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::observe;
use super::stream::{Lateness, Stream};

/// Connections at once.
const CONNECTIONS: usize = 4096;
/// Connections at once from one address that is not this machine (a proxy runs there).
const PER_ADDRESS: usize = 64;
/// How long the headers of a request may take.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long a connection may be open before the headers of its first request are there. A little more,
/// so that hyper's own comes first where it can.
const OPENING_TIME: Duration = Duration::from_secs(12);
/// Bytes of all headers at most; more is answered with 431.
const HEADER_LIMIT: usize = 16 * 1024;
/// How long requests under way may take to end after the stop.
const DRAIN_TIME: Duration = Duration::from_secs(20);

/// Writes down a request whose headers did not come in time.
fn too_late(lateness: &Lateness) {
    if lateness.note() {
        observe::refused("slow_header", Some(http::StatusCode::REQUEST_TIMEOUT));
    }
}

/// Writes down what hyper refused by itself. Any other broken connection is the other side's affair.
fn told(error: &(dyn std::error::Error + 'static), lateness: &Lateness) {
    let Some(error) = error.downcast_ref::<hyper::Error>() else { return };
    if error.is_parse_too_large() {
        let status = http::StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        observe::refused("large_header", Some(status));
    } else if error.is_timeout() {
        too_late(lateness);
    }
}

/// Serves until `stop`, then lets requests under way end.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let all = Arc::new(Semaphore::new(CONNECTIONS));
    let by_address: Cache<IpAddr, Arc<Semaphore>> =
        Cache::builder().max_capacity(100_000).time_to_idle(Duration::from_mins(5)).build();
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_LIMIT.max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(HEADER_LIMIT).unwrap_or(u32::MAX))
        .max_concurrent_streams(100)
        .keep_alive_interval(Some(Duration::from_secs(20)));
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
        let Ok(place) = Arc::clone(&all).try_acquire_owned() else {
            metrics::counter!("http_refused_total", "reason" => "connections").increment(1);
            continue;
        };
        let own_place = if peer.ip().is_loopback() {
            None
        } else {
            let fresh = async { Arc::new(Semaphore::new(PER_ADDRESS)) };
            let places = by_address.get_with(peer.ip(), fresh).await;
            let Ok(place) = places.try_acquire_owned() else {
                metrics::counter!("http_refused_total", "reason" => "address").increment(1);
                continue;
            };
            Some(place)
        };
        let router = router.clone();
        let first = CancellationToken::new();
        let begun = first.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            begun.cancel();
            router.clone().oneshot(request.map(Body::new))
        });
        let (stream, lateness) = Stream::new(stream);
        let connection =
            builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            tokio::pin!(connection);
            // hyper's own time for headers begins once it knows which HTTP is spoken. Until then, this.
            let opening = tokio::time::timeout(OPENING_TIME, first.cancelled());
            tokio::select! {
                ended = &mut connection => ended.unwrap_or_else(|error| told(&*error, &lateness)),
                opened = opening => match opened {
                    Ok(()) => connection.await.unwrap_or_else(|error| told(&*error, &lateness)),
                    Err(_) => too_late(&lateness),
                },
            }
            drop((place, own_place));
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests under way were cut off at the end of the drain time");
    }
}
