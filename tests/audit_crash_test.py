#!/usr/bin/env python3
"""Kills a process that records durably at random instants, and fills its disk, again and again on the same log: every
check that returned is in the log, `remit audit verify` passes each time, and the log goes on where it ended.

    audit_crash_test.py --source DIR --build DIR [--kills N] [--fills N] [--seed S]
"""
import argparse
import json
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile

PER_LOG = 25


def reported(out: bytes):
    """The whole lines of what the victim said: the last may have been cut off."""
    lines = out.decode().split("\n")[:-1]
    return [line.split(" ") for line in lines if line != "-"], lines.count("-")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--fills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    victim, remit = arguments.build / "bin" / "audit_crash", arguments.build / "bin" / "remit"
    chance = random.Random(arguments.seed)
    instants = ["kill"] * arguments.kills + ["full"] * arguments.fills
    chance.shuffle(instants)
    problems, checks, denials, records = [], 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        image, key = folder / "task.remit", folder / "log.pem"
        subprocess.run([remit, "compile", "-", "-o", image], input="read docs:/; expires 2h", text=True, check=True, stderr=subprocess.DEVNULL)
        made = subprocess.run([remit, "audit", "key", "--name", "crash.example", "-o", key], capture_output=True, text=True, check=True)
        verifier = made.stdout.strip()
        log, known = None, 0
        for number, instant in enumerate(instants):
            if number % PER_LOG == 0:
                log, known = folder / f"{number}.db", 0
            words = [instant] + ([str(chance.randrange(0, 400_000))] if instant == "full" else [])
            process = subprocess.Popen([victim, image, log, key, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                out, err = process.communicate(timeout=chance.uniform(0.0, 0.25) if instant == "kill" else 60)
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
            if process.returncode not in ((-9,) if instant == "kill" else (0,)):
                problems.append(f"{number} ({instant}): exit code {process.returncode}: {err.decode()}")
                break
            good, denied = reported(out)
            checks += len(good)
            denials += denied
            if not log.exists():
                continue  # killed before there was any
            with sqlite3.connect(f"file:{log}?mode=ro", uri=True) as database:
                try:
                    made = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] != 0
                except sqlite3.OperationalError:  # killed while the file was made: SQLite undoes that when it is opened for writing
                    made = False
                if not made:
                    if good or known:
                        problems.append(f"{number} ({instant}): the log is gone")
                        break
                    continue
                rows = dict((seq, (decision, resource)) for seq, decision, resource in
                            database.execute("SELECT seq, decision, resource FROM records WHERE seq > ?", (known,)))
                lost = [line for line in good if rows.get(int(line[0])) != (line[1], line[2])]
                gaps = [json.loads(body) for (body,) in database.execute("SELECT body FROM records WHERE kind = 'gap' AND seq > ?", (known,))]
                size = database.execute("SELECT coalesce(max(seq), 0) FROM records").fetchone()[0]
            if lost:
                problems.append(f"{number} ({instant}): {len(lost)} checks that returned are not in the log, such as {lost[0]}")
            if sorted(rows) != list(range(known + 1, size + 1)):
                problems.append(f"{number} ({instant}): the records after {known} have a gap")
            if instant == "full" and (denied < 40 or sum(gap["denied"] for gap in gaps) != denied):
                problems.append(f"{number} (full): {denied} checks were denied, and the gap records say {gaps}")
            verified = subprocess.run([remit, "audit", "verify", log, "--key", verifier], capture_output=True, text=True, check=False)
            if verified.returncode != 0:
                problems.append(f"{number} ({instant}): verify: {verified.stdout}{verified.stderr}")
            records += size - known
            known = size
            if problems:
                break
    print("\n".join(problems))
    print(f"{arguments.kills} kills, {arguments.fills} full disks; {checks} checks returned, {denials} were denied, {records} records")
    print(f"{0 if problems else 1} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
