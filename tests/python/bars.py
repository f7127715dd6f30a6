"""The bars of the Python package, measured: what a check costs, a row of a column, and memory over many rows.

scripts/python-bars runs all of it; test_speed.py a short form.
"""
import datetime
import statistics
import subprocess
import sys
import time

import remit

NOW = datetime.datetime(2026, 12, 1, 9, 0, tzinfo=datetime.timezone.utc)
TASK = "read docs:/clinical; write ws:/proj/B when size <= 5MB; expires 2h"
CHECK_MOST, ROW_MOST, MEMORY_MOST = 400, 100, 0.10  # ns, ns, part of inputs and outputs


def open_session():
    return remit.open(agent="spiffe://acme.example/agent/a", user="mike@acme.example", task=remit.compile(TASK), now=NOW)


def median_ns(call, batches=200, calls=500):
    """The median over batches of what one call takes, the loop itself taken off."""
    rounds = range(calls)

    def timed(inner):
        times = []
        for _ in range(batches):
            started = time.perf_counter_ns()
            inner()
            times.append((time.perf_counter_ns() - started) / calls)
        return statistics.median(times)

    def loop():
        for _ in rounds:
            call()

    def empty():
        for _ in rounds:
            pass

    return timed(loop) - timed(empty)


def latency():
    """(check, check with a time given, an attribute, an empty call of pybind11), medians in nanoseconds."""
    session, principals = open_session(), remit.MemoryPrincipals()
    size = remit.Bytes(20_000)
    return {
        "session.check(action, resource)": median_ns(lambda: session.check("read", "docs:/clinical/A/x.pdf")),
        "the same, now given": median_ns(lambda: session.check("read", "docs:/clinical/A/x.pdf", now=NOW)),
        "the same, a size given": median_ns(lambda: session.check("write", "ws:/proj/B/x.md", size=size)),
        "an empty pybind11 call": median_ns(lambda: principals.epoch),
        "an empty call of Python": median_ns(lambda: None),
    }


def table(rows):
    """Columns of requests and times in Arrow, and times that are all null."""
    import numpy
    import pyarrow

    numbers = numpy.random.default_rng(7)
    names = pyarrow.array([f"docs:/clinical/{i % 37}/visit-{i}/protocol.pdf" for i in range(5000)])
    actions = pyarrow.array(["read", "write", "list"])
    at = pyarrow.array([NOW], pyarrow.timestamp("us", "UTC"))
    return {
        "action": actions.take(pyarrow.array(numbers.integers(0, 3, rows, numpy.int8))),
        "resource": names.take(pyarrow.array(numbers.integers(0, len(names), rows, numpy.int16))),
        "time": at.take(pyarrow.array(numpy.zeros(rows, numpy.int8))),
        "none": pyarrow.nulls(rows, at.type),
        "size": pyarrow.array(numbers.integers(0, 10_000_000, rows)),
    }


def row_costs(rows, repeats=5):
    """(whole, beside the engine) in nanoseconds a row, the best of some.

    A row without a time is read and answered without asking the engine: what such a run takes is all but the engine's.
    """
    columns, session = table(rows), open_session()
    attributes = {"size": remit.Column(columns["size"], "size")}

    def cost(times):
        best = float("inf")
        for _ in range(repeats):
            started = time.perf_counter_ns()
            session.check_many(columns["action"], columns["resource"], attributes, now=columns[times], progress=False)
            best = min(best, (time.perf_counter_ns() - started) / rows)
        return best

    return cost("time"), cost("none")


def memory_of(name):
    """VmRSS or VmHWM of this process, in bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name + ":"))


def memory(rows):
    """In this process: (inputs and outputs, how far the peak rose beyond both), in bytes."""
    columns, session = table(rows), open_session()
    session.check_many(columns["action"][:10], columns["resource"][:10], now=NOW)
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")  # the peak begins at what there is now
    before = memory_of("VmRSS")
    decisions = session.check_many(columns["action"], columns["resource"], {"size": remit.Column(columns["size"], "size")}, now=columns["time"], progress=False)
    grown = memory_of("VmHWM") - before
    outputs = sum(part.nbytes for part in (decisions.effect, decisions.reason, decisions.layer, decisions.rule))
    inputs = sum(columns[name].nbytes for name in ("action", "resource", "time", "size"))
    return inputs + outputs, grown - outputs


def memory_of_a_process(rows):
    """The same in a process of its own, so that nothing else is in its peak."""
    program = f"import sys; sys.path.insert(0, {str(__file__.rsplit('/', 1)[0])!r}); import bars; print(*bars.memory({rows}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    both, extra = map(int, done.stdout.split())
    return both, extra


def main():
    missed = 0

    def bar(sentence, value, most, unit, met):
        nonlocal missed
        missed += not met
        print(f"{'met   ' if met else 'MISSED'}  {sentence}: {value:.3g} {unit}, at most {most:g}")

    costs = latency()
    for name, cost in costs.items():
        print(f"        {name}: {cost:.0f} ns")
    check = costs["session.check(action, resource)"]
    bar("a check, median", check, CHECK_MOST, "ns", check < CHECK_MOST)
    whole, beside = row_costs(2_000_000)
    print(f"        check_many with an attribute on Arrow: {whole:.0f} ns a row in all")
    bar("a row of Arrow beside the engine's own cost", beside, ROW_MOST, "ns", beside < ROW_MOST)
    both, extra = memory_of_a_process(10_000_000)
    bar(f"10 million rows ({both / 1e6:.0f} MB of inputs and outputs), peak beyond these", 100 * extra / both, 100 * MEMORY_MOST, "%", extra < MEMORY_MOST * both)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
