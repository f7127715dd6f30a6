"""For tests of documents: `remit.testing.strategies` makes documents and requests with Hypothesis.

The pytest plugin, which runs the tests inside `.scope` files, needs no import: see `remit.pytest_plugin`.
"""
