import datetime
import os
import pathlib

import pytest

import remit

pytest_plugins = ["pytester"]  # for test_pytest_plugin.py

NOW = datetime.datetime(2026, 12, 1, 9, 0, tzinfo=datetime.timezone.utc)


@pytest.fixture
def now():
    """A time that the tests give, so that nothing depends on the clock."""
    return NOW


@pytest.fixture
def source():
    """The folder of the repository."""
    return pathlib.Path(os.environ["REMIT_SOURCE"])


@pytest.fixture
def session_of():
    """Opens a session for Mike on the text of a task scope, at NOW."""

    def make(text, **more):
        arguments = {"agent": "spiffe://acme.example/agent/a", "user": "mike@acme.example", "now": NOW, **more}
        return remit.open(task=remit.compile(text), **arguments)

    return make
