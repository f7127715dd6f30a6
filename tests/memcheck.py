#!/usr/bin/env python3
"""Runs the C++ tests and fuzz seeds of a build under Valgrind's Memcheck: nothing may be read that was never written,
and nothing lost. What takes minutes there, or replaces the allocator, is left out.

    tests/memcheck.py --build build/release [test ...]
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

# Long searches and enumerations; tests with an operator new, or file calls, of their own; killed processes.
LEFT_OUT = ("memory_test", "memory_failure_test", "session_cost_test", "check_cost_test", "differential", "properties", "worst_document", "files_failure",
            "session_could", "damage_test", "unicode_test", "threads", "audit_f", "audit_log", "audit_tamper", "index_test", "guard_test", "pattern_cover", "attribute_range",
            "identity_")
VALGRIND = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite", "--num-callers=20"]


def commands(build, wanted):
    listed = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, text=True, check=True).stdout
    for test in json.loads(listed)["tests"]:
        name, command = test["name"], test.get("command", [])
        if not command or not name.endswith(("_test", "_fuzz")) or "python" in command[0] or command[0].endswith(".py"):
            continue
        if name in wanted if wanted else not any(part in name for part in LEFT_OUT):
            yield name, command


def run(name, command):
    done = subprocess.run(VALGRIND + command, capture_output=True, text=True, errors="replace", check=False)
    return name, done.returncode, done.stdout[-1500:] + done.stderr[-3000:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()
    failed = count = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in concurrent.futures.as_completed([pool.submit(run, *each) for each in commands(arguments.build, arguments.tests)]):
            name, code, said = done.result()
            count += 1
            failed += code != 0
            print(f"{'FAILED' if code else 'clean '}  {name}" + (f" (exit code {code})\n{said}" if code else ""), flush=True)
    print(f"{count} programs under Memcheck, {failed} failed")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
