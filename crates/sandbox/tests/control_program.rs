//! The program itself: says when it is ready, stops when asked, listens on this machine only.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

fn program(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sandbox"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn it_says_when_it_is_ready_and_stops_cleanly_with_streams_open() {
    let redirect = "http://localhost:8080/other/callback";
    let public = "http://127.0.0.1:9/";
    let webhook = "http://localhost:9/webhooks/stripe";
    let listen = ["--listen", "127.0.0.1:0", "--redirect", redirect, "--public-url", public];
    let mut child = program(&[&listen[..], &["--stripe-webhook", webhook]].concat());
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("sandbox ready http://127.0.0.1:9 "), "{line}");
    let address = line.split("listening on ").nth(1).unwrap().trim().trim_end_matches(')');

    let ask = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
            .unwrap();
        stream
    };
    // A stream of events stays open; its head shows that it began.
    let mut events = ask("/control/people/mia/events");
    let mut head = [0; 15];
    events.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    let mut answer = String::new();
    ask("/control/application").read_to_string(&mut answer).unwrap();
    assert!(answer.contains(redirect), "{answer}");
    let mut answer = String::new();
    ask("/control/stripe/webhooks").read_to_string(&mut answer).unwrap();
    assert!(answer.contains(webhook), "{answer}");

    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert!(child.wait().unwrap().success());
}

#[test]
fn it_refuses_what_it_must_not_do() {
    for arguments in [
        ["--listen", "0.0.0.0:0"],
        ["--listen", "192.0.2.1:4010"],
        ["--redirect", "javascript:alert(1)"],
        ["--openapi", "/nowhere/openapi.json"],
        ["--stripe-webhook", "http://192.0.2.1/webhooks/stripe"],
        ["--stripe-webhook", "https://localhost:8080/webhooks/stripe"],
    ] {
        let output = program(&arguments).wait_with_output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
