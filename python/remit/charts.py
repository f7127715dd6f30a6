"""Charts with matplotlib, which is imported when one is drawn: the time line of a session, and what a log asked for.

`Session.timeline` and `Program.treemap` are the doors.
"""

from __future__ import annotations

import datetime
import typing

from .audit import Reader
from .bulk import Decisions
from .markup import COLOURS
from .records import Record
from .texts import duration_text, value_text

if typing.TYPE_CHECKING:
    from .session import Session

Trail = typing.Union[Reader, typing.Iterable[Record]]
Rectangle = typing.Tuple[float, float, float, float]

_EFFECTS = ("allow", "ask", "deny")
_MARKS = {"approval": ("*", "approved"), "revocation": ("X", "revoked"), "end": ("|", "ended")}
_LABEL = 48  # characters of a text in a chart


def pyplot() -> typing.Any:
    """matplotlib.pyplot. ImportError says what to install where it is lacking."""
    try:
        import matplotlib.pyplot
    except ImportError as error:
        raise ImportError("charts need matplotlib: pip install 'remit[notebook]'") from error
    return matplotlib.pyplot


def plain(label: str) -> str:
    """A text for a chart: of one line, the end of a long one, and no formula of matplotlib's (`$`)."""
    shown = "".join(character if character.isprintable() else "?" for character in label)
    shown = shown if len(shown) <= _LABEL else "…" + shown[1 - _LABEL :]
    return shown.replace("$", r"\$")


def timeline(session: Session, trail: typing.Optional[Trail] = None, *, width: float = 9.0) -> typing.Any:
    """See `Session.timeline`."""
    plot = pyplot()
    now = session._moment()
    tree = list(_tree(session))
    records = list(_records_of(tree, trail)) if trail is not None else []
    limits = session.limits(now=now)
    actions = list(dict.fromkeys(str(record.fields["action"]) for record in records if record.kind == "decision"))
    rows = len(tree) + len(actions)
    heights = [0.8 + 0.38 * rows] + ([0.6 + 0.34 * len(limits)] if limits else [])
    figure, axes = plot.subplots(len(heights), 1, figsize=(width, sum(heights) + 0.4), height_ratios=heights, layout="constrained", squeeze=False)
    life = axes[0][0]
    _draw_lives(life, tree, now, records)
    _draw_decisions(life, records, actions, len(tree))
    labels = [plain(str(one.facts.get("agent") or "an agent").rpartition("/")[2]) for one in tree] + [plain(action) for action in actions]
    life.set_yticks(range(rows), labels)
    life.set_ylim(rows - 0.4, -0.6)
    purpose = str(session.facts.get("purpose") or "without a purpose")
    life.set_title(plain(purpose if len(purpose) <= _LABEL else purpose[: _LABEL - 1] + "…") + f" (session {session.id[:8]})", loc="left", fontsize=10)
    _dated(life)
    if limits:
        _draw_limits(axes[1][0], limits)
    plot.close(figure)  # or a notebook would show it twice
    return figure


def _tree(session: Session) -> typing.Iterator[Session]:
    yield session
    for child in session.children:
        yield from _tree(child)


def _records_of(tree: typing.Sequence[Session], trail: Trail) -> typing.Iterator[Record]:
    """What a trail holds of these sessions."""
    own = {session.id for session in tree}
    for record in trail.records() if isinstance(trail, Reader) else trail:
        if record.fields.get("session") in own:
            yield record


def _draw_lives(axes: typing.Any, tree: typing.Sequence[Session], now: typing.Optional[datetime.datetime], records: typing.Sequence[Record]) -> None:
    """A bar from each opening to each end; darker up to now, and marks for what happened to the session itself."""
    for row, session in enumerate(tree):
        status = session.status(now=now)
        opened = session.opened or status.now
        ends = status.ends or status.now
        axes.barh(row, ends - opened, left=opened, height=0.5, color=COLOURS["plain"], alpha=0.3)
        axes.barh(row, min(status.now, ends) - opened, left=opened, height=0.5, color=COLOURS["plain" if status.open else "deny"], alpha=0.8)
        left = ends - status.now
        if status.open and left > datetime.timedelta(0):
            axes.annotate(f"{duration_text(left)} left", (ends, row), xytext=(-4, 0), textcoords="offset points", va="center", ha="right", fontsize=8)
        for record in records:
            if record.fields.get("session") == session.id and record.kind in _MARKS:
                axes.plot([record.time], [row], _MARKS[record.kind][0], color="black", markersize=9)
    axes.axvline(max(session.status(now=now).now for session in tree), color="black", linewidth=0.8, linestyle=":")


def _draw_decisions(axes: typing.Any, records: typing.Sequence[Record], actions: typing.Sequence[str], first: int) -> None:
    """A dot for each decision, one line for each action, in the effect's colour."""
    for effect in _EFFECTS:
        chosen = [one for one in records if one.kind == "decision" and one.fields.get("effect") == effect]
        if chosen:
            rows = [first + actions.index(str(one.fields["action"])) for one in chosen]
            axes.scatter([one.time for one in chosen], rows, s=26, color=COLOURS[effect], label=f"{effect} ({len(chosen)})", zorder=3, alpha=0.8)
    if actions:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, fontsize=8, frameon=False)


