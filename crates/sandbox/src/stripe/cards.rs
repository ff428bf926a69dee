//! The cards of Stripe's test set, and what happens to payments with them.
//! Source: Stripe documentation, "Testing".

/// What a card does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Every payment succeeds.
    Succeeds,
    /// No payment succeeds, and it cannot be kept for later.
    Declines(Decline),
    /// Asks for 3-D Secure when it is set up, and succeeds from then on.
    Authenticates,
    /// Asks for 3-D Secure with every payment, so that none goes through without the person.
    AlwaysAuthenticates,
    /// Can be kept for later, but no payment succeeds.
    AttachesThenFails,
}

/// Why a card was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decline {
    Generic,
    InsufficientFunds,
    Authentication,
    /// The bank wants the person to confirm, who is not there.
    AuthenticationRequired,
    TestMode,
}

impl Decline {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Authentication => "payment_intent_authentication_failure",
            Self::AuthenticationRequired => "authentication_required",
            _ => "card_declined",
        }
    }

    pub(crate) fn decline_code(self) -> Option<&'static str> {
        match self {
            Self::Generic => Some("generic_decline"),
            Self::InsufficientFunds => Some("insufficient_funds"),
            Self::TestMode => Some("test_mode_live_card"),
            Self::AuthenticationRequired => Some("authentication_required"),
            Self::Authentication => None,
        }
    }

    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Generic => "Your card was declined.",
            Self::InsufficientFunds => "Your card has insufficient funds.",
            Self::Authentication => {
                "We are unable to authenticate your payment method. Please choose a different payment \
                 method and try again."
            }
            Self::AuthenticationRequired => {
                "Your card was declined. This transaction requires authentication."
            }
            Self::TestMode => {
                "Your card was declined. The sandbox takes the card numbers of Stripe's test set only."
            }
        }
    }
}

/// A card number that passed its checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) brand: &'static str,
    pub(crate) last4: String,
    pub(crate) exp_month: u32,
    pub(crate) exp_year: i64,
    pub(crate) behaviour: Behaviour,
}

impl Card {
    /// Whether a payment with it on a page asks for 3-D Secure.
    pub(crate) fn asks_on_pages(&self) -> bool {
        matches!(self.behaviour, Behaviour::Authenticates | Behaviour::AlwaysAuthenticates)
    }
}

/// A field of the form that is wrong, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) &'static str);

/// Reads a card as it was typed: number with spaces, `MM / YY`, security code. `year` and `month` are now.
pub(crate) fn read(
    number: &str,
    expiry: &str,
    cvc: &str,
    (year, month): (i64, u32),
) -> Result<Card, Wrong> {
    let digits: String = number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if !(12..=19).contains(&digits.len()) || !luhn(&digits) {
        return Err(Wrong("Your card number is invalid."));
    }
    let (exp_month, exp_year) = expiry
        .split_once('/')
        .and_then(|(month, year)| {
            let year: i64 = year.trim().parse().ok()?;
            Some((month.trim().parse::<u32>().ok()?, if year < 100 { year + 2000 } else { year }))
        })
        .filter(|(month, year)| (1..=12).contains(month) && (2000..2100).contains(year))
        .ok_or(Wrong("Your card's expiration date is incomplete. Write it as MM / YY."))?;
    if (exp_year, exp_month) < (year, month) {
        return Err(Wrong("Your card's expiration date is in the past."));
    }
    if !(3..=4).contains(&cvc.len()) || !cvc.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong("Your card's security code is incomplete."));
    }
    let last4 = digits[digits.len() - 4..].to_owned();
    let brand = if digits.starts_with('5') { "mastercard" } else { "visa" };
    Ok(Card { brand, last4, exp_month, exp_year, behaviour: behaviour(&digits) })
}

fn behaviour(digits: &str) -> Behaviour {
    match digits {
        "4242424242424242" | "5555555555554444" | "4000056655665556" => Behaviour::Succeeds,
        "4000000000000002" => Behaviour::Declines(Decline::Generic),
        "4000000000009995" => Behaviour::Declines(Decline::InsufficientFunds),
        "4000002500003155" => Behaviour::Authenticates,
        "4000002760003184" => Behaviour::AlwaysAuthenticates,
        "4000000000000341" => Behaviour::AttachesThenFails,
        _ => Behaviour::Declines(Decline::TestMode),
    }
}

fn luhn(digits: &str) -> bool {
    let mut sum = 0;
    for (place, character) in digits.chars().rev().enumerate() {
        let Some(digit) = character.to_digit(10) else { return false };
        let weighed = if place % 2 == 1 { digit * 2 } else { digit };
        sum += if weighed > 9 { weighed - 9 } else { weighed };
    }
    sum % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: (i64, u32) = (2026, 11);

    #[test]
    fn the_cards_of_the_test_set_are_known() {
        for (number, wanted) in [
            ("4242 4242 4242 4242", Behaviour::Succeeds),
            ("4000 0000 0000 0002", Behaviour::Declines(Decline::Generic)),
            ("4000 0000 0000 9995", Behaviour::Declines(Decline::InsufficientFunds)),
            ("4000 0025 0000 3155", Behaviour::Authenticates),
            ("4000 0027 6000 3184", Behaviour::AlwaysAuthenticates),
            ("4000-0000-0000-0341", Behaviour::AttachesThenFails),
            ("4111 1111 1111 1111", Behaviour::Declines(Decline::TestMode)),
        ] {
            let card = read(number, "12 / 34", "123", NOW);
            assert_eq!(card.map(|card| card.behaviour), Ok(wanted), "{number}");
        }
    }

    #[test]
    fn a_form_that_is_wrong_is_refused() {
        for (number, expiry, cvc) in [
            ("4242 4242 4242 4241", "12/34", "123"),
            ("", "12/34", "123"),
            ("4242424242424242", "10/26", "123"),
            ("4242424242424242", "13/30", "123"),
            ("4242424242424242", "1230", "123"),
            ("4242424242424242", "12/34", "12"),
            ("4242424242424242", "12/34", "12x"),
        ] {
            assert!(read(number, expiry, cvc, NOW).is_err(), "{number} {expiry} {cvc}");
        }
        assert!(read("4242424242424242", "11/26", "123", NOW).is_ok());
    }
}
