"""The Hypothesis strategies: documents compile, requests reach both sides of what they are near to."""
import collections

import hypothesis
import pytest
from hypothesis import strategies as st

import remit
from remit.testing import strategies as policies

TASK = """
read docs:/clinical/A except docs:/clinical/A/hr
write ws:/proj/B when size <= 5MB and filename like "*.md"
ask send mail:*@acme.example
expires 2h
"""
quickly = hypothesis.settings(max_examples=60, deadline=None, derandomize=True, database=None,
                              suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow])


@pytest.mark.parametrize("kind", ["scope", "guardrail", "grants"])
def test_documents_compile(kind):
    @quickly
    @hypothesis.given(policies.documents(kind))
    def compiles(text):
        program = remit.compile(text)
        assert program.kind == kind and program.rules

    compiles()


def test_requests_come_to_both_sides_of_every_edge(now):
    program = remit.compile(TASK)
    seen = collections.Counter()
    forms = collections.Counter()

    @hypothesis.settings(quickly, max_examples=400)
    @hypothesis.given(policies.requests(program))
    def ask(request):
        decision = remit.open(user="mike@acme.example", task=program, now=now).check(*request, now=now)
        seen[decision.effect, decision.reason, decision.rule and decision.rule.line] += 1
        forms.update(form for form, there in {
            "sibling": "docs:/clinical/A" in request.resource and not request.resource.startswith(("docs:/clinical/A/", "docs:/clinical/A/hr")),
            "exception": request.resource.startswith("docs:/clinical/A/hr"), "traversal": "/../" in request.resource,
            "size": request.attributes.get("size") in (5_000_000, 5_000_001), "absent": "size" not in request.attributes}.items() if there)

    ask()
    assert {("allow", "allowed_by_rule", 2), ("allow", "allowed_by_rule", 3), ("ask", "asked_by_rule", 4),
            ("deny", "no_matching_rule", None), ("deny", "malformed_resource", None)} <= set(seen)
    assert all(forms[form] for form in ("sibling", "exception", "traversal", "size", "absent")), forms


@quickly
@hypothesis.given(st.data())
def test_stateless_and_session_agree_on_generated_documents(data):
    """What the strategies are for: two ways to the same answer, on documents and requests that nobody thought of."""
    program = data.draw(policies.programs())
    asked = data.draw(st.lists(policies.requests(program), min_size=1, max_size=8))
    now = data.draw(st.just(remit.edges.at(1_700_000_000_000_000)))
    table = {"action": [one.action for one in asked], "resource": [one.resource for one in asked], "time": [now] * len(asked),
             "size": [one.attributes.get("size") for one in asked]}
    facts = {"user": "mike@acme.example"}
    tried = program.backtest(table, attributes=["size"], facts=facts)
    for row, one in enumerate(asked):
        fresh = remit.open(user="mike@acme.example", task=program, now=now)
        decision = fresh.check(one.action, one.resource, {name: value for name, value in one.attributes.items() if name == "size"}, now=now)
        assert (decision.effect, decision.reason) == (tried.effects[row], tried.reasons[row])
