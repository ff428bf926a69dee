use domain::locale::Locale;
use wardesk_core::ports::Money;

/// Currencies whose smallest unit is the whole one. Source: Stripe documentation, "Supported currencies",
/// "Zero-decimal currencies". Uganda's shilling, which stands there too, is among the [`HUNDREDTHS`].
const WHOLE: [&str; 15] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
];
/// Currencies without a smaller unit that Stripe counts in hundredths all the same. Source: Stripe documentation,
/// "Supported currencies", "Special cases".
const HUNDREDTHS: [&str; 2] = ["isk", "ugx"];
/// Currencies of a thousand units. Source: Stripe documentation, "Supported currencies", "Three-decimal currencies".
const THOUSANDTHS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

/// The digits of an amount in the smallest unit of its currency.
fn digits(amount: u64, currency: &str, point: char) -> String {
    if WHOLE.contains(&currency) {
        return amount.to_string();
    }
    if THOUSANDTHS.contains(&currency) {
        return format!("{}{point}{:03}", amount / 1000, amount % 1000);
    }
    let (whole, part) = (amount / 100, amount % 100);
    if part == 0 && HUNDREDTHS.contains(&currency) {
        return whole.to_string();
    }
    format!("{whole}{point}{part:02}")
}

/// An amount of money in words: English `€4.99`, German `4,99 €`; a currency without a sign by its code.
pub fn money(locale: Locale, money: &Money) -> String {
    let sign = match money.currency.as_str() {
        "eur" => Some("€"),
        "usd" => Some("$"),
        "gbp" => Some("£"),
        _ => None,
    };
    let code = money.currency.to_uppercase();
    let minus = if money.amount < 0 { "−" } else { "" };
    let point = match locale {
        Locale::En => '.',
        Locale::De => ',',
    };
    let number = digits(money.amount.unsigned_abs(), &money.currency, point);
    match (locale, sign) {
        (Locale::En, Some(sign)) => format!("{minus}{sign}{number}"),
        (Locale::En, None) => format!("{minus}{code}\u{a0}{number}"),
        (Locale::De, sign) => format!("{minus}{number}\u{a0}{}", sign.unwrap_or(&code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(amount: i64, currency: &str) -> Money {
        Money { amount, currency: currency.to_owned() }
    }

    #[test]
    fn amounts_are_told_as_the_language_does() {
        assert_eq!(money(Locale::En, &of(499, "eur")), "€4.99");
        assert_eq!(money(Locale::De, &of(499, "eur")), "4,99\u{a0}€");
        assert_eq!(money(Locale::En, &of(-1205, "usd")), "−$12.05");
        assert_eq!(money(Locale::De, &of(5, "chf")), "0,05\u{a0}CHF");
        assert_eq!(money(Locale::En, &of(500, "jpy")), "JPY\u{a0}500");
    }

    #[test]
    fn a_currency_has_as_many_digits_as_stripe_counts_by() {
        for code in WHOLE {
            assert_eq!(digits(500, code, '.'), "500", "{code}");
        }
        for code in THOUSANDTHS {
            assert_eq!(digits(5120, code, '.'), "5.120", "{code}");
            assert_eq!(digits(50, code, ','), "0,050", "{code}");
        }
        for code in HUNDREDTHS {
            assert_eq!(digits(500, code, '.'), "5", "{code}");
            // Nothing is hidden, should there be a part after all.
            assert_eq!(digits(550, code, '.'), "5.50", "{code}");
        }
        for code in ["eur", "huf", "twd", "sek"] {
            assert_eq!(digits(500, code, '.'), "5.00", "{code}");
        }
        assert_eq!(money(Locale::En, &of(-5120, "kwd")), "−KWD\u{a0}5.120");
        assert_eq!(money(Locale::De, &of(500, "ugx")), "5\u{a0}UGX");
    }
}
