//! `cold_start [starts]`: prints a table of every function's cold starts. Built with `--release` it measures
//! what is deployed; otherwise it says that it does not.

use bootstraps::{Stage, cold_start, story};
use std::process::ExitCode;

const STARTS: usize = 21;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is what the command is for")]
#[tokio::main]
async fn main() -> ExitCode {
    let starts = match std::env::args().nth(1).map(|starts| starts.parse()) {
        None => STARTS,
        Some(Ok(starts)) if starts > 0 => starts,
        Some(_) => {
            eprintln!("usage: cold_start [starts]");
            return ExitCode::from(2);
        }
    };
    let mut stage = Stage::set().await;
    story::tell(&mut stage).await;
    if cfg!(debug_assertions) {
        println!("unoptimised binaries: the figures say nothing of what is deployed");
    }
    println!(
        "{:<16} {:>10} {:>10} {:>12} {:>12}  first operation",
        "function", "p50", "p90", "peak", "binary"
    );
    for one in cold_start::measure(&stage, starts).await {
        let ms = |duration: std::time::Duration| format!("{:.1} ms", duration.as_secs_f64() * 1000.0);
        let mib = |bytes: u64| format!("{}.{} MiB", bytes >> 20, (bytes >> 10) % 1024 * 10 / 1024);
        let (p50, p90) = (ms(one.p50()), ms(one.p90()));
        let (peak, binary) = (mib(one.peak_memory_bytes), mib(one.binary_bytes));
        println!("{:<16} {p50:>10} {p90:>10} {peak:>12} {binary:>12}  {}", one.function, one.operation);
    }
    ExitCode::SUCCESS
}
