"""Prints the tables of a run of scripts/peers with its bars, and writes it as JSON."""
import json
import sys

MINE = ("Remit", "prefix walk")
PARTIAL = ("Tenuo, constraints only",)  # what its documentation calls no authorization


def time(ns):
    return f"{ns:.0f} ns" if ns < 1e3 else f"{ns / 1e3:.1f} µs" if ns < 1e6 else f"{ns / 1e6:.1f} ms"


def name_of(row):
    return f"{row['engine']} {row.get('version', '')}".strip()


def table(rows, remit):
    print("| workload | engine | median | p99 of single decisions | median ÷ Remit | p99 ÷ Remit | median, p99 with building the request |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    skipped = [row for row in rows if "skipped" in row]
    for row in rows:
        if row in skipped or row["workload"] not in remit:
            continue
        base = remit[row["workload"]]
        few = "" if row["answered"] == 4096 else f" ({row['answered']} of the requests)"
        print(f"| {row['workload']} | {name_of(row)}{few} | {time(row['median_ns'])} | {time(row['p99_ns'])} "
              f"| {row['median_ns'] / base['median_ns']:.1f} | {row['p99_ns'] / base['p99_ns']:.1f} "
              f"| {time(row['request_median_ns'])}, {time(row['request_p99_ns'])} |")
    for row in skipped:
        print(f"no row: {name_of(row)}, {row['workload']}: {row['skipped']}")
    clocks = {row["clock_ns"] for row in rows if "clock_ns" in row}
    print(f"reading the clock, in every single time: {min(clocks)} to {max(clocks)} ns")


def bars(rows, remit):
    """The bars of the project: ten times faster than every peer, three times than the walk from 100 rules on."""
    for work, base in remit.items():
        timed = [row for row in rows if row["workload"] == work and "median_ns" in row]
        peers = [row for row in timed if row["engine"] not in MINE]
        for value, what in (("median_ns", "median"), ("p99_ns", "p99")):
            whole = [row for row in peers if row["engine"] not in PARTIAL]
            if whole:
                best = min(whole, key=lambda row: row[value])
                bar(f"{work}: {what} against {best['engine']}", best[value] / base[value], 10)
            for row in peers:
                if row["engine"] in PARTIAL:
                    bar(f"{work}: {what} against {row['engine']}", row[value] / base[value], 10)
            for walk in timed:
                if walk["engine"] == "prefix walk" and work not in ("task", "rules-10"):
                    bar(f"{work}: {what} against the prefix walk", walk[value] / base[value], 3)
    by_rules = [remit[f"rules-{count}"]["median_ns"] for count in (10, 100_000) if f"rules-{count}" in remit]
    if len(by_rules) == 2:
        growth = by_rules[1] / by_rules[0]
        print(f"{'met   ' if growth < 2.5 else 'MISSED'}  from 10 to 100,000 rules: {growth:.1f} times, under 2.5")


def bar(sentence, ratio, least):
    print(f"{'met   ' if ratio >= least else 'MISSED'}  {sentence}: {ratio:.1f} times, at least {least}")


def main(rows_path, json_path):
    with open(rows_path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    with open(json_path, "w", encoding="utf-8") as out:
        json.dump(rows, out, indent=1)
    remit = {row["workload"]: row for row in rows if row["engine"] == "Remit" and "median_ns" in row}
    table(rows, remit)
    bars(rows, remit)


main(*sys.argv[1:])
