//! The peers of crates.io: `remit-peers cedar|regorus FILE`. Prints one JSON object.
mod cedar;
mod regorus_engine;

use serde_json::{json, Value};
use std::time::{Duration, Instant};

/// An engine with one workload loaded. `Built` is what a request becomes before it is decided.
pub trait Engine {
    type Built;
    const NAME: &'static str;
    const VERSION: &'static str;
    fn load(work: &Value) -> Self;
    fn build(&self, query: &Value) -> Self::Built;
    fn decide(&self, built: &Self::Built) -> bool;
}

/// `docs:/a/b`: `docs:`, `docs:/a`, `docs:/a/b`.
pub fn prefixes(resource: &str) -> Vec<&str> {
    let mut ends = vec![resource.find(':').unwrap() + 1];
    while let Some(&end) = ends.last().filter(|&&end| end < resource.len()) {
        ends.push(resource[end + 1..].find('/').map_or(resource.len(), |at| end + 1 + at));
    }
    ends.into_iter().map(|end| &resource[..end]).collect()
}

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

/// Of single decisions, in nanoseconds; at most three seconds of them, after a quarter of a second of warming up.
fn percentiles(mut decide: impl FnMut(usize), count: usize) -> (f64, f64) {
    let (begin, mut times, mut i) = (Instant::now(), vec![], 0);
    while begin.elapsed() < Duration::from_secs(3) && times.len() < 200_000 {
        let start = Instant::now();
        decide(i % count);
        let took = start.elapsed().as_nanos() as f64;
        if begin.elapsed() > Duration::from_millis(250) {
            times.push(took);
        }
        i += 1;
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

fn run<E: Engine>(work: &Value) -> Value {
    let engine = E::load(work);
    let queries = work["queries"].as_array().unwrap();
    let mut row = json!({"engine": E::NAME, "version": E::VERSION, "workload": work["name"]});
    let begin = Instant::now();
    let built: Vec<E::Built> = queries.iter().map(|query| engine.build(query)).collect();
    for (i, (query, built)) in queries.iter().zip(&built).enumerate() {
        if engine.decide(built) != query["allowed"].as_bool().unwrap() {
            eprintln!("{}: another answer for {query}", E::NAME);
            std::process::exit(1);
        }
        if begin.elapsed() > Duration::from_secs(20) {
            row["skipped"] = json!(format!("answering all {} requests takes over 20 s ({} in that time)", queries.len(), i + 1));
            return row;
        }
    }
    let (median, p99) = percentiles(|i| { std::hint::black_box(engine.decide(&built[i])); }, built.len());
    let with = percentiles(|i| { std::hint::black_box(engine.decide(&engine.build(&queries[i]))); }, built.len());
    row["median_ns"] = json!(median);
    row["p99_ns"] = json!(p99);
    row["median_with_request_ns"] = json!(with.0);
    row["p99_with_request_ns"] = json!(with.1);
    row
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let work: Value = serde_json::from_str(&std::fs::read_to_string(&arguments[2]).unwrap()).unwrap();
    let row = match arguments[1].as_str() {
        "cedar" => run::<cedar::Cedar>(&work),
        "regorus" => run::<regorus_engine::Regorus>(&work),
        other => panic!("no engine {other}: cedar or regorus"),
    };
    println!("{row}");
}
