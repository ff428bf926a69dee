//! One connection to the gateway, from HELLO to its end.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use tokio_util::sync::CancellationToken;
use wardesk_core::transcripts::coverage;

use super::codes::{After, after};
use super::frame::{Frame, Text, inflate};
use super::health::GatewayState;
use super::protocol::{Act, Phase, Session, act};
use super::upstream::{Standing, Upstream};

/// Discord says HELLO at once.
const HELLO_TIMEOUT: Duration = Duration::from_secs(20);

/// The longest a farewell may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// A code that keeps the session, so that it can be resumed. 1000 and 1001 end it.
const KEEP_SESSION: u16 = 4000;

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// This process is stopping.
    Stopped,
    /// There was none.
    NotConnected {
        /// How long to wait, if Discord said.
        wait: Option<Duration>,
    },
    /// It was there and is no more.
    Closed {
        after: After,
        /// For how long events had arrived; `None` if none had.
        lived: Option<Duration>,
    },
}

pub(super) struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    phase: Phase,
    /// Since when events arrive.
    live_since: Option<Instant>,
    /// When to beat, and how often; unknown before HELLO.
    interval: Duration,
    next_beat: Instant,
    last_beat: Option<Instant>,
    heard: bool,
    since: Instant,
}

enum Flow {
    Go,
    End(After),
}

impl Connection {
    pub(super) async fn open(url: &str) -> Result<Self, ()> {
        let config = WebSocketConfig::default()
            .max_message_size(Some(64 * 1024 * 1024))
            .max_frame_size(Some(64 * 1024 * 1024));
        let (socket, _) =
            connect_async_with_config(url, Some(config), true).await.map_err(|error| {
                tracing::warn!(kind = kind(&error), "the gateway cannot be reached");
            })?;
        let now = Instant::now();
        Ok(Self {
            socket,
            phase: Phase::Greeting,
            live_since: None,
            interval: HELLO_TIMEOUT,
            next_beat: now + HELLO_TIMEOUT,
            last_beat: None,
            heard: true,
            since: now,
        })
    }

    pub(super) async fn run(
        mut self,
        shard: &mut Upstream,
        standing: &mut Standing,
        stop: &CancellationToken,
    ) -> Ended {
        let after = loop {
            let flow = tokio::select! {
                biased;
                () = stop.cancelled() => {
                    // Nothing of this session is kept across a restart, so it ends here.
                    self.close(1000).await;
                    return Ended::Stopped;
                }
                () = sleep_until(self.next_beat) => self.beat_due(standing).await,
                message = self.socket.next() => match message {
                    Some(Ok(message)) => self.message(message, shard, standing).await,
                    Some(Err(_)) | None => Flow::End(After::Resume),
                },
            };
            if let Flow::End(after) = flow {
                break after;
            }
        };
        Ended::Closed { after, lived: self.live_since.map(|since| since.elapsed()) }
    }

