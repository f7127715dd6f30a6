"""Hypothesis strategies: requests near the edges of a document, and whole documents.

    from hypothesis import given
    from remit.testing import strategies as policies

    TASK = remit.compile("read docs:/clinical/A except docs:/clinical/A/hr; expires 2h")

    @given(policies.requests(TASK))
    def test_nobody_reads_hr(request):
        with remit.open(user="mike@acme.example", task=TASK) as session:
            assert not ("/hr" in request.resource and session.check(*request))

Needs the package `hypothesis`.
"""

from __future__ import annotations

import datetime
import typing

try:
    from hypothesis import strategies as st
except ImportError as _error:
    raise ImportError("remit.testing.strategies needs Hypothesis: pip install 'remit[hypothesis]'") from _error

from ..edges import Edges, Request
from ..outline import outline
from ..program import Program, compile
from ..values import Bytes, Resource, Value

__all__ = ["attribute_values", "documents", "programs", "requests", "resources"]

_SEGMENT = st.text("abcxyzAB019-_. ", min_size=1, max_size=6).map(str.strip).filter(lambda text: text not in ("", ".", ".."))
_WORDS = ["clinical", "A", "AB", "hr", "reports", "2026", "x.md"]


def resources(system: str = "docs") -> st.SearchStrategy[str]:
    """Canonical resources of a system, rooted; short, from few names, so that some lie within others."""
    segments = st.lists(st.sampled_from(_WORDS) | _SEGMENT, min_size=1, max_size=4)
    return segments.map(lambda names: f"{system}:/{'/'.join(names)}")


def attribute_values(kind: typing.Optional[str]) -> st.SearchStrategy[typing.Any]:
    """Values of a declared type: `int`, `size`, `duration`, `time`, `bool`, `resource`, `list of T`; else strings."""
    if kind and kind.startswith("list of "):
        return st.lists(attribute_values(kind[len("list of ") :]), max_size=3)
    zone = st.just(datetime.timezone.utc)
    known: typing.Dict[typing.Optional[str], st.SearchStrategy[typing.Any]] = {
        "int": st.integers(-(2**63), 2**63 - 1),
        "size": st.integers(0, 2**40).map(Bytes),
        "duration": st.timedeltas(datetime.timedelta(0), datetime.timedelta(days=400)),
        "time": st.datetimes(datetime.datetime(1970, 1, 2), datetime.datetime(2100, 1, 1), timezones=zone),
        "bool": st.booleans(),
        "resource": resources().map(Resource),
    }
    return known.get(kind, st.text("abcxyz./-@ ", max_size=12))


def requests(program: Program, *more: Program) -> st.SearchStrategy[Request]:
    """Requests near the edges of a document (or of several), as `session.check(*request)` takes them.

    Its paths, siblings with the same prefix, one segment deeper, ways back up and other forms that are not canonical;
    other actions of the same system; attribute values around its thresholds, absent, or anything of their type.
    Session facts are not varied: they are the session's.
    """
    edges = Edges([program, *more])
    systems = st.sampled_from(edges.systems())

    @st.composite
    def drawn(draw: st.DrawFn) -> Request:
        system = draw(systems)
        action = draw(st.sampled_from(edges.actions(system)))
        resource = draw(st.sampled_from(edges.resources(system)) | _deeper(edges.resources(system)) | resources(system))
        attributes: typing.Dict[str, Value] = {}
        for name, values in edges.values(system, action).items():
            if _is_attribute(name):
                value = draw(st.sampled_from(values) | attribute_values(edges.types.get(name)))
                if value is not None:
                    attributes[name] = value
        return Request(action, resource, attributes)

    return drawn()


def _deeper(bases: typing.Sequence[str]) -> st.SearchStrategy[str]:
    """One or more segments below a known resource; one of them may be no canonical one."""
    tail = st.lists(st.sampled_from([*_WORDS, "..", ".", "%2e%2e", ""]) | _SEGMENT, min_size=1, max_size=3)
    return st.builds(lambda base, names: f"{base.rstrip('/')}/{'/'.join(names)}", st.sampled_from(bases), tail)


def _is_attribute(name: str) -> bool:
    return name not in ("agent", "user", "sponsor", "purpose", "trigger") and not name.startswith(("user.", "agent."))


_SYSTEMS: typing.Dict[str, typing.List[str]] = {}


def _known_systems() -> typing.Dict[str, typing.List[str]]:
    """Systems of the standard library and their actions, whatever version of it is installed."""
    if not _SYSTEMS:
        _SYSTEMS.update(outline(compile("guardrail known; allow any anything")).systems)
    return _SYSTEMS


def _conditions() -> st.SearchStrategy[str]:
    sizes = st.sampled_from(["0B", "1KB", "5MB", "1GB"])
    return st.one_of(
        st.just(""),
        st.builds(" when size {} {}".format, st.sampled_from(["<", "<=", "==", ">", ">="]), sizes),
        st.builds(" unless size > {}".format, sizes),
        st.just(" when has size"),
        st.builds(' when purpose == "{}"'.format, st.sampled_from(["summary", "audit"])),
    )


@st.composite
def documents(draw: st.DrawFn, kind: str = "scope") -> str:
    """The text of a document that compiles: `kind` is `scope`, `guardrail` or `grants`.

    A few rules of the standard systems with exceptions, conditions, limits and reasons. It may have warnings.
    """
    known = _known_systems()
    # Those that declare `size`, so that every condition compiles.
    systems = [system for system in ("docs", "ws", "fs") if system in known]
    lines = [f"{kind} generated"] + (["expires " + draw(st.sampled_from(["1m", "2h", "1d"]))] if kind == "scope" else [])
    if kind == "guardrail" and draw(st.booleans()):
        lines.append("allow any anything")
    for _ in range(draw(st.integers(1, 5))):
        system = draw(st.sampled_from(systems))
        effect = draw(st.sampled_from(["allow", "deny", "ask"]))
        actions = ", ".join(draw(st.lists(st.sampled_from(["read", "write", "list", "delete"]), min_size=1, max_size=2, unique=True)))
        target = _pattern_of(draw(resources(system)))
        line = f"{effect} {actions} {draw(st.sampled_from(['', 'only ']))}{target}"
        if not line.count(" only ") and draw(st.booleans()):
            line += f" except {target[:-1]}/{draw(st.sampled_from(_WORDS))}\""
        line += draw(_conditions())
        if effect != "deny" and draw(st.integers(0, 3)) == 0:
            line += f" at most {draw(st.integers(1, 5))} times"
        if draw(st.integers(0, 3)) == 0:
            line += ' because "generated"'
        lines.append(line)
    return "\n".join(lines) + "\n"


def _pattern_of(resource: str) -> str:
    """A resource as a pattern that names it, its path in quotes."""
    system, _, path = resource.partition(":")
    return f'{system}:"{path}"'


def programs(kind: str = "scope") -> st.SearchStrategy[Program]:
    """`documents`, compiled."""
    return documents(kind).map(compile)
