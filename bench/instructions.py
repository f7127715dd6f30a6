#!/usr/bin/env python3
"""Counts the instructions of one decision with callgrind and compares them with the figures in the tree.

Counts do not depend on how busy a machine is, so a decision that became dearer shows at once. They do depend
on the compiler and on the processor's scanner, so the figures are kept for each of those (bench/instructions.json).
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys

CASES = [("literal", 10), ("literal", 1000), ("literal", 10_000), ("wildcards", 1000), ("conditions", 1000), ("prepared", 1000), ("malformed", 1000)]
BASELINE = pathlib.Path(__file__).with_name("instructions.json")
MOST_UP = 1.03
SKIPPED = 77  # what ctest is told to read as such


def count(binary, case, rules):
    """Instructions of one decision, and by what they were counted."""
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no",
                          "--toggle-collect=remit::Layers::decide(remit::*", binary, case, str(rules)],
                         capture_output=True, text=True)
    said, collected = re.search(r"(\d+) decisions, \d+ allowed, by (.+)", run.stdout), re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or not said or not collected:
        sys.exit(f"instructions: {case}/{rules} was not counted: {run.stderr.strip() or run.stdout.strip()}")
    return int(collected[1]) / int(said[1]), said[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="remit_count of a release build")
    parser.add_argument("--update", action="store_true", help="write what was counted to the tree")
    options = parser.parse_args()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        counted = list(pool.map(lambda case: count(options.binary, *case), CASES))
    build = counted[0][1]
    figures = {f"{case}/{rules}": round(figure) for (case, rules), (figure, _) in zip(CASES, counted)}
    kept = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if options.update:
        BASELINE.write_text(json.dumps({**kept, build: figures}, indent=2) + "\n")
        return 0

    baseline = kept.get(build)
    dearer = False
    for name, figure in figures.items():
        before = (baseline or {}).get(name)
        if before is None:
            print(f"new     {name:18} {figure:6} instructions a decision")
            continue
        over = figure > before * MOST_UP
        dearer |= over
        print(f"{'DEARER' if over else 'kept  '}  {name:18} {figure:6} instructions a decision, {before} before")
    if baseline is None:
        print(f"skipped: no figures are kept for {build}; --update adds them")
        return SKIPPED
    # A case that the tree does not know yet is an error too: nobody would notice it becoming dearer.
    return 1 if dearer or set(figures) != set(baseline) else 0


if __name__ == "__main__":
    sys.exit(main())
