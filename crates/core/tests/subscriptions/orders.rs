//! What is told comes in any order, several times, and some of it long after. What a licence is at the end is what a
//! small model says, which knows nothing of how the program works.

use domain::ids::{GuildId, LicenceId};
use domain::licences::Status;
use wardesk_core::ports::DisputeStatus;
use wardesk_core::testing::ToldEvent;

use super::shop::{BUYER, Shop, shops};

const HOUR: i64 = 3_600_000;

/// What happens to a subscription at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Subscribe,
    Renew,
    Fail,
    Pay,
    CancelLater,
    Refund,
    Dispute,
    Win,
    End,
}

/// The model: what the rules say, from what happened at the provider, in its order.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each happens by itself")]
struct Model {
    overdue: bool,
    refunded: bool,
    disputed: bool,
    over: bool,
}

impl Model {
    fn step(&mut self, step: Step) {
        match step {
            Step::Subscribe | Step::CancelLater => {}
            Step::Renew => (self.overdue, self.refunded) = (false, false),
            Step::Fail => (self.overdue, self.refunded) = (true, false),
            Step::Pay => self.overdue = false,
            Step::Refund => self.refunded = true,
            Step::Dispute => self.disputed = true,
            Step::Win => self.disputed = false,
            Step::End => self.over = true,
        }
    }

    fn status(self) -> Status {
        match self {
            Self { over: true, .. } => Status::Ended,
            Self { refunded: true, .. } | Self { disputed: true, .. } => Status::Suspended,
            _ => Status::Active,
        }
    }
}

/// One subscription, and how far its life has come.
struct Life {
    steps: Vec<Step>,
    /// How many of the steps have happened.
    happened: usize,
    /// What was told of each.
    told: Vec<ToldEvent>,
    id: String,
    licence: LicenceId,
    guild: GuildId,
    /// Whether it was told of.
    heard: bool,
    /// How many steps had happened when it was read for the first time.
    first: Option<usize>,
}

impl Life {
    fn new(shop: &Shop, number: i64, steps: Vec<Step>) -> Self {
        let licence = LicenceId::new(shop.w().new_uuid());
        let guild = GuildId::new(100_000 + number).unwrap();
        let (told, id) = (Vec::new(), String::new());
        Self { steps, happened: 0, told, id, licence, guild, heard: false, first: None }
    }

    /// Lets the provider's world go on until step `number` has happened: nothing is told before.
    fn happen(&mut self, shop: &Shop, number: usize) {
        while self.happened <= number {
            let provider = &shop.provider;
            match self.steps[self.happened] {
                Step::Subscribe => {
                    let kept = [
                        ("licence", self.licence.to_string()),
                        ("guild", self.guild.to_string()),
                        ("account", BUYER.to_string()),
                    ];
                    self.id = provider.subscribe("wardesk_plus_month", &kept).0;
                }
                Step::Renew => provider.renew(&self.id, true),
                Step::Fail => provider.renew(&self.id, false),
                Step::Pay => provider.retry(&self.id, true),
                Step::CancelLater => provider.cancel_later(&self.id, true),
                Step::Refund => provider.refund(&self.id, true),
                Step::Dispute => provider.dispute(&self.id, DisputeStatus::Open),
                Step::Win => provider.dispute(&self.id, DisputeStatus::Won),
                Step::End => provider.end(&self.id, false),
            }
            self.told.push(provider.last_event());
            self.happened += 1;
        }
    }

    /// The provider tells of step `number`.
    async fn tell(&mut self, shop: &Shop, number: usize) {
        self.happen(shop, number);
        self.heard = true;
        shop.deliver(&self.told[number]).await;
    }

    /// What was told was read.
    fn turned(&mut self) {
        if self.heard {
            self.first.get_or_insert(self.happened);
        }
    }

