//! What Linux says about a process.

use std::time::Duration;

use crate::Problem;

/// Ticks of a second in `/proc/<pid>/stat`: 100 on every Linux that Debian supports.
const TICKS: u64 = 100;

/// Resident memory in bytes.
pub fn resident(pid: u32) -> Result<u64, Problem> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib * 1024)
}

/// Processor time used so far, by all threads.
pub fn processor_time(pid: u32) -> Result<Duration, Problem> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything; utime and stime are the 12th and 13th after it.
    let (_, rest) = stat.rsplit_once(')').ok_or("no name in stat")?;
    let ticks: u64 =
        rest.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1000 / TICKS))
}

/// The load averages of one, five and fifteen minutes: whether figures were taken on a quiet machine.
pub fn load_average() -> Result<String, Problem> {
    let line = std::fs::read_to_string("/proc/loadavg")?;
    Ok(line.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
}
