"""Prints the table of a run of scripts/peers with its bars, and writes it as JSON."""
import json
import sys

MINE = ("Remit", "prefix walk")


def time(ns):
    return f"{ns:.0f} ns" if ns < 1e3 else f"{ns / 1e3:.1f} µs" if ns < 1e6 else f"{ns / 1e6:.1f} ms"


def table(rows, remit):
    print("| workload | engine | median | p99 | median ÷ Remit | p99 ÷ Remit | median with building the request |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        name = f"{row['engine']} {row.get('version', '')}".strip()
        if "skipped" in row:
            print(f"| {row['workload']} | {name} | skipped: {row['skipped']} | | | | |")
            continue
        base = remit[row["workload"]]
        print(f"| {row['workload']} | {name} | {time(row['median_ns'])} | {time(row['p99_ns'])} "
              f"| {row['median_ns'] / base['median_ns']:.1f} | {row['p99_ns'] / base['p99_ns']:.1f} | {time(row['median_with_request_ns'])} |")


def bars(rows, remit):
    """The bars of the project: ten times faster than every peer, three times than the walk from 100 rules on."""
    for work, base in remit.items():
        # Medians only: Remit and the walk are timed in batches, which hide their slow single decisions.
        peers = [row for row in rows if row["workload"] == work and row["engine"] not in MINE and "median_ns" in row]
        if peers:
            best = min(peers, key=lambda row: row["median_ns"])
            bar(f"{work}: median against {best['engine']}", best["median_ns"] / base["median_ns"], 10)
        walk = [row for row in rows if row["workload"] == work and row["engine"] == "prefix walk" and "median_ns" in row]
        if walk and work not in ("task", "rules-10"):
            bar(f"{work}: median against the prefix walk", walk[0]["median_ns"] / base["median_ns"], 3)


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
