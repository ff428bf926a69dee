//! One websocket of the gateway.

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::close;
use super::compress::Encoding;
use super::identify::Outcome;
use super::session::Outgoing;
use crate::Shared;

/// Payloads that a client may send in a minute.
const MOST_PER_MINUTE: usize = 120;

#[derive(Deserialize)]
pub(super) struct Params {
    v: Option<String>,
    encoding: Option<String>,
    compress: Option<String>,
}

pub(super) async fn upgrade(
    State(shared): State<Shared>,
    Query(params): Query<Params>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if shared.world().faults.refuse_gateway {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    upgrade.on_upgrade(move |socket| run(socket, shared, params))
}

/// Why a connection ended.
enum End {
    /// The client closed with this code, or without one.
    Client(Option<u16>),
    /// We closed.
    Server(u16),
    /// The connection is cut.
    Cut,
}

struct Connection {
    shared: Shared,
    socket: WebSocket,
    encoding: Encoding,
    outlet: mpsc::UnboundedSender<Outgoing>,
    inlet: mpsc::UnboundedReceiver<Outgoing>,
    session: Option<String>,
    sent_at: VecDeque<Instant>,
}

async fn run(socket: WebSocket, shared: Shared, params: Params) {
    let (outlet, inlet) = mpsc::unbounded_channel();
    let encoding = match params.compress.as_deref() {
        Some("zlib-stream") => Encoding::stream(),
        _ => Encoding::Plain,
    };
    let mut connection = Connection {
        shared,
        socket,
        encoding,
        outlet,
        inlet,
        session: None,
        sent_at: VecDeque::new(),
    };
    let end = if params.v.as_deref() != Some("10") {
        End::Server(close::INVALID_API_VERSION)
    } else if params.encoding.as_deref().unwrap_or("json") != "json" {
        End::Server(close::DECODE_ERROR)
    } else {
        connection.talk().await
    };
    connection.finish(end).await;
}

impl Connection {
    async fn talk(&mut self) -> End {
        let interval = self.shared.world().gateway.heartbeat_interval_ms;
        let hello = json!({"op": 10, "s": null, "t": null,
            "d": {"heartbeat_interval": interval, "_trace": []}});
        if !self.write(&hello.to_string()).await {
            return End::Cut;
        }
        let patience = Duration::from_millis(interval + interval / 2);
        let mut silent_until = Instant::now() + patience;
        loop {
            tokio::select! {
                outgoing = self.inlet.recv() => match outgoing {
                    Some(Outgoing::Text(text)) => if !self.write(&text).await { return End::Cut },
                    Some(Outgoing::Close(code)) => return End::Server(code),
                    Some(Outgoing::Drop) | None => return End::Cut,
                },
                incoming = self.socket.recv() => match incoming {
                    Some(Ok(Message::Text(text))) => {
                        silent_until = Instant::now() + patience;
                        if let Some(end) = self.read(text.as_bytes()).await { return end }
                    }
                    Some(Ok(Message::Binary(bytes))) => {
                        silent_until = Instant::now() + patience;
                        if let Some(end) = self.read(&bytes).await { return end }
                    }
                    Some(Ok(Message::Close(frame))) => return End::Client(frame.map(|frame| frame.code)),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Err(_)) | None => return End::Client(None),
                },
                () = tokio::time::sleep_until(silent_until) => {
                    return End::Server(close::SESSION_TIMED_OUT);
                }
                () = self.shared.stopped() => return End::Server(1001),
            }
        }
    }

    async fn write(&mut self, text: &str) -> bool {
        let frame = self.encoding.frame(text);
        self.socket.send(frame).await.is_ok()
    }

    async fn read(&mut self, bytes: &[u8]) -> Option<End> {
        let now = Instant::now();
        self.sent_at.push_back(now);
        while self.sent_at.front().is_some_and(|at| now - *at > Duration::from_mins(1)) {
            self.sent_at.pop_front();
        }
        if self.sent_at.len() > MOST_PER_MINUTE {
            return Some(End::Server(close::RATE_LIMITED));
        }
        if bytes.len() > 4_096 {
            return Some(End::Server(close::DECODE_ERROR));
        }
        let Ok(payload) = serde_json::from_slice::<Value>(bytes) else {
            return Some(End::Server(close::DECODE_ERROR));
        };
        let data = &payload["d"];
        match payload["op"].as_u64() {
            Some(1) => self.heartbeat().await,
            Some(2) => {
                if self.session.is_some() {
                    return Some(End::Server(close::ALREADY_AUTHENTICATED));
                }
                if data["compress"] == true && matches!(self.encoding, Encoding::Plain) {
                    self.encoding = Encoding::Payload;
                }
                let outcome = self.shared.world().identify(data, &self.outlet);
                self.settle(outcome).await
            }
            Some(6) => {
                if self.session.is_some() {
                    return Some(End::Server(close::ALREADY_AUTHENTICATED));
                }
                let outcome = self.shared.world().resume(data, &self.outlet);
                self.settle(outcome).await
            }
            Some(3 | 4 | 8 | 31) if self.session.is_none() => {
                Some(End::Server(close::NOT_AUTHENTICATED))
            }
            Some(8) => {
                let session = self.session.clone().unwrap_or_default();
                self.shared.world().send_members(&session, data);
                None
            }
            // Presence, voice and soundboards have nothing to show here.
            Some(3 | 4 | 31) => None,
            Some(_) => Some(End::Server(close::UNKNOWN_OPCODE)),
            None => Some(End::Server(close::DECODE_ERROR)),
        }
    }

    async fn heartbeat(&mut self) -> Option<End> {
        if self.shared.world().faults.mute_heartbeats {
            return None;
        }
        let ack = json!({"op": 11, "d": null, "s": null, "t": null}).to_string();
        (!self.write(&ack).await).then_some(End::Cut)
    }

    async fn settle(&mut self, outcome: Outcome) -> Option<End> {
        match outcome {
            Outcome::Session(id) => {
                self.session = Some(id);
                None
            }
            Outcome::Close(code) => Some(End::Server(code)),
            Outcome::Invalid(resumable) => {
                let payload = json!({"op": 9, "d": resumable, "s": null, "t": null}).to_string();
                (!self.write(&payload).await).then_some(End::Cut)
            }
        }
    }

    async fn finish(mut self, end: End) {
        let resumable = match end {
            End::Client(code) => code.is_none_or(close::is_resumable),
            End::Server(code) => close::is_resumable(code),
            End::Cut => true,
        };
        if let Some(session) = &self.session {
            self.shared.world().detach_from(session, &self.outlet, resumable);
        }
        if let End::Server(code) = end {
            let frame = CloseFrame { code, reason: close::reason(code).into() };
            // The client may be gone already.
            let _ = self.socket.send(Message::Close(Some(frame))).await;
            // Gives the close handshake a moment, so that the code arrives before the connection ends.
            let _ = tokio::time::timeout(Duration::from_secs(1), async {
                while let Some(Ok(_)) = self.socket.recv().await {}
            })
            .await;
        }
    }
}
