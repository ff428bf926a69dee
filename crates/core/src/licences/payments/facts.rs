//! What the subscription page of a server shows.

use domain::access::Capability;
use domain::ids::{LicenceId, UserId};
use domain::licences::{GRACE_SECONDS, Interval, Licence, PlanKey};
use domain::time::Millis;
use storage::payments::subscriptions::{self as rows, SubscriptionRow, WaitingChange};

use super::checkout::{binds, stands};
use super::offers::{Currencies, Offer, PATIENCE, offers};
use super::{Funds, PaymentsError};
use crate::guilds::GuildAccess;
use crate::licences::PaymentsState;
use crate::ports::Money;

/// How the payment of a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentState {
    /// The trial runs; nothing was to be paid yet.
    Trial,
    /// Paid.
    Paid,
    /// A renewal failed: the plan counts until the end of the grace.
    Failed {
        /// Until when.
        grace_until: Millis,
    },
    /// The grace is over without a payment.
    Unpaid,
    /// It was given back.
    Refunded,
    /// It is disputed.
    Disputed,
    /// A dispute was lost.
    Lost,
    /// The trial is over and there is no way to pay.
    Paused,
    /// It is over.
    Ended,
}

/// The next invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextInvoice {
    /// There will be one.
    Due {
        /// How much.
        money: Money,
        /// When.
        at: Millis,
    },
    /// There will be none.
    None,
    /// The provider cannot be asked now.
    Unknown,
}

/// The subscription of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionView {
    /// The licence that it pays for.
    pub licence: LicenceId,
    /// Its plan.
    pub plan: PlanKey,
    /// How often it is paid; `None` for a price that is not sold any more.
    pub interval: Option<Interval>,
    /// Who pays; `None` once their data was removed.
    pub holder: Option<UserId>,
    /// Whether that is who looks: only they can change it or open the provider's page.
    pub is_own: bool,
    /// Whether it can still be changed, and keeps whoever looks from beginning another one.
    pub stands: bool,
    /// When it is renewed next; `None` for one that ends.
    pub renews_at: Option<Millis>,
    /// When it ends, or ended.
    pub ends_at: Option<Millis>,
    /// When the trial ends.
    pub trial_until: Option<Millis>,
    /// The next invoice.
    pub next_invoice: NextInvoice,
    /// How the payment stands.
    pub payment: PaymentState,
    /// The change of plan that waits until its payment is confirmed.
    pub change: Option<WaitingChange>,
    /// Servers that the licence serves.
    pub seats: u32,
    /// Of those, how many are taken.
    pub seats_taken: u32,
}

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionPage {
    /// Whether payments work.
    pub payments: PaymentsState,
    /// The subscription that the server uses, or used last.
    pub subscription: Option<SubscriptionView>,
    /// What can be bought, by rank; empty where payments are off.
    pub offers: Vec<Offer>,
    /// In which currency that is shown.
    pub currencies: Currencies,
    /// Whether the person who looks has a page at the provider.
    pub has_portal: bool,
}

/// What the subscription page of a server shows. Amounts are in the currency of its subscription, else in the one that
/// the person pays in already, else in `wanted`, else in the prices' own: the first that there is.
pub async fn subscription_of(
    access: &GuildAccess,
    wanted: Option<&str>,
) -> Result<SubscriptionPage, PaymentsError> {
    access.require(Capability::Billing)?;
    let w = access.wardesk();
    let payments = w.payments_state();
    let row = row_of(access).await?;
    let (offers, currencies) = if w.payments().is_some() {
        offers(access, row.as_ref(), wanted).await?
    } else {
        (Vec::new(), Currencies::default())
    };
    let subscription = match row {
        Some(row) => Some(view(access, row).await?),
        None => None,
    };
    let has_portal = match w.payments() {
        Some(payments) => {
            let db = w.store().read();
            storage::payments::customer(db, access.user(), payments.live()).await?.is_some()
        }
        None => false,
    };
    Ok(SubscriptionPage { payments, subscription, offers, currencies, has_portal })
}

