use domain::locale::Locale;
use wardesk_core::ports::Money;

/// Currencies whose smallest unit is the whole one. Source: Stripe documentation, "Zero-decimal currencies".
const WHOLE: [&str; 16] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv",
    "xaf", "xof", "xpf",
];

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
    let amount = money.amount.unsigned_abs();
    let point = match locale {
        Locale::En => '.',
        Locale::De => ',',
    };
    let number = if WHOLE.contains(&money.currency.as_str()) {
        amount.to_string()
    } else {
        format!("{}{point}{:02}", amount / 100, amount % 100)
    };
    match (locale, sign) {
        (Locale::En, Some(sign)) => format!("{minus}{sign}{number}"),
        (Locale::En, None) => format!("{minus}{code}\u{a0}{number}"),
        (Locale::De, sign) => format!("{minus}{number}\u{a0}{}", sign.unwrap_or(&code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_as_the_language_does() {
        let of = |amount, currency: &str| Money { amount, currency: currency.to_owned() };
        assert_eq!(money(Locale::En, &of(499, "eur")), "€4.99");
        assert_eq!(money(Locale::De, &of(499, "eur")), "4,99\u{a0}€");
        assert_eq!(money(Locale::En, &of(-1205, "usd")), "−$12.05");
        assert_eq!(money(Locale::De, &of(5, "chf")), "0,05\u{a0}CHF");
        assert_eq!(money(Locale::En, &of(500, "jpy")), "JPY\u{a0}500");
    }
}
