"""Runs tests under valgrind and looks for what is ours among its findings: accesses that are not allowed, and memory that
nobody can reach any more. scripts/python-memory starts it.

Python itself, NumPy and pytest leave some behind; a finding counts where a function of the extension module, or of the
libraries in it, is on the stack.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

TESTS = ["test_sessions.py", "test_surroundings.py", "test_programs.py", "test_values.py", "test_identity.py", "test_audit.py", "test_backtest.py",
         "test_bulk.py", "test_threads.py"]
# Too much for a program that runs thirty times slower, or about time.
LEFT_OUT = "not 9001 and not compilation and not signal and not progress and not damaged"


def ours(error):
    return any("_remit." in (frame.findtext("obj") or "") for frame in error.iter("frame"))


def told(error):
    frames = [f"    {frame.findtext('fn') or '?'} ({pathlib.Path(frame.findtext('obj') or '?').name})" for frame in error.iter("frame")]
    what = error.findtext("what") or error.findtext("xwhat/text")
    return "\n".join([f"{error.findtext('kind')}: {what}", *frames[:25]])


def main():
    tests = pathlib.Path(__file__).parent
    wanted = sys.argv[1:] or TESTS
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.xml"
        done = subprocess.run(
            ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite", "--num-callers=40", "--xml=yes", f"--xml-file={report}",
             sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", LEFT_OUT, *[tests / name for name in wanted]],
            env={**os.environ, "PYTHONMALLOC": "malloc"})
        text = report.read_text(errors="replace")
    errors = xml.etree.ElementTree.fromstring(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)).findall("error")
    found = [error for error in errors if ours(error)]
    for error in found:
        print(told(error))
    print(f"{len(found)} findings of ours, {len(errors) - len(found)} of Python and its libraries")
    return 1 if found or done.returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
