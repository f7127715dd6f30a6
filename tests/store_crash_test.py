#!/usr/bin/env python3
"""Kills a process that spends a stored limit, at random instants, and starts it again: uses granted in all never
exceed the limit, nothing that was reported as granted is forgotten, and in the end nothing is left to grant.

    store_crash_test.py --source DIR --build DIR [--kills N] [--seed S]
"""
import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

LIMIT = 50_000
# What a crash may lose: the rest of one lease, a 64th of the limit.
LEASE = LIMIT // 64 + 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    victim, remit = arguments.build / "bin" / "store_crash", arguments.build / "bin" / "remit"
    chance = random.Random(arguments.seed)
    kills, rounds, total, problems = 0, 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        image = pathlib.Path(folder) / "task.remit"
        subprocess.run([remit, "compile", "-", "-o", image], input=f"read docs:/a at most {LIMIT} times; expires 2h", text=True,
                       check=True, stderr=subprocess.DEVNULL)
        while kills < arguments.kills and not problems:
            rounds += 1
            store = pathlib.Path(folder) / f"{rounds}.db"
            tree = subprocess.run([victim, "open", image, store], capture_output=True, text=True, check=True).stdout.strip()
            granted, killed_here = 0, 0
            while True:
                process = subprocess.Popen([victim, "spend", image, store, tree], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                done = False
                if kills < arguments.kills:
                    try:
                        process.wait(timeout=chance.uniform(0.0, 0.05))
                        done = True
                    except subprocess.TimeoutExpired:
                        process.kill()
                        kills += 1
                        killed_here += 1
                out, err = process.communicate()
                granted += out.count(b"+")
                if process.returncode not in (0, -9):
                    problems.append(f"round {rounds}: exit code {process.returncode}: {err.decode()}")
                    break
                if granted > LIMIT:
                    problems.append(f"round {rounds}: {granted} uses granted of {LIMIT}")
                    break
                if done or process.returncode == 0:
                    break
            total += granted
            lost = LIMIT - granted
            if not problems and lost > LEASE * (killed_here + 1):
                problems.append(f"round {rounds}: {lost} uses lost in {killed_here} crashes")
    print("\n".join(problems))
    print(f"{kills} kills over {rounds} stores; {total} uses granted of {rounds * LIMIT}")
    print(f"{0 if problems else 1} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
