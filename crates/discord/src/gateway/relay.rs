//! A gateway on this machine that serenity connects to.
//!
//! serenity 0.12.5 retries where Discord forbids it, ignores where to resume and drops what it can't
//! read. So the session with Discord is kept by [`super::upstream`], and serenity is given a session
//! that never breaks and carries only what it is needed for. It gets a secret of this process in
//! place of the bot's token: whoever else on this machine finds the port learns nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use domain::ids::ApplicationId;
use futures::{SinkExt, StreamExt};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use tokio_util::sync::CancellationToken;

/// How often serenity is asked to beat. Loopback needs no more than a sign of life.
const INTERVAL_MS: u32 = 41_250;

/// The longest a visitor may take to say who it is.
const GREETING: std::time::Duration = std::time::Duration::from_secs(10);

pub(super) struct Relay {
    listener: TcpListener,
    secret: SecretString,
    application: ApplicationId,
}

/// Ends a conversation.
struct Gone;

impl Relay {
    pub(super) async fn bind(
        secret: SecretString,
        application: ApplicationId,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        Ok(Self { listener, secret, application })
    }

    pub(super) fn url(&self) -> std::io::Result<String> {
        Ok(format!("ws://{}", self.listener.local_addr()?))
    }

    /// Serves serenity until `stop`. Events wait while it is not connected.
    pub(super) async fn run(
        self,
        events: mpsc::Receiver<(&'static str, String)>,
        stop: CancellationToken,
    ) {
        let relay = Arc::new(self);
        // The one that has proven itself gets the events; only one can.
        let events = Arc::new(tokio::sync::Mutex::new(events));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = relay.listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            };
            let (relay, events, stop) = (Arc::clone(&relay), Arc::clone(&events), stop.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    _ = relay.serve(stream, &events) => {}
                }
            });
        }
    }

    async fn serve(
        &self,
        stream: TcpStream,
        events: &tokio::sync::Mutex<mpsc::Receiver<(&'static str, String)>>,
    ) -> Result<(), Gone> {
        let greeting = async {
            let mut socket = accept_async(stream).await.map_err(|_| Gone)?;
            let hello = json!({ "op": 10, "d": { "heartbeat_interval": INTERVAL_MS } });
            send(&mut socket, &hello.to_string()).await?;
            let seq = self.identified(&mut socket).await?;
            Ok((socket, seq))
        };
        let (mut socket, mut seq) =
            tokio::time::timeout(GREETING, greeting).await.map_err(|_| Gone)??;
        let mut events = events.lock().await;
        let mut more = true;
        loop {
            tokio::select! {
                message = socket.next() => self.answer(&mut socket, message, &mut seq).await?,
                event = events.recv(), if more => {
                    // serenity turns in circles when its connection ends without its doing, so after
                    // the last event the conversation goes on until it says goodbye.
                    let Some((name, content)) = event else {
                        more = false;
                        continue;
                    };
                    seq += 1;
                    let frame = format!(r#"{{"op":0,"s":{seq},"t":"{name}","d":{content}}}"#);
                    send(&mut socket, &frame).await?;
                }
            }
        }
    }

    /// Waits for IDENTIFY or RESUME with the secret; answers the number of the last event.
    async fn identified(&self, socket: &mut WebSocketStream<TcpStream>) -> Result<u64, Gone> {
        loop {
            let text = match socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return Err(Gone),
            };
            let frame: Value = serde_json::from_str(&text).map_err(|_| Gone)?;
            let token = frame.pointer("/d/token").and_then(Value::as_str).unwrap_or_default();
            match frame.get("op").and_then(Value::as_u64) {
                Some(1) => send(socket, r#"{"op":11}"#).await?,
                Some(2) if self.knows(token) => {
                    send(socket, &self.ready().to_string()).await?;
                    return Ok(1);
                }
                Some(6) if self.knows(token) => {
                    let seq = frame.pointer("/d/seq").and_then(Value::as_u64).unwrap_or(0) + 1;
                    send(
                        socket,
                        &json!({ "op": 0, "s": seq, "t": "RESUMED", "d": {} }).to_string(),
                    )
                    .await?;
                    return Ok(seq);
                }
                _ => {
                    tracing::warn!("a stranger knocked at the gateway's relay");
                    return Err(Gone);
                }
            }
        }
    }

    fn knows(&self, token: &str) -> bool {
        // serenity writes `Bot ` in front.
        let given = token.strip_prefix("Bot ").unwrap_or(token).as_bytes();
        let secret = self.secret.expose_secret().as_bytes();
        // Compares whole, whatever differs first.
        given.len() == secret.len()
            && given.iter().zip(secret).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
    }

    fn ready(&self) -> Value {
        let user = json!({ "id": self.application, "username": "wardesk", "discriminator": "0", "avatar": null, "bot": true });
        json!({ "op": 0, "s": 1, "t": "READY", "d": {
            "v": 10,
            "user": user,
            "guilds": [],
            "session_id": "relay",
            "resume_gateway_url": "",
            "shard": [0, 1],
            "application": { "id": self.application, "flags": 0 },
        } })
    }

    async fn answer(
        &self,
        socket: &mut WebSocketStream<TcpStream>,
        message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
        seq: &mut u64,
    ) -> Result<(), Gone> {
        match message {
            Some(Ok(Message::Text(text))) => {
                let op =
                    serde_json::from_str::<Value>(&text).ok().and_then(|f| f.get("op")?.as_u64());
                match op {
                    Some(1) => send(socket, r#"{"op":11}"#).await,
                    Some(2) => {
                        *seq = 1;
                        send(socket, &self.ready().to_string()).await
                    }
                    _ => Ok(()),
                }
            }
            // Polling on lets the goodbye go out.
            Some(Ok(_)) => Ok(()),
            Some(Err(_)) | None => Err(Gone),
        }
    }
}

async fn send(socket: &mut WebSocketStream<TcpStream>, text: &str) -> Result<(), Gone> {
    socket.send(Message::text(text)).await.map_err(|_| Gone)
}
