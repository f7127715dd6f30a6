"""Functions that are called only where a session allows it."""

from __future__ import annotations

import functools
import inspect
import re
import typing

if typing.TYPE_CHECKING:
    from .session import Session

F = typing.TypeVar("F", bound=typing.Callable[..., typing.Any])

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}|[{}]")


class Guarded(typing.Protocol):
    """What `Session.guard` gives: a decorator that keeps a function's type."""

    def __call__(self, function: F, /) -> F: ...


def guard(session: Session, action: str, resource: str, attributes: typing.Mapping[str, typing.Any]) -> Guarded:
    """See `Session.guard`."""
    fixed, taken = {}, {}  # attributes that are the same at each call; attribute to argument
    for name, value in attributes.items():
        place = _PLACE.fullmatch(value) if isinstance(value, str) else None
        if place and place.group(1):
            taken[name] = place.group(1)
        else:
            fixed[name] = value
    wanted = _places(resource)

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        for argument in [*wanted, *taken.values()]:
            parameter = signature.parameters.get(argument)
            if parameter is None or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise TypeError(f"the guard speaks of {{{argument}}}, which {function.__qualname__}() has no parameter for")

        def require(args: typing.Tuple[typing.Any, ...], kwargs: typing.Dict[str, typing.Any]) -> None:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            given = bound.arguments
            named = _PLACE.sub(lambda place: str(given[place.group(1)]), resource)
            session.require(action, named, {**fixed, **{name: given[argument] for name, argument in taken.items()}})

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def guarded(*args: typing.Any, **kwargs: typing.Any) -> typing.Any:
                require(args, kwargs)
                return await function(*args, **kwargs)

        elif inspect.isasyncgenfunction(function):

            @functools.wraps(function)
            async def guarded(*args: typing.Any, **kwargs: typing.Any) -> typing.Any:
                require(args, kwargs)
                async for item in function(*args, **kwargs):
                    yield item

        elif inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def guarded(*args: typing.Any, **kwargs: typing.Any) -> typing.Any:
                require(args, kwargs)
                return (yield from function(*args, **kwargs))

        else:

            @functools.wraps(function)
            def guarded(*args: typing.Any, **kwargs: typing.Any) -> typing.Any:
                require(args, kwargs)
                return function(*args, **kwargs)

        return typing.cast(F, guarded)

    return decorate


def _places(resource: str) -> typing.List[str]:
    """The arguments that a resource speaks of. ValueError for a brace that belongs to none."""
    names = []
    for place in _PLACE.finditer(resource):
        if place.group(1) is None:
            raise ValueError(f"{resource!r}: a brace stands alone; an argument is written {{name}}, and no other use of braces is known")
        names.append(place.group(1))
    return names