    /// Holds the licence against the model.
    async fn check(&self, shop: &Shop, about: &str) {
        let mut model = Model::default();
        let mut at_first = None;
        for (number, step) in self.steps.iter().enumerate() {
            model.step(*step);
            if self.first == Some(number + 1) {
                at_first = Some(model.status());
            }
        }
        let engine = shop.engine();
        let row = storage::licences::get(shop.w().store().read(), self.licence).await.unwrap();
        // What is over when it is first heard of was never granted.
        let granted = usize::from(at_first != Some(Status::Ended));
        let status = row.map(|row| row.licence.status);
        let wanted = (granted == 1).then_some(model.status());
        assert_eq!(status, wanted, "{engine} {about}: {:?}", self.steps);
        let ended = usize::from(granted == 1 && model.status() == Status::Ended);
        let issued_now = shop.logged(self.guild, "licence.issued").await;
        let ended_now = shop.logged(self.guild, "licence.ended").await;
        assert_eq!((issued_now, ended_now), (granted, ended), "{engine} {about}: one each");
    }
}

/// All orders of six things.
fn orders() -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..6 {
        let mut longer = Vec::new();
        for some in &all {
            for next in (0..6).filter(|next| !some.contains(next)) {
                longer.push([some.as_slice(), &[next]].concat());
            }
        }
        all = longer;
    }
    all
}

#[tokio::test]
async fn all_orders_of_six_events_end_the_same() {
    let life = [Step::Subscribe, Step::Fail, Step::Pay, Step::Dispute, Step::Win, Step::End];
    let orders = orders();
    assert_eq!(orders.len(), 720);
    for mut shop in shops().await {
        let mut lives: Vec<(Life, &Vec<usize>)> = (0..)
            .zip(&orders)
            .map(|(number, order)| (Life::new(&shop, number, life.to_vec()), order))
            .collect();
        for position in 0..6 {
            for (life, order) in &mut lives {
                life.tell(&shop, order[position]).await;
            }
            shop.desk.clock.advance(HOUR);
            shop.worker.turn(&shop.desk.w).await.unwrap();
            for (life, _) in &mut lives {
                life.turned();
            }
        }
        for (life, order) in &lives {
            life.check(&shop, &format!("{order:?}")).await;
        }
    }
}

/// The same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    /// A life of six events that can follow each other.
    fn life(&mut self) -> Vec<Step> {
        let mut steps = vec![Step::Subscribe];
        let mut model = Model::default();
        while steps.len() < 6 && !model.over {
            let mut may = vec![Step::End];
            if model.overdue {
                may.push(Step::Pay);
            } else {
                may.extend([Step::Renew, Step::Fail, Step::CancelLater]);
                may.push(if model.disputed { Step::Win } else { Step::Dispute });
                if !model.refunded {
                    may.push(Step::Refund);
                }
            }
            let step = may[self.roll(may.len())];
            model.step(step);
            steps.push(step);
        }
        steps
    }
}

/// Random lives, each told of in a random order and with repetitions, in groups.
async fn random_lives(shop: &mut Shop, dice: &mut Dice, first: i64, number: i64) {
    let mut lives: Vec<(Life, Vec<usize>)> = Vec::new();
    for number in first..first + number {
        let life = Life::new(shop, number, dice.life());
        let mut order: Vec<usize> = (0..life.steps.len()).collect();
        for _ in 0..dice.roll(4) {
            order.push(dice.roll(life.steps.len()));
        }
        for last in (1..order.len()).rev() {
            order.swap(last, dice.roll(last + 1));
        }
        lives.push((life, order));
    }
    while lives.iter().any(|(_, order)| !order.is_empty()) {
        for (life, order) in &mut lives {
            for _ in 0..=dice.roll(4) {
                if let Some(number) = order.pop() {
                    life.tell(shop, number).await;
                }
            }
        }
        shop.desk.clock.advance(HOUR);
        shop.worker.turn(&shop.desk.w).await.unwrap();
        for (life, _) in &mut lives {
            life.turned();
        }
    }
    for (life, _) in &lives {
        life.check(shop, "at random").await;
    }
}

#[tokio::test]
async fn random_orders_with_repetitions_end_the_same() {
    for mut shop in shops().await {
        random_lives(&mut shop, &mut Dice(7), 0, 200).await;
    }
}

#[tokio::test]
#[ignore = "takes minutes: ./test --long runs it (2026-11-22)"]
async fn ten_thousand_random_orders_end_the_same() {
    for mut shop in shops().await {
        let mut dice = Dice(20_261_121);
        for round in 0..20 {
            random_lives(&mut shop, &mut dice, round * 500, 500).await;
        }
    }
}
