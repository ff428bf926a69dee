//! A browser in a few lines: cookies and headers, no scripts. It is `localhost` towards the pages.

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use sandbox::Sandbox;
use sandbox::id::Id;

use crate::desk::PUBLIC_URL;
use crate::program::Program;

/// The cookie of a session.
pub const SESSION: &str = "__Host-session";
/// The cookie of a sign-in under way.
pub const TRANSACTION: &str = "__Host-oauth_tx";

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// A header, empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Whole `Set-Cookie` lines.
    pub fn cookies(&self) -> Vec<String> {
        let all = self.headers.get_all("set-cookie").iter();
        all.map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    /// Where a forwarding page leads.
    pub fn forwards_to(&self) -> String {
        let (_, rest) = self.text.split_once("content=\"0;url=").expect("a page that forwards");
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }
}

/// A browser.
pub struct Browser<'p> {
    program: &'p Program,
    pub cookies: BTreeMap<String, String>,
}

/// What a browser says about a form that was sent from a page of the same site.
pub const OWN: &[(&str, &str)] = &[("sec-fetch-site", "same-origin"), ("origin", PUBLIC_URL)];

impl<'p> Browser<'p> {
    pub fn new(program: &'p Program) -> Self {
        Self { program, cookies: BTreeMap::new() }
    }

    /// Asks, and keeps the cookies of the answer.
    pub async fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let url = format!("{}{path}", self.program.web);
        let mut request = self.program.http.request(method.parse().unwrap(), url);
        if !self.cookies.is_empty() {
            let all: Vec<_> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header("cookie", all.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.to_owned());
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = Answer { status, headers, text: response.text().await.unwrap() };
        for cookie in answer.cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() || cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, &[("sec-fetch-site", "same-origin")], "").await
    }

    /// Sends a form of this site.
    pub async fn post(&mut self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, OWN, body).await
    }

    /// Presses "Sign in" and answers the address at Discord.
    pub async fn begin_sign_in(&mut self, back: &str) -> String {
        let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
        let answer = self.post("/auth/login", &format!("return={back}")).await;
        assert_eq!(answer.status, 200);
        answer.forwards_to()
    }

    /// Comes back from Discord to an address of the pages.
    pub async fn come_back(&mut self, address: &str) -> Answer {
        let path = address.strip_prefix(PUBLIC_URL).expect("an address of the pages");
        self.ask("GET", path, &[("sec-fetch-site", "cross-site")], "").await
    }

    /// Signs in as a person of the sandbox.
    pub async fn sign_in(&mut self, sandbox: &Sandbox, person: Id) -> Answer {
        let there = self.begin_sign_in("/").await;
        let back = consent(self.program, sandbox, &there, person, "authorize").await;
        let answer = self.come_back(&back).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(self.cookies.contains_key(SESSION), "no session");
        answer
    }
}

/// What a person decides on Discord's page; answers the address that they are sent back to.
pub async fn consent(
    program: &Program,
    sandbox: &Sandbox,
    address: &str,
    person: Id,
    decision: &str,
) -> String {
    let url: url::Url = address.parse().unwrap();
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(url.query_pairs())
        .append_pair("person", &person.to_string())
        .append_pair("decision", decision)
        .finish();
    let answer = program
        .http
        .post(format!("{}/oauth2/authorize", sandbox.base_url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap();
    answer.headers()["location"].to_str().unwrap().to_owned()
}