def _dated(axes: typing.Any) -> None:
    import matplotlib.dates

    locator = matplotlib.dates.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(matplotlib.dates.ConciseDateFormatter(locator))
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _draw_limits(axes: typing.Any, limits: typing.Sequence[typing.Any]) -> None:
    for row, limit in enumerate(limits):
        part = float(limit.used / limit.most) if limit.most else 1.0
        axes.barh(row, 1, height=0.5, color=COLOURS["plain"], alpha=0.2)
        axes.barh(row, part, height=0.5, color=COLOURS["deny" if part >= 1 else "limit"])
        window = f" per {duration_text(limit.per)}" if limit.per else ""
        told = f"{value_text(limit.used)} of {value_text(limit.most)}{'' if limit.attribute else ' times'}{window}"
        axes.text(0.99, row, told, va="center", ha="right", fontsize=8, color="white" if part > 0.95 else "black")
    axes.set_yticks(range(len(limits)), [plain(f"{one.rule.file.rpartition('/')[2]}:{one.rule.line}" if one.rule else "a limit") for one in limits], fontsize=8)
    axes.set_ylim(len(limits) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.set_title("limits", loc="left", fontsize=9)
    axes.spines[:].set_visible(False)


def treemap(resources: typing.Iterable[typing.Any], decisions: Decisions, *, depth: int = 2, axes: typing.Any = None) -> typing.Any:
    """An area for each place that a log asked for, as large as its requests are many, redder the more of them are denied.

    A place is a system and the first `depth` segments of a path. Returns matplotlib's axes.
    """
    plot = pyplot()
    counts: typing.Dict[str, typing.List[int]] = {}
    texts = getattr(resources, "to_pylist", lambda: resources)()  # Arrow's columns hold scalars of their own
    for resource, effect in zip(texts, decisions.effect):
        if isinstance(resource, str):
            counted = counts.setdefault(_place(resource, depth), [0, 0])
            counted[0] += 1
            counted[1] += effect == 0
    if axes is None:
        figure, axes = plot.subplots(figsize=(9, 5), layout="constrained")
        plot.close(figure)
    ordered = sorted(counts.items(), key=lambda item: -item[1][0])
    import matplotlib

    colours = matplotlib.colors.LinearSegmentedColormap.from_list("denied", ["#b7dcc6", "#f2e3a8", "#e0938b", COLOURS["deny"]])
    width, height = 100.0, 56.0
    for (place, (asked, denied)), (x, y, w, h) in zip(ordered, _squares([asked for _, (asked, _) in ordered], (0.0, 0.0, width, height))):
        part = denied / asked
        axes.add_patch(matplotlib.patches.Rectangle((x, y), w, h, facecolor=colours(part), edgecolor="white", linewidth=2))
        size = min(9.0, w / max(6, len(place)) * 8.5, h * 1.4)
        if size > 3.5:
            told = f"{plain(place)}\n{asked:,}" + (f", {part:.0%} denied" if denied else "")
            axes.text(x + w / 2, y + h / 2, told, ha="center", va="center", fontsize=size, color="white" if part > 0.8 else "#1d2330")
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    total, refused = sum(a for a, _ in counts.values()), sum(d for _, d in counts.values())
    axes.set_title(f"{total:,} requests, {refused:,} denied", loc="left", fontsize=10)
    return axes


def _place(resource: str, depth: int) -> str:
    system, colon, path = resource.partition(":")
    rooted = path.startswith("/")
    return system + colon + ("/" if rooted else "") + "/".join(path.lstrip("/").split("/")[:depth])


def _squares(sizes: typing.Sequence[int], within: Rectangle) -> typing.List[Rectangle]:
    """Rectangles of these areas, the largest first, that fill one: rows laid along the shorter side while they get squarer."""
    x, y, width, height = within
    total, found, at = float(sum(sizes)), [], 0
    while at < len(sizes):
        along = min(width, height)
        scale = width * height / total
        end = at + 1
        while end < len(sizes) and _worst(sizes[at : end + 1], along, scale) <= _worst(sizes[at:end], along, scale):
            end += 1
        row = sizes[at:end]
        thick, offset = sum(row) * scale / along, 0.0
        for size in row:
            length = size * scale / thick
            found.append((x, y + offset, thick, length) if width >= height else (x + offset, y, length, thick))
            offset += length
        x, y, width, height = (x + thick, y, width - thick, height) if width >= height else (x, y + thick, width, height - thick)
        total, at = total - sum(row), end
    return found


def _worst(row: typing.Sequence[int], along: float, scale: float) -> float:
    """The worst ratio of sides in a row."""
    thick = sum(row) * scale / along
    return max(max(thick * thick / (size * scale), size * scale / (thick * thick)) for size in row)
