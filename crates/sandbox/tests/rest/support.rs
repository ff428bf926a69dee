//! A sandbox, a bot's REST client and a bot's gateway connection, for the tests beside.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use sandbox::world::example;
use sandbox::{Sandbox, SandboxConfig};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: HeaderMap,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    #[track_caller]
    pub fn refused(self, status: u16, code: u32) -> Value {
        assert_eq!(
            (self.status, self.body["code"].as_u64()),
            (status, Some(u64::from(code))),
            "{}",
            self.body
        );
        self.body
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub struct Bed {
    pub sandbox: Sandbox,
    pub http: reqwest::Client,
}

pub async fn fast() -> Bed {
    bed(SandboxConfig::fast()).await
}

pub async fn bed(config: SandboxConfig) -> Bed {
    // Another test of this process may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sandbox = Sandbox::start(config).await.unwrap();
    Bed { sandbox, http: reqwest::Client::new() }
}

impl Bed {
    pub async fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let response =
            request.header("Authorization", format!("Bot {}", example::BOT_TOKEN)).send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, body, headers })
    }

    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.sandbox.api_url());
        self.http.request(method.parse().unwrap(), url)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await.unwrap()
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path)).await.unwrap()
    }

    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.try_call(method, path, body).await.unwrap()
    }

    pub async fn try_call(&self, method: &str, path: &str, body: Value) -> reqwest::Result<Answer> {
        self.send(self.request(method, path).json(&body)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, body).await
    }

    pub async fn upload(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        files: &[(&str, &[u8])],
    ) -> Answer {
        let mut form = Form::new().text("payload_json", body.to_string());
        for (index, (name, data)) in files.iter().enumerate() {
            form = form.part(
                format!("files[{index}]"),
                Part::bytes(data.to_vec()).file_name((*name).to_owned()),
            );
        }
        self.send(self.request(method, path).multipart(form)).await.unwrap()
    }

    /// Fails when a request or answer did not fit Discord's description (if the sandbox was given it).
    #[track_caller]
    pub fn conforms(&self) {
        let world = self.sandbox.world();
        let found: Vec<String> = world
            .violations()
            .iter()
            .map(|v| format!("{} {} {} {}: {}", v.kind, v.method, v.route, v.status, v.detail))
            .collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    /// What was sent so far was meant to be wrong; what was answered was not.
    #[track_caller]
    pub fn forgive(&self) {
        let mut world = self.sandbox.world();
        let wrong: Vec<_> = world.violations().iter().filter(|v| v.kind == "response").collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        world.clear_violations();
    }

    pub async fn connect(&self) -> Gateway {
        self.connect_with("v=10&encoding=json").await
    }

    pub async fn connect_with(&self, query: &str) -> Gateway {
        let url = format!("{}/?{query}", self.sandbox.gateway_url());
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        Gateway { socket, seq: 0, session: String::new() }
    }

    /// Connects and identifies; reads up to the last server.
    pub async fn identified(&self, intents: u64) -> Gateway {
        let mut gateway = self.connect().await;
        gateway.hello().await;
        gateway.identify(intents).await;
        gateway.event("READY").await;
        gateway.event("GUILD_CREATE").await;
        gateway
    }
}

pub struct Gateway {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub seq: u64,
    pub session: String,
}

/// What a gateway sends.
#[derive(Debug)]
pub enum Received {
    Payload(Value),
    Closed(Option<u16>),
}

impl Gateway {
    pub async fn send(&mut self, payload: &Value) {
        self.socket.send(Message::text(payload.to_string())).await.unwrap();
    }

    pub async fn receive(&mut self) -> Received {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(5), self.socket.next());
            let message = next.await.expect("the gateway said nothing for 5 s");
            let payload: Value = match message {
                Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(frame))) => {
                    return Received::Closed(frame.map(|f| f.code.into()));
                }
                Some(Ok(Message::Binary(data))) => {
                    let unpacked = flate2::read::ZlibDecoder::new(&data[..]);
                    serde_json::from_reader(unpacked).unwrap()
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return Received::Closed(None),
            };
            if let Some(seq) = payload["s"].as_u64() {
                self.seq = seq;
            }
            if payload["t"] == "READY" {
                payload["d"]["session_id"].as_str().unwrap().clone_into(&mut self.session);
            }
            return Received::Payload(payload);
        }
    }

    pub async fn payload(&mut self) -> Value {
        match self.receive().await {
            Received::Payload(payload) => payload,
            Received::Closed(code) => panic!("closed with {code:?}"),
        }
    }

    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Received::Closed(code) = self.receive().await {
                return code;
            }
        }
    }

    pub async fn hello(&mut self) {
        assert_eq!(self.payload().await["op"], 10);
    }

    pub async fn identify(&mut self, intents: u64) {
        let data = json!({"token": example::BOT_TOKEN, "intents": intents,
            "properties": {"os": "linux", "browser": "test", "device": "test"}});
        self.send(&json!({"op": 2, "d": data})).await;
    }

    pub async fn resume(&mut self, session: &str, seq: u64) {
        let data = json!({"token": example::BOT_TOKEN, "session_id": session, "seq": seq});
        self.send(&json!({"op": 6, "d": data})).await;
    }

    /// Skips to the next event of this name and gives its data.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let mut payload = self.payload().await;
            if payload["t"] == name {
                return payload["d"].take();
            }
        }
    }
}
