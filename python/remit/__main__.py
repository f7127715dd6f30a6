"""`python -m remit`: the `remit` command, in this process."""

import signal
import sys

from . import _remit


def main() -> int:
    """Runs the command with the words of this process; its exit code."""
    # The command runs outside of Python, where Python's own handler could not stop it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _remit.run_command(["remit", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
