#!/usr/bin/env python3
"""Holds tests/coverage/reasons.json to the sources, and tests/coverage/report.py to what its head says."""
import argparse
import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True


def unnamed(source, entries):
    """Entries whose line no longer stands in the file as often as they say, or whose condition is not on it."""
    for entry in entries:
        path = source / entry["file"]
        lines = [" ".join(line.split()) for line in path.read_text().splitlines()] if path.is_file() else []
        found = lines.count(entry["line"])
        if found < entry.get("times", 1):
            yield f"{entry['file']}: `{entry['line']}` stands there {found} times"
        elif entry["condition"].split()[0] not in entry["line"]:
            yield f"{entry['file']}: `{entry['condition']}` does not begin on `{entry['line']}`"


def reason(side, **more):
    return {"file": "engine/vm/x.cpp", "line": "if (a && b) return;", "condition": "b", "side": side, "reason": "for the test", **more}


def cases(report):
    """Name and outcome of each case."""
    text = "if (a && b) return;\nif (a && b) return;\n"

    def file(branches, shown):
        return report.File({"summary": {"regions": {"covered": 1, "count": 2}}, "branches": branches,
                            "mcdc_records": [[1, 5, 1, 11, 0, 5, one] for one in shown]}, "engine/vm/x.cpp", text)

    def branch(line, column, true, false):
        return [line, column, line, column + 1, true, false, 0, 0, report.MCDC_BRANCH if line == 1 else 4]

    def read(entries):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "reasons.json"
            path.write_text(json.dumps(entries))
            return report.read_reasons(path)

    # Two instantiations: each takes one side of `b`, only the second shows that `a` decides.
    a, b = branch(1, 5, 3, 3), branch(1, 10, 2, 0)
    both = file([a, b, a, branch(1, 10, 0, 1)], [[False, False], [True, False]])
    yield "instantiations are one place", [place.side for place in both.left()] == ["mcdc"]
    yield "of which the condition is named", [place.part for place in both.left()] == ["b"]

    one = file([a, b], [[True, False]])
    left = list(one.left())
    yield "a side never taken is open, and MC/DC with it", [place.side for place in left] == ["false", "mcdc"]
    excused, wrong = report.excuse(left, read([reason("false")])[0])
    yield "a branch's reason excuses its MC/DC", excused == set(left) and wrong == []
    figures = report.sums([one], excused)
    yield "excused places are taken out of the sum", report.per_cent(figures, "branches") == 100 and figures["branches"] == 4
    yield "without them it is less", report.per_cent(report.sums([one], set()), "branches") == 75
    excused, wrong = report.excuse(left, read([reason("mcdc")])[0])
    yield "MC/DC's reason excuses no branch", [place.side for place in excused] == ["mcdc"]
    yield "a reason for what is reached is stale", len(report.excuse(left, read([reason("true")])[0])[1]) == 1
    twice = list(file([a, b, branch(2, 10, 1, 0)], [[True, True]]).left())
    yield "one reason does not do for two places", len(report.excuse(twice, read([reason("false")])[0])[1]) == 1
    yield "unless it says so", report.excuse(twice, read([reason("false", times=2)])[0])[1] == []
    yield "what is reached sometimes is not stale", report.excuse(left, read([reason("true", sometimes=True)])[0])[1] == []
    def switched(text, name="lang/check/x.cpp"):
        column = text.index("kind)") + 1
        branches = [[1, column, 1, column + 4, 0, 3, 0, 0, 4], [2, 3, 2, 9, 0, 3, 0, 0, 4]]
        return report.File({"summary": {"regions": {"covered": 1, "count": 2}}, "branches": branches}, name, text)

    def kinds(file):
        return [(place.line, place.part) for place in report.missing_defaults(file)]

    exhaustive = "switch (kind) {\n  case Kind::a: if (x) {} break;\n  case lang::Kind::b: return y ? 1 : 2;\n}\ndefault: case 'x':\n"
    yield "a switch over an enum needs no reason for its missing default, its cases do", kinds(switched(exhaustive)) == [(1, "kind")]
    yield "also behind a declaration", len(kinds(switched(exhaustive.replace("(kind", "(const Kind k = f(); kind")))) == 1
    yield "but not in the engine", kinds(switched(exhaustive, "engine/vm/x.cpp")) == []
    yield "nor where a case is no enumerator", kinds(switched(exhaustive.replace("lang::Kind::b", "'b'"))) == []
    yield "nor where there is a default", kinds(switched(exhaustive.replace("lang::Kind::b:", "lang::Kind::b: default:"))) == []
    yield "nor for what is no switch", kinds(switched(exhaustive.replace("switch", "if"))) == []
    yield "nor for a part of what it is about", kinds(switched(exhaustive.replace("kind)", "kind) + 1)"))) == []
    yield "an entry without a reason is refused", len(read([reason("false", reason=" ")])[1]) == 1
    yield "and one that stands twice", len(read([reason("false"), reason("false")])[1]) == 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path)
    source = parser.parse_args().source
    sys.path.insert(0, str(source / "tests/coverage"))
    import report

    found = [f"failed: {name}" for name, right in cases(report) if not right]
    found += report.read_reasons(source / "tests/coverage/reasons.json")[1]
    found += unnamed(source, json.loads((source / "tests/coverage/reasons.json").read_text()))
    print("\n".join(found) if found else "passed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
