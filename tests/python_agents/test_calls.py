"""What calls ask for, without any framework."""
import pytest

from remit.integrations import Call, Refused
from remit.integrations.calls import Gate


def test_arguments_fill_resource_and_attributes():
    call = Call("write", "ws:/{folder}/{name}", filename="{name}", size=lambda arguments: 5, external=False)
    assert call.request({"folder": "a", "name": "b", "else": 1}) == ("write", "ws:/a/b", {"filename": "b", "size": 5, "external": False})
    assert Call("read", "crm:/accounts/{id}").request({"id": 7}).resource == "crm:/accounts/7"


@pytest.mark.parametrize("arguments", [{}, {"path": None}, {"path": ["a"]}, {"path": {"a": 1}}, {"path": True}, {"path": 1.5}])
def test_what_is_no_text_is_refused(arguments):
    with pytest.raises(Refused, match="`path`"):
        Call("read", "docs:/{path}").request(arguments)


@pytest.mark.parametrize("resource", ["docs:/{", "docs:/{a b}", "docs:/}{", "docs:/{}"])
def test_braces_that_belong_to_nothing_are_an_error(resource):
    with pytest.raises(ValueError, match="brace"):
        Call("read", resource)


@pytest.mark.parametrize("resource,reach", [("docs:/{path}", "docs:/"), ("docs:/a/{path}", "docs:/a/"), ("docs:/a/x-{n}/y", "docs:/a/"), ("mail:{to}", "mail:"),
                                            ("docs:/a", "docs:/a")])
def test_reach_covers_every_call(resource, reach):
    assert Call("read", resource).reach == reach


def test_tools_are_listed_where_some_call_could_be_allowed(office):
    gate = Gate(office.session, office.calls)
    assert [name for name in [*office.calls, "unheard_of"] if gate.may_be_called(name)] == ["read_file", "write_file", "send_mail"]
    office.session.revoke("it@acme.example")
    assert not any(gate.may_be_called(name) for name in office.calls)


@pytest.mark.parametrize("path,allowed", [("clinical/A/x", True), ("clinical/AB", False), ("clinical/A/../B", False), ("/clinical/A", False), ("", False),
                                          ("clinical/A/%2e%2e/B", False), ("clinical/A\u202e", False)])
def test_an_argument_reaches_nothing_that_is_not_permitted(office, path, allowed):
    gate = Gate(office.session, office.calls)
    if allowed:
        assert gate.decide("read_file", {"path": path}).allowed
    else:
        with pytest.raises(Refused, match="Not permitted"):
            gate.decide("read_file", {"path": path})


def test_a_coroutine_is_no_answer_where_nobody_waits(office):
    async def on_ask(decision):
        return "mike@acme.example"

    with pytest.raises(TypeError, match="asynchronous"):
        Gate(office.session, office.calls, on_ask).decide("send_mail", {"to": "bob@acme.example"})


@pytest.mark.parametrize("arguments", [{"name": "a.md"}, {"name": "a.md", "text": None}, {"name": "a.md", "text": ["x"]}])
def test_an_attribute_that_cannot_be_worked_out_refuses_the_call(office, arguments):
    with pytest.raises(Refused, match="`size`"):
        Gate(office.session, office.calls).decide("write_file", arguments)


@pytest.mark.parametrize("value", [1.5, {"a": 1}, 2**70, [1, "a"], b"x"])
def test_an_attribute_of_no_type_refuses_the_call(office, value):
    office.calls["tagged"] = Call("read", "docs:/clinical/A", labels="{labels}")
    with pytest.raises(Refused, match="Not permitted"):
        Gate(office.session, office.calls).decide("tagged", {"labels": value})
    assert office.done == []
