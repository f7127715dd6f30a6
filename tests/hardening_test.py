#!/usr/bin/env python3
"""What ships is hardened: read from the built files, not from the flags that were meant to do it.

Position-independent, no writable and executable memory, addresses of other libraries resolved before main and read-only
from then on, stacks with canaries. Builds under sanitizers and without optimisation are not shipped and not looked at.
"""
import argparse
import pathlib
import re
import subprocess
import sys

SKIPPED = 77


def read(path, *options):
    return subprocess.run(["readelf", "--wide", *options, path], capture_output=True, text=True, check=True).stdout


def problems(path):
    segments, dynamic, symbols = read(path, "--program-headers"), read(path, "--dynamic"), read(path, "--dyn-syms")
    if not re.search(r"Elf file type is DYN", segments):
        yield "is not position-independent"
    stack = re.search(r"GNU_STACK.* (\S+)\s+0x\w+$", segments, re.M)
    if not stack or "E" in stack[1]:
        yield "has an executable stack"
    if re.search(r"^\s+LOAD.* RWE ", segments, re.M):
        yield "has memory that is writable and executable"
    if "GNU_RELRO" not in segments:
        yield "leaves its relocations writable (no RELRO)"
    if not re.search(r"BIND_NOW|Flags:.*\bNOW\b", dynamic):
        yield "resolves functions lazily (no -z now)"
    if "__stack_chk_fail" not in symbols:
        yield "has no stack canaries"
    if re.search(r"R(UN)?PATH.*\[(?!\$ORIGIN)[^/]", dynamic):
        yield "looks for libraries in a relative folder"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    cache = (arguments.build / "CMakeCache.txt").read_text()
    if re.search(r"^REMIT_SANITIZE:\w+=.", cache, re.M) or not re.search(r"^CMAKE_BUILD_TYPE:\w+=Rel", cache, re.M):
        print("not a build that ships")
        return SKIPPED
    files = [arguments.build / "bin" / "remit", *sorted(arguments.build.rglob("libremit*.so"))]
    found = [f"{file.name} {problem}" for file in files for problem in problems(file)]
    for line in found:
        print(line)
    print(f"{len(files)} files, {len(found)} problems")
    return 1 if found or len(files) < 3 else 0


if __name__ == "__main__":
    sys.exit(main())
