//! What time brings, in its order.

use super::super::invoice::InvoiceStatus;
use super::super::model::SessionStatus;
use super::super::provider::Provider;
use super::super::subscription::Status;
use super::subscriptions::{End, TRIAL_NOTICE};

/// What is due to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    UpdateEnd,
    TrialNotice,
    PeriodEnd,
    Finalize,
    Retry,
    Expire,
}

/// More than any world makes happen at one go; a loop that does not advance ends here.
const MOST_AT_ONCE: usize = 1_000_000;

impl Provider {
    /// Lets everything happen that is due until `now` (seconds UTC), each at its own moment.
    pub(crate) fn run_until(&mut self, now: i64) {
        for _ in 0..MOST_AT_ONCE {
            let Some((at, due, id)) = self.next_due(now) else { return };
            match due {
                Due::UpdateEnd => self.expire_update(&id, at),
                Due::TrialNotice => self.notice_trial(&id, at),
                Due::PeriodEnd => self.period_ends(&id, at),
                Due::Finalize => {
                    self.finalize(&id, at);
                    // A failure shows on the invoice and subscription.
                    let _ = self.collect(&id, at);
                }
                Due::Retry => {
                    let _ = self.collect(&id, at);
                }
                Due::Expire => self.expire_session(&id, at),
            }
        }
    }

    fn period_ends(&mut self, subscription: &str, at: i64) {
        if self.subscriptions.get(subscription).is_some_and(|it| it.cancel_at_period_end) {
            self.end(subscription, End::Requested, at);
        } else {
            self.renew(subscription, at);
        }
    }

    /// The earliest of what is due until `now`; of two at one moment, always the same one first.
    fn next_due(&self, now: i64) -> Option<(i64, Due, String)> {
        let subscriptions = self.subscriptions.iter().filter(|it| !it.is_over()).flat_map(|it| {
            let id = it.id.as_str();
            let notice = it
                .trial
                .filter(|_| it.status == Status::Trialing && !it.trial_noticed)
                .map(|trial| (trial.end - TRIAL_NOTICE).max(trial.start))
                .map(|at| (at, Due::TrialNotice, id));
            let update = it.update.as_ref().map(|update| (update.expires_at, Due::UpdateEnd, id));
            let end = (it.period.end, Due::PeriodEnd, id);
            update.into_iter().chain(notice).chain([end])
        });
        let invoices = self.invoices.iter().filter_map(|row| match row.status {
            InvoiceStatus::Draft => Some((row.finalizes_at?, Due::Finalize, row.id.as_str())),
            InvoiceStatus::Open => Some((row.next_attempt?, Due::Retry, row.id.as_str())),
            InvoiceStatus::Paid | InvoiceStatus::Void => None,
        });
        let sessions = self
            .sessions
            .iter()
            .filter(|session| session.status == SessionStatus::Open)
            .map(|session| (session.expires_at, Due::Expire, session.id.as_str()));
        let all = subscriptions.chain(invoices).chain(sessions);
        let (at, due, id) = all.filter(|(at, ..)| *at <= now).min()?;
        Some((at, due, id.to_owned()))
    }
}
