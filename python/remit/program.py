"""Documents: compiling, loading, saving, and running the tests inside them."""

from __future__ import annotations

import datetime
import os
import pathlib
import typing

from . import _remit
from .errors import CompileError
from .types import Diagnostic, DocumentTests
from .values import Value

if typing.TYPE_CHECKING:
    from .bulk import Decisions

Source = typing.Union[str, "os.PathLike[str]"]


class Program(_remit.Program):
    """A verified document, ready to be used by any number of sessions and threads. `compile` and `load` make them.

    >>> import remit
    >>> program = remit.compile("scope weekly; read docs:/clinical/A; expires 2h")
    >>> program
    <Program scope weekly, 1 rule>
    >>> program.rules[0].source
    'read docs:/clinical/A'
    """

    _diagnostics: typing.List[Diagnostic] = []

    @classmethod
    def load(cls, source: typing.Union[bytes, "os.PathLike[str]", str]) -> Program:
        """The program in an image: bytes, or a file that holds them.

        Raises `RemitError` with `bad_image` or `unsupported_version`: whatever the bytes are, nothing but a verified
        image becomes a program.

        >>> import remit
        >>> program = remit.compile("read docs:/a; expires 2h")
        >>> remit.Program.load(program.image).digest == program.digest
        True
        """
        image = source if isinstance(source, bytes) else pathlib.Path(source).read_bytes()
        return cls(_remit.Program._load(image))

    def save(self, path: typing.Union["os.PathLike[str]", str]) -> None:
        """Writes the image to a file, beside its place first, so that a reader sees the old one or the new one."""
        target = pathlib.Path(path)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        beside.write_bytes(self.image)
        beside.replace(target)

    @property
    def diagnostics(self) -> typing.List[Diagnostic]:
        """Warnings of the compiler; none for a program that was loaded."""
        return list(self._diagnostics)

    def backtest(
        self,
        table: typing.Any,
        *,
        action: str = "action",
        resource: str = "resource",
        time: typing.Union[str, datetime.datetime] = "time",
        attributes: typing.Optional[typing.Sequence[str]] = None,
        facts: typing.Optional[typing.Mapping[str, typing.Union[str, Value]]] = None,
        task: typing.Optional[Program] = None,
        guardrails: typing.Sequence[Program] = (),
        grants: typing.Sequence[Program] = (),
        stateful: bool = False,
        session: typing.Optional[str] = None,
        progress: bool = True,
    ) -> Decisions:
        """What this document would have said to a log of requests: a DataFrame, an Arrow table, or a dict of columns.

        - `action`, `resource`, `time` name columns; `time` may be one datetime for all rows.
        - `attributes` names the columns that are attributes; None: all whose names the document's systems declare. Their
          values are read as the declared type, so a column of ints can be sizes.
        - `facts`: `agent`, `user`, `purpose`, `user.NAME` and `agent.NAME`, each a column's name or one value for all
          rows. None: the columns `agent` and `user`, where they are there.
        - The document is tried by itself, whatever its kind; with `task`, `guardrails` and `grants` together with them.
        - Each row is judged by itself, as the first request of a session opened at its time. With `stateful` rows are
          judged in order, with limits and history: in one session, or one for each value of the column `session`, opened
          at its first row; then a row's time may not be before an earlier row's.

        As in a document's own tests no accountable person is needed, and `agent` and `on behalf of` stop nothing. Nulls
        and errors are as in `Session.check_many`.

        >>> import datetime, remit
        >>> log = {"action": ["read", "read", "delete"], "resource": ["docs:/a", "docs:/hr/x", "docs:/a"]}
        >>> guardrail = remit.compile("guardrail g; allow any anything; deny read docs:/hr; limit delete docs:/ to 0 times")
        >>> guardrail.backtest(log, time=datetime.datetime(2026, 12, 1, tzinfo=datetime.timezone.utc)).reasons
        ['allowed_by_rule', 'denied_by_rule', 'limit_exceeded']
        """
        from .bulk import backtest

        return backtest(self, table, action, resource, time, attributes, facts, task, guardrails, grants, stateful, session, progress)

    def treemap(self, table: typing.Any, *, depth: int = 2, resource: str = "resource", axes: typing.Any = None, **how: typing.Any) -> typing.Any:
        """A chart of a log: an area for each place, as large as its requests are many, redder the more this document denies.

        A place is a system and the first `depth` segments of the path. `how` goes to `backtest`. Returns matplotlib's
        axes, `axes` where they are given; ImportError where matplotlib is not installed.
        """
        from .charts import treemap

        return treemap(table[resource], self.backtest(table, resource=resource, **how), depth=depth, axes=axes)

    def __repr__(self) -> str:
        count = len(self.rules)
        name = f" {self.name}" if self.name else ""
        return f"<Program {self.kind}{name}, {count} rule{'' if count == 1 else 's'}>"

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Program) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self) -> typing.Tuple[typing.Any, ...]:
        return Program.load, (self.image,)


