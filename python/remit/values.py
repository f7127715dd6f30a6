"""Values that Python has no type for. Remit's values are strictly typed: an int is never a size."""

from __future__ import annotations

import typing


class Bytes(int):
    """A size in bytes: `20KB` of the language is `Bytes(20_000)`.

    An int in all else; arithmetic gives plain ints.

    >>> Bytes(20_000)
    Bytes(20000)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Bytes({int(self)})"


class Resource(str):
    """A resource as a value, told apart from a plain string: for an attribute that is declared as one.

    The resource that a request is about is a plain str; so may be an argument of a document.

    >>> Resource("docs:/clinical/A")
    Resource('docs:/clinical/A')
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Resource({str(self)!r})"


Value = typing.Union[bool, int, str, Bytes, Resource, "datetime.timedelta", "datetime.datetime", typing.Sequence[typing.Any]]
"""What an attribute, a fact or an argument may be."""

if typing.TYPE_CHECKING:
    import datetime
