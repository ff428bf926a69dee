//! Time to an answer over many stored messages.

use std::time::Duration;

use domain::ids::TicketId;
use domain::time::Millis;
use sandbox::id::Id;
use sandbox::world::model::Channel;
use sandbox::world::{World, example};
use tokio::time::Instant;

use crate::installation::{Installation, Place, Server};
use crate::shared::{channel, guild, open_ticket, settings};
use crate::stats::{Samples, millis};
use crate::{Problem, closing, gateway};

/// Different words that people use. Source of the number: what an adult actively uses is some 20,000 to 35,000.
const WORDS: u32 = 30_000;
/// Words of a message.
const LENGTH: u64 = 12;
/// How long the making of the transcripts may take.
const PATIENCE: Duration = Duration::from_mins(30);

/// What is looked for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Messages of the server.
    #[arg(long, default_value_t = 1_000_000)]
    messages: u64,
    /// Tickets that they are in.
    #[arg(long, default_value_t = 100)]
    tickets: u64,
    /// How often each question is asked.
    #[arg(long, default_value_t = 20)]
    times: usize,
}

/// Fills tickets through the gateway, closes them, and asks questions.
pub async fn run(place: &Place, options: &Options) -> Result<(), Problem> {
    let mut world = World::example();
    let like = world.channel(example::GENERAL).ok_or("the example server has no such channel")?;
    let like = like.clone();
    let channels: Vec<Id> =
        (0..options.tickets).map(|number| Id(460_000_000_000_000_000 + number)).collect();
    for id in &channels {
        let name = format!("ticket-{}", id.0 % 1_000_000);
        world.insert_channel(Channel { id: *id, name, ..like.clone() });
    }
    let installation = Installation::new(place, world).await?;
    let tickets = open(&installation, &channels).await?;
    let server = installation.start().await?;
    let session = installation.sign_in(&server, example::OLIVIA).await?;
    println!("{} messages in {} tickets", options.messages, options.tickets);
    gateway::send(&installation, &server, &channels, options.messages, &text).await?;
    let began = Instant::now();
    for ticket in &tickets {
        closing::close(&server, &session, *ticket).await?;
    }
    closing::stored(&server, tickets.len(), PATIENCE).await?;
    println!("closed in {:.1} s", began.elapsed().as_secs_f64());
    ask(&server, &session, options.times).await?;
    server.stop().await
}

/// Asks, first of nothing in memory, then again and again.
async fn ask(server: &Server, session: &str, times: usize) -> Result<(), Problem> {
    let rare = word(WORDS - 7);
    let prefix: String = word(400).chars().take(3).collect();
    let questions = [
        ("a common word", word(2)),
        ("a rare word", rare),
        ("three words", format!("{} {} {}", word(5), word(90), word(700))),
        ("three letters of a word", prefix),
        ("two words in a row", format!("\"{} {}\"", word(1), word(3))),
        ("a word that nobody wrote", "zzyzx".to_owned()),
    ];
    let mut client = server.connect().await?;
    for (name, question) in questions {
        let question: String = url::form_urlencoded::byte_serialize(question.as_bytes()).collect();
        let path = format!("/servers/{}/search?q={question}", example::HARBOUR_LIGHTS);
        let mut samples = Samples::default();
        let mut first = None;
        for _ in 0..=times {
            let began = Instant::now();
            let answer = client.get(&path, &[("cookie", session)]).await?;
            if !answer.status.is_success() {
                return Err(format!("a question was answered {}", answer.status).into());
            }
            match first {
                None => first = Some(began.elapsed()),
                Some(_) => samples.push(began.elapsed()),
            }
        }
        println!("{name}: first {} · then {}", millis(first.unwrap_or_default()), samples.line());
    }
    println!("{} MiB of memory after", server.resident()? >> 20);
    Ok(())
}

/// Open tickets, one for each channel.
async fn open(installation: &Installation, channels: &[Id]) -> Result<Vec<TicketId>, Problem> {
    let store = installation.store().await?;
    let now = Millis(installation.sandbox.world().now());
    let guild = guild(example::HARBOUR_LIGHTS)?;
    let kept = settings(example::SUPPORT_ROLE, example::TICKETS, example::TRANSCRIPTS)?;
    let mut tx = store.begin().await?;
    storage::guilds::save_settings(tx.conn(), guild, &kept, 0, now).await?;
    let mut tickets = Vec::new();
    for (number, at) in (0..).zip(channels) {
        tickets.push(open_ticket(&mut tx, guild, number, channel(*at)?, now).await?);
    }
    tx.commit().await?;
    store.close().await;
    Ok(tickets)
}

/// A message: words as often as people use them, the n-th about 1/n as often as the first.
fn text(number: u64) -> String {
    let words = (0..LENGTH).map(|place| {
        let random = mixed(number * LENGTH + place);
        word(ranked(random))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A rank from evenly distributed bits, by the logarithm.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank below 2^15"
)]
fn ranked(random: u64) -> u32 {
    let even = (random >> 11) as f64 / (1_u64 << 53) as f64;
    f64::from(WORDS).powf(even) as u32 - 1
}

/// Evenly distributed bits. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
const fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The word of a rank, in syllables.
fn word(rank: u32) -> String {
    const FIRST: &[u8; 20] = b"bcdfghjklmnprstvwxyz";
    const SECOND: &[u8; 5] = b"aeiou";
    let mut rest = rank;
    let mut word = String::new();
    for _ in 0..4 {
        let (first, second) = (rest % 20, rest / 20 % 5);
        word.push(char::from(FIRST[first as usize]));
        word.push(char::from(SECOND[second as usize]));
        rest /= 100;
        if rest == 0 && word.len() > 2 {
            break;
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_different_and_the_first_are_common() {
        let all: std::collections::HashSet<String> = (0..WORDS).map(word).collect();
        assert_eq!(all.len(), WORDS as usize);
        let ranks: Vec<u32> = (0..10_000).map(|n| ranked(mixed(n))).collect();
        assert!(ranks.iter().all(|rank| *rank < WORDS));
        assert!(ranks.iter().filter(|rank| **rank < 10).count() > 1_500);
    }
}
