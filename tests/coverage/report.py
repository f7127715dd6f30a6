#!/usr/bin/env python3
"""What the tests reach, room by room, from the profiles that a coverage build left: regions, branches, MC/DC.

llvm-cov counts each instantiation of a template or inline function by itself; here a place in a file is one
place, and it is reached where any instantiation reached it. What cannot be reached stands with its reason in
reasons.json beside this file. An entry of it names a file, the text of the line and of the condition on it
(never a number, which every edit above would change) and the side that is not taken:

    true, false    that outcome of the condition; MC/DC of the same condition is then excused with it
    mcdc           both outcomes are taken, but the condition cannot be shown to decide by itself

Where the same line and condition stand in the file n times, the entry says "times": n. An entry that fits
nothing left open is stale, and fails the run like a bar that is missed; but not one with "sometimes": true,
which is for what two threads or another processor may reach.

One kind of place needs no entry, in lang/ alone: where a switch has no `default`, clang counts one all the
same, for a value that is none of its cases. Where every case names an enumerator, -Wswitch (part of -Wall, with
-Werror, in every build) has seen to it that none is missing, so only a value that is no enumerator would go
there; and lang/ makes all its enumerators itself, none from bytes that it is given. The cases themselves count
like every other branch. In engine/, which reads images, such a place is a branch like any other.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

ROOMS = ["engine/include", "engine/image", "engine/vm", "engine/session", "engine/identity", "engine/audit", "engine/sqlite",
         "engine/store", "engine/c", "lang/include", "lang/syntax", "lang/parse", "lang/check", "lang/compile",
         "lang/diagnostics", "lang/format"]
# Group: its rooms, and the per cent of branches and of MC/DC that it has to reach. Where neither is
# given the figures are for information.
GROUPS = {
    "engine": (["engine/include", "engine/image", "engine/vm", "engine/session"], 100.0, 95.0),
    "lang": ([room for room in ROOMS if room.startswith("lang/")], 98.0, None),
    "beside the engine": (["engine/identity", "engine/audit", "engine/sqlite", "engine/store", "engine/c"], None, None),
}
SIDES = ("true", "false", "mcdc")
MCDC_BRANCH = 6  # llvm::coverage::CounterMappingRegion::MCDCBranchRegion

Open = collections.namedtuple("Open", "file line column text part side")  # one place that no test reached


def export(llvm_cov, profile, binaries, source):
    command = [llvm_cov, "export", "-skip-functions", "-skip-expansions", f"-instr-profile={profile}", binaries[0]]
    for binary in binaries[1:]:
        command += ["-object", binary]
    command += [str(source / "engine"), str(source / "lang")]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["data"][0]["files"]


class File:
    """One file's places, each once."""

    def __init__(self, entry, name, text):
        self.name = name
        self.lines = text.split("\n")
        summary = entry["summary"]["regions"]
        self.regions = (summary["covered"], summary["count"])
        self.branches = {}  # place: [taken when true, taken when false]
        conditions = set()
        for line, column, to_line, to_column, true, false, _, _, kind in entry["branches"]:
            place = (line, column, to_line, to_column)
            seen = self.branches.setdefault(place, [False, False])
            seen[0] |= true > 0
            seen[1] |= false > 0
            if kind == MCDC_BRANCH:
                conditions.add(place)
        self.conditions = {}  # place of a condition inside a decision: it was shown to decide by itself
        shown_of = collections.defaultdict(list)
        for record in entry.get("mcdc_records", []):
            shown_of[tuple(record[:4])].append(record[-1])
        # A lambda inside a decision may hold decisions of its own: the inner ones come first.
        for decision in sorted(shown_of, key=lambda place: (place[2] - place[0], place[3] - place[1])):
            inside = sorted(place for place in conditions if decision[:2] <= place[:2] and place[2:] <= decision[2:])
            conditions.difference_update(inside)
            for shown in shown_of[decision]:
                if len(inside) != len(shown):
                    raise SystemExit(f"{name}:{decision[0]}: {len(shown)} conditions in the decision, {len(inside)} in its text")
                for place, one in zip(inside, shown):
                    self.conditions[place] = self.conditions.get(place, False) or one

    def text(self, place):
        line, column, to_line, to_column = place
        rows = self.lines[line - 1:to_line]
        rows[-1] = rows[-1].encode()[:to_column - 1].decode()
        rows[0] = rows[0].encode()[column - 1:].decode()
        return " ".join(" ".join(rows).split())

    def is_missing_default(self, place):
        """A switch whose every case names an enumerator, and which has no `default`; `place` is what it is about."""
        line, column, to_line, to_column = place
        first, last = self.lines[line - 1].encode(), self.lines[to_line - 1].encode()
        if not re.search(rb"\bswitch \((?:[^;{}]*; )?$", first[:column - 1]) or not last[to_column - 1:].startswith(b") {"):
            return False
        text = re.sub(r"//[^\n]*", "", last[to_column - 1:].decode() + "\n" + "\n".join(self.lines[to_line:]))
        body, depth = [], 0
        for part in re.split(r"([{}])", text):
            depth += {"{": 1, "}": -1}.get(part, 0)
            body.append(part)
            if depth == 0 and part == "}":
                break
        cases = re.findall(r"\b(?:case\b[^:]*(?:::[^:]+)*:|default\s*:)", "".join(body))
        return bool(cases) and all(re.fullmatch(r"case (?:\w+::)+\w+:", case) for case in cases)

    def left(self):
        """Everything that was not reached, in the order of the file."""
        for place in sorted(set(self.branches) | set(self.conditions)):
            missed = [side for side, taken in zip(SIDES, self.branches.get(place, (True, True))) if not taken]
            if not self.conditions.get(place, True):
                missed.append("mcdc")
            for side in missed:
                yield Open(self.name, place[0], place[1], " ".join(self.lines[place[0] - 1].split()), self.text(place), side)


