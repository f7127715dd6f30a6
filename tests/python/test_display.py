"""What notebooks show: everything has a view, it says what matters, and no name gets out of its place in it."""
import datetime
import html.parser
import json
import subprocess
import sys

import hypothesis
import pytest

import remit
from remit import audit, charts, markup
from remit.testing import strategies as policies

HOSTILE = '"><script>alert(1)</script><img src=x onerror=y>\u202e'
ALLOWED = {"div", "span", "code", "table", "tr", "td", "th", "i", "b", "ul", "li"}
TASK = """scope weekly(folder: resource)
purpose "Summarise"
read $folder except docs:/**/hr at most 3 times
write ws:/b when size <= 5MB
ask send mail:*@acme.example because "mail needs your yes"
delegate up to 2 levels to spiffe://acme.example/**
expires 2h
"""


class Checker(html.parser.HTMLParser):
    """Elements are closed in order, of the few kinds that views use, with no attribute but style and title."""

    def __init__(self, view):
        super().__init__()
        self.open, self.text = [], ""
        assert type(view) is str
        json.dumps(view)
        self.feed(view)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert tag in ALLOWED and {name for name, _ in attributes} <= {"style", "title"}, (tag, attributes)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def text_of(thing):
    return Checker(thing._repr_html_()).text


@pytest.fixture
def session(now):
    guardrail = remit.compile('guardrail acme\nallow any anything\ndeny delete anything because "nothing is tidied away"\nlimit send mail: to 20 times per 1h\n', file="acme.scope")
    task = remit.compile(TASK, file="weekly.scope", folder="docs:/a")
    return remit.open(agent="spiffe://acme.example/agent/a", user="mike@acme.example", task=task, guardrails=[guardrail], now=now)


def test_programs_say_what_rules_cover(session):
    task, guardrail = session.programs
    shown = text_of(task)
    for part in ("weekly", "expires 2h", 'purpose "Summarise"', "read on docs:/a", "not docs:/**/hr", "3 times", "looks at size (5MB)", "weekly.scope:4", "mail needs your yes"):
        assert part in shown, part
    assert "any anything" in text_of(guardrail) and "20 times per 1h" in text_of(guardrail) and "nothing is tidied away" in text_of(guardrail)


def test_decisions_show_the_line(session, now):
    refused = session.check("delete", "ws:/b", now=now)
    assert "acme.scope:3" in text_of(session.verdicts("delete", "ws:/b", now=now)[1]) and "no_matching_rule" in text_of(refused)
    allowed = text_of(session.check("write", "ws:/b", size=remit.Bytes(20_000), now=now))
    assert "write ws:/b when size <= 5MB" in allowed and "size = 20KB" in allowed
    asked = session.check("send", "mail:bob@acme.example", now=now)
    assert asked.approval in text_of(asked) and asked.approval in text_of(session)
    with pytest.raises(remit.Denied) as caught:
        session.require("delete", "ws:/b", now=now)
    assert text_of(caught.value) == text_of(refused)


def test_sessions_show_what_is_left_and_the_tree(session, now):
    session.check("read", "docs:/a/1", now=now)
    child = session.delegate("spiffe://acme.example/agent/b", remit.compile("scope child; read docs:/a; delegate to spiffe://acme.example/**; expires 1h"), now=now)
    leaf = child.delegate("spiffe://acme.example/agent/c", remit.compile("scope leaf; read docs:/a; expires 10m"), now=now)
    later = now + datetime.timedelta(minutes=30)
    child.check("read", "docs:/a/2", now=later)
    shown = text_of(session)
    for part in ("1h30m left", "1 of 3 times", "20 of 20 times per 1h", "agent/b", "agent/c", "expired", "scope weekly, guardrail acme", "Summarise"):
        assert part in shown, part
    assert session.children == [child] and child.children == [leaf] and session.opened == child.opened == now
    session.revoke("it@acme.example", "incident 7", now=later)
    assert "over by it@acme.example: incident 7" in text_of(session)
    del child, leaf
    assert session.children == []


def test_looking_at_a_session_in_simulated_time_does_not_end_it(now):
    past = now - datetime.timedelta(days=3000)
    session = remit.open(user="mike@acme.example", task=remit.compile("read docs:/a; expires 2h"), now=past)
    text_of(session)
    assert session.status(now=past).now == past and session.check("read", "docs:/a", now=past)


def test_errors_and_tests_show_their_place():
    with pytest.raises(remit.CompileError) as caught:
        remit.compile("expires 2h\nraed docs:/a\nwrite ws:/a when size <= 5\n", file="typo.scope")
    shown = text_of(caught.value)
    for part in ("2 errors", "typo.scope:2:1", "raed docs:/a", "did you mean `read`", "unknown-action", "instead: ", "5MB"):
        assert part in shown, part
    assert ">raed</span>" in caught.value._repr_html_()
    tests = remit.run_tests('read docs:/a\nexpires 2h\ntest "no" { deny read docs:/a }\ntest "yes" { allow read docs:/a }\n')
    assert "failed" in text_of(tests) and "deny read docs:/a" in text_of(tests) and "yes" in text_of(tests)


def test_differences_show_witnesses_and_are_honest():
    found = remit.diff(remit.compile("read docs:/a; expires 2h"), remit.compile("read docs:/a/b; expires 3h"))
    shown = text_of(found)
    assert "permits less" in shown and "permits more" in shown and "- expires 2h" in shown and "no proof" in shown


