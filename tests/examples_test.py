#!/usr/bin/env python3
"""Runs the clinical summary: its documents, the requests that its script makes, and every decision against the story."""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import unittest

REMIT, SOURCE = "remit", pathlib.Path()
LAYERS = ["acme_policy.scope", "mikes_access.scope"]
PLAYS = {"requests.jsonl": ["task.scope", *LAYERS], "second_step.jsonl": ["second_step.scope", *LAYERS]}
ARGUMENTS = ["--arg", "folder=docs:/clinical/A", "--arg", "project=ws:/proj/B"]


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=120, check=False,
                          cwd=SOURCE / "examples" / "clinical-summary", **options)


class ClinicalSummary(unittest.TestCase):
    maxDiff = None

    def lines(self, requests):
        return (SOURCE / "examples" / "clinical-summary" / requests).read_text().splitlines()

    def play(self, requests, *words):
        done = run(REMIT, "run", *PLAYS[requests], *ARGUMENTS, "--requests", requests, *words)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode()

    def test_documents(self):
        documents = ["task.scope", "second_step.scope", *LAYERS]
        done = run(REMIT, "check", *documents)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(run(REMIT, "fmt", "--check", *documents).returncode, 0)
        for document in documents:
            done = run(REMIT, "test", "--coverage", document)
            self.assertEqual(done.stderr, b"", document)
            self.assertRegex(done.stdout.decode(), r"(?m)^[1-9]\d* passed, 0 failed$", document)

    def test_the_requests_are_what_the_script_makes(self):
        for requests, words in (("requests.jsonl", []), ("second_step.jsonl", ["second_step"])):
            made = run(sys.executable, "make_requests", *words)
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertEqual(made.stdout.decode().splitlines(), self.lines(requests))

    def test_every_decision_is_the_story(self):
        for requests in PLAYS:
            answers = [json.loads(line) for line in self.play(requests).splitlines()]
            asked = [json.loads(line) for line in self.lines(requests)]
            self.assertEqual(len(answers), len(asked))
            for number, (line, answer) in enumerate(zip(asked, answers), 1):
                if line["op"] != "check":
                    self.assertIn({"open": "opened", "approve": "approved"}[line["op"]], answer)
                    continue
                got = {"effect": answer["effect"], "reason": answer["reason"], "layer": answer["layer"]["index"]}
                self.assertEqual(got, line["expect"], f"{requests}:{number}")

    def test_who_meets_a_deny_or_ask_rule_reads_why(self):
        answers = [json.loads(line) for line in self.play("requests.jsonl").splitlines()]
        rules = [answer["rule"] for answer in answers if answer.get("effect") in ("deny", "ask") and answer["rule"]]
        self.assertGreater(len({(rule["file"], rule["line"]) for rule in rules}), 8)
        self.assertEqual([rule for rule in rules if not rule["because"]], [])

    def test_the_summary_counts_what_the_story_expects(self):
        for requests in PLAYS:
            summary, told = self.play(requests, "--summary"), collections.Counter()
            for count, effect, reason in re.findall(r"(?m)^ +(\d+)  (allow|ask|deny) +(\w+)", summary):
                told[effect, reason] += int(count)
            wanted = collections.Counter((line["expect"]["effect"], line["expect"]["reason"])
                                         for line in map(json.loads, self.lines(requests)) if "expect" in line)
            self.assertEqual(told, wanted)
            self.assertGreater(len(wanted), 5)
            self.assertRegex(summary, r"median cost of a decision: \d+ ns")
        self.assertIn("because Personnel files are no part of a weekly summary", self.play("requests.jsonl", "--summary"))


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
