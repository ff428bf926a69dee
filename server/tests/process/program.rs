//! One running `wardesk`: started, watched, asked over HTTP, stopped or killed.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::watch;

use crate::wait::{LOOK, PATIENCE, until};

/// Which way a program is told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// As a service manager does.
    Term,
    /// As a power cut does.
    Kill,
    /// As a crash does.
    Abort,
}

/// A running program. Dropped, it is killed.
pub struct Program {
    /// `http://127.0.0.1:<port>` of the pages.
    pub web: String,
    /// The same of the metrics.
    pub metrics: String,
    /// Asks without following redirects or keeping cookies.
    pub http: reqwest::Client,
    pid: u32,
    lines: Arc<Mutex<Vec<String>>>,
    ended: watch::Receiver<Option<ExitStatus>>,
}

impl Program {
    /// Starts `wardesk serve` with these settings and no others, and waits until it serves.
    pub async fn start(folder: &std::path::Path, settings: &[(String, String)]) -> Self {
        let program = Self::begin(folder, settings).await;
        assert!(!program.web.is_empty(), "it does not serve:\n{}", program.log());
        program
    }

    /// The same for one that may end before it serves: it has no addresses then.
    pub async fn begin(folder: &std::path::Path, settings: &[(String, String)]) -> Self {
        let program = Self::launch(folder, settings, &["serve"]);
        let serving = "\"message\":\"serving\"";
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(line) = program.lines().into_iter().find(|line| line.contains(serving)) {
                let line: Value = serde_json::from_str(&line).unwrap();
                let at = |key: &str| format!("http://{}", line[key].as_str().unwrap());
                return Self { web: at("address"), metrics: at("metrics"), ..program };
            }
            if program.has_ended() {
                return program;
            }
            let late = tokio::time::Instant::now() > end;
            assert!(!late, "it does not serve:\n{}", program.log());
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Starts it with these arguments, whatever comes of it.
    pub fn launch(
        folder: &std::path::Path,
        settings: &[(String, String)],
        arguments: &[&str],
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wardesk"))
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = Arc::default();
        let reading = [
            tokio::spawn(read(child.stdout.take().unwrap(), Arc::clone(&lines))),
            tokio::spawn(read(child.stderr.take().unwrap(), Arc::clone(&lines))),
        ];
        let pid = child.id().unwrap();
        let (tell, ended) = watch::channel(None);
        tokio::spawn(async move {
            let status = child.wait().await.unwrap();
            // What it said last is read before anyone hears of its end.
            for task in reading {
                let _ = task.await;
            }
            tell.send_replace(Some(status));
        });
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        Self { web: String::new(), metrics: String::new(), http, pid, lines, ended }
    }

    /// The process's number.
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// Everything it has written so far, line by line.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same in one text.
    pub fn log(&self) -> String {
        self.lines().join("\n")
    }

    /// Whether it runs no more.
    pub fn has_ended(&self) -> bool {
        self.ended.borrow().is_some()
    }

    /// Waits for its end, however long it lives.
    pub async fn ended(&self) -> ExitStatus {
        let mut ended = self.ended.clone();
        ended.wait_for(Option::is_some).await.unwrap().unwrap()
    }

    /// Waits for its end, which must come soon.
    pub async fn end(&self) -> ExitStatus {
        let status = tokio::time::timeout(PATIENCE, self.ended()).await;
        status.unwrap_or_else(|_| panic!("the program does not end:\n{}", self.log()))
    }

    /// Sends a signal without waiting.
    pub async fn signal(&self, signal: Signal) {
        assert!(self.try_signal(signal).await, "the signal was not sent");
    }

    /// The same to one that may have ended. Answers whether it was sent.
    pub async fn try_signal(&self, signal: Signal) -> bool {
        let name = match signal {
            Signal::Term => "TERM",
            Signal::Kill => "KILL",
            Signal::Abort => "ABRT",
        };
        // The shell's own `kill`: a program of that name is not everywhere.
        let command = format!("kill -{name} {}", self.pid);
        // Of one that has ended, the shell would say so.
        let quietly = format!("{command} 2>/dev/null");
        Command::new("sh").args(["-c", &quietly]).status().await.unwrap().success()
    }

    /// Kills it and waits until it is gone.
    pub async fn kill(&self) {
        self.signal(Signal::Kill).await;
        assert_eq!(self.end().await.signal(), Some(9));
    }

    /// Stops it as a service manager does; it must end well.
    pub async fn stop(&self) {
        self.signal(Signal::Term).await;
        let status = self.end().await;
        assert_eq!(status.code(), Some(0), "{status}:\n{}", self.log());
    }

    /// What `/readyz` says, with its status. `None` if nobody answers.
    pub async fn readiness(&self) -> Option<(u16, Value)> {
        let answer = self.http.get(format!("{}/readyz", self.web)).send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.json().await.ok()?))
    }

    /// Waits until `/readyz` says that the bot is so.
    pub async fn bot_is(&self, state: &str) {
        until(&format!("the bot is {state}"), async || {
            assert!(!self.has_ended(), "it ended:\n{}", self.log());
            let (_, said) = self.readiness().await?;
            (said["bot"] == state).then_some(())
        })
        .await;
    }
}

async fn read(from: impl AsyncRead + Unpin, lines: Arc<Mutex<Vec<String>>>) {
    let mut reader = BufReader::new(from).lines();
    while let Ok(Some(line)) = reader.next_line().await {
        lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}
