#!/usr/bin/env python3
"""Feeds the built `remit` command what nobody should: it refuses, or does its work, within a second of
processor time (more under sanitizers and without optimisation), and never crashes."""
import argparse
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile
import unittest

REMIT = "remit"
SECONDS = 1.0
GOOD = "expires 1h\nread docs:/a\n"


def seconds_for(build):
    """By how the build was configured."""
    cache = (build / "CMakeCache.txt").read_text()
    if re.search(r"^REMIT_SANITIZE:\w+=.", cache, re.M):
        return 30.0
    return 1.0 if re.search(r"^CMAKE_BUILD_TYPE:\w+=Rel", cache, re.M) else 6.0


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.random = random.Random(7)

    def file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def remit(self, *words, code, says="", stdin=b""):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([REMIT, *words], input=stdin, capture_output=True, timeout=60 + 10 * SECONDS, check=False, cwd=self.folder)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = done.stderr.decode("utf-8", "replace")
        shown = f"{words!r:.200}\n{told[:2000]}"
        self.assertEqual(done.returncode, code, shown)
        self.assertIn(says, told, shown)
        self.assertLess(len(told), 100_000, shown[:200])
        took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.assertLess(took, SECONDS, shown)
        return done

    def refused_by_all(self, path, says=""):
        """Every subcommand that reads a document."""
        self.remit("check", path, code=2, says=says)
        self.remit("check", "--json", path, code=2)
        self.remit("fmt", "--check", path, code=2, says=says)
        self.remit("test", path, code=2, says=says)
        self.remit("eval", path, "read", "docs:/a", code=2, says=says)
        self.remit("compile", path, "-o", str(self.folder / "out.remit"), code=2, says=says)
        for stage in ("syntax", "check", "image"):
            self.remit("dump", "--stage", stage, path, code=2, says=says)
        self.assertFalse((self.folder / "out.remit").exists())


class Documents(Case):
    def test_a_hundred_megabytes(self):
        for content in (GOOD * (100 << 20 >> 5), "(" * (100 << 20), "\n" * (100 << 20)):
            self.refused_by_all(self.file("large.scope", content), says="16 MiB")
        self.remit("check", "-", stdin=b"x" * (100 << 20), code=2, says="16 MiB")

    def test_a_million_brackets(self):
        for opening, closing in ("()", "[]", "{}"):
            for text in (opening * 1_000_000, "read docs:/a when " + opening * 1_000_000, "let x = " + opening * 1_000_000 + "1" + closing * 1_000_000,
                         "system s " + opening * 1_000_000, "test \"t\" " + opening * 1_000_000, closing * 1_000_000):
                self.refused_by_all(self.file("deep.scope", GOOD + text))
        self.remit("check", self.file("not.scope", GOOD + "read docs:/a when " + "not " * 1_000_000 + "x"), code=2, says="64")

    def test_random_bytes(self):
        for size in (1, 100, 10_000, 1 << 20, 16 << 20):
            self.refused_by_all(self.file("noise.scope", b"\xff" + self.random.randbytes(size)))
        # Valid UTF-8, so that the grammar sees it; and words of the language in no order.
        noise = "".join(chr(self.random.choice((self.random.randrange(32, 127), self.random.randrange(0x100, 0xD000), 10))) for _ in range(300_000))
        self.refused_by_all(self.file("noise.scope", noise))
        words = "allow deny limit read docs:/a ( ) [ ] { } , ; \n when not and or \"x\" $y 5MB between in test system #c\n".split(" ")
        self.refused_by_all(self.file("words.scope", " ".join(self.random.choice(words) for _ in range(300_000))))

    def test_what_is_no_file(self):
        (self.folder / "folder.scope").mkdir()
        os.mkfifo(self.folder / "pipe.scope")
        (self.folder / "loop.scope").symlink_to("loop.scope")
        for path in ("folder.scope", "pipe.scope", "loop.scope", "missing.scope", "missing/x.scope", ".", "/dev/zero", "x" * 5_000):
            for words in (("check",), ("fmt", "--check"), ("dump", "--stage", "check"), ("compile", "-o", "out.remit")):
                self.remit(*words, path, code=2)
            self.remit("eval", path, "read", "docs:/a", code=2)
            if path != "/dev/zero":  # an image may have a gigabyte
                self.remit("disasm", path, code=2)

    def test_a_pipe_with_a_writer_is_a_file(self):
        os.mkfifo(self.folder / "pipe.scope")
        request = '{"op":"open","now":0,"user":"ann"}\n{"op":"check","action":"read","resource":"docs:/a","now":1}\n'
        for content, words, out in ((GOOD, ("eval", "--user", "ann", "pipe.scope", "read", "docs:/a"), b"allow"),
                                    (request, ("run", self.file("good.scope", GOOD), "--requests", "pipe.scope"), b'"effect":"allow"')):
            with subprocess.Popen(["sh", "-c", "sleep 0.1; printf %s \"$1\" >pipe.scope", "sh", content], cwd=self.folder) as writer:
                try:
                    self.assertIn(out, self.remit(*words, code=0).stdout)
                finally:
                    writer.kill()

    def test_modules_that_are_none(self):
        user = self.file("user.scope", "expires 1h\nuse m\n")
        shelf = self.folder / "shelf"
        for make in (lambda at: at.mkdir(), os.mkfifo, lambda at: at.symlink_to(at), lambda at: at.symlink_to("/dev/zero"), lambda at: None):
            shelf.mkdir()
            make(shelf / "m.scope")
            self.remit("check", user, "--module-path", "shelf", code=2, says="there is no module `m`")
            subprocess.run(["rm", "-r", str(shelf)], check=True)
        self.file("shelf/m.scope", "x" * (100 << 20))
        self.remit("check", user, "--module-path", "shelf", code=2, says="16 MiB")
        self.file("shelf/m.scope", self.random.randbytes(1 << 20))
        self.remit("check", user, "--module-path", "shelf", code=2, says="m.scope:1:")

    def test_lets_and_modules_that_explode(self):
        lets = "let a0 = docs:/a\n" + "".join(f"let a{i + 1} = $a{i}, $a{i}\n" for i in range(60))
        path = self.file("lets.scope", "expires 1h\n" + lets + "read $a60\n")
        for words in (("check",), ("test",), ("dump", "--stage", "image"), ("compile", "-o", "out.remit")):
            self.remit(*words, path, code=2, says="256 MiB")
        self.file("m0.scope", "read docs:/a\n")
        for i in range(1, 60):
            self.file(f"m{i}.scope", f"use m{i - 1}\nuse m{i - 1}\n")
        user = self.file("user.scope", "expires 1h\nuse m59\n")
        self.remit("check", user, "--module-path", ".", code=2, says="1048576 statements")

    def test_a_hundred_thousand_rules_on_one_line(self):
        line = "expires 1h; " + "; ".join(f"read docs:/team/{i}" for i in range(100_000))
        path = self.file("line.scope", line)
        self.remit("check", path, code=0)
        self.remit("compile", path, "-o", "line.remit", code=0)
        self.remit("eval", "line.remit", "read", "docs:/team/99999/x", code=0)
        self.remit("check", self.file("bad.scope", line + "; raed docs:/a"), code=2, says="bad.scope:1:")


