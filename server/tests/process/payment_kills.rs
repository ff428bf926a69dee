//! The program is killed at every place of a subscription's life, while a person subscribes on the pages and the
//! sandbox's payment provider sends its webhooks, and is started again: one customer, one licence, nothing is charged
//! or said twice, and what is here is what the provider has.

use std::collections::BTreeSet;

use domain::licences::Status;
use sandbox::world::example::HARBOUR_LIGHTS;
use serde_json::json;
use tokio::time::Instant;
use wardesk_core::failpoints::{licences, payments as at};

use crate::deaths::Armed;
use crate::desk::{Engine, engines};
use crate::lives::all_end_well;
use crate::shop::{Counts, Shop};
use crate::wait::{PATIENCE, until};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Past the end of any month, and past the hour after which the provider collects.
const MONTH: i64 = 31 * DAY + 3 * HOUR;

/// A place, and how often it is passed in a step before the death: where it is the only one of the life, and where
/// the program died at those above it already.
type Place = (&'static str, usize, usize);

/// What is done, in this order, and where the program dies meanwhile.
const STEPS: &[(&str, &[Place])] = &[
    (
        "subscribe",
        &[
            // The provider is asked for the customer first, and then for the page.
            (at::AFTER_WISH, 0, 0),
            (at::AFTER_CALL, 0, 0),
            (at::BEFORE_CUSTOMER, 0, 0),
            (at::AFTER_CUSTOMER, 0, 0),
            (at::AFTER_WISH, 1, 0),
            (at::AFTER_CALL, 1, 0),
            (at::AFTER_PAGE, 0, 0),
        ],
    ),
    (
        "pay",
        &[
            (at::BEFORE_RECEIVED, 0, 0),
            (at::AFTER_RECEIVED, 0, 0),
            (at::AFTER_BEGIN, 0, 0),
            (at::AFTER_READ, 0, 0),
            (at::BEFORE_COMMIT, 0, 0),
            (at::AFTER_COMMIT, 0, 0),
            (at::BEFORE_DONE, 0, 0),
            (at::AFTER_DONE, 0, 0),
        ],
    ),
    ("renew", &[(at::AFTER_READ, 0, 0), (at::BEFORE_COMMIT, 0, 0), (at::AFTER_COMMIT, 0, 0)]),
    (
        "change",
        &[
            (at::AFTER_WISH, 0, 0),
            (at::AFTER_CALL, 0, 0),
            // The first reading is that of the program's start.
            (at::AFTER_BEGIN, 1, 1),
            (at::BEFORE_COMMIT, 1, 1),
        ],
    ),
    ("portal", &[(at::AFTER_WISH, 0, 0), (at::AFTER_CALL, 0, 0)]),
    (
        "fail",
        &[
            (at::BEFORE_RECEIVED, 0, 0),
            (at::BEFORE_COMMIT, 0, 0),
            (at::AFTER_COMMIT, 0, 0),
            (at::BEFORE_DM, 0, 0),
            (at::AFTER_DM, 0, 0),
        ],
    ),
    ("mend", &[(at::AFTER_RECEIVED, 0, 0), (at::AFTER_READ, 0, 0), (at::BEFORE_DONE, 0, 0)]),
    (
        "refund",
        &[
            (at::AFTER_RECEIVED, 0, 0),
            (at::AFTER_BEGIN, 0, 0),
            (at::BEFORE_COMMIT, 0, 0),
            (at::AFTER_DONE, 0, 0),
            (at::AFTER_DM, 0, 0),
        ],
    ),
    ("renew again", &[(at::BEFORE_DONE, 0, 0)]),
    ("dispute", &[(at::BEFORE_COMMIT, 0, 0), (at::AFTER_COMMIT, 0, 0), (at::AFTER_ENDED, 0, 0)]),
    ("donate", &[(at::AFTER_WISH, 0, 0), (at::AFTER_CALL, 0, 0), (at::AFTER_PAGE, 0, 0)]),
    ("again", &[(at::AFTER_BEGIN, 0, 0), (at::BEFORE_COMMIT, 0, 0)]),
    (
        "unheard",
        &[
            (at::AFTER_BEGIN, 0, 0),
            (at::AFTER_READ, 0, 0),
            (at::BEFORE_COMMIT, 0, 0),
            (at::AFTER_COMMIT, 0, 0),
        ],
    ),
    (
        "end",
        &[
            (licences::END_AFTER_BURIAL, 0, 0),
            // By now at the start, before anything is served.
            (licences::END_BEFORE_COMMIT, 0, 0),
            (licences::END_AFTER_COMMIT, 0, 0),
            // What it paid for is ended first, and then forgotten.
            (at::AFTER_CANCEL, 0, 0),
            (licences::FORGET_BEFORE_COMMIT, 0, 0),
        ],
    ),
];

/// Where the program dies in a life.
#[derive(Debug, Clone, Copy)]
enum Deaths {
    /// At every place, one after the other.
    All,
    /// At one place of one step.
    One(&'static str, usize),
}

impl Deaths {
    fn of(self, step: &str) -> Vec<Armed> {
        let (_, places) = STEPS.iter().find(|(name, _)| *name == step).expect("a known step");
        match self {
            Self::All => places.iter().map(|&(point, _, passes)| Armed { point, passes }).collect(),
            Self::One(name, number) if name == step => {
                let (point, passes, _) = places[number];
                vec![Armed { point, passes }]
            }
            Self::One(..) => Vec::new(),
        }
    }
}

/// One life, so far.
struct Life {
    shop: Shop,
    deaths: Deaths,
    died: usize,
}

/// Nothing happens elsewhere.
async fn nothing(_: &Shop) {}

impl Life {
    /// Does a step. `world` is what happens once outside the program; `act` is what a person does, again and again
    /// while it comes to nothing; `done` says whether it came to what it should. The program dies meanwhile where it is
    /// to, and is started again each time.
    async fn step(
        &mut self,
        name: &str,
        world: impl AsyncFnOnce(&Shop),
        act: impl AsyncFn(&Shop),
        done: impl AsyncFn(&Shop) -> bool,
        counts: Counts,
    ) {
        let engine = self.shop.desk.store.engine;
        self.shop.leave_page();
        self.shop.sign_in().await;
        let mut world = Some(world);
        for armed in self.deaths.of(name) {
            let about = format!("{name} on {engine}");
            self.shop.kill().await;
            // Only one that runs is sent webhooks; all else is found by the program that starts.
            let is_told = matches!(armed.point, at::BEFORE_RECEIVED | at::AFTER_RECEIVED);
            if let Some(world) = world.take_if(|_| !is_told) {
                world(&self.shop).await;
            }
            self.shop.start(Some(armed)).await;
            if let Some(world) = world.take() {
                world(&self.shop).await;
            }
            let end = Instant::now() + PATIENCE;
            while !self.shop.program.has_ended() {
                assert!(Instant::now() < end, "{about}: {armed:?} was passed");
                act(&self.shop).await;
                self.shop.redeliver().await;
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            armed.was_met(&self.shop.program, &about).await;
            self.died += 1;
        }
        if self.shop.program.has_ended() {
            self.shop.start(None).await;
        }
        if let Some(world) = world.take() {
            world(&self.shop).await;
        }
        until(&format!("{name} on {engine} is done"), async || {
            act(&self.shop).await;
            self.shop.redeliver().await;
            done(&self.shop).await.then_some(())
        })
        .await;
        self.shop.settle().await;
        assert!(done(&self.shop).await, "{name} on {engine} came to something else");
        assert!(self.shop.agrees().await, "{name} on {engine}: the provider has something else");
        assert_eq!(self.shop.counts().await, counts, "{name} on {engine} ({:?})", self.deaths);
    }
}

/// Asks for another plan until the provider has it.
async fn change_plan(shop: &Shop) {
    let path = format!("/servers/{HARBOUR_LIGHTS}/subscription/change");
    let Some(page) = shop.ask("GET", &format!("{path}?plan=pro&interval=month"), "").await else {
        return;
    };
    let field = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
        Some(format!("{name}={}", rest.split('"').next()?))
    };
    let fields: Option<Vec<String>> =
        ["plan", "interval", "at", "amount", "currency"].into_iter().map(field).collect();
    // By now it may be the plan: then there is nothing to confirm.
    if let Some(fields) = fields {
        shop.ask("POST", &path, &fields.join("&")).await;
    }
}

async fn status(shop: &Shop) -> String {
    shop.subscription().await["status"].as_str().unwrap_or_default().to_owned()
}

async fn licence_is(shop: &Shop, wanted: Status) -> bool {
    shop.licences().await.first().is_some_and(|licence| licence.status == wanted)
}

async fn of_newest(shop: &Shop) -> serde_json::Value {
    json!({ "subscription": shop.subscription().await["id"] })
}

/// A life with deaths. Answers how many there were.
#[expect(clippy::too_many_lines, reason = "one life, step by step")]
async fn live(engine: &Engine, deaths: Deaths) -> usize {
    let shop = Shop::begin(engine).await;
    let mut life = Life { shop, deaths, died: 0 };
    let plan = format!("/servers/{HARBOUR_LIGHTS}/subscription");
    let subscribe = async |shop: &Shop| {
        if shop.page().is_none() {
            // Not the price's own currency: what was chosen survives as well.
            shop.go(&plan, "plan=plus&interval=month&currency=usd").await;
        }
    };
    let open_portal = async |shop: &Shop| {
        if shop.page().is_none() {
            shop.go("/account/licences/portal", "").await;
        }
    };
    let is_there = async |shop: &Shop| shop.page().is_some();
    let mut counts =
        Counts { customers: 1, subscriptions: 0, charges: 0, issued: 0, ended: 0, told: 0 };

    life.step("subscribe", nothing, &subscribe, &is_there, counts).await;
    // The page on which she is stays the same, however often she asks.
    let sessions = life.shop.books().await["sessions"].as_array().unwrap().len();
    assert_eq!(sessions, 1, "one page");
    let page = life.shop.page().unwrap();
    (counts.subscriptions, counts.issued) = (1, 1);
    life.step(
        "pay",
        async |shop| {
            shop.show(&page);
            shop.pay().await;
        },
        nothing,
        async |shop| licence_is(shop, Status::Active).await && status(shop).await == "trialing",
        counts,
    )
    .await;
    counts.charges = 1;
    life.step(
        "renew",
        async |shop| shop.advance(14 * DAY + 3 * HOUR),
        nothing,
        async |shop| status(shop).await == "active" && shop.agrees().await,
        counts,
    )
    .await;
    counts.charges = 2;
    life.step(
        "change",
        nothing,
        change_plan,
        async |shop| {
            let licences = shop.licences().await;
            licences[0].plan.as_str() == "pro" && shop.agrees().await
        },
        counts,
    )
    .await;
    life.step("portal", nothing, &open_portal, &is_there, counts).await;
    life.shop.keep_card("4000000000000341").await;
    counts.told = 1;
    life.step(
        "fail",
        async |shop| shop.advance(MONTH),
        nothing,
        async |shop| {
            let grace = shop.licences().await[0].grace_until;
            status(shop).await == "past_due" && grace.is_some() && shop.counts().await.told == 1
        },
        counts,
    )
    .await;
    // A month later she is not signed in any more.
    life.shop.sign_in().await;
    open_portal(&life.shop).await;
    let portal = life.shop.page().expect("the portal opens");
    counts.charges = 3;
    life.step(
        "mend",
        async |shop| {
            shop.show(&portal);
            shop.keep_card("4242424242424242").await;
            let books = shop.books().await;
            let all = books["invoices"].as_array().unwrap();
            if let Some(open) = all.iter().find(|invoice| invoice["status"] == "open") {
                shop.at_page("pay", &format!("id={}", open["id"].as_str().unwrap())).await;
            }
        },
        nothing,
        async |shop| {
            let grace = shop.licences().await[0].grace_until;
            status(shop).await == "active" && grace.is_none() && shop.agrees().await
        },
        counts,
    )
    .await;
    counts.told = 2;
    life.step(
        "refund",
        async |shop| {
            shop.control("refunds", &of_newest(shop).await).await;
        },
        nothing,
        async |shop| licence_is(shop, Status::Suspended).await && shop.counts().await.told == 2,
        counts,
    )
    .await;
    counts.charges = 4;
    life.step(
        "renew again",
        async |shop| shop.advance(MONTH),
        nothing,
        async |shop| licence_is(shop, Status::Active).await && shop.agrees().await,
        counts,
    )
    .await;
    (counts.ended, counts.told) = (1, 3);
    life.step(
        "dispute",
        async |shop| {
            // Nobody hears of it before it is decided.
            shop.control("deliveries", &json!({ "do": "hold" })).await;
            let dispute = shop.control("disputes", &of_newest(shop).await).await;
            let path = format!("disputes/{}", dispute["id"].as_str().unwrap());
            shop.control(&path, &json!({ "status": "lost" })).await;
            shop.control("deliveries", &json!({ "do": "release" })).await;
        },
        nothing,
        async |shop| licence_is(shop, Status::Ended).await && status(shop).await == "canceled",
        counts,
    )
    .await;

    let donate = async |shop: &Shop| {
        if shop.page().is_none() {
            shop.go("/donate", "amount=5&currency=eur").await;
        }
    };
    let pages = life.shop.books().await["sessions"].as_array().unwrap().len();
    life.step("donate", nothing, &donate, &is_there, counts).await;
    let now = life.shop.books().await["sessions"].as_array().unwrap().len();
    assert_eq!(now, pages + 1, "one page of the donation");
    life.shop.pay().await;
    life.shop.leave_page();
    until("there is a page", async || {
        subscribe(&life.shop).await;
        life.shop.page()
    })
    .await;
    let page = life.shop.page().unwrap();
    // The donation, and the first month: a server has one trial.
    (counts.charges, counts.subscriptions, counts.issued) = (6, 2, 2);
    life.step(
        "again",
        async |shop| {
            shop.show(&page);
            shop.pay().await;
        },
        nothing,
        async |shop| licence_is(shop, Status::Active).await && shop.agrees().await,
        counts,
    )
    .await;
    life.shop.leave_page();
    open_portal(&life.shop).await;
    let portal = life.shop.page().expect("the portal opens");
    life.step(
        "unheard",
        async |shop| {
            shop.show(&portal);
            shop.control("deliveries", &json!({ "do": "hold" })).await;
            let id = shop.subscription().await["id"].as_str().unwrap().to_owned();
            shop.at_page("cancel", &format!("id={id}")).await;
            shop.control("deliveries", &json!({ "do": "drop" })).await;
            shop.control("deliveries", &json!({ "do": "release" })).await;
            // Past three in the morning, when everything is read.
            shop.advance(DAY);
        },
        nothing,
        async |shop| {
            let licence = shop.licences().await.remove(0);
            licence.status == Status::Active && ends(shop).await
        },
        counts,
    )
    .await;
    counts.ended = 2;
    life.step(
        "end",
        nothing,
        async |shop| {
            shop.ask("POST", "/account/licences", "action=end&acknowledged=on").await;
        },
        async |shop| {
            let kept = "SELECT (SELECT COUNT(*) FROM payment_customers) +
                               (SELECT COUNT(*) FROM payment_wishes)";
            shop.licences().await.is_empty()
                && shop.desk.count(kept).await == 0
                && status(shop).await == "canceled"
        },
        counts,
    )
    .await;
    life.shop.program.stop().await;
    life.died
}

/// Whether the newest subscription is known to end.
async fn ends(shop: &Shop) -> bool {
    let id = shop.subscription().await["id"].as_str().unwrap().to_owned();
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT ends_at FROM payment_subscriptions WHERE subscription_id = $1 AND ends_at = period_end",
    )
    .bind(id)
    .fetch_optional(shop.desk.store.store.read())
    .await
    .unwrap();
    found.is_some()
}

#[test]
fn every_place_of_payments_is_in_a_step() {
    let here: BTreeSet<&str> =
        STEPS.iter().flat_map(|(_, places)| places.iter().map(|place| place.0)).collect();
    let all: BTreeSet<&str> = at::ALL.iter().chain(licences::ALL).copied().collect();
    assert_eq!(here, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_lives_once_however_often_the_program_is_killed() {
    let wanted: usize = STEPS.iter().map(|(_, places)| places.len()).sum();
    let engines = engines();
    let lives = engines.iter().map(|engine| async move {
        let began = Instant::now();
        let deaths = live(engine, Deaths::All).await;
        eprintln!("{}: {deaths} deaths in {:.0} s", engine.name(), began.elapsed().as_secs_f64());
        assert_eq!(deaths, wanted, "{}", engine.name());
    });
    futures::future::join_all(lives).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: ./test --long runs it (2026-11-22)"]
async fn a_subscription_lives_once_wherever_the_program_is_killed() {
    let engines = engines();
    let places = STEPS.iter().flat_map(|(step, places)| (0..places.len()).map(move |n| (*step, n)));
    let lives = places.flat_map(|place| engines.iter().map(move |engine| (place, engine))).map(
        |((step, number), engine)| {
            let name = format!("{step}, place {number}, on {}", engine.name());
            let life = async move {
                assert_eq!(live(engine, Deaths::One(step, number)).await, 1, "deaths");
            };
            (name, life)
        },
    );
    all_end_well(lives).await;
}
