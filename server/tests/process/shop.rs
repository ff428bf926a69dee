//! A desk that sells plans: the program, the sandbox's payment provider with its webhooks, and Olivia, who buys.

use std::sync::Mutex;

use domain::licences::Licence;
use sandbox::world::example::{HARBOUR_LIGHTS, OLIVIA};
use serde_json::{Value, json};
use sqlx::Row as _;

use crate::browser::{Browser, OWN, SESSION};
use crate::deaths::{self, Armed};
use crate::desk::{Desk, Engine, user};
use crate::door::Door;
use crate::program::Program;
use crate::wait::until;

const SECRET: &str = "whsec_of_the_shop";

/// What is counted at the end of each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// The provider's customers.
    pub customers: usize,
    /// The provider's subscriptions, whatever became of them.
    pub subscriptions: usize,
    /// Payments that succeeded.
    pub charges: usize,
    /// Licences that were issued, by the audit log.
    pub issued: i64,
    /// Licences that ended, by the audit log.
    pub ended: i64,
    /// Messages that the holder got.
    pub told: usize,
}

/// The desk, its program, and what Olivia's browser knows.
pub struct Shop {
    pub desk: Desk,
    pub program: Program,
    door: Door,
    http: reqwest::Client,
    session: String,
    /// The provider's page to which she was sent last.
    page: Mutex<Option<String>>,
}

impl Shop {
    /// A shop that runs, and whose bot is on the server.
    pub async fn begin(engine: &Engine) -> Self {
        let desk = Desk::new(engine.store().await).await;
        let door = Door::new().await;
        let hook = format!("{}/webhooks/stripe", door.url);
        desk.sandbox.world().stripe.add_endpoint(&hook, SECRET).unwrap();
        let program = start(&desk, None).await;
        door.leads_to(&program.web);
        program.bot_is("connected").await;
        let http = program.http.clone();
        Self { desk, program, door, http, session: String::new(), page: Mutex::default() }
    }

    /// Kills the program.
    pub async fn kill(&self) {
        deaths::kill(&self.program).await;
        self.door.leads_to("");
    }

    /// Starts it, after it was killed.
    pub async fn start(&mut self, armed: Option<Armed>) {
        self.program = start(&self.desk, armed).await;
        self.door.leads_to(&self.program.web);
    }

    /// Olivia signs in: after a day she is not signed in any more.
    pub async fn sign_in(&mut self) {
        let mut browser = Browser::new(&self.program);
        browser.sign_in(&self.desk.sandbox, OLIVIA).await;
        self.session = format!("{SESSION}={}", browser.cookies[SESSION]);
    }

    /// What a page of ours says; `None` when nobody answers.
    pub async fn ask(&self, method: &str, path: &str, body: &str) -> Option<String> {
        let url = format!("{}{path}", self.program.web);
        let mut request = self.http.request(method.parse().unwrap(), url);
        for (name, value) in OWN {
            request = request.header(*name, *value);
        }
        let form = "application/x-www-form-urlencoded";
        let request = request.header("cookie", &self.session).header("content-type", form);
        let answer = request.body(body.to_owned()).send().await.ok()?;
        answer.text().await.ok()
    }

    /// Sends a form that leads to a page of the provider, and goes there.
    pub async fn go(&self, path: &str, body: &str) {
        let Some(text) = self.ask("POST", path, body).await else { return };
        let Some((_, rest)) = text.split_once("content=\"0;url=") else { return };
        let url = rest.split('"').next().unwrap_or_default().replace("&amp;", "&");
        *self.page.lock().unwrap() = Some(url);
    }

    /// She goes back to a page of the provider.
    pub fn show(&self, page: &str) {
        *self.page.lock().unwrap() = Some(page.to_owned());
    }

    /// Forgets where she was sent.
    pub fn leave_page(&self) {
        *self.page.lock().unwrap() = None;
    }

    /// The provider's page to which she was sent, if she was.
    pub fn page(&self) -> Option<String> {
        self.page.lock().unwrap().clone()
    }

