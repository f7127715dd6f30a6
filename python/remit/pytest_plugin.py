"""The pytest plugin: tests inside `.scope` files are pytest's tests, and a fixture compiles documents.

Installed with the package; nothing has to be switched on. Each `test` block of each `.scope` file that pytest comes
across is one test, run as `remit test` does. A document without tests has none, but one that does not compile is an
error; keep such files out with pytest's own `collect_ignore_glob`.

The setting `remit_module_path` (a list of folders, relative to the ini file) is where `use a.b` looks for `a/b.scope`.
"""

from __future__ import annotations

import os
import pathlib
import re
import typing

import pytest

from ._remit import REASONS
from .errors import CompileError
from .program import Program, compile, run_tests
from .types import TestOutcome

_TEST = re.compile(r'^[ \t]*test[ \t]+"', re.MULTILINE)
_RULE = re.compile(r" at (?P<file>.+?):(?P<line>\d+):\d+(?: because |$)")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the setting `remit_module_path`."""
    parser.addini("remit_module_path", "folders in which `use a.b` looks for a/b.scope", type="paths", default=[])


def pytest_collect_file(file_path: pathlib.Path, parent: pytest.Collector) -> typing.Optional[ScopeFile]:
    """Every `.scope` file is looked into."""
    return ScopeFile.from_parent(parent, path=file_path) if file_path.suffix == ".scope" else None


class ScopeFailure(Exception):
    """A test of a document got something other than it expects."""

    def __init__(self, outcome: TestOutcome) -> None:
        super().__init__(f"expected {outcome.expected}, got {outcome.got}")
        self.outcome = outcome


class ScopeFile(pytest.File):
    """A document. Collecting it runs its tests, which have no effect on anything; each item then says what came of one."""

    def collect(self) -> typing.Iterator[ScopeTest]:
        """One item for each test block, in the order of the text."""
        outcomes = run_tests(self.path, file=_shown(self.path, self.config), module_path=_module_path(self.config)).outcomes
        text = self.path.read_text(encoding="utf-8-sig")
        # Only for reports: a line that merely looks like a test (in a string over a line's end there is none) moves them.
        lines = [text.count("\n", 0, found.start()) for found in _TEST.finditer(text)]
        names = [outcome.name for outcome in outcomes]
        for at, outcome in enumerate(outcomes):
            again = names[:at].count(outcome.name)
            name = f"{outcome.name} ({again + 1})" if again else outcome.name
            yield ScopeTest.from_parent(self, name=name, outcome=outcome, line=lines[at] if len(lines) == len(names) else None)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> typing.Any:  # type: ignore[override]
        """The compiler's diagnostics, with line and caret, and nothing of Python."""
        return str(excinfo.value) if isinstance(excinfo.value, CompileError) else super().repr_failure(excinfo)


class ScopeTest(pytest.Item):
    """One test block of a document."""

    def __init__(self, *, outcome: TestOutcome, line: typing.Optional[int], **more: typing.Any) -> None:
        super().__init__(**more)
        self.outcome = outcome
        self.line = line

    def runtest(self) -> None:
        """Fails where the block did."""
        if not self.outcome.passed:
            raise ScopeFailure(self.outcome)

    def reportinfo(self) -> typing.Tuple[typing.Union["os.PathLike[str]", str], typing.Optional[int], str]:
        """Where the block begins."""
        return self.path, self.line, f'test "{self.name}"'

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: typing.Any = None) -> typing.Any:
        """The expectation with a caret, what was decided instead, and the rule that decided it."""
        if not isinstance(excinfo.value, ScopeFailure):
            return super().repr_failure(excinfo, style)
        return failure_text(self.outcome, self.path, _shown(self.path, self.config))


def failure_text(outcome: TestOutcome, path: pathlib.Path, shown: str) -> str:
    """What a failed test has to say, as several lines.

    >>> import pathlib, remit
    >>> text = 'read docs:/a\\nexpires 2h\\ntest "all" { allow read docs:/b }'
    >>> print(failure_text(remit.run_tests(text).outcomes[0], pathlib.Path("a.scope"), "a.scope"))
    <text>:3:14: test "all"
      3 | test "all" { allow read docs:/b }
        |              ^^^^^^^^^^^^^^^^^^
    expected: allow
    decided:  deny, no_matching_rule
    why:      no rule permits it
    """
    failure = outcome.failure
    assert failure is not None
    lines = [f'{failure.file}:{failure.line}:{failure.column}: test "{outcome.name}"']
    lines += _source_line(failure.line, failure.excerpt)
    start = failure.column - failure.excerpt_column
    last = len(failure.excerpt) if failure.end_line != failure.line else failure.end_column - failure.excerpt_column
    # A tab stays one, so that the caret stands beneath its place however wide tabs are shown.
    indent = "".join("\t" if character == "\t" else " " for character in failure.excerpt[:start])
    lines += [f"{'':>3} | {indent}{'^' * max(1, last - start)}"]
    lines += [f"expected: {outcome.expected}", f"decided:  {outcome.got}"]
    reason = next((word for word in re.split(r"[ ,]+", outcome.got)[1:2] if word in REASONS), None)
    if reason:
        lines += [f"why:      {REASONS[reason]}"]
    rule = _RULE.search(outcome.got)
    if rule and rule["file"] == shown:
        source = path.read_text(encoding="utf-8-sig").splitlines()
        lines += ["by:", *_source_line(int(rule["line"]), source[int(rule["line"]) - 1])]
    return "\n".join(lines)


def _source_line(number: int, text: str) -> typing.List[str]:
    return [f"{number:>3} | {text}"]


def _shown(path: pathlib.Path, config: pytest.Config) -> str:
    """The path as reports name it: below pytest's root folder, where it is."""
    return str(path.relative_to(config.rootpath)) if path.is_relative_to(config.rootpath) else str(path)


def _module_path(config: pytest.Config) -> typing.List[str]:
    return [os.fspath(folder) for folder in config.getini("remit_module_path")]


class ScopeFixture(typing.Protocol):
    """What the fixture `scope` is."""

    def __call__(self, path: typing.Union[str, "os.PathLike[str]"], /, **arguments: typing.Any) -> Program: ...


@pytest.fixture
def scope(request: pytest.FixtureRequest) -> ScopeFixture:
    """`scope("file.scope", **arguments)`: the document compiled, with values for its parameters.

    The file is looked for beside the test, then in pytest's root folder. A document that does not compile fails the test
    with the compiler's own message.
    """

    def compiled(path: typing.Union[str, "os.PathLike[str]"], /, **arguments: typing.Any) -> Program:
        folders = [request.path.parent, request.config.rootpath]
        found = next((folder / path for folder in folders if (folder / path).is_file()), None)
        if found is None:
            raise FileNotFoundError(f"no {os.fspath(path)!r} in {' or '.join(dict.fromkeys(map(str, folders)))}")
        try:
            return compile(found, file=_shown(found, request.config), module_path=_module_path(request.config), arguments=arguments)
        except CompileError as error:
            pytest.fail(str(error), pytrace=False)

    return compiled
