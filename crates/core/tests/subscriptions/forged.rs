//! Who cannot sign is not heard, whatever they send, and learns nothing.

use domain::time::Millis;
use wardesk_core::licences::payments::signature::{TOLERANCE_MS, sign};
use wardesk_core::licences::payments::webhook::{
    BODY_LIMIT, Refused, WebhookError, accept, receive,
};
use wardesk_core::testing::{ToldEvent, WEBHOOK_SECRET};

use super::shop::{Shop, shops};

/// As many as the requirement says.
const NUMBER: u64 = 100_000;

/// The same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn event(number: u64) -> ToldEvent {
    let (kind, object) = ("customer.subscription.deleted", "sub_000001".to_owned());
    ToldEvent { id: format!("evt_{number}"), kind, object }
}

/// A request that nobody who knows the secret has sent now, for this service.
fn forged(dice: &mut Dice, number: u64, now: Millis) -> (String, Vec<u8>) {
    let (mut header, mut body) = event(number).signed(now);
    match number % 12 {
        // One bit of the body.
        0 => {
            let at = dice.roll(body.len());
            body[at] ^= 1 << dice.roll(8);
        }
        // One digit of the signature.
        1 => {
            let at = header.len() - 1 - dice.roll(64);
            let old = header.as_bytes()[at];
            let new = if old == b'0' { "1" } else { "0" };
            header.replace_range(at..=at, new);
        }
        2 => header = sign(&body, &["whsec_of_nobody", "", "whsec_test "], now),
        3 => {
            let late = TOLERANCE_MS + 1000 + i64::try_from(dice.roll(1 << 30)).unwrap();
            header = sign(&body, &[WEBHOOK_SECRET], Millis(now.0 - late));
        }
        4 => {
            let early = TOLERANCE_MS + 1000 + i64::try_from(dice.roll(1 << 30)).unwrap();
            header = sign(&body, &[WEBHOOK_SECRET], Millis(now.0 + early));
        }
        // Signed for another time than it says.
        5 => header = header.replacen("t=", "t=1", 1),
        6 => header = String::new(),
        7 => header = header.replace("v1=", "v0="),
        8 => body.truncate(dice.roll(body.len())),
        9 => body.extend_from_slice(b" "),
        // Real money, with a key for pretended.
        10 => {
            body = String::from_utf8(body).unwrap().replace("false", "true").into_bytes();
            header = sign(&body, &[WEBHOOK_SECRET], now);
        }
        // Signed, and no event.
        _ => {
            body = format!("{{\"id\":{number}}}").into_bytes();
            header = sign(&body, &[WEBHOOK_SECRET], now);
        }
    }
    (header, body)
}

async fn kept(shop: &Shop) -> i64 {
    storage::payments::events::waiting(shop.w().store().read()).await.unwrap().0
}

#[tokio::test]
async fn of_a_hundred_thousand_forged_requests_none_is_taken() {
    let mut dice = Dice(1);
    for shop in shops().await {
        let now = shop.w().now();
        for number in 0..NUMBER {
            let (header, body) = forged(&mut dice, number, now);
            assert!(accept(shop.w(), &header, &body, now).is_err(), "{number}: {header}");
        }
        // Through the whole way: one answer for all, and nothing is kept.
        for number in 0..240 {
            let (header, body) = forged(&mut dice, number, now);
            let answer = receive(shop.w(), &header, &body).await;
            assert!(matches!(answer, Err(WebhookError::Refused(Refused))), "{answer:?}");
        }
        assert_eq!(kept(&shop).await, 0, "{}", shop.engine());
        // The same without a fault is taken: what was refused was refused for its fault.
        shop.deliver(&event(0)).await;
        assert_eq!(kept(&shop).await, 1);
        shop.deliver(&event(0)).await;
        assert_eq!(kept(&shop).await, 1, "{}: delivered twice, kept once", shop.engine());
    }
}

#[tokio::test]
async fn what_is_too_large_or_not_wanted_is_refused_alike() {
    for shop in shops().await {
        let now = shop.w().now();
        let pad = " ".repeat(BODY_LIMIT);
        let large = format!("{{\"id\":\"evt_1\",\"type\":\"x\",\"livemode\":false}}{pad}");
        let header = sign(large.as_bytes(), &[WEBHOOK_SECRET], now);
        assert!(receive(shop.w(), &header, large.as_bytes()).await.is_err());
        // Where payments are off nobody is heard.
        let off = shop.desk.restarted();
        let (header, body) = event(1).signed(now);
        assert!(receive(&off, &header, &body).await.is_err(), "{}", shop.engine());
    }
}

#[tokio::test]
async fn events_of_forms_to_come_are_kept_and_done() {
    for mut shop in shops().await {
        for (number, rest) in
            ["", r#","data":[]"#, r#","data":{"object":{"id":"thing_1"}}"#].iter().enumerate()
        {
            let body = format!(
                r#"{{"id":"evt_{number}","type":"a.kind.to.come","livemode":false{rest}}}"#
            );
            let header = sign(body.as_bytes(), &[WEBHOOK_SECRET], shop.w().now());
            receive(shop.w(), &header, body.as_bytes()).await.unwrap();
        }
        assert_eq!(kept(&shop).await, 3);
        shop.settle().await;
        assert_eq!(kept(&shop).await, 0, "{}", shop.engine());
    }
}
