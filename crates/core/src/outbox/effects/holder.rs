//! The holder of a licence is told that something is wrong with its payments.

use domain::ids::UserId;
use domain::time::Millis;

use super::{Context, Done, Failure, direct};
use crate::guilds::known;
use crate::licences::payments::{News, news_dm};

pub(super) async fn dm(
    cx: &Context<'_>,
    user: UserId,
    news: News,
    until: Option<Millis>,
) -> Result<Done, Failure> {
    let guild = cx.guild();
    let here = known(cx.w, guild).await?;
    let server = here.installation.as_ref().map_or("", |here| here.name.as_str());
    // Their own page: whoever pays may not manage the server, or have left it.
    let url = format!("{}/account/licences", cx.w.public_url());
    let body = news_dm(direct::words(cx, user).await?, news, server, until, &url);
    direct::send(cx, user, body).await
}
