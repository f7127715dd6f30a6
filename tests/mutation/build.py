"""One build that holds every mutant: a copy of the tree whose mutation points ask which of them is on."""
import concurrent.futures
import fnmatch
import hashlib
import json
import os
import re
import shlex
import subprocess

import points
import trial

# The decision path: what verifies, decides, remembers, and what compiles the rules to be decided by.
FILES = [
    "engine/image/checksum.*", "engine/image/hash.h", "engine/image/id.cpp", "engine/image/names.cpp", "engine/image/program.cpp",
    "engine/image/resource.cpp", "engine/image/resource_kernels.h", "engine/image/steps.cpp", "engine/image/verify*.cpp", "engine/image/view.h",
    "engine/vm/*.cpp", "engine/vm/*.h",
    "engine/session/approve.cpp", "engine/session/asks.*", "engine/session/bytes.h", "engine/session/could.cpp", "engine/session/elapsed.h",
    "engine/session/encode.*", "engine/session/grant*", "engine/session/identifier.cpp", "engine/session/identity.cpp", "engine/session/meter.*",
    "engine/session/open.cpp", "engine/session/principals.cpp", "engine/session/rehearse.*", "engine/session/restore.cpp", "engine/session/save.cpp",
    "engine/session/session.cpp", "engine/session/state.*", "engine/session/store_link.*",
    "lang/compile/*.cpp", "lang/compile/*.h", "lang/check/patterns.cpp", "lang/check/pattern_steps.*", "lang/check/rules.cpp", "lang/check/conditions.cpp",
]
# One point in so many, chosen by a hash of what it is, so that a change elsewhere moves none.
SHARE, SEED = 0.22, "remit 1"
# Numbers that each file has for its mutants, so that a change in one compiles no other anew, and of all (kMost of mutant.h).
EACH, MOST = 1000, 1 << 17


class Tree:
    def __init__(self, source, build):
        self.source, self.root = source, build
        self.copy, self.out = os.path.join(build, "tree"), os.path.join(build, "out")

    def write(self, name, content):
        """Only where it differs, so that nothing is compiled for nothing."""
        path = os.path.join(self.copy, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            with open(path, "rb") as file:
                if file.read() == content:
                    return
        except FileNotFoundError:
            pass
        with open(path, "wb") as file:
            file.write(content)

    def tracked(self):
        listed = subprocess.run(["git", "-C", self.source, "ls-files", "--cached", "--others", "--exclude-standard"], check=True, capture_output=True, text=True)
        return [name for name in listed.stdout.splitlines() if os.path.isfile(os.path.join(self.source, name))]

    def read(self, name):
        with open(os.path.join(self.source, name), "rb") as file:
            return file.read()

    def configure(self):
        # With the library's assertions: what reads behind a span, a string or an empty optional is noticed.
        header = os.path.join(self.copy, "tests/mutation/mutant.h")
        subprocess.run(["cmake", "-S", self.copy, "-B", self.out, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O1",
                        f"-DCMAKE_CXX_FLAGS=-std=c++20 -w -include {header} -D_GLIBCXX_ASSERTIONS", f"-DREMIT_CONFORMANCE_DIR={self.source}/../shared/conformance"],
                       check=True, stdout=subprocess.DEVNULL)

    def dropped(self):
        """Keys of points that an earlier build could not compile."""
        try:
            with open(os.path.join(self.root, "dropped.json")) as file:
                return set(json.load(file))
        except FileNotFoundError:
            return set()

    def keep_dropped(self, keys):
        with open(os.path.join(self.root, "dropped.json"), "w") as file:
            json.dump(sorted(keys), file, indent=1)

    def build(self, *targets):
        return subprocess.run(["cmake", "--build", self.out, "--target", *targets, "--", "-k", "0"], capture_output=True, text=True)

    def units(self):
        """Source in the copy -> its compiler's arguments."""
        with open(os.path.join(self.out, "compile_commands.json")) as file:
            commands = json.load(file)
        for command in commands:
            name = os.path.relpath(command["file"], self.copy)
            if not name.startswith(("engine/", "lang/")):
                continue
            words = shlex.split(command["command"])
            kept = [word for i, word in enumerate(words) if word.startswith(("-I", "-D", "-std")) or word == "-isystem" or words[i - 1] == "-isystem"]
            # Read where it was written: the copy may hold an earlier run's mutants.
            yield os.path.join(self.source, name), [word.replace(self.copy, self.source) for word in kept]


def numbered(found):
    """Points that look alike in one file are told apart by their number."""
    seen = {}
    for point in found:
        seen[point.key] = seen.get(point.key, 0) + 1
        if seen[point.key] > 1:
            point.what += f" ({seen[point.key]})"
    return found


def chosen(point):
    digest = hashlib.sha256(f"{SEED} {point.key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < SHARE * 2**64


def rewrite(source, mutants):
    """`mutants`: (id, point), outer before inner."""
    pieces = []
    for order, (number, point) in enumerate(mutants):
        for at, end, text in point.after:
            pieces.append((at, 0, -order, end, text, number))
        for at, end, text in point.edits:
            pieces.append((at, 1, order, end, text, number))
    result, done = [], 0
    for at, _, _, end, text, number in sorted(pieces):
        result += [source[done:at], text.replace("ID", str(number)).encode()]
        done = end
    return b"".join(result + [source[done:]])


def found_in(job):
    unit, arguments, wanted = job
    return points.points_of(points.open_library(), unit, arguments, wanted)


def find(tree):
    wanted = {os.path.join(tree.source, name): name for name in tree.tracked() if any(fnmatch.fnmatch(name, glob) for glob in FILES)}
    jobs, found = [(unit, arguments, wanted) for unit, arguments in sorted(tree.units()) if unit in wanted], {}
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for its in pool.map(found_in, jobs):
            found = {**its, **found}
    return {wanted[name]: [point for point in numbered(its) if chosen(point)] for name, its in sorted(found.items())}


def prepare(tree):
    """Writes the mutated copy and builds it. Returns the mutants: id -> point."""
    for name in tree.tracked():
        if not any(fnmatch.fnmatch(name, glob) for glob in FILES) or not os.path.exists(os.path.join(tree.copy, name)):
            tree.write(name, tree.read(name))
    tree.write("engine/image/mutant.cpp", tree.read("tests/mutation/mutant.cpp"))
    tree.configure()
    found, dropped = find(tree), tree.dropped()
    if len(found) * EACH > MOST or max(map(len, found.values())) >= EACH:
        raise SystemExit("mutate: there are more files or mutants than numbers for them")
    while True:
        mutants = {}
        for base, (name, its) in enumerate(found.items()):
            here = [(base * EACH + i, point) for i, point in enumerate(its, 1) if point.key not in dropped]
            mutants.update(here)
            tree.write(name, rewrite(tree.read(name), here))
        built = tree.build("remit_image", "remit_vm", "remit_session", "remit_lang")
        if built.returncode == 0:
            built = tree.build(*trial.targets(tree.out))
        if built.returncode == 0:
            return mutants
        # A rewritten line that does not compile, such as a constant that must stay one, stays as it was.
        faults = re.findall(r"\btree/((?:engine|lang)/\S+?):(\d+):\d+: +(?:error|required from|in .constexpr. expansion)", built.stdout)
        places = {(name, int(line)) for name, line in faults}
        new = {point.key for point in mutants.values() if (point.file, point.line) in places}
        if not new:
            raise SystemExit(f"mutate: the mutated tree does not build:\n{built.stdout[-3000:]}")
        dropped |= new
        tree.keep_dropped(dropped)
