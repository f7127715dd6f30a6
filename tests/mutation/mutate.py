"""Makes, tries and counts mutants: see scripts/mutate, and docs/assurance.md for what it found."""
import argparse
import concurrent.futures
import fnmatch
import json
import os
import sys
import time

import build
import survivors
import trial

TARGET = 95.0


def progress(done, total, what):
    if sys.stderr.isatty():
        width = 30 * done // max(total, 1)
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r  {what} [{'#' * width}{' ' * (30 - width)}] {done}/{total}{end}")
        sys.stderr.flush()


def killers(path):
    try:
        with open(path) as file:
            return {mutant["key"]: mutant["killed_by"] for mutant in json.load(file)["mutants"]}
    except FileNotFoundError:
        return {}


def share(killed, total):
    return 100.0 * killed / total if total else 100.0


def table(results, listed):
    rows = {}
    for point, killer in results:
        row = rows.setdefault(point.file, [0, 0, 0])
        row[0] += 1
        row[1] += killer is not None
        row[2] += killer is None and point.key in listed
    print(f"{'file':<42} {'mutants':>8} {'killed':>7} {'listed':>7} {'others':>7} {'score':>7} {'without listed':>15}")
    total = [sum(column) for column in zip(*rows.values())] or [0, 0, 0]
    for name, (mutants, killed, explained) in [*sorted(rows.items()), ("all", total)]:
        print(f"{name:<42} {mutants:>8} {killed:>7} {explained:>7} {mutants - killed - explained:>7} {share(killed, mutants):>6.1f}% "
              f"{share(killed, mutants - explained):>14.1f}%")
    return share(total[1], total[0] - total[2])


def main():
    parser = argparse.ArgumentParser(prog="scripts/mutate")
    parser.add_argument("--source", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--file", default="*")
    parser.add_argument("--json")
    options = parser.parse_args()
    source, out = os.path.abspath(options.source), os.path.abspath(options.build)
    report = os.path.abspath(options.json or os.path.join(out, "mutants.json"))

    tree = build.Tree(source, out)
    mutants = build.prepare(tree)
    wanted = {number: point for number, point in mutants.items() if fnmatch.fnmatch(point.file, options.file)}
    print(f"{len(mutants)} mutants, {len(wanted)} of them to be tried", flush=True)
    tests = trial.record(tree.out, progress)
    print(f"{len(tests)} tests, {sum(test.seconds for test in tests):.0f} s of processor time together", flush=True)

    before, results, began = killers(report), [], time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = {pool.submit(trial.try_mutant, number, tests, before.get(point.key)): point for number, point in wanted.items()}
        for done in concurrent.futures.as_completed(waiting):
            results.append((waiting[done], done.result()))
            progress(len(results), len(wanted), "mutants")
    print(f"tried in {(time.monotonic() - began) / 60:.0f} minutes")
    results.sort(key=lambda result: (result[0].file, result[0].line))
    if os.path.dirname(report):
        os.makedirs(os.path.dirname(report), exist_ok=True)
    with open(report, "w") as file:
        json.dump({"mutants": [{"file": point.file, "line": point.line, "function": point.function, "text": point.text, "what": point.what,
                                "key": point.key, "killed_by": killer} for point, killer in results]}, file, indent=1)

    listed = survivors.read(os.path.join(source, "tests/mutation/survivors.txt"))
    score = table(results, listed)
    faults = survivors.faults(results, listed, {point.key for point in mutants.values()}, options.file)
    for fault in faults:
        print(fault)
    if score < TARGET:
        print(f"mutate: {score:.1f} % is below {TARGET:.0f} %")
    return 1 if faults or score < TARGET else 0


if __name__ == "__main__":
    sys.exit(main())
