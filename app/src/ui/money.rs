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

/// How a language writes numbers: what is between thousands, and before the parts of one.
type Marks = (char, char);

/// A whole number in groups of three digits.
fn grouped(number: u64, (comma, _): Marks) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(comma);
        }
        text.push(digit);
    }
    text
}

/// The digits of an amount in the smallest unit of its currency.
fn digits(amount: u64, currency: &str, marks: Marks) -> String {
    let point = marks.1;
    if WHOLE.contains(&currency) {
        return grouped(amount, marks);
    }
    if THOUSANDTHS.contains(&currency) {
        return format!("{}{point}{:03}", grouped(amount / 1000, marks), amount % 1000);
    }
    let (whole, part) = (grouped(amount / 100, marks), amount % 100);
    if part == 0 && HUNDREDTHS.contains(&currency) {
        return whole;
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
    let marks = match locale {
        Locale::En => (',', '.'),
        Locale::De => ('.', ','),
    };
    let number = digits(money.amount.unsigned_abs(), &money.currency, marks);
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
        assert_eq!(money(Locale::En, &of(99_999_999, "eur")), "€999,999.99");
        assert_eq!(money(Locale::De, &of(123_456_700, "usd")), "1.234.567,00\u{a0}$");
        assert_eq!(money(Locale::En, &of(100_000, "eur")), "€1,000.00");
    }

    #[test]
    fn a_currency_has_as_many_digits_as_stripe_counts_by() {
        for code in WHOLE {
            assert_eq!(digits(500, code, (',', '.')), "500", "{code}");
        }
        for code in THOUSANDTHS {
            assert_eq!(digits(5120, code, (',', '.')), "5.120", "{code}");
            assert_eq!(digits(50, code, ('.', ',')), "0,050", "{code}");
        }
        for code in HUNDREDTHS {
            assert_eq!(digits(500, code, (',', '.')), "5", "{code}");
            // Nothing is hidden, should there be a part after all.
            assert_eq!(digits(550, code, (',', '.')), "5.50", "{code}");
        }
        for code in ["eur", "huf", "twd", "sek"] {
            assert_eq!(digits(500, code, (',', '.')), "5.00", "{code}");
        }
        assert_eq!(money(Locale::En, &of(-5120, "kwd")), "−KWD\u{a0}5.120");
        assert_eq!(money(Locale::De, &of(500, "ugx")), "5\u{a0}UGX");
    }
}
