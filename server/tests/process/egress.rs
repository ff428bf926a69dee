//! The program contacts those on its list and nobody else. It is run in a network of its own, in which every name is
//! looked up at a recorder and every address leads to one.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sandbox::world::example::{MIA, OLIVIA};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::process::Command;

use crate::browser::Browser;
use crate::desk::{Desk, Engine};
use crate::story::Story;

/// Says to the test that it runs inside the network.
const INSIDE: &str = "WARDESK_TEST_CLOSED_NETWORK";
/// A name and an address that the test itself contacts, to see that the recorders work.
const NAME: &str = "recorded.example";
const ADDRESS: &str = "198.51.100.7";

#[tokio::test]
async fn the_program_contacts_nobody_but_those_it_names() {
    let test = std::env::current_exe().unwrap();
    let mut inside = Command::new("unshare");
    inside.args(["--map-root-user", "--net"]).arg(test);
    inside.args(["--exact", "egress::in_a_network_of_its_own", "--nocapture"]);
    let done = inside.env(INSIDE, "1").output().await.unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{errors}");
    // It did run, and it did see.
    assert!(said.contains("everything was recorded"), "{said}\n{errors}");
}

/// What somebody was contacted for.
type Seen = Arc<Mutex<BTreeSet<String>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "whether this is the inner process")]
async fn in_a_network_of_its_own() {
    if std::env::var_os(INSIDE).is_none() {
        // Only the test above calls it in its place.
        return;
    }
    let seen = closed_network().await;

    // The recorders see names, connections that are taken, and connections that are refused.
    assert!(tokio::net::lookup_host((NAME, 443)).await.is_ok(), "the name is answered");
    let _ = TcpStream::connect((ADDRESS, 443)).await;
    until_seen(&seen, &format!("name {NAME}")).await;
    until_seen(&seen, &format!("connection {ADDRESS}:443")).await;
    let failed = failed_connections().await;
    assert!(TcpStream::connect((ADDRESS, 444)).await.is_err());
    assert_eq!(failed_connections().await, failed + 1, "refused connections are counted");
    seen.lock().unwrap().clear();
    let failed = failed_connections().await;

    let desk = Desk::new(Engine::Sqlite.store().await).await;
    let base = desk.sandbox.base_url();
    let story = Story::begin(
        desk,
        &[
            ("STRIPE_SECRET_KEY", "sk_test_sandbox"),
            ("STRIPE_API_BASE", &format!("{base}/stripe/")),
            ("DISCORD_IMAGE_PROXY_URLS", &base),
        ],
    )
    .await;
    let ticket = story.open(MIA).await;
    // Links to others, which a program could be led to.
    let words = "See https://somebody.example/picture.png and http://198.51.100.9/x";
    let message = story.say(MIA, ticket, words, Some(b"a file"));
    story.archived(ticket, message, 1).await;
    story.claim(ticket).await;
    let program = story.program();
    let mut olivia = Browser::new(&program);
    olivia.sign_in(&story.desk.sandbox, OLIVIA).await;
    for path in ["/", "/servers", "/status", "/account", "/privacy", "/donate"] {
        assert!(olivia.get(path).await.status < 400, "{path}");
    }
    story.close(ticket).await;
    story.settle().await;
    assert_eq!(olivia.get(&format!("/transcripts/{}", ticket.ticket)).await.status, 200);
    olivia.post("/auth/logout", "").await;
    story.stop().await;

    let seen: Vec<String> = seen.lock().unwrap().iter().cloned().collect();
    assert!(seen.is_empty(), "somebody was contacted: {seen:?}");
    assert_eq!(failed_connections().await, failed, "somebody was tried in vain");
    println!("everything was recorded");
}

/// Makes every address this machine's, and records who is looked up and connected to.
async fn closed_network() -> Seen {
    for command in [
        "ip link set lo up",
        "ip route add local default dev lo",
        "ip -6 route add local default dev lo",
    ] {
        let done = Command::new("sh").args(["-c", command]).status().await.unwrap();
        // A machine without IPv6 has nobody to contact by it.
        assert!(done.success() || command.contains("-6"), "{command}");
    }
    let seen = Seen::default();
    for address in ["0.0.0.0:53", "[::]:53"] {
        if let Ok(socket) = bind_udp(address).await {
            tokio::spawn(names(socket, Arc::clone(&seen)));
        }
    }
    for port in [80, 443] {
        let listener = TcpListener::bind(("0.0.0.0", port)).await.unwrap();
        tokio::spawn(connections(listener, Arc::clone(&seen)));
    }
    seen
}

/// On a socket for both families IPv4 is taken already.
async fn bind_udp(address: &str) -> std::io::Result<UdpSocket> {
    UdpSocket::bind(address.parse::<SocketAddr>().unwrap()).await
}

async fn connections(listener: TcpListener, seen: Seen) {
    while let Ok((stream, _)) = listener.accept().await {
        if let Ok(address) = stream.local_addr() {
            seen.lock().unwrap().insert(format!("connection {address}"));
        }
    }
}

/// Answers every name with one address. Source: RFC 1035, 4.1.
async fn names(socket: UdpSocket, seen: Seen) {
    let mut question = [0; 512];
    while let Ok((length, from)) = socket.recv_from(&mut question).await {
        let question = &question[..length];
        let Some((name, end)) = name(question) else { continue };
        seen.lock().unwrap().insert(format!("name {name}"));
        let is_v4 = question.get(end..end + 2) == Some(&[0, 1]);
        let mut answer = question[..end + 4].to_vec();
        // An answer, recursion available; one question, one answer to IPv4 and none to others, nothing else.
        answer[2..4].copy_from_slice(&[0x81, 0x80]);
        answer[6..12].copy_from_slice(&[0, u8::from(is_v4), 0, 0, 0, 0]);
        if is_v4 {
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 198, 51, 100, 8]);
        }
        let _ = socket.send_to(&answer, from).await;
    }
}

/// The name of a question, and where it ends.
fn name(question: &[u8]) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), 12);
    loop {
        let length = usize::from(*question.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(String::from_utf8_lossy(question.get(at..at + length)?).into_owned());
        at += length;
    }
}

async fn until_seen(seen: &Seen, wanted: &str) {
    for _ in 0..100 {
        if seen.lock().unwrap().contains(wanted) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{wanted} is not recorded: {:?}", seen.lock().unwrap());
}

/// How many connections failed in this network. Source: Linux, `/proc/net/snmp`, `Tcp: AttemptFails`.
async fn failed_connections() -> u64 {
    let text = tokio::fs::read_to_string("/proc/net/snmp").await.unwrap();
    let mut lines = text.lines().filter(|line| line.starts_with("Tcp:"));
    let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
    let at = names.split(' ').position(|name| name == "AttemptFails").unwrap();
    values.split(' ').nth(at).unwrap().parse().unwrap()
}
