//! Staff are told in the log channel that something went wrong.

use super::{Context, Done, Failure};
use crate::guilds;
use crate::outbox::Alert;
use crate::outbox::post::post_once;
use crate::tickets::messages::{self, AlertFacts};

pub(super) async fn run(cx: &Context<'_>, alert: &Alert) -> Result<Done, Failure> {
    let settings = guilds::settings_of(cx.w, cx.guild()).await?;
    // Without a log channel the one for transcripts is where staff look.
    let Some(channel) = settings.log_channel.or(settings.transcript_channel) else {
        return Ok(Done::Plain);
    };
    let facts = AlertFacts::load(cx.w, cx.guild(), alert).await?;
    let body = messages::alert(cx.words().await?, alert, &facts);
    match post_once(cx, channel, body, 0).await {
        Ok(_) => Ok(Done::Plain),
        Err(error) => Err(error.into()),
    }
}
