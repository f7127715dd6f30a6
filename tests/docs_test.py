#!/usr/bin/env python3
"""Runs every code block of README.md and docs/*.md, and holds their tables and links to the tree.

A block's info string says what it is: the language, then words and name=value.

    scope             a document: `remit check` finds no error, `remit test` no failing test
    scope part        statements of a task scope; `expires 2h` is put before them
    scope error=CODE  does not compile; CODE is among the errors. warning=CODE: compiles, with that warning
    console           `$ command`, then what it prints (output and errors); one shell for each page
    cpp               with a main: compiled, linked, run, exit code 0. Otherwise statements: compiled
    c                 a program, as cpp, against the C libraries
    text output       what the program in the block before printed
    json, jsonl       parses; jsonl line by line
    cmake from=PATH   its lines stand in that file, which a test of its own builds
    python            a program that parses: tests/python/test_pages.py, which has the package, runs it
    pycon             an example of a docstring, which runs with the docstring
    sh                commands that take too long here: what they run must exist
    text              a picture, not run

With file=NAME a block is also written to that file, in the folder where the page's consoles run. Each
page has its own; copies of the tree's examples/ and stdlib/ are in it too. Where output is compared, a line
`...` stands for any lines; numbers before ns, bytes and steps are not compared, nor are identifiers
that are drawn at random (32 hexadecimal digits).
`--update` writes what was printed into the pages; read the difference before you keep it.

Before a table, a comment says what it is held to:

    <!-- table: engine/image/opcodes.h REMIT_OPCODES 0 4 -->  its cells are those arguments of the X-macro
    <!-- names: PATH... REGEX -->                             its first column is what REGEX finds there
"""
import argparse
import ast
import doctest
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^```(\S+)?[ ]*(.*)$")
VARIES = re.compile(r"\d[\d,.]*(?= (?:ns|bytes|steps)\b)|\b[0-9a-f]{32}\b")
MARK = "@@end of a command@@"
PART = """#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>
#include <remit/lang/compile.h>
#include <remit/remit.h>
"""
NAMES = "remit::Program& task, remit::Program& guardrail, remit::Program& grants, remit::Layers& layers, remit::Session& session, remit::Time now"


class Block:
    def __init__(self, line, language, info):
        self.line, self.language, self.text = line, language, ""
        words = shlex.split(info)
        self.words = {word for word in words if "=" not in word}
        self.options = dict(word.split("=", 1) for word in words if "=" in word)


def blocks_of(text):
    found, inside = [], None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if inside is None and fence:
            inside = Block(number, fence.group(1) or "", fence.group(2))
            found.append(inside)
        elif fence and line.strip() == "```":
            inside = None
        elif inside is not None:
            inside.text += line + "\n"
    return found


def matches(expected, got):
    """True where the lines are the same, `...` standing for any lines."""
    if not expected:
        return not got
    if expected[0].strip() == "...":
        return any(matches(expected[1:], got[skip:]) for skip in range(len(got) + 1))
    return bool(got) and expected[0] == got[0] and matches(expected[1:], got[1:])


def compare(expected, got):
    def lines(text):
        return [VARIES.sub("N", line.rstrip()) for line in text.strip("\n").splitlines()]
    if not matches(lines(expected), lines(got)):
        yield f"the page says\n{expected.rstrip()}\nbut it is\n{got.rstrip()}"


