#!/usr/bin/env python3
"""Builds the Python package's wheel from the libraries of this build, installs it and runs tests/python with pytest."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "python"))
import environment


def main() -> int:
    made = environment.from_arguments(__doc__)
    python = made.prepare()
    tests = made.source / "tests" / "python"
    return subprocess.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests], cwd=made.folder,
                          env={**os.environ, "REMIT_SOURCE": str(made.source), "REMIT_BUILD": str(made.build)}).returncode


if __name__ == "__main__":
    sys.exit(main())
