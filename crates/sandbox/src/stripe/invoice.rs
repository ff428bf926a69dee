//! An invoice as it is kept, and its sums.

use super::subscription::{Discount, Period};

/// What the seeded promotion code takes off, in per cent.
pub(crate) const PERCENT_OFF: i64 = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Void,
}

impl InvoiceStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
        }
    }
}

/// Why an invoice was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Create,
    Cycle,
    Update,
}

impl Reason {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "subscription_create",
            Self::Cycle => "subscription_cycle",
            Self::Update => "subscription_update",
        }
    }
}

/// One line: a price for a period, or the difference that a change of plan makes.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) amount: i64,
    pub(crate) price: String,
    pub(crate) quantity: i64,
    pub(crate) period: Period,
    /// The invoice item behind a proration.
    pub(crate) proration: Option<String>,
}

/// The sums of an invoice. Tax is inside the prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) subtotal: i64,
    pub(crate) discount: i64,
    pub(crate) total: i64,
    pub(crate) tax: i64,
}

impl Sums {
    /// `tax_percent` is `None` without automatic tax.
    pub(crate) fn of(subtotal: i64, discounted: bool, tax_percent: Option<i64>) -> Self {
        let discount =
            if discounted && subtotal > 0 { rounded(subtotal * PERCENT_OFF, 100) } else { 0 };
        let total = subtotal - discount;
        let tax = match tax_percent {
            Some(percent) if total > 0 => rounded(total * percent, 100 + percent),
            _ => 0,
        };
        Self { subtotal, discount, total, tax }
    }
}

/// A division rounded half away from zero, as money is.
pub(crate) fn rounded(amount: i64, by: i64) -> i64 {
    let half = if amount < 0 { -by / 2 } else { by / 2 };
    (amount + half) / by
}

/// The value-added tax of a country, in per cent, for the countries that the checkout page offers.
pub(crate) fn tax_percent(country: Option<&str>) -> i64 {
    match country {
        Some("AT" | "FR") => 20,
        Some("US") => 0,
        _ => 19,
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) number: Option<String>,
    pub(crate) customer: String,
    pub(crate) subscription: String,
    pub(crate) currency: String,
    pub(crate) status: InvoiceStatus,
    pub(crate) reason: Reason,
    pub(crate) lines: Vec<Line>,
    pub(crate) sums: Sums,
    pub(crate) discount: Option<Discount>,
    pub(crate) automatic_tax: bool,
    pub(crate) starting_balance: i64,
    pub(crate) ending_balance: Option<i64>,
    pub(crate) amount_due: i64,
    pub(crate) amount_paid: i64,
    pub(crate) attempts: u32,
    pub(crate) next_attempt: Option<i64>,
    /// When the first attempt failed; retries are counted from it.
    pub(crate) failed_at: Option<i64>,
    pub(crate) finalizes_at: Option<i64>,
    pub(crate) finalized_at: Option<i64>,
    pub(crate) paid_at: Option<i64>,
    pub(crate) voided_at: Option<i64>,
    pub(crate) period: Period,
    pub(crate) intent: Option<String>,
    /// The row that ties the invoice to its payment intent.
    pub(crate) payment: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_round_as_money_does() {
        let sums = Sums::of(499, true, Some(19));
        assert_eq!(sums, Sums { subtotal: 499, discount: 100, total: 399, tax: 64 });
        assert_eq!(Sums::of(499, false, None).total, 499);
        let credit = Sums::of(-250, true, Some(19));
        assert_eq!((credit.discount, credit.total, credit.tax), (0, -250, 0));
        assert_eq!((rounded(-5, 2), rounded(5, 2), rounded(-4, 3)), (-3, 3, -1));
    }
}