class Images(Case):
    def test_random_bytes(self):
        document = self.file("good.scope", GOOD)
        self.remit("compile", document, "-o", "good.remit", code=0)
        good = (self.folder / "good.remit").read_bytes()
        noise = self.random.randbytes(1 << 20)
        images = [noise[:size] for size in (0, 1, 7, 8, 63, 64, 1000, 1 << 20)]
        images += [good[:kept] + noise for kept in (4, 8, 16, 64, 256)]  # a header that looks right
        images += [good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1:] for at, bit in ((self.random.randrange(len(good)), self.random.randrange(8)) for _ in range(20))]
        for image in images:
            path = self.file("bad.remit", image)
            self.remit("disasm", path, code=2)
            self.remit("eval", path, "read", "docs:/a", code=2)
            self.remit("run", path, "--requests", "-", code=2)

    def test_a_hundred_megabytes(self):
        path = self.file("large.remit", self.random.randbytes(1 << 20) * 100)
        self.remit("disasm", path, code=2)
        self.remit("eval", path, "read", "docs:/a", code=2)


class Requests(Case):
    def test_strange_resources_are_denied(self):
        path = self.file("good.scope", GOOD)
        for name in ("", ":", "docs:", "docs://", "docs:/a/../b", "docs:/%2e", "x" * 100_000, "docs:/" + "a/" * 50_000, "docs:/\u202e", b"docs:/\xff", "docs:/a\nb"):
            done = self.remit("eval", "--user", "ann", path, "read", name, code=1)
            self.assertIn(b"malformed_resource", done.stdout)
        for action in ("", "x" * 100_000, "re\nad", b"\xff"):
            self.remit("eval", "--user", "ann", path, action, "docs:/a", code=1)


def main():
    global REMIT, SECONDS
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    REMIT, SECONDS = str((arguments.build / "bin" / "remit").resolve()), seconds_for(arguments.build)
    result = unittest.main(argv=[sys.argv[0], *rest], exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
