"""Runs the engines of scripts/peers over its workloads, each alone on one core: run.py ENGINES WORK ROWS.

A line of ENGINES is `name|command`, or `name|!why there is none`. Every pair gives one JSON row; one without a
measurement says why. All engines of a workload take their turns twice, and the lower figures stand: what a neighbour of
this machine does in one turn shall not look like a difference between engines.
"""
import json
import pathlib
import subprocess
import sys
import time

WORKLOADS = ["task", "organisation"] + [f"rules-{10 ** i}" for i in range(1, 6)]
PATIENCE = 60  # seconds for a row: loading, answering and timing
SLOW = 12  # who took that many seconds is not run again


def measure(name, command, work, path):
    row = {"engine": name, "workload": work}
    if command.startswith("!"):
        return row | {"skipped": command[1:]}
    try:
        done = subprocess.run(["taskset", "-c", "0", *command.split(), str(path)], capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return row | {"skipped": f"does not load and answer within {PATIENCE} s"}
    if done.returncode == 0:
        return json.loads(done.stdout)
    said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return row | {"skipped": said[-1]}


def lower(row, again):
    return row | {name: min(value, again[name]) for name, value in row.items() if name.endswith("_ns") and name in again}


def turn(work, path, engines, rows, say):
    """One turn of all engines on one workload, `rows` being what the turn before gave by name."""
    for name, command in engines:
        say(f"{work}: {name}")
        before = rows.get(name)
        if before is None:
            begin = time.monotonic()
            rows[name] = measure(name, command, work, path) | {"seconds": round(time.monotonic() - begin, 1)}
        elif "skipped" not in before and before["seconds"] < SLOW:
            rows[name] = lower(before, measure(name, command, work, path))


def main(engines_path, work_folder, rows_path):
    engines = [line.split("|", 1) for line in pathlib.Path(engines_path).read_text().splitlines()]
    begin, all_rows, too_slow = time.monotonic(), [], {}

    def say(what):
        if sys.stderr.isatty():
            print(f"\r\033[K{time.monotonic() - begin:4.0f} s  {what}", end="", file=sys.stderr, flush=True)

    for i, work in enumerate(WORKLOADS):
        rows = {}
        for name, smaller in too_slow.items():
            if work.startswith("rules-"):
                rows[name] = {"engine": name, "workload": work, "skipped": f"{smaller} already did not load and answer within {PATIENCE} s"}
        for number in (1, 2):
            turn(work, pathlib.Path(work_folder) / f"{work}.json", engines, rows,
                 lambda what, number=number, i=i: say(f"workload {i + 1} of {len(WORKLOADS)}, turn {number}: {what}"))
        for name, row in rows.items():
            if work.startswith("rules-") and "does not load" in row.get("skipped", ""):
                too_slow[name] = work
        all_rows += [rows[name] for name, _ in engines]
    say("")
    pathlib.Path(rows_path).write_text("".join(json.dumps(row) + "\n" for row in all_rows))
    print(f"measured in {time.monotonic() - begin:.0f} s")


main(*sys.argv[1:])
