#!/usr/bin/env python3
"""Checkpoints and proofs of ours verify with Go's golang.org/x/mod/sumdb (note, tlog), and theirs verify here.

tests/interop/tlog is built below the build folder on first use; go.sum there pins what it is built with.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import unittest

OPTIONS = None
RECORDS = 140  # beyond two levels of 64, and every size up to there


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **more)


class Interop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        installed = OPTIONS.build / "interop"
        cls.go, cls.ours = str(installed / "tlog"), str(OPTIONS.build / "bin" / "audit_interop")
        environment = {**os.environ, "GOPATH": str(installed / "go"), "GOCACHE": str(installed / "go-cache"),
                       "GOFLAGS": "-mod=readonly -modcacherw", "GOTOOLCHAIN": "local"}
        built = run(["go", "build", "-o", cls.go, "."], cwd=OPTIONS.source / "tests" / "interop" / "tlog", env=environment)
        if built.returncode != 0:
            raise AssertionError(built.stderr)

    def bundle(self, command):
        made = run([command, "make", str(RECORDS)])
        self.assertEqual(made.returncode, 0, made.stderr)
        bundle = json.loads(made.stdout)
        self.assertEqual(len(bundle["checkpoints"]), RECORDS)
        self.assertGreater(len(bundle["inclusion"]), 5 * RECORDS)
        self.assertGreater(len(bundle["consistency"]), 5 * RECORDS)
        return bundle

    def check(self, command, bundle):
        return run([command, "check"], input=json.dumps(bundle))

    def judge(self, maker, judge):
        bundle = self.bundle(maker)
        right = self.check(judge, bundle)
        self.assertEqual(right.returncode, 0, right.stderr)
        self.assertTrue(right.stdout.startswith(f"{RECORDS} checkpoints, "), right.stdout)

        # The judge would notice: each part of the bundle, spoilt.
        def spoil_record(b): b["records"][77] += " "
        def spoil_index(b): b["inclusion"][-1]["index"] -= 1
        def spoil_path(b): b["consistency"][-2]["path"].reverse()
        def spoil_signature(b): b["checkpoints"][5] = b["checkpoints"][5].replace("\n6\n", "\n7\n")
        for spoil in (spoil_record, spoil_index, spoil_path, spoil_signature):
            with self.subTest(spoil=spoil.__name__):
                wrong = json.loads(json.dumps(bundle))
                spoil(wrong)
                self.assertEqual(self.check(judge, wrong).returncode, 1)

    def test_ours_verify_there(self):
        self.judge(self.ours, self.go)

    def test_theirs_verify_here(self):
        self.judge(self.go, self.ours)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    OPTIONS = parser.parse_args()
    OPTIONS.build, OPTIONS.source = OPTIONS.build.resolve(), OPTIONS.source.resolve()
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=1).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed or result.testsRun == 0 else 0)
