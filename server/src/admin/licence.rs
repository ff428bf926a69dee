//! `wardesk admin licence`.

use std::str::FromStr;

use clap::{Args, Subcommand};
use domain::ids::{GuildId, LicenceId, UserId};
use domain::licences::PlanKey;
use domain::time::Millis;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use wardesk_core::licences::operator::{self, Find, NewLicence, OperatorAccess};

use super::{AdminError, output};

/// What is done with licences.
#[derive(Debug, Subcommand)]
pub enum LicenceCommand {
    /// Issues a licence.
    Issue(Issue),
    /// Moves the end of a licence to a later time.
    Extend {
        /// The licence.
        id: LicenceId,
        #[command(flatten)]
        end: LaterEnd,
    },
    /// Holds a licence back until it is resumed, whatever is paid meanwhile.
    Suspend {
        /// The licence.
        id: LicenceId,
    },
    /// Gives back a licence that was suspended.
    Resume {
        /// The licence.
        id: LicenceId,
    },
    /// Takes a licence back, for good.
    Revoke {
        /// The licence.
        id: LicenceId,
    },
    /// Lists licences, newest first: 50, or those of a server or an account.
    List {
        /// Those of which this server has a seat.
        #[arg(long, conflicts_with_all = ["account", "before"])]
        server: Option<GuildId>,
        /// Those that this Discord account holds.
        #[arg(long, conflicts_with = "before")]
        account: Option<UserId>,
        /// Those that are older than this one.
        #[arg(long)]
        before: Option<LicenceId>,
    },
    /// Shows a licence and what operators did with it.
    Show {
        /// The licence.
        id: LicenceId,
    },
}

/// A licence to issue.
#[derive(Debug, Args)]
pub struct Issue {
    /// The plan, a word of the plans' file.
    #[arg(long)]
    plan: PlanKey,
    /// The Discord account that holds it.
    #[arg(long)]
    contact: UserId,
    /// The server of its first seat; without it, its holder chooses.
    #[arg(long)]
    server: Option<GuildId>,
    /// That server's name, where the bot is not there.
    #[arg(long, requires = "server")]
    server_name: Option<String>,
    /// How many servers it serves; without it, as many as the plan says.
    #[arg(long)]
    seats: Option<u32>,
    /// It is a present.
    #[arg(long)]
    gift: bool,
    #[command(flatten)]
    end: End,
}

/// When a licence ends; without one, never.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct End {
    /// When it ends: 2027-01-31 (at its first moment, UTC) or 2027-01-31T12:00:00Z.
    #[arg(long)]
    expires: Option<Time>,
    /// In how many days it ends.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: Option<u32>,
}

/// When a licence ends instead.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct LaterEnd {
    /// When it ends: 2027-01-31 (at its first moment, UTC) or 2027-01-31T12:00:00Z.
    #[arg(long)]
    expires: Option<Time>,
    /// How many days after its present end, or from now where that is over.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: Option<u32>,
    /// It has no end any more.
    #[arg(long)]
    for_ever: bool,
}

/// A time as people type it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Time(Millis);

impl FromStr for Time {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let date = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok();
        let time = text.parse::<Timestamp>().ok().or_else(|| Some(date()?.timestamp()));
        let time = time.ok_or("no time such as 2027-01-31 or 2027-01-31T12:00:00Z")?;
        Ok(Self(Millis(time.as_millisecond())))
    }
}

fn days_after(from: Millis, days: u32) -> Millis {
    from.plus_seconds(i64::from(days) * 86_400)
}

/// Does it, and prints the licence as it is then.
pub(super) async fn run(
    access: &OperatorAccess,
    command: LicenceCommand,
    json: bool,
) -> Result<(), AdminError> {
    let id = match command {
        LicenceCommand::Issue(issue) => issued(access, issue).await?,
        LicenceCommand::Extend { id, end } => {
            extended(access, id, &end).await?;
            id
        }
        LicenceCommand::Suspend { id } => {
            operator::suspend(access, id).await?;
            id
        }
        LicenceCommand::Resume { id } => {
            operator::resume(access, id).await?;
            id
        }
        LicenceCommand::Revoke { id } => {
            operator::revoke(access, id).await?;
            id
        }
        LicenceCommand::List { server, account, before } => {
            let find = server.map(Find::Server).or(account.map(Find::Account));
            let (licences, next) = match find {
                Some(what) => (operator::find(access, what).await?, None),
                None => {
                    let page = operator::list(access, before).await?;
                    (page.licences, page.next)
                }
            };
            return Ok(output::list(&licences, next, json)?);
        }
        LicenceCommand::Show { id } => id,
    };
    Ok(output::one(&operator::show(access, id).await?, json)?)
}

async fn issued(access: &OperatorAccess, issue: Issue) -> Result<LicenceId, AdminError> {
    let w = access.wardesk();
    let days = issue.end.days.map(|days| days_after(w.now(), days));
    let new = NewLicence {
        id: LicenceId::new(w.new_uuid()),
        plan: issue.plan,
        gift: issue.gift,
        contact: issue.contact,
        seats: issue.seats,
        expires: issue.end.expires.map(|time| time.0).or(days),
        server: issue.server,
        server_name: issue.server_name,
    };
    Ok(operator::issue(access, new).await?)
}

async fn extended(
    access: &OperatorAccess,
    id: LicenceId,
    end: &LaterEnd,
) -> Result<(), AdminError> {
    let expires = match (end.expires, end.days) {
        (Some(time), _) => Some(time.0),
        (None, Some(days)) => {
            let now = access.wardesk().now();
            let licence = operator::show(access, id).await?.licence.licence;
            Some(days_after(licence.expires.unwrap_or(now).max(now), days))
        }
        (None, None) => None,
    };
    Ok(operator::extend(access, id, expires).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_date_or_a_moment() {
        let of = |text: &str| text.parse::<Time>().map(|time| time.0.0);
        assert_eq!(of("2027-01-31"), Ok(1_801_353_600_000));
        assert_eq!(of("2027-01-31T12:00:00Z"), Ok(1_801_396_800_000));
        for bad in ["", "tomorrow", "31.01.2027", "2027-13-01"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
