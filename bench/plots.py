#!/usr/bin/env python3
"""Draws what docs/ shows of a run of the benchmarks and, where there is one, of scripts/peers:
plots.py BENCH.JSON PEERS.JSON FOLDER.

A plot whose rows the run did not measure is not drawn, and the old one stays.
"""

import json
import pathlib
import re
import sys

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen first)

STREAMS = ["the same request", "4,096 in turn", "spread over all rules", "no rule covers them"]


def rows_of(path):
    rows = {}
    for row in json.load(open(path))["benchmarks"]:
        if row.get("run_type") == "iteration":
            best = rows.get(row["run_name"])
            if best is None or row["cpu_time"] < best["cpu_time"]:
                rows[row["run_name"]] = row
    return rows


def series(rows, pattern, value):
    """(x, value) for the rows whose whole name matches; the pattern's group is x."""
    found = [(int(match[1]), value(row)) for name, row in rows.items() if (match := re.fullmatch(pattern, name))]
    return sorted(found)


def time(row):
    return row["cpu_time"]  # all of these are measured in nanoseconds


def draw(path, title, x_label, lines, log=True, log_y=False):
    lines = [(label, points) for label, points in lines if points]
    if not lines:
        return
    figure, axes = plt.subplots(figsize=(7, 4))
    for i, (label, points) in enumerate(lines):
        axes.plot(*zip(*points), marker="o", color=f"C{i}" if len(lines) <= 10 else matplotlib.colormaps["tab20"](i), label=label)
    if log:
        axes.set_xscale("log")
    axes.set(title=title, xlabel=x_label, ylabel="ns a decision")
    axes.set_yscale("log") if log_y else axes.set_ylim(0)
    axes.grid(alpha=0.3)
    if len(lines) > 1:
        axes.legend() if len(lines) <= 5 else axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
    print(f"drawn: {path}")


def main():
    rows, peers, folder = rows_of(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    draw(folder / "performance-rules.png", "Cost against rules, by what is asked", "rules",
         [(label, series(rows, rf"decide_stream/rules:(\d+)/stream:{i}", time)) for i, label in enumerate(STREAMS)]
         + [("spread, 256 in a call", series(rows, r"decide_batch/rules:(\d+)/stream:2", lambda row: time(row) / 256))])
    draw(folder / "performance-patterns.png", "Cost against rules, by what the rules are", "rules",
         [("literal and subtree", series(rows, r"decide_by_rules/(\d+)", time)),
          ("with wildcards", series(rows, r"decide_wildcards/(\d+)", time)),
          ("with conditions", series(rows, r"decide_conditions/(\d+)", time)),
          ("all kinds mixed", series(rows, r"decide_mix/(\d+)", time))])
    draw(folder / "performance-percentiles.png", "Single decisions, requests spread over all rules", "rules",
         [(label, series(rows, r"decide_stream/rules:(\d+)/stream:2", lambda row, name=name: row[name]))
          for label, name in (("median", "p50_ns"), ("99 %", "p99_ns"), ("99.9 %", "p999_ns"))])
    draw(folder / "performance-depth.png", "Cost against depth, 10,000 rules", "segments of the path",
         [("", series(rows, r"decide_depth/(\d+)", time))], log=False)
    engines = {}
    for row in json.loads(peers.read_text()) if peers.exists() else []:
        if row["workload"].startswith("rules-") and "median_ns" in row:
            engines.setdefault(row["engine"], []).append((int(row["workload"][6:]), row["median_ns"]))
    draw(folder / "peers.png", "Other engines: median against rules", "rules", list(engines.items()), log_y=True)


if __name__ == "__main__":
    main()