    async fn message(
        &mut self,
        message: Message,
        shard: &mut Upstream,
        standing: &mut Standing,
    ) -> Flow {
        let text = match message {
            Message::Text(text) => Text::Plain(text),
            Message::Binary(bytes) => match inflate(&bytes) {
                Some(text) => Text::Inflated(text),
                None => return self.leave(After::Resume).await,
            },
            Message::Close(frame) => {
                let code = frame.map(|f| u16::from(f.code));
                tracing::info!(code, "the gateway closed the connection");
                // Lets the farewell go out.
                let _ = timeout(CLOSE_TIMEOUT, self.socket.next()).await;
                return Flow::End(after(code));
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Flow::Go,
        };
        let Some(frame) = Frame::read(text.as_ref()) else {
            tracing::warn!("the gateway sent what is no frame");
            return Flow::Go;
        };
        if let Some(seq) = frame.s {
            standing.seq = Some(seq);
        }
        match act(self.phase, &frame) {
            Act::Greet(interval) => self.greet(interval, shard, standing).await,
            Act::Beat => self.beat(standing).await,
            Act::Heard => {
                self.heard = true;
                if let Some(sent) = self.last_beat {
                    shard.health.latency(sent.elapsed());
                }
                Flow::Go
            }
            Act::Dispatch => self.dispatch(&frame, shard, standing).await,
            Act::Leave(after) => self.leave(after).await,
            Act::Ignore => Flow::Go,
        }
    }

    async fn greet(&mut self, interval: Duration, shard: &Upstream, standing: &Standing) -> Flow {
        self.interval = interval;
        // The first beat comes after a random part of the interval, so that not all bots beat at once.
        self.next_beat = Instant::now() + shard.up_to(interval);
        let token = shard.token.expose_secret();
        let payload = if let Some(session) = &standing.session {
            self.phase = Phase::Resuming;
            json!({ "op": 6, "d": { "token": token, "session_id": session.id, "seq": standing.seq } })
        } else {
            self.phase = Phase::Identifying;
            json!({ "op": 2, "d": {
                "token": token,
                "intents": standing.intents.bits(),
                "properties": { "os": std::env::consts::OS, "browser": "wardesk", "device": "wardesk" },
                "compress": true,
                "large_threshold": 50,
                "shard": [shard.shard.id, shard.shard.total],
            } })
        };
        self.send(&payload).await
    }

    async fn dispatch(
        &mut self,
        frame: &Frame<'_>,
        shard: &mut Upstream,
        standing: &mut Standing,
    ) -> Flow {
        let name = frame.t.as_deref().unwrap_or_default();
        match name {
            "READY" => {
                standing.session = Session::read(frame.data());
                shard.health.content_available(standing.intents.content());
                if standing.intents.members() {
                    tracing::info!("Discord tells who joins and leaves");
                }
                coverage::began(&shard.w);
                self.live(shard);
            }
            "RESUMED" => {
                let ms = self.since.elapsed().as_millis();
                tracing::info!(ms, "gateway session resumed");
                coverage::resumed(&shard.w);
                self.live(shard);
            }
            _ => {}
        }
        // The archive may be slower than Discord. Reading pauses then, beating does not; and what is
        // not read is no sign of a dead connection.
        let mut passing = std::pin::pin!(shard.tap.pass(name, frame));
        loop {
            tokio::select! {
                biased;
                () = &mut passing => return Flow::Go,
                () = sleep_until(self.next_beat) => {
                    self.heard = true;
                    if let Flow::End(after) = self.beat_due(standing).await {
                        // The event was read, so it is not lost with the connection.
                        passing.await;
                        return Flow::End(after);
                    }
                }
            }
        }
    }

    fn live(&mut self, shard: &Upstream) {
        self.phase = Phase::Live;
        self.live_since = Some(Instant::now());
        shard.health.state(GatewayState::Connected);
    }

    async fn beat_due(&mut self, standing: &Standing) -> Flow {
        if self.phase == Phase::Greeting || !self.heard {
            tracing::warn!("the gateway has fallen silent");
            return self.leave(After::Resume).await;
        }
        self.next_beat = Instant::now() + self.interval;
        self.heard = false;
        self.beat(standing).await
    }

    async fn beat(&mut self, standing: &Standing) -> Flow {
        self.last_beat = Some(Instant::now());
        self.send(&json!({ "op": 1, "d": standing.seq })).await
    }

    async fn send(&mut self, payload: &Value) -> Flow {
        match self.socket.send(Message::text(payload.to_string())).await {
            Ok(()) => Flow::Go,
            Err(_) => Flow::End(After::Resume),
        }
    }

    async fn leave(&mut self, after: After) -> Flow {
        self.close(KEEP_SESSION).await;
        Flow::End(after)
    }

    async fn close(&mut self, code: u16) {
        let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
        let farewell = async {
            let _ = self.socket.close(Some(frame)).await;
            // Until the other end has said goodbye too.
            while let Some(Ok(_)) = self.socket.next().await {}
        };
        let _ = timeout(CLOSE_TIMEOUT, farewell).await;
    }
}

/// What kind of failure it was: the error's own text may hold the address.
fn kind(error: &Error) -> &'static str {
    match error {
        Error::Io(_) => "io",
        Error::Tls(_) => "tls",
        Error::Http(_) | Error::HttpFormat(_) => "http",
        Error::Url(_) => "address",
        Error::Protocol(_) => "protocol",
        _ => "other",
    }
}
