#!/usr/bin/env python3
"""The guards of agent frameworks, against the frameworks themselves, in an environment of their own; nothing is sent anywhere."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "python"))
import environment

FRAMEWORKS = ["mcp==2.3.0", "langchain-core==1.8.3", "openai-agents==0.24.0"]


def main() -> int:
    made = environment.from_arguments(__doc__)
    python = made.prepare_beside("agents", ["pytest==9.2.0"], FRAMEWORKS)
    tests = made.source / "tests" / "python_agents"
    return subprocess.run([python, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", tests], cwd=made.folder,
                          env={**os.environ, "REMIT_SOURCE": str(made.source)}).returncode


if __name__ == "__main__":
    sys.exit(main())
