//! What one run says about itself, as one line of JSON; the scripts of the others print the same.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use crate::Problem;

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Messages read.
    pub messages: u64,
    /// Processor time from opening the corpus to the last byte of the page, the shortest of the rounds: on a core of
    /// one's own as long as the clock's, and the same when others use the core as well.
    pub seconds: f64,
    /// Length of the page.
    pub bytes: u64,
    /// The most memory that the process held, bytes (`VmHWM`).
    pub peak: u64,
}

impl Run {
    /// Of this process.
    pub fn of_self(messages: u64, took: Duration, bytes: u64) -> Result<Self, Problem> {
        Ok(Self { messages, seconds: took.as_secs_f64(), bytes, peak: peak()? })
    }

    /// The line.
    pub fn line(&self) -> String {
        let peak = self.peak / 1024;
        json!({ "messages": self.messages, "seconds": self.seconds, "bytes": self.bytes, "peak_kib": peak }).to_string()
    }

    /// Reads the line.
    pub fn read(line: &str) -> Result<Self, Problem> {
        let value: Value = serde_json::from_str(line)?;
        let number =
            |name: &str| value[name].as_u64().ok_or_else(|| format!("no {name} in {line}"));
        Ok(Self {
            messages: number("messages")?,
            seconds: value["seconds"].as_f64().ok_or("no seconds")?,
            bytes: number("bytes")?,
            peak: number("peak_kib")? * 1024,
        })
    }

    /// Messages per second.
    #[expect(clippy::cast_precision_loss, reason = "far from 2^52")]
    pub fn rate(&self) -> f64 {
        self.messages as f64 / self.seconds
    }
}

/// The most memory that this process ever held, bytes.
fn peak() -> Result<u64, Problem> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib * 1024)
}

/// Processor time of this program so far, to the nanosecond: what `time.process_time` of Python reads, and the sum that
/// `process.cpuUsage` of Node answers. `/proc` would be behind by up to a tick of the scheduler.
pub fn processor_time() -> Result<Duration, Problem> {
    Ok(clock_gettime(ClockId::ProcessCPUTime).try_into()?)
}
