//! The holder of a licence is told that something is wrong with its payments.

use domain::ids::UserId;
use domain::time::Millis;

use super::{Context, Done, Failure};
use crate::guilds::known;
use crate::licences::payments::{News, news_dm};
use crate::outbox::post::post_once;

pub(super) async fn dm(
    cx: &Context<'_>,
    user: UserId,
    news: News,
    until: Option<Millis>,
) -> Result<Done, Failure> {
    let guild = cx.guild();
    let here = known(cx.w, guild).await?;
    let server = here.installation.as_ref().map_or("", |here| here.name.as_str());
    let url = format!("{}/servers/{guild}/subscription", cx.w.public_url());
    let body = news_dm(cx.words().await?, news, server, until, &url);
    let sent = match cx.w.discord().dm_channel(user).await {
        Ok(channel) => post_once(cx, channel, body, 0).await.map(|_| ()),
        Err(error) => Err(error),
    };
    match sent {
        Err(error) if error.is_temporary() => Err(error.into()),
        // Who takes no messages from the bot (code 50007) finds it on the page.
        Ok(()) | Err(_) => Ok(Done::Plain),
    }
}
