#!/usr/bin/env python3
"""Runs the clinical summary: its documents, the afternoon that its script makes, and every decision against the story."""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import unittest

REMIT, SOURCE = "remit", pathlib.Path()
DOCUMENTS = ["task.scope", "acme_policy.scope", "mikes_access.scope"]
ARGUMENTS = ["--arg", "folder=docs:/clinical/A", "--arg", "project=ws:/proj/B"]


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=120, check=False,
                          cwd=SOURCE / "examples" / "clinical-summary", **options)


class ClinicalSummary(unittest.TestCase):
    maxDiff = None

    def lines(self):
        return (SOURCE / "examples" / "clinical-summary" / "requests.jsonl").read_text().splitlines()

    def test_documents(self):
        done = run(REMIT, "check", *DOCUMENTS)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(run(REMIT, "fmt", "--check", *DOCUMENTS).returncode, 0)
        for document in DOCUMENTS:
            done = run(REMIT, "test", document)
            self.assertRegex(done.stdout.decode(), r"(?m)^[1-9]\d* passed, 0 failed$", document)

    def test_the_requests_are_what_the_script_makes(self):
        made = run(sys.executable, "make_requests")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(made.stdout.decode().splitlines(), self.lines())

    def test_every_decision_is_the_story(self):
        done = run(REMIT, "run", *DOCUMENTS, *ARGUMENTS, "--requests", "requests.jsonl")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        asked = [json.loads(line) for line in self.lines()]
        self.assertEqual(len(answers), len(asked))
        for number, (line, answer) in enumerate(zip(asked, answers), 1):
            if line["op"] == "open":
                self.assertIn("opened", answer)
                continue
            got = {"effect": answer["effect"], "reason": answer["reason"], "layer": answer["layer"]["index"]}
            self.assertEqual(got, line["expect"], f"requests.jsonl:{number}")

    def test_who_meets_a_deny_or_ask_rule_reads_why(self):
        done = run(REMIT, "run", *DOCUMENTS, *ARGUMENTS, "--requests", "requests.jsonl")
        rules = [json.loads(line).get("rule") for line in done.stdout.splitlines() if b'"allow"' not in line]
        self.assertGreater(len({(rule["file"], rule["line"]) for rule in rules if rule}), 8)
        self.assertEqual([rule for rule in rules if rule and not rule["because"]], [])

    def test_the_summary_counts_what_the_story_expects(self):
        done = run(REMIT, "run", *DOCUMENTS, *ARGUMENTS, "--requests", "requests.jsonl", "--summary")
        told = collections.Counter()
        for count, effect, reason in re.findall(r"(?m)^ +(\d+)  (allow|ask|deny) +(\w+)", done.stdout.decode()):
            told[effect, reason] += int(count)
        wanted = collections.Counter((line["expect"]["effect"], line["expect"]["reason"])
                                     for line in map(json.loads, self.lines()) if "expect" in line)
        self.assertEqual(told, wanted)
        self.assertGreater(len(wanted), 7)
        self.assertIn("because Personnel files are no part of a weekly summary", done.stdout.decode())
        self.assertRegex(done.stdout.decode(), r"median cost of a decision: \d+ ns")


def main():
    global REMIT, SOURCE
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    REMIT, SOURCE = str((arguments.build / "bin" / "remit").resolve()), arguments.source.resolve()
    result = unittest.main(argv=[sys.argv[0], *rest], exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
