#!/usr/bin/env python3
"""Runs the built `remit` command: check, fmt, eval and compile, their exit codes, and what they make of bad input."""
import json
import os
import pathlib
import pty
import select
import stat
import subprocess
import sys

from tools_support import LAB, TASK, Case, main


class CommandLine(Case):
    def test_version_and_help(self):
        self.assertRegex(self.remit("--version", code=0).out, r"^remit \d+\.\d+\.\d+")
        overview = self.remit("--help", code=0).out
        for name in "check fmt test eval run compile dump disasm conform completion".split():
            self.assertIn(name, overview)
            page = self.remit(name, "--help", code=0).out
            for heading in ("Usage:", "Exit codes:", "Examples:"):
                self.assertIn(heading, page, name)

    def test_wrong_command_lines(self):
        for words in ((), ("nonsense",), ("chek", "x"), ("check",), ("fmt", "--nonsense", "x"), ("dump", "--stage", "x", "y.scope"),
                      ("eval",), ("eval", "-e", "expires 1h", "read"), ("completion", "tcsh")):
            done = self.remit(*words, code=2)
            self.assertTrue(done.err, words)
            self.assertFalse(done.out, words)

    def test_completion_scripts(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.remit("completion", shell, code=0).out
            self.assertIn("conform", script)
            self.assertIn("module-path", script)
        checked = subprocess.run(["bash", "-n"], input=self.remit("completion", "bash").stdout, check=False)
        self.assertEqual(checked.returncode, 0)

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "w") as full:
            done = subprocess.run([self.command, "completion", "bash"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 2)


class Check(Case):
    def test_right_and_wrong(self):
        right = self.file("right.scope", TASK)
        wrong = self.file("wrong.scope", LAB + "expires 2h\nraed lab:/a\n")
        self.remit("check", right, code=0)
        done = self.remit("check", wrong, right, code=2)
        self.assertIn("wrong.scope:3:1: error", done.err)
        self.assertIn("read", done.err)
        self.assertFalse(done.out)

    def test_json(self):
        wrong = self.file("wrong.scope", LAB + "expires 2h\nraed lab:/a\n")
        done = self.remit("check", "--json", wrong, wrong, code=2)
        errors = [d for d in json.loads(done.out)["diagnostics"] if d["severity"] == "error"]
        self.assertEqual(len(errors), 2)
        self.assertEqual((errors[0]["line"], errors[0]["column"]), (3, 1))
        for field in ("code", "file", "end_line", "end_column", "message", "help"):
            self.assertIn(field, errors[0])
        self.assertFalse(done.err)

    def test_modules(self):
        self.file("shelf/parts/common.scope", LAB + "expires 1h\nread lab:/shared\n")
        user = self.file("user.scope", "expires 1h\nuse parts.common\nwrite lab:/x\n")
        self.remit("check", user, code=2)
        self.remit("check", user, "--module-path", str(self.folder / "shelf"), code=0)

    def test_files_that_cannot_be_read(self):
        (self.folder / "folder.scope").mkdir()
        large = self.folder / "large.scope"
        with open(large, "wb") as out:
            out.truncate((16 << 20) + 1)
        for path, word in (("missing.scope", "missing.scope"), ("folder.scope", "folder"), (str(large), "16 MiB"),
                           ("/dev/zero", "16 MiB")):
            done = self.remit("check", path, code=2)
            self.assertIn(word, done.err)

    def test_standard_input(self):
        self.remit("check", "-", stdin=TASK, code=0)
        self.assertIn("<stdin>:1", self.remit("check", "-", stdin="nonsense ~\n", code=2).err)

    def test_colour(self):
        wrong = self.file("wrong.scope", "expires 2h\nraed lab:/a\n")
        def errors_on_a_terminal(env):
            ours, theirs = pty.openpty()
            with subprocess.Popen([self.command, "check", wrong], stderr=theirs, env={"TERM": "xterm", **env}) as process:
                os.close(theirs)
                out = b""
                while select.select([ours], [], [], 20)[0]:
                    try:
                        chunk = os.read(ours, 4096)
                    except OSError:
                        break
                    if not chunk:
                        break
                    out += chunk
                process.wait()
            os.close(ours)
            return out
        self.assertIn(b"\x1b[", errors_on_a_terminal({}))
        self.assertNotIn(b"\x1b[", errors_on_a_terminal({"NO_COLOR": "1"}))
        self.assertNotIn("\x1b[", self.remit("check", wrong).err)


class Fmt(Case):
    UGLY = "expires   2h ;  read    lab:/a   # why\n"

    def test_in_place(self):
        ugly = self.file("ugly.scope", self.UGLY)
        os.chmod(ugly, 0o640)
        link = self.folder / "link.scope"
        link.symlink_to(ugly)
        self.assertIn("ugly.scope", self.remit("fmt", "--check", ugly, code=1).out)
        self.assertEqual(pathlib.Path(ugly).read_text(), self.UGLY)
        self.remit("fmt", str(link), code=0)
        self.assertNotEqual(pathlib.Path(ugly).read_text(), self.UGLY)
        self.assertTrue(link.is_symlink())
        self.assertEqual(stat.S_IMODE(os.stat(ugly).st_mode), 0o640)
        self.assertFalse(self.remit("fmt", "--check", ugly, code=0).out)
        self.assertEqual(len(list(self.folder.iterdir())), 2)  # nothing temporary is left

    def test_standard_input(self):
        done = self.remit("fmt", "-", stdin=self.UGLY, code=0)
        self.assertIn("# why", done.out)
        self.assertEqual(self.remit("fmt", "-", stdin=done.out, code=0).out, done.out)

    def test_errors_leave_the_file_alone(self):
        bad = self.file("bad.scope", "read  lab:/a when (\n")
        ugly = self.file("ugly.scope", self.UGLY)
        done = self.remit("fmt", bad, ugly, "missing.scope", code=2)
        self.assertIn("bad.scope:", done.err)
        self.assertEqual(pathlib.Path(bad).read_text(), "read  lab:/a when (\n")
        self.assertNotEqual(pathlib.Path(ugly).read_text(), self.UGLY)


class Eval(Case):
    def setUp(self):
        super().setUp()
        self.task = self.file("task.scope", TASK)

    def ask(self, *words, code):
        return self.remit("eval", self.task, *words, "--now", "2026-12-01T09:00Z", code=code)

    def test_effects_are_exit_codes(self):
        self.assertRegex(self.ask("read", "lab:/a/x", code=0).out, r"^allow  read lab:/a/x: allowed_by_rule")
        denied = self.ask("read", "lab:/ab", code=1).out
        self.assertTrue(denied.startswith("deny  read lab:/ab: no_matching_rule (no rule permits it)\n"), denied)
        ruled = self.ask("read", "lab:/a/hr/x", code=1).out
        self.assertIn("task.scope:5:1", ruled)
        self.assertIn("deny any lab:/a/hr", ruled)
        self.assertIn("because personal files", ruled)
        self.ask("send", "lab:/a/x", code=3)

    def test_json(self):
        got = json.loads(self.ask("read", "lab:/a/hr/x", "--json", code=1).out)
        self.assertEqual(got, {
            "effect": "deny", "reason": "denied_by_rule",
            "rule": {"file": self.task, "line": 5, "column": 1, "because": "personal files"},
            "layer": {"index": 0, "kind": "scope", "name": ""}, "approval": None})
        got = json.loads(self.ask("read", "lab:/nowhere", "--json", code=1).out)
        self.assertIsNone(got["rule"])

    def test_the_nearest_rule_is_named(self):
        out = self.ask("write", "lab:/b/x", "size=6KB", "region=eu", code=1).out
        self.assertIn("would have allowed this for size up to 5KB", out)
        self.assertNotIn("would have", self.ask("read", "lab:/a", code=0).out)

    def test_document_as_text(self):
        self.remit("eval", "-e", TASK, "read", "lab:/a", code=0)
        self.remit("eval", "--text", LAB + "read lab:/a; expires 2h", "read", "lab:/b", code=1)
        self.remit("eval", "-", "read", "lab:/a", stdin=TASK, code=0)

    def test_attributes_by_shape(self):
        self.ask("write", "lab:/b/x", "size=5KB", "region=eu", code=0)
        self.ask("write", "lab:/b/x", "region=\"eu\"", "size=5000B", code=0)
        self.ask("write", "lab:/b/x", "size=5001B", "region=eu", code=1)
        given_as_int = self.ask("write", "lab:/b/x", "size=5", "region=eu", code=1).out
        self.assertIn("size was given as int, declared size", given_as_int)
        self.assertTrue(self.ask("write", "lab:/b/x", "size=5XB", "region=eu", code=2).err)
        self.ask("write", "lab:/b/x", "size", code=2)

    def test_types(self):
        text = LAB + "expires 9h\nread lab:/n when n == -3\nread lab:/l when \"b\" in labels\n" \
            "read lab:/s when region == \"7\"\nread lab:/t when due < 2026-12-01T09:00Z\n"
        def ask(resource, attribute, code):
            self.remit("eval", "-e", text, "read", resource, attribute, "--now", "2026-12-01T09:00Z", code=code)
        ask("lab:/n", "n=-3", 0)
        ask("lab:/n", "n=3", 1)
        ask("lab:/l", "labels=[a, \"b\"]", 0)
        ask("lab:/l", "labels=[\"a, b\"]", 1)
        ask("lab:/s", "region=7", 0)  # a declared string stays one
        ask("lab:/t", "due=2026-12-01T08:59Z", 0)
        ask("lab:/t", "due=2026-12-01T10:30+01:00", 1)

    def test_facts(self):
        self.ask("list", "lab:/lead", code=1)
        self.ask("list", "lab:/lead", "--fact", "user.role=lead", code=0)
        self.ask("list", "lab:/lead", "--fact", "role=lead", code=2)
        text = LAB + "expires 1h\nread lab:/a when user == \"ann\" and agent like \"spiffe:*\" and purpose == \"why\"\n"
        words = ["eval", "-e", text, "read", "lab:/a", "--user", "ann", "--agent", "spiffe://acme/x"]
        self.remit(*words, code=1)
        self.remit(*words, "--purpose", "why", code=0)
        stated = self.remit(*words[:2], text + "purpose \"other\"\n", *words[3:], "--purpose", "why", code=1)
        self.assertIn("--purpose is not used", stated.err)

    def test_times(self):
        for words, code in (([], 0), (["--now", "+119m"], 0), (["--now", "+2h"], 1), (["--opened", "2020-01-01T00:00Z"], 0),
                            (["--opened", "2020-01-01T00:00Z", "--now", "2020-01-01T02:00Z"], 1),
                            (["--opened", "2020-01-01T00:00Z", "--now", "+1h"], 0), (["--now", "noon"], 2),
                            (["--now", "+noon"], 2), (["--opened", "2h"], 2)):
            self.remit("eval", self.task, "read", "lab:/a", *words, code=code)

    def test_malformed_resource_is_explained_and_drives_no_terminal(self):
        done = self.ask("read", "lab:/a/../b", code=1)
        self.assertIn("malformed_resource", done.out)
        self.assertIn("because", done.out)
        self.assertNotIn("\x1b", self.ask("read", "lab:/a/\x1b[31m", code=1).out)

    def test_actions_named_like_subcommands(self):
        text = "system lab { action check, run }\nexpires 1h\ncheck, run lab:/a\n"
        for action in ("check", "run"):
            self.remit("eval", "-e", text, action, "lab:/a", code=0)

    def test_layers(self):
        guard = self.file("guard.scope", "guardrail house\n" + LAB + "allow any anything\n"
                          "deny read lab:/a/secret because \"house rule\"\n")
        grants = self.file("mine.scope", "grants mine\n" + LAB + "read lab:/a/x, lab:/a/secret\n")
        self.remit("eval", self.task, guard, grants, "read", "lab:/a/x", code=0)
        done = self.remit("eval", self.task, guard, grants, "read", "lab:/a/secret", "--json", code=1)
        self.assertEqual(json.loads(done.out)["layer"], {"index": 1, "kind": "guardrail", "name": "house"})
        self.remit("eval", self.task, guard, grants, "read", "lab:/a/y", code=1)
        self.assertIn("comes first", self.remit("eval", guard, self.task, "read", "lab:/a", code=2).err)

    def test_parameters(self):
        text = "scope t(folder: resource, cap: size)\n" + LAB + "expires 1h\nread $folder when size <= $cap\n"
        words = ["eval", "-e", text, "read", "lab:/q/x", "size=3KB"]
        self.assertIn("--arg folder=", self.remit(*words, code=2).err)
        self.remit(*words, "--arg", "folder=lab:/q", "--arg", "cap=3KB", code=0)
        self.remit(*words, "--arg", "folder=lab:/q", "--arg", "cap=2KB", code=1)
        self.remit(*words, "--arg", "folder=lab:/q", "--arg", "cap=2KB", "--arg", "other=1", code=2)
        self.remit(*words, "--arg", "folder=lab:/q/*", "--arg", "cap=2KB", code=2)

    def test_a_first_request(self):
        text = LAB + "expires 1h\nidle 5m\nread lab:/a at most 0 times\nlist lab:/a at most 1 times\nsend lab:/a after list lab:/a\n"
        for action, code in (("read", 1), ("list", 0), ("send", 1)):
            self.remit("eval", "-e", text, action, "lab:/a", code=code)

    def test_errors_in_documents(self):
        self.assertIn("<text>:", self.remit("eval", "-e", "raed lab:/a", "read", "lab:/a", code=2).err)
        done = self.remit("eval", "-e", "raed lab:/a", "read", "lab:/a", "--json", code=2)
        self.assertTrue(json.loads(done.out)["diagnostics"])


class Compile(Case):
    def test_same_bytes(self):
        task = self.file("task.scope", TASK)
        for name in ("one.remit", "two.remit"):
            self.remit("compile", "task.scope", "-o", name, code=0)
        one = (self.folder / "one.remit").read_bytes()
        self.assertEqual(one, (self.folder / "two.remit").read_bytes())
        self.assertEqual(self.remit("disasm", "one.remit", code=0).out, self.remit("dump", "--stage", "image", "task.scope", code=0).out)
        self.assertTrue(self.remit("eval", "one.remit", "read", "lab:/a/hr", code=1).out)
        self.assertTrue(task)

    def test_errors_leave_the_old_image(self):
        out = pathlib.Path(self.file("out.remit", "old"))
        self.remit("compile", self.file("bad.scope", "raed lab:/a\n"), "-o", str(out), code=2)
        self.remit("compile", self.file("open.scope", "scope t(p: resource)\n" + LAB + "expires 1h\nread $p\n"), "-o", str(out), code=2)
        self.assertEqual(out.read_text(), "old")
        self.remit("compile", self.file("task.scope", TASK), "-o", str(self.folder / "no" / "such" / "x.remit"), code=2)
        self.remit("compile", self.file("task.scope", TASK), "-o", "/dev/null", code=0)
        self.assertFalse(os.path.isfile("/dev/null"))

    def test_damaged_images(self):
        self.file("task.scope", TASK)
        self.remit("compile", "task.scope", "-o", "task.remit", code=0)
        whole = (self.folder / "task.remit").read_bytes()
        for damaged in (b"", b"x", whole[:-1], whole[:100] + b"\xff" + whole[101:], whole + b"\0"):
            self.file("bad.remit", damaged)
            self.remit("disasm", "bad.remit", code=2)
            self.remit("eval", "bad.remit", "read", "lab:/a", code=2)

    def test_dumps(self):
        self.file("task.scope", TASK)
        for stage in ("syntax", "check", "image"):
            self.assertTrue(self.remit("dump", "--stage", stage, "task.scope", code=0).out)
        self.remit("dump", "--stage", "syntax", "-", stdin="read (\n", code=2)


if __name__ == "__main__":
    sys.exit(main())