    /// The id of what that page is about.
    pub fn page_id(&self) -> String {
        let page = self.page().expect("she is on a page of the provider");
        page.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Does something with the provider by the sandbox's control API.
    pub async fn control(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/control/stripe/{path}", self.desk.sandbox.base_url());
        let request = self.http.post(url).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Sends a form of the provider's page on which she is.
    pub async fn at_page(&self, what: &str, form: &str) {
        let page = self.page().expect("she is on a page of the provider");
        let request = self.http.post(format!("{page}/{what}"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(form.to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{what}: {}", answer.text().await.unwrap());
    }

    /// Pays on the page on which she is.
    pub async fn pay(&self) {
        let path = format!("checkout/{}", self.page_id());
        let answer = self.control(&path, &json!({ "card": "4242424242424242" })).await;
        assert_eq!(answer["state"], "paid", "{answer}");
    }

    /// Keeps another card, on the portal.
    pub async fn keep_card(&self, number: &str) {
        let form = format!("number={number}&expiry=12+%2F+60&cvc=123&name=Olivia");
        self.at_page("card", &form).await;
    }

    /// Everything that the provider has.
    pub async fn books(&self) -> Value {
        let url = format!("{}/control/stripe", self.desk.sandbox.base_url());
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The provider's newest subscription.
    pub async fn subscription(&self) -> Value {
        self.books().await["subscriptions"][0].clone()
    }

    /// Sends at once what the provider would try again later.
    pub async fn redeliver(&self) {
        self.control("deliveries", &json!({ "do": "retry" })).await;
    }

    /// Lets time pass, for the program as for the provider.
    pub fn advance(&self, milliseconds: i64) {
        self.desk.sandbox.world().advance(milliseconds);
    }

    /// Olivia's licences, the newest first.
    pub async fn licences(&self) -> Vec<Licence> {
        let db = self.desk.store.store.read();
        let found = storage::licences::of_contact(db, user(OLIVIA)).await.unwrap();
        let mut all: Vec<Licence> = found.into_iter().map(|row| row.licence).collect();
        all.sort_by_key(|licence| std::cmp::Reverse(licence.issued));
        all
    }

    /// Whether our subscriptions are what the provider's are.
    pub async fn agrees(&self) -> bool {
        let rows = sqlx::query(
            "SELECT subscription_id, status, period_end FROM payment_subscriptions
             WHERE status IS NOT NULL",
        )
        .fetch_all(self.desk.store.store.read())
        .await
        .unwrap();
        let theirs = self.books().await;
        let theirs = theirs["subscriptions"].as_array().unwrap().clone();
        rows.len() == theirs.len()
            && theirs.iter().all(|one| {
                let row =
                    rows.iter().find(|row| one["id"] == row.get::<&str, _>("subscription_id"));
                let end = one["items"]["data"][0]["current_period_end"].as_i64().unwrap() * 1000;
                row.is_some_and(|row| {
                    let status: &str = row.get("status");
                    let here: Option<i64> = row.get("period_end");
                    one["status"] == status && (status == "canceled" || here == Some(end))
                })
            })
    }

    /// Waits until nothing is on its way: webhooks, readings, effects.
    pub async fn settle(&self) {
        until("nothing is left to be done", async || {
            assert!(!self.program.has_ended(), "it ended:\n{}", self.program.log());
            self.redeliver().await;
            let world_waits = {
                let url = format!("{}/control/stripe/deliveries", self.desk.sandbox.base_url());
                let request = self.http.get(format!("{url}?state=waiting"));
                let text = request.send().await.unwrap().text().await.unwrap();
                let said: Value = serde_json::from_str(&text).unwrap();
                !said["deliveries"].as_array().unwrap().is_empty()
            };
            let left = self
                .desk
                .count(
                    "SELECT (SELECT COUNT(*) FROM payment_events WHERE done_at IS NULL) +
                            (SELECT COUNT(*) FROM outbox WHERE state = 'pending')",
                )
                .await;
            (left == 0 && !world_waits).then_some(())
        })
        .await;
    }

    /// What there is now.
    pub async fn counts(&self) -> Counts {
        let books = self.books().await;
        let length = |name: &str| books[name].as_array().unwrap().len();
        let charges = books["charges"].as_array().unwrap();
        let paid = charges.iter().filter(|charge| charge["status"] == "succeeded").count();
        let told = {
            let world = self.desk.sandbox.world();
            let channels = world.dms_of(OLIVIA);
            channels.into_iter().map(|channel| world.messages(channel).len()).sum()
        };
        Counts {
            customers: length("customers"),
            subscriptions: length("subscriptions"),
            charges: paid,
            issued: self.logged("licence.issued").await,
            ended: self.logged("licence.ended").await,
            told,
        }
    }

    /// Entries of the server's audit log.
    async fn logged(&self, action: &str) -> i64 {
        sqlx::query_scalar("SELECT COUNT(*) FROM audit_log WHERE guild_id = $1 AND action = $2")
            .bind(i64::try_from(HARBOUR_LIGHTS.0).unwrap())
            .bind(action)
            .fetch_one(self.desk.store.store.read())
            .await
            .unwrap()
    }
}

async fn start(desk: &Desk, armed: Option<Armed>) -> Program {
    let base = desk.sandbox.base_url();
    let (api, clock) = (format!("{base}/stripe/"), format!("{base}/control/clock"));
    let settings = [
        ("STRIPE_SECRET_KEY", sandbox::stripe::SECRET_KEY),
        ("STRIPE_WEBHOOK_SECRET", SECRET),
        ("STRIPE_API_BASE", api.as_str()),
        ("WARDESK_SANDBOX_CLOCK", clock.as_str()),
    ];
    deaths::start(desk, &settings, armed).await
}
