#!/usr/bin/env python3
"""Prints which of the project's bars a run of the benchmarks meets: bars.py BENCH.JSON LINKER.MAP [--check].

Of repetitions the best counts. The linker's map is that of libremit_c.so, for the size of its code.

Bars on rows that the run did not measure are not printed. With --check they are, and the exit code is 1 where a bar is missed or was
not measured: a row that changes its name shall not take its bar along.
Bars in nanoseconds were set on a core whose load from the nearest cache takes REFERENCE_LOAD; where the run measured its own
(yardstick_load), that is printed beside them, to read a miss by. It moves no bar.
"""

import collections
import json
import re
import sys

NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
REFERENCE_LOAD = 0.95  # ns
LOADS = 64  # in one iteration of yardstick_load
HOW_MEASURED = re.compile(r"/(iterations:\d+|process_time|manual_time|real_time)")  # what Google Benchmark adds to a row's name


class Run:
    def __init__(self, path, check):
        self.times, self.rows, self.missed, self.check = {}, {}, 0, check
        for row in json.load(open(path))["benchmarks"]:
            if row.get("run_type") != "iteration":
                continue
            name = HOW_MEASURED.sub("", row["run_name"])
            self.rows.setdefault(name, []).append(row)
            self.times[name] = min(self.times.get(name, float("inf")), row["cpu_time"] * NANOSECONDS[row["time_unit"]])

    def most(self, sentence, name, limit, unit, value=None):
        """At most `limit`; `value(row)` where it is not the processor time in nanoseconds."""
        self._say(sentence, name, limit, unit, min, value, lambda figure: figure <= limit, "at most")

    def least(self, sentence, name, limit, unit, value):
        self._say(sentence, name, limit, unit, max, value, lambda figure: figure >= limit, "at least")

    def ratio(self, sentence, name, base, limit, decisions=1):
        """Of one decision of `name`, which makes so many of them at once, to one of `base`."""
        if base in self.times:
            self.most(sentence, name, limit, "times", lambda _: self.times[name] / decisions / self.times[base])
        else:
            self.absent(sentence)

    def _say(self, sentence, name, limit, unit, best, value, meets, word):
        if name not in self.rows:
            return self.absent(sentence)
        figure = best(map(value, self.rows[name])) if value else self.times[name]
        self.say(sentence, figure, limit, unit, meets(figure), word)

    def say(self, sentence, figure, limit, unit, met, word="at most"):
        self.missed += not met
        print(f"{'met   ' if met else 'MISSED'}  {sentence}: {figure:.4g} {unit}, {word} {limit:g}")

    def absent(self, sentence):
        if self.check:
            self.missed += 1
            print(f"ABSENT  {sentence}")


def counter(name):
    return lambda row: row[name]


def code_of(path):
    """Bytes of code in the shared library, by room."""
    sizes = collections.Counter()
    # A long section name has its address and size on the next line; what was dropped has the address 0.
    for address, size, room in re.findall(r"^ \.text\S*\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+\S*libremit_(\w+)\.a\(", open(path).read(), re.M):
        if int(address, 16):
            sizes[room] += int(size, 16)
    return sizes


def judge(run, code):
    if "yardstick_load/kilobytes:4" in run.times:
        print(f"        this core's nearest load takes {run.times['yardstick_load/kilobytes:4'] / LOADS:.3g} ns; the bars were set at {REFERENCE_LOAD} ns")
    for rules, limit in ((10, 45), (10_000, 55), (100_000, 65)):
        run.most(f"a raw string against {rules:,} rules, in turn", f"decide_by_rules/{rules}", limit, "ns")
    run.most("the same at 100,000, requests spread over all rules", "decide_stream/rules:100000/stream:2", 140, "ns")
    run.ratio("the same in one call with 255 others, against one by one", "decide_batch/rules:100000/stream:2", "decide_stream/rules:100000/stream:2", 0.6, decisions=256)
    run.most("p99.9 at 1,000,000 rules, warm", "decide_million", 1000, "ns", counter("p999_ns"))
    run.most("patterns at 100,000 rules", "decide_wildcards/100000", 110, "ns")
    run.most("guards at 100,000 rules", "decide_conditions/100000", 110, "ns")
    run.most("all kinds of rules at 100,000", "decide_mix/100000", 110, "ns")
    run.ratio("100,000 rules against 10", "decide_by_rules/100000", "decide_by_rules/10", 2.5)
    streams = [row for name, rows in run.rows.items() if name.startswith("decide_stream") for row in rows]
    if streams:
        most = max(map(counter("allocations"), streams))
        run.say(f"allocations of a decision, the most of {len(streams)} measurements", most, 0, "", most == 0)
    else:
        run.absent("allocations of a decision")
    run.most("a prepared request", "decide_prepared", 8, "ns")
    run.most("three layers of 20, 100 and 100,000 rules", "decide_three_layers", 120, "ns")
    run.most("a decision on the nine-rule example", "decide_example/layers:1", 200, "ns")
    if "decide_threads/threads:1" in run.rows:
        one = max(map(counter("items_per_second"), run.rows["decide_threads/threads:1"]))
        run.least("two threads against one", "decide_threads/threads:2", 1.9, "times", lambda row: row["items_per_second"] / one)
    else:
        run.absent("two threads against one")
    run.ratio("a session without memory against the bare vm", "check_plain_session/threads:1", "check_plain_bare", 1.1)
    run.most("a check with limit and history through three layers", "check_limit_and_history", 300, "ns")
    run.most("opening a session", "open_session", 2000, "ns")
    run.most("compiling 100,000 rules", "compile_rules/100000", 250e6, "ns")
    run.most("index and rules at 100,000 rules", "decide_by_rules/100000", 110, "bytes a rule", counter("hot_bytes_per_rule"))
    size = (code["vm"] + code["session"]) / 1000
    run.say("code of the vm with sessions, in libremit_c.so", size, 200, "kB", 0 < size <= 200)
    run.most("100,000 rules copied, verified and ready", "load_image_copied/100000", 5e6, "ns")
    run.most("a check with a buffered trail, by the clock", "audit_check_buffered", 250, "ns", counter("median_ns"))
    run.least("records hashed and queued", "audit_hash_and_queue", 500_000, "a second of one core", counter("items_per_second"))
    run.least("records through SQLite", "audit_sqlite_buffered", 100_000, "a second of one core",
              lambda row: 1e5 / (row["cpu_time"] * NANOSECONDS[row["time_unit"]] / 1e9))
    run.least("durable checks of 16 threads", "audit_durable_16_threads", 5_000, "a second", counter("items_per_second"))


if __name__ == "__main__":
    run = Run(sys.argv[1], "--check" in sys.argv[3:])
    print()
    judge(run, code_of(sys.argv[2]))
    sys.exit(1 if run.check and run.missed else 0)
