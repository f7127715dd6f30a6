#!/usr/bin/env python3
"""Holds docs/threat-model.md to its word: each test that it names is there, under that title."""
import argparse
import pathlib
import re
import sys


def proofs(page):
    """(file, titles) of each proof in the last column of a table."""
    for row in re.findall(r"^\|.*\|$", page, re.M):
        for part in row.strip("|").split("|")[-1].split("; "):
            named = re.findall(r"`((?:tests|fuzz)/[^`]+)`", part)
            for file in named:
                yield file, re.findall(r'"([^"]+)"', part) + re.findall(r"`(test_\w+)`", part)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build")
    source = parser.parse_args().source
    count, faults = 0, []
    for file, titles in proofs((source / "docs" / "threat-model.md").read_text()):
        count += 1
        path = source / file
        text = path.read_text() if path.exists() else ""
        if not text:
            faults.append(f"{file} is not there")
        faults += [f"{file} has no test {title!r}" for title in titles if title not in text]
    for fault in faults:
        print(fault)
    print(f"{count} proofs, {len(faults)} wrong")
    return 1 if faults or count < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
