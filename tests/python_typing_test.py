#!/usr/bin/env python3
"""The types of the Python package: mypy --strict over its sources, and stubtest of its stubs against the module."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "python"))
import environment


def main() -> int:
    made = environment.from_arguments(__doc__)
    python = made.prepare()
    tests = made.source / "tests" / "python"
    config = made.source / "python" / "pyproject.toml"
    steps = [
        ["-m", "mypy", "--config-file", config, "--cache-dir", made.folder / "mypy", "-p", "remit"],
        ["-m", "mypy", "--config-file", config, "--cache-dir", made.folder / "mypy", "--strict", tests / "typed_use.py"],
        ["-m", "mypy.stubtest", "remit", "--mypy-config-file", config, "--allowlist", tests / "stubtest_allowlist.txt"],
    ]
    failed = [step for step in steps if subprocess.run([python, *step], cwd=made.folder).returncode != 0]
    print(f"{len(steps) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
