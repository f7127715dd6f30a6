#!/usr/bin/env python3
"""Holds the standard library to its promises: every page is right, tests itself, and says what stdlib/README.md says.

The tests inside a page must notice when the page says less. So each rule, each clause and each pattern of a list is left
out in turn, each action taken out of its group, each attribute removed: some test of the page must then fail. The same
goes for the documents of examples/.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

REMIT = "remit"
STDLIB = pathlib.Path("stdlib")

SYSTEMS = "docs ws fs mail calendar crm cases db web mcp secrets".split()
MODULES = ("hipaa.minimum_necessary part11.records secrets.never egress.after_sensitive_read hours.business "
           "tasks.read_only tasks.folder_to_folder tasks.triage_inbox tasks.nightly_sync").split()
EVERYWHERE = {"size": "size", "labels": "list of string", "classification": "string", "external": "bool"}

NO_RULE = set("test system let use scope guardrail grants purpose expires starts idle agent on sponsor review trigger delegate".split())
PATTERN = re.compile(r'[a-z]+:[^\s,;()\[\]{}"]*')
CLAUSE = re.compile(r"\s(when|unless|except|between|after|at most|because)\s")
ACTION = re.compile(r"^  action (.+?)(?:  #.*)?$", re.M)
ATTRIBUTE = re.compile(r"^  attribute (\w+): ([a-z ]+?)(?:  #.*)?$", re.M)


def remit(*words, stdin=None):
    return subprocess.run([REMIT, *map(str, words)], input=stdin, capture_output=True, text=True, timeout=120, check=False)


def pages():
    return sorted(STDLIB.rglob("*.scope"))


def pages_and_examples():
    return [*pages(), *sorted((STDLIB.parent / "examples").rglob("*.scope"))]


def page_of(system):
    return (STDLIB / "systems" / f"{system}.scope").read_text()


def actions_of(text):
    """The declared actions, and of each group its members."""
    plain, groups = [], {}
    for written in ACTION.findall(text):
        head, _, members = written.partition("{")
        names = [name.strip() for name in head.split(",")]
        plain += names
        if members:
            groups[names[0]] = [name.strip() for name in members.rstrip(" }").split(",")]
    return plain, groups


def statements_of(text, wanted):
    """Where the statements begin and end whose first word is `wanted`: from a line that starts with a word to the next."""
    spans, at = [], 0
    for line in text.splitlines(keepends=True):
        if line[0] not in " #}\n":
            spans.append([at, at + len(line)])
        elif line[0] == " " and spans:
            spans[-1][1] = at + len(line)
        at += len(line)
    return [(start, end) for start, end in spans if wanted(re.match(r"\w*", text[start:]).group())]


def rules_of(text):
    return statements_of(text, lambda word: word not in NO_RULE)


def clauses_of(rule):
    """Where each clause of a rule begins and ends."""
    bare = re.sub(r'"[^"]*"|#.*', lambda found: "x" * len(found.group()), rule)
    starts = [found.start() for found in CLAUSE.finditer(bare)]
    return list(zip(starts, [*starts[1:], len(rule.rstrip())]))


def with_a_pattern_less(text):
    """The text once for each pattern that stands in a list with others, without it and its comma."""
    for start, end in statements_of(text, lambda word: word == "let" or word not in NO_RULE):
        for found in PATTERN.finditer(text, start, end):
            before, after = text[:found.start()], text[found.end():]
            if re.match(r",\s*", after):
                yield found.group(), before + re.sub(r"^,\s*", "", after)
            elif re.search(r",\s*$", before):
                yield found.group(), re.sub(r",\s*$", "", before) + after


def still_passes(text):
    with tempfile.NamedTemporaryFile("w", suffix=".scope") as file:
        file.write(text)
        file.flush()
        return remit("test", file.name).returncode == 0


class Pages(unittest.TestCase):
    def test_all_that_the_language_promises_is_there(self):
        names = {".".join(page.relative_to(STDLIB).with_suffix("").parts) for page in pages()}
        self.assertEqual(names, {*MODULES, *(f"systems.{name}" for name in SYSTEMS)})

    def test_no_page_has_an_error_or_a_warning(self):
        done = remit("check", *pages())
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_every_page_is_laid_out_as_the_formatter_does(self):
        done = remit("fmt", "--check", *pages())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_page_passes_its_own_tests(self):
        for page in pages():
            done = remit("test", "--coverage", page)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
            self.assertRegex(done.stdout, r"(?m)^[1-9]\d* passed, 0 failed$", str(page))

    def test_the_tests_notice_a_rule_or_clause_that_is_left_out(self):
        tried = 0
        for page in pages_and_examples():
            text = page.read_text()
            for start, end in rules_of(text):
                rule = text[start:end]
                less = [""] + [rule[:first] + rule[last:] for first, last in clauses_of(rule)]
                for changed in less:
                    with self.subTest(page=page.name, rule=rule, left=changed):
                        self.assertFalse(still_passes(text[:start] + changed + text[end:]))
                    tried += 1
        self.assertGreater(tried, 250)

    def test_the_tests_notice_a_pattern_that_is_left_out(self):
        tried = 0
        for page in pages_and_examples():
            for pattern, changed in with_a_pattern_less(page.read_text()):
                with self.subTest(page=page.name, left_out=pattern):
                    self.assertFalse(still_passes(changed))
                tried += 1
        self.assertGreater(tried, 60)

    def test_a_document_can_use_every_module(self):
        arguments = {"tasks.read_only": "(folder = docs:/a)", "tasks.folder_to_folder": "(source = docs:/a, target = ws:/b)",
                     "tasks.triage_inbox": "(inbox = mail:/inbox, archive = mail:/archive, drafts = mail:/drafts)",
                     "tasks.nightly_sync": "(source = docs:/a, target = ws:/b)"}
        for module in MODULES:
            kind = "scope" if module in arguments else "guardrail"
            header = f"{kind} mine\n" + ("agent spiffe://acme.example/a\nexpires 1h\n" if kind == "scope" else "")
            with tempfile.NamedTemporaryFile("w", suffix=".scope") as file:
                file.write(f"{header}use {module}{arguments.get(module, '')}\n")
                file.flush()
                done = remit("check", file.name)
            self.assertEqual((done.returncode, done.stderr), (0, ""), module)


class Systems(unittest.TestCase):
    def test_a_name_has_one_type(self):
        types = {}
        for system in SYSTEMS:
            declared = dict(ATTRIBUTE.findall(page_of(system)))
            self.assertEqual({name: declared.get(name) for name in EVERYWHERE}, EVERYWHERE, system)
            for name, kind in declared.items():
                self.assertEqual(types.setdefault(name, kind), kind, f"{name} in {system}")

    def test_a_rule_may_speak_of_what_is_everywhere(self):
        rules = ('read anything when size <= 1MB and "x" in labels and classification == "public" unless external\n'
                 'read, list docs:, ws:, fs:, mail:, calendar:, crm:, cases:, db:, web:, mcp:, secrets: when external\n')
        done = remit("check", "-", stdin="grants all\n" + rules)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_declaring_the_same_replaces_nothing_and_declaring_another_does(self):
        same = page_of("crm")
        self.assertEqual(remit("check", "-", stdin=same).stderr, "")
        for changed in (same.replace("  attribute consent: bool", "  attribute consent: bool\n  attribute vip: bool"),
                        same.replace("  action delete\n", "  action delete { purge }\n")):
            self.assertNotEqual(changed, same)
            done = remit("check", "-", stdin=changed)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("replaces-standard", done.stderr)

    def test_the_tests_notice_an_action_that_leaves_its_group(self):
        tried = 0
        for system in SYSTEMS:
            text = page_of(system)
            for group, members in actions_of(text)[1].items():
                for member in members:
                    rest = ", ".join(name for name in members if name != member)
                    new = f"action {group} {{ {rest} }}" if rest else f"action {group}"
                    changed = re.sub(rf"action {group} {{[^}}]*}}", f"{new}\n  action {member}", text)
                    self.assert_noticed(changed, text, f"{system}: {member} is no longer {group}")
                    tried += 1
        self.assertGreater(tried, 40)

    def test_the_tests_notice_a_missing_action_or_attribute(self):
        for system in SYSTEMS:
            text = page_of(system)
            for action in actions_of(text)[0]:
                changed = re.sub(rf"(?m)^(  action .*?)\b{action}\b(?!.*\b{action}\b)", r"\1another", text, count=1)
                self.assert_noticed(changed, text, f"{system}: no action {action}")
            for name, _ in ATTRIBUTE.findall(text):
                changed = re.sub(rf"(?m)^  attribute {name}: .*\n", "", text)
                self.assert_noticed(changed, text, f"{system}: no attribute {name}")

    def assert_noticed(self, changed, text, what):
        self.assertNotEqual(changed, text, what)
        with self.subTest(what):
            self.assertFalse(still_passes(changed))


class Readme(unittest.TestCase):
    """The tables of stdlib/README.md against the pages."""

    def cells(self, heading):
        section = (STDLIB / "README.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
        rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
        return [(re.findall(r"`(\w+)`", row[0]), [cell.strip() for cell in row[1:]]) for row in rows]

    def test_actions(self):
        declared = {name for system in SYSTEMS for name in actions_of(page_of(system))[0]}
        self.assertEqual({name for names, _ in self.cells("Actions") for name in names}, declared)

    def test_attributes(self):
        declared = {name: kind for system in SYSTEMS for name, kind in ATTRIBUTE.findall(page_of(system))}
        told = {}
        for names, (kind, meaning, *_) in self.cells("Attributes"):
            told.update(dict.fromkeys(names, kind))
            told.update(re.findall(r"`(\w+)` \((int|string|duration)\)", meaning))
        self.assertEqual(told, declared)


def main():
    global REMIT, STDLIB
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    REMIT, STDLIB = str((arguments.build / "bin" / "remit").resolve()), arguments.source / "stdlib"
    result = unittest.main(argv=[sys.argv[0], *rest], exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
