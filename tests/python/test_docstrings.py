"""Everything public has a docstring, and the examples in them give what they say."""
import doctest
import importlib
import inspect
import pkgutil

import pytest

import remit

MODULES = ["remit"] + [f"remit.{module.name}" for module in pkgutil.iter_modules(remit.__path__) if module.name != "__main__"]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    outcome = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert outcome.failed == 0


def test_examples_are_there():
    finder = doctest.DocTestFinder()
    found = sum(len(test.examples) for name in MODULES for test in finder.find(importlib.import_module(name)))
    assert found > 70


def public_members():
    for name in remit.__all__:
        thing = getattr(remit, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            yield name, thing
        if inspect.isclass(thing):
            for member in dir(thing):
                attribute = inspect.getattr_static(thing, member)
                if not member.startswith("_") and (callable(getattr(thing, member)) or isinstance(attribute, property) or inspect.isgetsetdescriptor(attribute)):
                    if getattr(attribute, "__objclass__", None) not in (int, str, object, BaseException):
                        yield f"{name}.{member}", getattr(thing, member) if callable(getattr(thing, member)) else attribute


@pytest.mark.parametrize("name,thing", list(public_members()), ids=lambda value: value if isinstance(value, str) else "")
def test_documented(name, thing):
    assert inspect.getdoc(thing), f"{name} has no docstring"
