//! Sends webhooks: one after the other, so that an order which a test asks for is kept.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Job;
use crate::Shared;

/// An endpoint that has not answered by then has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Attempts become due with the clock, which nobody announces.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Sends what is due until `stop`.
pub(crate) async fn deliver(shared: Shared, stop: CancellationToken) {
    let mut changes = shared.world().stripe.webhooks.watch();
    loop {
        changes.borrow_and_update();
        let job = {
            let mut world = shared.world();
            let now = world.now();
            world.stripe.webhooks.next_job(now)
        };
        let Some(job) = job else {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = changes.changed() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
            continue;
        };
        let answer = tokio::select! {
            () = stop.cancelled() => return,
            answer = tokio::time::timeout(PATIENCE, post(&job)) => {
                answer.unwrap_or_else(|_| Err("no answer within 10 s".to_owned()))
            }
        };
        let mut world = shared.world();
        let now = world.now();
        world.stripe.webhooks.attempted(&job, answer, now);
    }
}

/// Posts to an address of this machine and says the status of the answer.
async fn post(job: &Job) -> Result<u16, String> {
    let url = Url::parse(&job.url).map_err(|error| error.to_string())?;
    let host = url.host_str().ok_or("the address has no host")?;
    let port = url.port_or_known_default().ok_or("the address has no port")?;
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((name, port)).await.map_err(|error| error.to_string())?;
    let peer = stream.peer_addr().map_err(|error| error.to_string())?;
    if !peer.ip().is_loopback() {
        return Err("not an address of this machine".to_owned());
    }
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let driver = tokio::spawn(connection);
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut request = Request::post(path)
        .header(header::HOST, format!("{host}:{port}"))
        .header(header::USER_AGENT, "Stripe/1.0 (+https://stripe.com/docs/webhooks; sandbox)")
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header(header::CONNECTION, "close");
    if let Some(signature) = &job.signature {
        request = request.header("stripe-signature", signature);
    }
    let body = axum::body::Body::from(Bytes::from(job.body.clone()));
    let request = request.body(body).map_err(|error| error.to_string())?;
    let answer = sender.send_request(request).await;
    driver.abort();
    answer.map(|answer| answer.status().as_u16()).map_err(|error| error.to_string())
}
