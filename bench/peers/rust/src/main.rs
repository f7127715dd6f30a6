//! The peers of crates.io: `remit-peers ENGINE FILE`. Prints one JSON object.
mod biscuit;
mod cedar;
mod cedar_entities;
mod regorus_engine;
mod tenuo_engine;
mod timing;

use serde_json::{json, Value};
use std::time::{Duration, Instant};

/// An engine with one workload loaded. `Built` is what a request becomes before it is decided.
pub trait Engine: Sized {
    type Built;
    const NAME: &'static str;
    const CRATE: &'static str;
    /// Err: why this engine cannot hold this workload.
    fn load(work: &Value) -> Result<Self, String>;
    fn build(&self, query: &Value) -> Self::Built;
    fn decide(&mut self, built: &Self::Built) -> bool;
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

/// A rule whose answer depends on more than action and path.
pub fn has_condition(rule: &Value) -> bool {
    ["suffix", "not_suffix", "filename_suffix"].iter().any(|name| !text(rule, name).is_empty()) || rule["size_over"].as_i64().unwrap() >= 0
}

fn version_of(name: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{name}\"\n"))).unwrap();
    entry.split("version = \"").nth(1).unwrap().split('"').next().unwrap().into()
}

const PATIENCE: Duration = Duration::from_secs(5);

fn run<E: Engine>(work: &Value) -> Value {
    let mut row = json!({"engine": E::NAME, "version": version_of(E::CRATE), "workload": work["name"]});
    let begin = Instant::now();
    let mut engine = match E::load(work) {
        Ok(engine) => engine,
        Err(reason) => {
            row["skipped"] = json!(reason);
            return row;
        }
    };
    row["load_ms"] = json!(begin.elapsed().as_millis() as u64);
    let queries = work["queries"].as_array().unwrap();
    let mut built: Vec<E::Built> = vec![];
    let begin = Instant::now();
    for query in queries {
        built.push(engine.build(query));
        if engine.decide(built.last().unwrap()) != query["allowed"].as_bool().unwrap() {
            eprintln!("{}: another answer for {query}", E::NAME);
            std::process::exit(1);
        }
        // Whoever is too slow for all of them is timed on those that were answered.
        if begin.elapsed() > PATIENCE {
            break;
        }
    }
    row["answered"] = json!(built.len());
    let count = built.len();
    let single = timing::measure(1, |i| { std::hint::black_box(engine.decide(&built[i % count])); });
    row["single_median_ns"] = json!(single.median);
    row["p99_ns"] = json!(single.p99);
    row["samples"] = json!(single.samples);
    row["median_ns"] = json!(single.median);
    if single.median < 20_000 {
        row["median_ns"] = json!(timing::measure(64, |i| { std::hint::black_box(engine.decide(&built[i % count])); }).median);
    }
    let with = timing::measure(1, |i| {
        let built = engine.build(&queries[i % count]);
        std::hint::black_box(engine.decide(&built));
    });
    row["request_median_ns"] = json!(with.median);
    row["request_p99_ns"] = json!(with.p99);
    row["clock_ns"] = json!(timing::clock());
    row
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let work: Value = serde_json::from_str(&std::fs::read_to_string(&arguments[2]).unwrap()).unwrap();
    let row = match arguments[1].as_str() {
        "cedar" => run::<cedar::Cedar>(&work),
        "cedar-entities" => run::<cedar_entities::CedarEntities>(&work),
        "regorus" => run::<regorus_engine::Regorus>(&work),
        "biscuit" => run::<biscuit::Biscuit>(&work),
        "tenuo" => run::<tenuo_engine::Tenuo>(&work),
        "tenuo-constraints" => run::<tenuo_engine::TenuoConstraints>(&work),
        other => panic!("no engine {other}"),
    };
    println!("{row}");
}
