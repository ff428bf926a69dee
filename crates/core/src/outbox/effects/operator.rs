//! An operator is told that a request about personal data is not decided yet.

use domain::ids::{RequestId, UserId};

use super::{Context, Done, Failure, direct};
use crate::privacy::requests::notice_dm;

pub(super) async fn dm(
    cx: &Context<'_>,
    request: RequestId,
    user: UserId,
    day: i64,
) -> Result<Done, Failure> {
    let db = cx.w.store().read();
    let row = storage::privacy::requests::get(db, request).await?;
    // Decided meanwhile, or no operator any more: there is nothing to tell.
    let Some(row) = row.filter(|row| row.decided.is_none()) else { return Ok(Done::Plain) };
    if !cx.w.operators().contains(&user) {
        return Ok(Done::Plain);
    }
    let url = format!("{}/operator/privacy/{request}", cx.w.public_url());
    let body = notice_dm(direct::words(cx, user).await?, day, row.due, &url);
    direct::send(cx, user, body).await
}