def key_of(place):
    return (place.file, place.text, place.part, place.side)


def read_reasons(path):
    """Entries by what they name, and what is wrong with the file itself."""
    entries, wrong = {}, []
    for entry in json.loads(path.read_text()):
        key = (entry["file"], entry["line"], entry["condition"], entry["side"])
        if key in entries:
            wrong.append(f"{path.name}: twice: {key}")
        if entry["side"] not in SIDES or not entry["reason"].strip():
            wrong.append(f"{path.name}: no side or no reason: {key}")
        entries[key] = entry
    return entries, wrong


def excuse(left, entries):
    """Which of the open places have a reason, and which entries are stale."""
    fits = collections.Counter(key_of(place) for place in left)
    wrong = []
    for key, entry in entries.items():
        if fits[key] != entry.get("times", 1) and not entry.get("sometimes"):
            file, line, condition, side = key
            wrong.append(f"reasons.json: stale: {file}: `{line}`, `{condition}`, {side}: "
                         f"{entry.get('times', 1)} expected to be open, {fits[key]} are")
    branches = {(place.file, place.line, place.column) for place in left if place.side != "mcdc" and key_of(place) in entries}
    excused = {place for place in left
               if key_of(place) in entries or (place.side == "mcdc" and (place.file, place.line, place.column) in branches)}
    return excused, wrong


def missing_defaults(file):
    """What needs no reason of its own: see the head."""
    if not file.name.startswith("lang/"):
        return set()
    places = {(place[0], place[1]) for place in file.branches if file.is_missing_default(place)}
    return {one for one in file.left() if one.side == "true" and (one.line, one.column) in places}


def sums(files, excused):
    """Counts of some files together."""
    count = collections.Counter()
    for file in files:
        count["regions"] += file.regions[1]
        count["regions reached"] += file.regions[0]
        count["branches"] += 2 * len(file.branches)
        count["branches reached"] += sum(map(sum, file.branches.values()))
        count["mcdc"] += len(file.conditions)
        count["mcdc reached"] += sum(file.conditions.values())
    names = {file.name for file in files}
    for place in excused:
        if place.file in names:
            count["mcdc excused" if place.side == "mcdc" else "branches excused"] += 1
    return count


def per_cent(count, what):
    """Of what can be reached."""
    able = count[what] - count[f"{what} excused"]
    return 100.0 if able == 0 else 100.0 * count[f"{what} reached"] / able


def cell(count, what):
    """Per cent never rounded up to 100."""
    shown = int(per_cent(count, what) * 100) / 100
    excused = count[f"{what} excused"]
    return f"{count[f'{what} reached']:6} / {count[what]:6} {'-' + str(excused) if excused else '':>5} {shown:7.2f} %"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--profile", required=True, help="merged by llvm-profdata")
    parser.add_argument("--llvm-cov", default="llvm-cov-19")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures and every open place here")
    parser.add_argument("binaries", nargs="+")
    options = parser.parse_args()
    source = options.source.resolve()

    files = []
    for entry in export(options.llvm_cov, options.profile, options.binaries, source):
        path = pathlib.Path(entry["filename"])
        files.append(File(entry, path.relative_to(source).as_posix(), path.read_text()))
    left = [place for file in files for place in file.left()]
    entries, wrong = read_reasons(pathlib.Path(__file__).parent / "reasons.json")
    unneeded = {place for file in files for place in missing_defaults(file)}
    excused, stale = excuse([place for place in left if place not in unneeded], entries)
    excused |= unneeded
    wrong += stale

    figures = {}
    for room in ROOMS:
        members = [file for file in files if file.name.startswith(room + "/")]
        if members:
            figures[room] = sums(members, excused)
    for group, (rooms, _, _) in GROUPS.items():
        figures[group] = sum((figures[room] for room in rooms if room in figures), collections.Counter())
    homeless = [file.name for file in files if not any(file.name.startswith(room + "/") for room in ROOMS)]
    wrong += [f"{name}: in no room of the table" for name in homeless]

    for place in left:
        if place not in excused:
            print(f"{place.file}:{place.line}:{place.column}: {place.side}: {place.part}")
    print(f"\n{'reached / all  -excused':20}{'regions':>24}{'branches':>34}{'MC/DC':>34}")
    for name, count in figures.items():
        print(f"{name:20}{cell(count, 'regions')}  {cell(count, 'branches')}  {cell(count, 'mcdc')}")
    for group, (_, branches, mcdc) in GROUPS.items():
        for what, bar in (("branches", branches), ("mcdc", mcdc)):
            if bar is not None and per_cent(figures[group], what) < bar:
                wrong.append(f"{group}: {per_cent(figures[group], what):.3f} % of {what}, the bar is {bar:g} %")
    if options.json:
        options.json.write_text(json.dumps({
            "figures": figures,
            "excused": [place._asdict() for place in left if place in excused],
            "left": [place._asdict() for place in left if place not in excused],
        }, indent=1) + "\n")
    print("\n".join(wrong) if wrong else "every bar is met")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