class Page:
    def __init__(self, path, source, build, folder):
        self.path, self.source, self.build, self.folder = path, source, build, folder
        self.text = self.updated = path.read_text()
        self.printed, self.parts, self.shell = "", [], None
        self.env = {**os.environ, "PATH": f"{build / 'bin'}:{os.environ['PATH']}", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
        for shared in ("examples", "stdlib"):  # copies: a page's commands may write
            shutil.copytree(source / shared, folder / shared)

    def run(self, *command, text="", cwd=None):
        return subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              cwd=cwd or self.folder, env=self.env, timeout=300)

    # --- One function for each language; each yields what is wrong.

    def scope(self, block):
        name = block.options.get("file", "text.scope")
        (self.folder / name).write_text(("expires 2h\n" if "part" in block.words else "") + block.text)
        checked = self.run("remit", "check", "--json", name)
        found = json.loads(checked.stdout)["diagnostics"] if checked.stdout.startswith("{") else []
        codes = {(one["severity"], one["code"]) for one in found}
        for severity in ("error", "warning"):
            wanted = block.options.get(severity)
            if wanted and (severity, wanted) not in codes:
                yield f"no {severity} {wanted}, but {sorted(codes)}"
        if ("error" in block.options) != (checked.returncode == 2):
            yield "the document does not check:\n" + self.run("remit", "check", name).stdout
        elif checked.returncode == 0:
            tested = self.run("remit", "test", name)
            if tested.returncode != 0 or "skipped" in tested.stdout:
                yield tested.stdout

    def console(self, block):
        commands, expected = [], []
        for line in block.text.splitlines():
            if line.startswith("$ "):
                commands.append(line[2:])
                expected.append("")
            elif commands and commands[-1].endswith("\\") and not expected[-1]:
                commands[-1] += "\n" + line
            elif commands:
                expected[-1] += line + "\n"
        got = [self.typed(command) for command in commands]
        actual = ""
        for command, wanted, output in zip(commands, expected, got):
            problems = list(compare(wanted, output))
            actual += f"$ {command}\n" + (output.lstrip("\n") if problems else wanted)
            yield from (f"$ {command}\n{problem}" for problem in problems)
        self.updated = self.updated.replace(block.text, actual)

    def typed(self, command):
        """What the page's shell prints. One shell for the whole page: who follows it has one too."""
        if self.shell is None:
            self.shell = subprocess.Popen(["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT, text=True, cwd=self.folder, env=self.env)
        self.shell.stdin.write(f"{{ {command}\n}} </dev/null\n__status=$?; printf '{MARK}\\n'; (exit $__status)\n")
        self.shell.stdin.flush()
        output = ""
        for line in self.shell.stdout:
            if line.endswith(MARK + "\n"):
                return output + line[:-len(MARK) - 1]
            output += line
        return output

    def close(self):
        if self.shell is not None:
            self.shell.communicate()

    def cpp(self, block):
        if not re.search(r"\bint main\(", block.text):
            self.parts.append(block)
            return
        yield from self.program(block, [*self.compiler("CXX"), "-std=c++20"], self.libraries())

    def c(self, block):
        shared = [self.build / "engine" / "libremit_c.so", self.build / "tools" / "libremit_lang_c.so"]
        linked = [*shared, *(f"-Wl,-rpath,{library.parent}" for library in shared)]
        yield from self.program(block, [*self.compiler("C"), "-std=c99", "-Wpedantic"], linked)

    def program(self, block, compiler, libraries):
        source, program = self.folder / f"program.{block.language}", self.folder / "program"
        source.write_text(block.text)
        built = self.run(*compiler, str(source), "-o", str(program), *map(str, libraries), cwd=self.build)
        if built.returncode != 0:
            yield built.stdout
            return
        done = self.run(str(program))
        self.printed = done.stdout
        if done.returncode != 0:
            yield f"exit code {done.returncode}\n{done.stdout}"

    def all_parts(self):
        """The page's parts, compiled together: includes first, then each in a function of its own."""
        out = PART
        for index, block in enumerate(self.parts):
            lines = block.text.splitlines()
            out += "".join(line + "\n" for line in lines if line.startswith("#include"))
            body = "".join(("" if line.startswith("#include") else line) + "\n" for line in lines)
            out += f'void part{index}({NAMES}) {{\nusing namespace remit;\n#line {block.line + 1} "{self.path.name}"\n{body}}}\n'
        built = self.run(*self.compiler("CXX"), "-std=c++20", "-fsyntax-only", "-x", "c++", "-", text=out)
        if built.returncode != 0:
            yield built.stdout

    def compiler(self, language):
        cache = (self.build / "CMakeCache.txt").read_text()
        compiler = re.search(rf"^CMAKE_{language}_COMPILER:\w+=(.*)$", cache, re.M).group(1)
        includes = [f"-I{self.source / room / 'include'}" for room in ("engine", "lang")]
        return [compiler, "-Wall", "-Wextra", "-Werror", "-Wno-unused", *includes]

    def libraries(self):
        """What the build links the command with."""
        ninja = (self.build / "build.ninja").read_text()
        rule = re.search(r"^build bin/remit: .*?(?=^build )", ninja, re.M | re.S).group(0)
        return re.search(r"LINK_LIBRARIES = (.*)", rule).group(1).split()

    def text_block(self, block):
        if "output" in block.words:
            problems = list(compare(block.text, self.printed))
            yield from problems
            if problems:
                self.updated = self.updated.replace(f"```text output\n{block.text}", f"```text output\n{self.printed}")

    def data(self, block):
        lines = block.text.splitlines() if block.language == "jsonl" else [block.text]
        for line in lines:
            try:
                json.loads(line)
            except ValueError as problem:
                yield f"{problem}: {line}"

    def cmake(self, block):
        there = {line.strip() for line in (self.source / block.options["from"]).read_text().splitlines()}
        for line in block.text.splitlines():
            if line.strip() and line.strip() not in there:
                yield f"not in {block.options['from']}: {line}"

    def sh(self, block):
        for line in block.text.splitlines():
            words = shlex.split(line, comments=True)
            if words and not (shutil.which(words[0]) or os.access(self.source / words[0], os.X_OK)):
                yield f"there is no {words[0]}"

    def python(self, block):
        try:
            ast.parse(block.text)
        except SyntaxError as problem:
            yield str(problem)

    def pycon(self, block):
        if not doctest.DocTestParser().get_examples(block.text):
            yield "no example"

    LANGUAGES = {"scope": scope, "console": console, "cpp": cpp, "c": c, "text": text_block, "json": data, "jsonl": data,
                 "cmake": cmake, "sh": sh, "python": python, "pycon": pycon}

    # --- Tables and links

    def tables(self):
        """What `<!-- table|names: ... -->` says, with the rows of the tables beneath it. Tables that are
        held to the same names are one."""
        found = {}
        for kind, what, lines in re.findall(r"<!-- (table|names): (.*?) -->\n+((?:\|.*\n)+)", self.text):
            rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines.splitlines()]
            found.setdefault((kind, what), []).extend([plain(cell) for cell in row] for row in rows[2:])
        return found.items()

    def wanted_rows(self, kind, what):
        if kind == "names":
            *patterns, regex = what.split()
            files = [path for pattern in patterns for path in self.source.glob(pattern)]
            return [[name] for name in sorted({name for path in files for name in re.findall(regex, path.read_text())})]
        path, macro, *columns = what.split()
        body = re.search(rf"#define {macro}\(X\)(.*?)\n\n", (self.source / path).read_text(), re.S).group(1)
        entries = re.findall(r"X\((.*?)\)\s*(?:\\\n|$)", body + "\n", re.M)
        cells = [[plain(part) for part in re.findall(r'\s*("(?:[^"\\]|\\.)*"|[^,]+)', entry)] for entry in entries]
        return [[row[int(column)] for column in columns] for row in cells]

    def check_tables(self):
        for (kind, what), rows in self.tables():
            wanted = self.wanted_rows(kind, what)
            there = [row[:len(wanted[0])] for row in rows] if wanted else rows
            if kind == "names":
                there.sort()
            if there != wanted or not wanted:
                yield f"the table is not {what}"
                yield from (f"it misses {row}" for row in wanted if row not in there)
                yield from (f"it should not have {row}" for row in there if row not in wanted)

    def check_links(self):
        for target in re.findall(r"\]\(([^)\s]+)\)", self.text):
            if "://" in target:
                continue
            file, _, anchor = target.partition("#")
            path = (self.path.parent / file) if file else self.path
            if not path.exists():
                yield f"a link leads nowhere: {target}"
            elif anchor and anchor not in anchors_of(path.read_text()):
                yield f"a link leads to no heading: {target}"

    def problems(self):
        """(line, what is wrong or None) for everything that was checked."""
        for block in blocks_of(self.text):
            check = self.LANGUAGES.get(block.language)
            if check is None:
                yield block.line, f"a block of unknown language `{block.language}`"
                continue
            if "file" in block.options:
                (self.folder / block.options["file"]).write_text(block.text)
            yield block.line, "\n".join(check(self, block)) or None
        if self.parts:
            yield self.parts[0].line, "\n".join(self.all_parts()) or None
        yield 0, "\n".join([*self.check_tables(), *self.check_links()]) or None


def plain(cell):
    """A cell, or an argument of a macro, without its quotes and the like."""
    return cell.strip().strip('"').strip("`").replace("\\|", "|")


def anchors_of(text):
    headings = re.findall(r"^#+ +(.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--update", action="store_true", help="write real output into the pages")
    parser.add_argument("pages", nargs="*", help="only pages whose name contains one of these")
    options = parser.parse_args()
    passed = failed = 0
    for path in [options.source / "README.md", *sorted((options.source / "docs").glob("*.md"))]:
        if options.pages and not any(word in path.name for word in options.pages):
            continue
        with tempfile.TemporaryDirectory() as folder:
            page = Page(path.resolve(), options.source.resolve(), options.build.resolve(), pathlib.Path(folder))
            for line, problem in page.problems():
                passed, failed = passed + (problem is None), failed + (problem is not None)
                if problem is not None:
                    print(f"{path.relative_to(options.source)}:{line}: {problem}\n")
            page.close()
            if options.update and page.updated != page.text:
                path.write_text(page.updated)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
