//! Licences on standard output: JSON for programs, lines for people.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use domain::ids::LicenceId;
use domain::licences::Standing;
use domain::time::Millis;
use jiff::Timestamp;
use serde_json::{Value, json};
use wardesk_core::licences::operator::{Details, OperatorEntry, OperatorLicence};

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn print_json(value: &Value) -> io::Result<()> {
    print(&format!("{value:#}\n"))
}

/// A time as RFC 3339 writes it.
fn written(at: Millis) -> String {
    Timestamp::from_millisecond(at.0).unwrap_or_default().to_string()
}

fn as_json(one: &OperatorLicence) -> Value {
    let licence = &one.licence;
    let servers: Vec<Value> = licence
        .seated
        .iter()
        .map(|seat| {
            json!({ "seat": seat.number, "id": seat.guild, "name": seat.guild_name,
                    "since": written(seat.since) })
        })
        .collect();
    json!({
        "id": licence.id,
        "plan": licence.plan,
        "source": licence.source,
        "status": licence.status,
        "standing": one.standing,
        "issued": written(licence.issued),
        "expires": licence.expires.map(written),
        "grace_until": licence.grace_until.map(written),
        "suspended_by_operator": one.held.map(written),
        "contact": licence.contact,
        "seats": licence.seats,
        "servers": servers,
    })
}

fn entry_as_json(entry: &OperatorEntry) -> Value {
    let state = |text: &Option<String>| -> Value {
        text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    json!({
        "at": written(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "before": state(&entry.before),
        "after": state(&entry.after),
    })
}

/// A list of licences, and where it goes on.
pub(super) fn list(
    licences: &[OperatorLicence],
    next: Option<LicenceId>,
    json: bool,
) -> io::Result<()> {
    if json {
        let all: Vec<Value> = licences.iter().map(as_json).collect();
        return print_json(&json!({ "licences": all, "next": next }));
    }
    let mut rows = vec![
        ["LICENCE", "PLAN", "SOURCE", "STANDING", "ENDS", "SEATS", "CONTACT"].map(str::to_owned),
    ];
    rows.extend(licences.iter().map(row));
    let mut text = table(&rows);
    if let Some(next) = next {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "There are more: --before {next}");
    }
    print(&text)
}

fn row(one: &OperatorLicence) -> [String; 7] {
    let licence = &one.licence;
    [
        licence.id.to_string(),
        licence.plan.to_string(),
        licence.source.as_str().to_owned(),
        standing(one.standing).to_owned(),
        licence.expires.map_or_else(|| "never".to_owned(), written),
        format!("{}/{}", licence.seated.len(), licence.seats),
        licence.contact.to_string(),
    ]
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Counts => "counts",
        Standing::Suspended => "suspended",
        Standing::Revoked => "revoked",
        Standing::Ended => "ended",
        Standing::Expired => "expired",
        Standing::NotSeated => "on no server",
        Standing::SeatLost => "seat lost",
        Standing::UnknownPlan => "unknown plan",
    }
}

/// Columns as wide as their widest cell.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
            let _ = write!(line, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// One licence with what operators did with it.
pub(super) fn one(details: &Details, json: bool) -> io::Result<()> {
    if json {
        let mut value = as_json(&details.licence);
        value["log"] = details.entries.iter().map(entry_as_json).collect();
        return print_json(&value);
    }
    let licence = &details.licence.licence;
    let or_none = |at: Option<Millis>, none: &str| at.map_or_else(|| none.to_owned(), written);
    let mut rows = vec![
        ["licence".to_owned(), licence.id.to_string()],
        ["plan".to_owned(), licence.plan.to_string()],
        ["source".to_owned(), licence.source.as_str().to_owned()],
        ["standing".to_owned(), standing(details.licence.standing).to_owned()],
        ["issued".to_owned(), written(licence.issued)],
        ["ends".to_owned(), or_none(licence.expires, "never")],
        ["contact".to_owned(), licence.contact.to_string()],
        ["seats".to_owned(), format!("{}/{}", licence.seated.len(), licence.seats)],
    ];
    if let Some(until) = licence.grace_until {
        rows.push(["payment awaited until".to_owned(), written(until)]);
    }
    for seat in &licence.seated {
        // A name is somebody's words: a terminal must not take it for commands.
        let name: String = seat.guild_name.chars().filter(|c| !c.is_control()).collect();
        rows.push([format!("seat {}", seat.number), format!("{} {name}", seat.guild)]);
    }
    let mut text = table(&rows);
    if !details.entries.is_empty() {
        text.push('\n');
        let lines: Vec<[String; 3]> = details
            .entries
            .iter()
            .map(|entry| {
                let who = entry.actor.map_or_else(|| "console".to_owned(), |id| id.to_string());
                [written(entry.at), entry.action.clone(), who]
            })
            .collect();
        text.push_str(&table(&lines));
    }
    print(&text)
}
