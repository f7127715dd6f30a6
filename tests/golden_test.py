#!/usr/bin/env python3
"""Compares what each stage makes of the documents in tests/golden with the texts beside them.

    golden/NAME.scope            a document; a first line `# arguments: a=1 b=2` gives its parameters
    golden/NAME.STAGE.txt        what `remit dump --stage STAGE` prints
    golden/shelf/                modules

`--rebase` writes what is printed now; read the difference before you keep it. What the standard library
adds to an image is left out, for it grows by itself; two runs must give the same image byte for byte.
"""
import argparse
import difflib
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

REMIT = "remit"
GOLDEN = pathlib.Path("golden")
REBASE = False
STAGES = ("syntax", "check", "image")


def documents():
    return sorted(GOLDEN.glob("*.scope"))


def arguments_of(document):
    first = document.read_text().splitlines()[0]
    given = shlex.split(first.removeprefix("# arguments:")) if first.startswith("# arguments:") else []
    return [word for argument in given for word in ("--arg", argument)]


def remit(*words):
    return subprocess.run([REMIT, *map(str, words)], capture_output=True, text=True, timeout=60, check=False, cwd=GOLDEN)


def without_standard_library(listing, text):
    own = set(re.findall(r"(?m)^system (\S+)", text + "".join(page.read_text() for page in GOLDEN.glob("shelf/**/*.scope"))))
    kept, keep = [], True
    for line in listing.splitlines(keepends=True):
        if not line.startswith(" "):
            named = re.match(r'(?:system ([^:]+):|node \w+ "([^:]+):)', line)
            keep = not line.startswith("image ") and (named is None or (named[1] or named[2]) in own)
        if keep:
            kept.append(line)
    return "".join(kept)


class Golden(unittest.TestCase):
    def test_every_stage(self):
        self.assertGreaterEqual(len(documents()), 4)
        for document in documents():
            for stage in STAGES:
                extra = [] if stage == "syntax" else ["--module-path", "shelf", *arguments_of(document)]
                done = remit("dump", "--stage", stage, *extra, document.name)
                self.assertEqual((done.returncode, "error" in done.stderr), (0, False), done.stderr)
                got = without_standard_library(done.stdout, document.read_text()) if stage == "image" else done.stdout
                pinned = document.with_suffix(f".{stage}.txt")
                if REBASE:
                    pinned.write_text(got)
                wanted = pinned.read_text() if pinned.exists() else ""
                difference = difflib.unified_diff(wanted.splitlines(), got.splitlines(), str(pinned), "now", lineterm="", n=2)
                with self.subTest(pinned.name):
                    self.assertEqual(got, wanted, "\n".join(difference))

    def test_nothing_is_pinned_that_has_no_document(self):
        for pinned in GOLDEN.glob("*.txt"):
            self.assertTrue((GOLDEN / (pinned.name.split(".")[0] + ".scope")).exists(), pinned)

    def test_together_they_use_every_word_of_the_language(self):
        """The reserved words, from the language's own table."""
        table = (GOLDEN.parent.parent / "lang" / "check" / "names.cpp").read_text()
        words = re.findall(r'"(\w+)"', table.split("kReserved = {")[1].split("};")[0])
        self.assertEqual(len(words), 50)
        text = " ".join(re.sub(r'(?m)#.*$|"[^"]*"', "", page.read_text()) for page in GOLDEN.rglob("*.scope"))
        self.assertEqual([word for word in words if not re.search(rf"\b{word}\b", text)], [])

    def test_an_image_is_the_same_every_time(self):
        with tempfile.TemporaryDirectory() as folder:
            for document in documents():
                images = []
                for name in ("one", "two"):
                    out = pathlib.Path(folder) / name
                    done = remit("compile", document.name, "-o", out, "--module-path", "shelf", *arguments_of(document))
                    self.assertEqual(done.returncode, 0, done.stderr)
                    images.append(out.read_bytes())
                self.assertEqual(images[0], images[1], document.name)


def main():
    global REMIT, GOLDEN, REBASE
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--rebase", action="store_true")
    arguments, rest = parser.parse_known_args()
    REMIT, GOLDEN, REBASE = str((arguments.build / "bin" / "remit").resolve()), arguments.source / "tests" / "golden", arguments.rebase
    result = unittest.main(argv=[sys.argv[0], *rest], exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
