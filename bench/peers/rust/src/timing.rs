//! How every engine of this folder is timed (docs/peers.md, "How it is measured").
use std::time::{Duration, Instant};

/// Of single calls, in whole nanoseconds of the steady clock, reading it included.
pub struct Times {
    pub median: u64,
    pub p99: u64,
    pub samples: usize,
}

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(100);

/// A quarter of a second of warming up, then five rounds. Each has its own median and p99, exact from all its
/// samples, and the lowest of the five stand, because a neighbour's burst can only add.
pub fn measure(batch: usize, mut call: impl FnMut(usize)) -> Times {
    let (begin, mut next) = (Instant::now(), 0);
    while begin.elapsed() < ROUND * 5 / 2 {
        call(next);
        next += 1;
    }
    let mut best = Times { median: u64::MAX, p99: u64::MAX, samples: 0 };
    let mut times: Vec<u64> = Vec::with_capacity(1 << 18);
    for _ in 0..ROUNDS {
        times.clear();
        let begin = Instant::now();
        // Slow engines get up to six times as long, so that their p99 has samples above it.
        while (begin.elapsed() < ROUND || (times.len() < 1000 && begin.elapsed() < 6 * ROUND)) && times.len() < times.capacity() {
            let start = Instant::now();
            for _ in 0..batch {
                call(next);
                next += 1;
            }
            times.push(start.elapsed().as_nanos() as u64 / batch as u64);
        }
        times.sort_unstable();
        best.samples += times.len();
        best.median = best.median.min(times[times.len() / 2]);
        best.p99 = best.p99.min(times[times.len() * 99 / 100]);
    }
    best
}

/// What reading the clock costs: the median of pairs of readings with nothing between them.
pub fn clock() -> u64 {
    let mut times: Vec<u64> = (0..100_000).map(|_| Instant::now().elapsed().as_nanos() as u64).collect();
    times.sort_unstable();
    times[times.len() / 2]
}
