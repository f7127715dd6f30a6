"""HTML for notebooks: elements whose texts are always escaped, and the few styles that all views share.

Styles stand on the elements, because notebooks take `<style>` out of what they do not trust. Text and lines take the
page's own colour, and what has a colour of its own has its own background too: so everything reads on light and dark.
"""

from __future__ import annotations

import html
import typing
import unicodedata

Child = typing.Union[str, "Markup", None]

MONO = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px"
MUTED = "opacity:.7"
LINE = "1px solid rgba(128,128,128,.35)"
_CELL = f"padding:4px 10px 4px 0;text-align:left;vertical-align:top;border:none;border-bottom:{LINE};background:transparent;white-space:normal"
COLOURS = {"allow": "#1a7f4b", "deny": "#b3362b", "ask": "#8a5d00", "limit": "#4459a8", "plain": "#5c6470"}


class Markup(str):
    """HTML that is safe to show: made by the functions of this module only."""

    __slots__ = ()


def text(value: typing.Union[str, Markup]) -> Markup:
    """A text as HTML. What no one could see, or what turns the direction of writing, is spelled out.

    >>> text('<b>"x"')
    '&lt;b&gt;&quot;x&quot;'
    >>> text("a\\u202eb")
    'a\\\\u{202e}b'
    """
    if isinstance(value, Markup):
        return value
    shown = "".join(c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else f"\\u{{{ord(c):x}}}" for c in str(value))
    return Markup(html.escape(shown, quote=True))


def tag(name: str, *children: Child, style: str = "", title: str = "") -> Markup:
    """An element around texts and elements.

    >>> tag("b", "1 < 2")
    '<b>1 &lt; 2</b>'
    """
    attributes = (f' style="{style}"' if style else "") + (f' title="{text(title)}"' if title else "")
    return Markup(f"<{name}{attributes}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """One after the other."""
    return Markup("".join(text(child) for child in children if child is not None))


def chip(label: str, kind: typing.Optional[str] = None) -> Markup:
    """A word on its colour: an effect, a kind of rule, or anything."""
    colour = COLOURS.get(kind or label, COLOURS["plain"])
    return tag("span", label, style=f"background:{colour};color:#fff;border-radius:3px;padding:1px 7px;font-size:11px;font-weight:600;white-space:nowrap")


def code(value: str, title: str = "") -> Markup:
    """Text as it is written in a document."""
    return tag("code", value, style=f"{MONO};background:transparent;color:inherit;padding:0;white-space:pre-wrap;overflow-wrap:anywhere", title=title)


def muted(value: Child) -> Markup:
    """Text of less weight."""
    return tag("span", value, style=MUTED)


def bar(part: float, kind: str = "plain", width: int = 120) -> Markup:
    """How full something is: 0 to 1."""
    filled = round(width * min(1.0, max(0.0, part)))
    inner = tag("span", style=f"display:block;height:8px;width:{filled}px;background:{COLOURS[kind]};border-radius:4px")
    return tag("span", inner, style=f"display:inline-block;width:{width}px;height:8px;background:rgba(128,128,128,.25);border-radius:4px;vertical-align:middle")


def table(heads: typing.Sequence[str], rows: typing.Iterable[typing.Sequence[Child]], most: int = 200) -> Markup:
    """Rows under their heads; of very many the first ones, and how many there are beyond."""
    kept = list(rows)
    body = [tag("tr", *(tag("td", cell, style=_CELL) for cell in row), style="background:transparent") for row in kept[:most]]
    head = tag("tr", *(tag("th", name, style=f"{_CELL};font-weight:600;{MUTED}") for name in heads)) if any(heads) else None
    more = tag("div", f"and {len(kept) - most} more", style=MUTED) if len(kept) > most else None
    return join(tag("table", head, *body, style="border-collapse:collapse;border:none;margin:6px 0;font-size:13px"), more)


def source(line: int, written: str, start: int = -1, end: int = -1) -> Markup:
    """A line of a document with its number, highlighted; and between `start` and `end`, where they are given, underlined."""
    shown: Child = written
    if 0 <= start <= len(written):
        end = max(start + 1, min(end, len(written)))
        marked = tag("span", written[start:end] or " ", style="text-decoration:underline wavy #d9534f;text-underline-offset:3px;font-weight:700")
        shown = join(written[:start], marked, written[end:])
    number = tag("span", f"{line:>4} ", style=f"{MUTED};user-select:none")
    return tag("div", number, shown, style=f"{MONO};white-space:pre-wrap;background:rgba(255,193,7,.2);border-left:3px solid #d39e00;padding:3px 8px;margin:4px 0")


def card(title: typing.Sequence[Child], *body: Child) -> Markup:
    """A view as a whole: a line of title, and what stands below."""
    spaced = [join(part, " ") for part in title if part is not None]
    head = tag("div", *spaced, style="font-size:14px;font-weight:600;margin-bottom:4px")
    return tag("div", head, *body, style=f"border:{LINE};border-radius:6px;padding:10px 14px;margin:4px 0;max-width:1000px;font-family:system-ui,sans-serif;line-height:1.5;font-size:13px")