/// The subscription of a licence that the server has a seat of, else one that was bought there. First goes the
/// person's own, then one that counts, then one that stands.
pub(super) async fn row_of(access: &GuildAccess) -> Result<Option<SubscriptionRow>, PaymentsError> {
    let db = access.wardesk().store().read();
    let mut all = Vec::new();
    for licence in storage::licences::of_guild(db, access.guild()).await? {
        all.extend(rows::of_licence(db, licence.licence.id).await?);
    }
    for row in rows::of_guild(db, access.guild()).await? {
        let licence = storage::licences::get(db, row.licence).await?;
        let seated = licence.is_some_and(|row| !row.licence.seated.is_empty());
        // One that serves other servers by now is theirs.
        if !(seated && stands(&row)) {
            all.push(row);
        }
    }
    let mut best: Option<(u8, SubscriptionRow)> = None;
    for row in all {
        let is_own = row.user == Some(access.user());
        let rank = match (binds(access, &row).await?, is_own) {
            (true, true) => 3,
            (true, false) => 2,
            (false, _) => u8::from(stands(&row)),
        };
        if best.as_ref().is_none_or(|(before, _)| rank > *before) {
            best = Some((rank, row));
        }
    }
    Ok(best.map(|(_, row)| row))
}

async fn view(
    access: &GuildAccess,
    row: SubscriptionRow,
) -> Result<SubscriptionView, PaymentsError> {
    let w = access.wardesk();
    let licence = storage::licences::get(w.store().read(), row.licence).await?;
    let licence: Option<Licence> = licence.map(|row| row.licence);
    let (binds, payment) = (binds(access, &row).await?, payment(&row, w.now()));
    let trial = payment == PaymentState::Trial;
    let renews = stands(&row) && row.ends_at.is_none();
    let next_invoice = if renews { next_invoice(access, &row).await } else { NextInvoice::None };
    let taken = licence.as_ref().map_or(0, |licence| licence.seated.len());
    Ok(SubscriptionView {
        licence: row.licence,
        plan: row.plan,
        interval: row.interval,
        holder: row.user,
        is_own: row.user == Some(access.user()),
        stands: binds,
        renews_at: renews.then_some(row.period_end),
        ends_at: row.ends_at,
        trial_until: row.trial_end.filter(|_| trial),
        next_invoice,
        payment,
        change: row.change.filter(|change| binds && change.until > w.now()),
        seats: licence.map_or(0, |licence| licence.seats),
        seats_taken: u32::try_from(taken).unwrap_or(u32::MAX),
    })
}

fn payment(row: &SubscriptionRow, now: Millis) -> PaymentState {
    let grace_until = row.failed_at.map(|failed| failed.plus_seconds(GRACE_SECONDS));
    match (Funds::parse(&row.money), row.status.as_str()) {
        (Some(Funds::Lost), _) => PaymentState::Lost,
        (Some(Funds::Disputed), status) if status != "canceled" => PaymentState::Disputed,
        (Some(Funds::Refunded), status) if status != "canceled" => PaymentState::Refunded,
        (_, "past_due" | "unpaid" | "canceled") if grace_until.is_some() => match grace_until {
            Some(grace_until) if now < grace_until => PaymentState::Failed { grace_until },
            _ => PaymentState::Unpaid,
        },
        (_, "trialing") => PaymentState::Trial,
        (_, "paused") => PaymentState::Paused,
        (_, "canceled") => PaymentState::Ended,
        _ => PaymentState::Paid,
    }
}

async fn next_invoice(access: &GuildAccess, row: &SubscriptionRow) -> NextInvoice {
    let w = access.wardesk();
    let Some(payments) = w.payments() else { return NextInvoice::Unknown };
    // It changes nothing, and is to be fresh: its key serves this one call.
    let key = w.new_uuid().to_string();
    let asked = payments.preview(&key, &row.id, None);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(Some(preview))) => {
            NextInvoice::Due { money: preview.due, at: preview.at.unwrap_or(row.period_end) }
        }
        Ok(Ok(None)) => NextInvoice::None,
        Ok(Err(_)) | Err(_) => NextInvoice::Unknown,
    }
}
