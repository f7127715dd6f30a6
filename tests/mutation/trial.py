"""Which test notices a mutant? The tests as they are run on mutants, and the running."""
import json
import os
import re
import resource
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

# What judges mutants: the C++ tests of the language, the engine and its sessions, in this process and fast. Not those of rooms that the
# decision path does not lie in, of scripts and programs (they reach it through more, and slowly), nor of time and threads, whose answer
# is not the same each time.
LEFT_OUT = re.compile(r"audit|identity_(?!session)|warnings|format|parse|unicode|diagnostics|files_failure|_fuzz$|_cost_|threads|worst")
LONGEST = 1.0  # seconds of processor time that a test may take on the program as it is written


@dataclass
class Test:
    name: str
    command: list
    seconds: float = 0.0
    reached: set = field(default_factory=set)
    kills: int = 0


def limits(seconds):
    def set_limits():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return set_limits


def run(test, cpu, environment, folder):
    """Its exit code, None where a limit of time ended it; with the processor's seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(test.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
                               env={**os.environ, "TMPDIR": folder, **environment}, preexec_fn=limits(cpu), start_new_session=True)
    try:
        code = process.wait(timeout=30 + 10 * cpu)  # a test that waits for ever uses no processor
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        code = None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    stopped = code in (-signal.SIGXCPU, -signal.SIGKILL)
    return None if stopped else code, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def commands(out):
    """Name and command of each of ctest's executables that may judge a mutant; no command where it is not built yet."""
    listed = subprocess.run(["ctest", "--test-dir", out, "--show-only=json-v1"], check=True, capture_output=True, text=True)
    for test in json.loads(listed.stdout)["tests"]:
        command = test.get("command", [])
        if not LEFT_OUT.search(test["name"]) and (not command or command[0].startswith(out)):
            yield test["name"], command


def targets(out):
    """What these tests need built: an executable is called as its test is."""
    return [name for name, _ in commands(out)]


def listed(out, folder):
    """Every test of the mutated build: each case of a Catch2 executable is one."""
    for name, command in commands(out):
        if command[-2:] != ["-w", "NoTests"]:
            yield Test(name, command)
            continue
        cases = subprocess.run([command[0], "--list-test-names-only"], capture_output=True, text=True, cwd=folder).stdout
        for case in filter(None, map(str.strip, cases.splitlines())):
            yield Test(f"{name}: {case}", [command[0], re.sub(r"([,\[\]\\])", r"\\\1", case), "--abort"])


def record(out, progress):
    """Runs each test once on the program as it is written. Keeps those that pass and reach a mutation point."""
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        tests = list(listed(out, folder))
        for i, test in enumerate(tests):
            progress(i, len(tests), "recording")
            path = os.path.join(folder, "reached")
            code, test.seconds = run(test, 60, {"REMIT_MUTANTS_REACHED": path}, folder)
            if code != 0:
                print(f"mutate: left out, does not pass within a minute: {test.name}")
            elif test.seconds > LONGEST:
                print(f"mutate: left out, takes {test.seconds:.0f} s: {test.name}")
            elif os.path.exists(path):
                with open(path) as file:
                    test.reached = {int(line) for line in file}
                kept.append(test)
            if os.path.exists(path):
                os.remove(path)
        progress(len(tests), len(tests), "recording")
    return kept


def notices(test, number, folder):
    """Does the test fail, crash or hang with the mutant on? A hang must repeat: the machine may have been busy."""
    limit = int(2 + 10 * test.seconds)
    code, _ = run(test, limit, {"REMIT_MUTANT": str(number)}, folder)
    if code is None:
        code, _ = run(test, 2 * limit, {"REMIT_MUTANT": str(number)}, folder)
    return code != 0


def try_mutant(number, tests, first):
    """The test that kills it, or None. `first`: the name of the test that killed it last time."""
    order = sorted((test for test in tests if number in test.reached),
                   key=lambda test: (test.name != first, (test.seconds + 0.01) / (1 + test.kills)))
    with tempfile.TemporaryDirectory() as folder:
        for test in order:
            if notices(test, number, folder):
                test.kills += 1
                return test.name
    return None
