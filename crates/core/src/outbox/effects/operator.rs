//! An operator is told that requests about personal data wait for an answer.

use domain::ids::UserId;
use storage::privacy::requests as rows;

use super::{Context, Done, Failure, direct};
use crate::privacy::requests::{NAMED, digest};

pub(super) async fn dm(cx: &Context<'_>, user: UserId) -> Result<Done, Failure> {
    let db = cx.w.store().read();
    let waiting = rows::waiting(db).await?;
    let overdue = rows::overdue(db, cx.w.now()).await?;
    // All were decided meanwhile, or no operator any more: there is nothing to tell.
    if (waiting.is_empty() && overdue == 0) || !cx.w.operators().contains(&user) {
        return Ok(Done::Plain);
    }
    let nearest = rows::nearest(db, NAMED).await?;
    let desk = format!("{}/operator/privacy", cx.w.public_url());
    let words = direct::words(cx, user).await?;
    direct::send(cx, user, digest(words, &waiting, overdue, &nearest, &desk)).await
}