def _text_of(source: Source, file: typing.Optional[str]) -> typing.Tuple[bytes, str]:
    """Text and name of a document: a path is read; so is a str that can only be one."""
    # No document is a single word, since each has to end (`expires 2h`), or to say what it is.
    if isinstance(source, str) and (not source.endswith(".scope") or any(c.isspace() for c in source)):
        return source.encode("utf-8", "surrogatepass"), file or "<text>"
    # Bytes that are no UTF-8 reach the compiler as they are: it says where they stand.
    return pathlib.Path(source).read_bytes(), file or os.fspath(source)


def _settings(
    module_path: typing.Sequence[typing.Union[str, "os.PathLike[str]"]], modules: typing.Optional[typing.Mapping[str, str]]
) -> typing.Tuple[typing.List[str], typing.List[typing.Tuple[str, str]]]:
    if isinstance(module_path, (str, os.PathLike)):
        raise TypeError("module_path is a list of folders")
    return [os.fspath(folder) for folder in module_path], list((modules or {}).items())


def compile(
    source: Source,
    /,
    *,
    file: typing.Optional[str] = None,
    module_path: typing.Sequence[typing.Union[str, "os.PathLike[str]"]] = (),
    modules: typing.Optional[typing.Mapping[str, str]] = None,
    arguments: typing.Optional[typing.Mapping[str, Value]] = None,
    **more: Value,
) -> Program:
    """Compiles a document: its text, or the path of a file (a `pathlib.Path`, or a str of one word that ends in `.scope`).

    Values for its parameters go by keyword, or in `arguments` where a parameter has the name of another argument. A str
    is read by the language's rules for the parameter's type: `folder="docs:/a"`, `cap="5MB"`. `file` is the name that
    diagnostics and decisions show; `use a.b` looks for `a/b.scope` in the folders of `module_path`, or for the text
    under `"a.b"` in `modules`.

    Raises `CompileError`, with every independent error; warnings are in the program's `diagnostics`. The same document,
    modules and arguments always give the same image.

    >>> import remit
    >>> task = remit.compile("scope weekly(folder: resource); read $folder; expires 2h", folder="docs:/clinical/A")
    >>> task.name, task.kind
    ('weekly', 'scope')
    >>> remit.compile("scope weekly(folder: resource); read $folder; expires 2h")
    Traceback (most recent call last):
        ...
    remit.errors.CompileError: <text>:1:1: error[missing-argument]: the document needs a value for its parameter `folder`
       help: give it by name: compile(..., folder=...)
    ...
    """
    text, name = _text_of(source, file)
    values = {**(arguments or {})}
    for parameter, value in more.items():
        if parameter in values:
            raise TypeError(f"argument {parameter!r} is given twice")
        values[parameter] = value
    program, diagnostics, rendered, lacking = _remit.compile(text, name, values, *_settings(module_path, modules))
    if program is None:
        missing = [] if any(d.severity == "error" for d in diagnostics) else [_missing(name, parameter) for parameter in lacking]
        shown = [f"{one}\n   help: {one.help}\n" for one in missing] + [rendered]
        raise CompileError(missing + diagnostics, "".join(shown))
    made = Program(program)
    made._diagnostics = diagnostics
    return made


def _missing(file: str, parameter: str) -> Diagnostic:
    message = f"the document needs a value for its parameter `{parameter}`"
    return Diagnostic("error", "missing-argument", file, 1, 1, 1, 1, message, f"give it by name: compile(..., {parameter}=...)", "", 1)


def diagnose(
    source: Source,
    /,
    *,
    file: typing.Optional[str] = None,
    module_path: typing.Sequence[typing.Union[str, "os.PathLike[str]"]] = (),
    modules: typing.Optional[typing.Mapping[str, str]] = None,
) -> typing.List[Diagnostic]:
    """Errors and warnings of a document, whatever its parameters are. Raises nothing for a bad one.

    >>> import remit
    >>> [finding.code for finding in remit.diagnose("raed docs:/a; expires 2h")]
    ['unknown-action']
    """
    text, name = _text_of(source, file)
    return _remit.compile(text, name, {}, *_settings(module_path, modules))[1]


def run_tests(
    source: Source,
    /,
    *,
    file: typing.Optional[str] = None,
    module_path: typing.Sequence[typing.Union[str, "os.PathLike[str]"]] = (),
    modules: typing.Optional[typing.Mapping[str, str]] = None,
    coverage: bool = False,
) -> DocumentTests:
    """Runs the tests inside a document, each in a session of its own, as `remit test` does.

    With `coverage`, `untested` has a warning for each rule that no test reached. Raises `CompileError`.

    >>> import remit
    >>> remit.run_tests('''
    ... read docs:/a
    ... expires 2h
    ... test "only a" { allow read docs:/a/x; deny read docs:/b }
    ... ''').passed
    True
    """
    text, name = _text_of(source, file)
    outcomes, diagnostics, rendered, untested = _remit.run_tests(text, name, *_settings(module_path, modules), coverage)
    if any(found.severity == "error" for found in diagnostics):
        raise CompileError(diagnostics, rendered)
    return DocumentTests(name, outcomes, untested)
