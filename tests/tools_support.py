"""What the tests of the `remit` command share: documents of a system of their own, so that nothing depends
on the standard library, and a test case that runs the command in a folder that goes afterwards."""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

LAB = (
    "system lab { action read, list, send; action write { create, update }; attribute size: size; "
    "attribute n: int; attribute region: string; attribute labels: list of string; attribute due: time }\n"
)
TASK = LAB + """expires 2h
agent spiffe://acme/*
allow read, list lab:/a
deny any lab:/a/hr because "personal files"
ask send lab:/a because "needs your yes"
write lab:/b when size <= 5KB and region == "eu"
allow list lab:/lead when user.role == "lead"
"""
HOUR = 3_600_000_000


class Case(unittest.TestCase):
    command = "remit"  # where it was built: main() knows

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def remit(self, *words, stdin=b"", code=None, env=None):
        done = subprocess.run(
            [self.command, *words], input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            capture_output=True, timeout=120, env={**os.environ, **(env or {})}, cwd=self.folder)
        done.out = done.stdout.decode("utf-8", "surrogateescape")
        done.err = done.stderr.decode("utf-8", "surrogateescape")
        if code is not None:
            self.assertEqual(done.returncode, code, f"{words}\n{done.out}\n{done.err}")
        return done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    Case.command = str((arguments.build / "bin" / "remit").resolve())
    if not os.path.exists(Case.command):
        print("the command was not built", file=sys.stderr)
        return 1
    result = unittest.main("__main__", argv=[sys.argv[0], *rest], exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad or result.testsRun == 0 else 0