def test_trails_are_shown_with_verdicts(tmp_path, session, now):
    key, verifier = audit.generate_key("audit.acme.example")
    path = tmp_path / "trail.db"
    with audit.Log(path, origin="audit.acme.example", key=key) as log:
        with remit.open(user="mike@acme.example", task=remit.compile("read docs:/a; expires 2h"), audit=log, now=now) as opened:
            for name in range(30):
                opened.check("read", f"docs:/a/{name}", now=now)
            opened.check("read", "docs:/b", now=now)
    reader = audit.Reader(path)
    assert "docs:/b" in text_of(reader) and "docs:/a/0 " not in text_of(reader) and "the last 25 of them" in text_of(reader)
    assert "verified" in text_of(audit.verify(path, key=verifier)) and "not" not in text_of(audit.verify(path, key=verifier)).split("records")[0]
    assert "32 the same, 0 differ" in text_of(audit.replay(path))
    assert "docs:/a/0" in text_of(next(reader.records(kind="decision")))


def test_no_name_gets_out_of_its_place(now):
    task = remit.compile(f"scope x; purpose {json.dumps(HOSTILE[:-1])}; read docs:/a because {json.dumps(HOSTILE[:-1])}; ask read docs:/a/b; expires 2h", file=HOSTILE)
    session = remit.open(agent="spiffe://acme.example/a", user=HOSTILE, task=task, facts={"user.role": HOSTILE}, now=now)
    things = [task, session, session.check("read", "docs:/a", filename=HOSTILE, now=now), session.check("read", "docs:/" + HOSTILE, now=now),
              session.check("read", "docs:/a/b", now=now), *session.pending(now=now), *remit.diagnose(f"raed docs:/a # {HOSTILE}", file=HOSTILE)]
    for thing in things:
        shown = thing._repr_html_()
        Checker(shown)
        assert "<script" not in shown and "<img" not in shown and "\u202e" not in shown
    assert "\\u{202e}" in things[1]._repr_html_() and "alert(1)" in things[1]._repr_html_()


@hypothesis.settings(max_examples=40, deadline=None, derandomize=True, database=None)
@hypothesis.given(policies.programs(), policies.programs(kind="guardrail"))
def test_whatever_is_written_is_shown(task, guardrail):
    for program in (task, guardrail):
        shown = text_of(program)
        assert all(rule.source in shown for rule in program.rules)
    text_of(remit.diff(task, guardrail))


def test_long_tables_end():
    assert "and 50 more" in Checker(str(markup.table(["n"], [[str(n)] for n in range(250)]))).text


def test_bulk_decisions_are_counted(session, now):
    shown = text_of(session.check_many("read", ["docs:/a/1", "docs:/b"], now=now))
    assert "2 decisions" in shown and "allowed_by_rule" in shown


def test_timeline_and_treemap_are_drawn(tmp_path, now):
    path = tmp_path / "trail.db"
    with audit.Log(path) as log:
        session = remit.open(user="mike@acme.example", task=remit.compile("purpose \"costs $5 and $6\"\nread docs:/a at most 3 times\nexpires 2h"), audit=log, now=now)
        for minute in range(5):
            session.check("read", f"docs:/a/{minute}", now=now + datetime.timedelta(minutes=minute))
    figure = session.timeline(audit.Reader(path))
    figure.savefig(tmp_path / "timeline.png")
    life, limits = figure.axes
    assert [label.get_text() for label in life.get_yticklabels()] == ["an agent", "read"]
    assert [text.get_text() for text in life.get_legend().get_texts()] == ["allow (3)", "deny (2)"]
    assert [text.get_text() for text in limits.texts] == ["3 of 3 times"]
    assert len(session.timeline().axes[0].get_yticklabels()) == 1

    log = {"action": ["read"] * 10 + ["delete"] * 4, "resource": ["docs:/a/b/c"] * 9 + ["docs:/$x$/y"] + ["ws:/z"] * 4}
    axes = remit.compile("guardrail g; allow any anything; deny delete anything").treemap(log, time=now)
    axes.figure.savefig(tmp_path / "treemap.png")
    assert [text.get_text().splitlines() for text in axes.texts] == [["docs:/a/b", "9"], ["ws:/z", "4, 100% denied"], [r"docs:/\$x\$/y", "1"]]
    areas = [patch.get_width() * patch.get_height() for patch in axes.patches]
    assert [round(area / areas[-1]) for area in areas] == [9, 4, 1]


@pytest.mark.parametrize("sizes", [[1], [5, 5, 5], [100, 1, 1, 1, 1], list(range(40, 0, -1))])
def test_rectangles_fill_the_whole_and_do_not_overlap(sizes):
    found = charts._squares(sizes, (0.0, 0.0, 100.0, 56.0))
    for size, (x, y, width, height) in zip(sizes, found):
        assert width * height == pytest.approx(5600 * size / sum(sizes)) and x >= -1e-9 and y >= -1e-9 and x + width <= 100.0001 and y + height <= 56.0001
    for at, (x, y, width, height) in enumerate(found):
        for u, v, w, h in found[at + 1:]:
            assert min(x + width, u + w) - max(x, u) < 1e-6 or min(y + height, v + h) - max(y, v) < 1e-6


def test_charts_say_what_is_lacking():
    told = subprocess.run([sys.executable, "-c", """
import sys
sys.modules["matplotlib"] = sys.modules["matplotlib.pyplot"] = None
import remit
remit.open(user="m@acme.example", task=remit.compile("read docs:/a; expires 2h")).timeline()
"""], capture_output=True, text=True)
    assert told.stderr.strip().splitlines()[-1] == "ImportError: charts need matplotlib: pip install 'remit[notebook]'"


def test_the_package_imports_no_chart_library():
    told = subprocess.run([sys.executable, "-c", "import remit, sys; print([m for m in ('matplotlib', 'numpy', 'pandas', 'pytest', 'hypothesis') if m in sys.modules])"], capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
