"""The environment that the Python tests share: a virtual environment below the build folder, with the package's wheel,
built against the libraries that are already there.

Made on first use, and again where what it depends on has changed. Both ctest entries may ask at once, hence the lock.
"""
import argparse
import contextlib
import fcntl
import hashlib
import os
import pathlib
import subprocess
import sys

TOOLS = ["scikit-build-core==1.1.2", "pybind11==3.1.0", "ninja"]
PEERS = ["pytest", "numpy", "pandas", "pyarrow", "mypy", "hypothesis==6.170.17", "matplotlib==3.11.2"]  # what the tests need and the package does not


def run(command, **more):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout


def digest_of(paths):
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(str(path).encode() + path.read_bytes())
    return found.hexdigest()


@contextlib.contextmanager
def locked(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Environment:
    def __init__(self, source, build):
        self.source, self.build = source.resolve(), build.resolve()
        self.folder = self.build / "python"
        self.python = self.folder / "venv" / "bin" / "python"

    def prepare(self):
        """The interpreter of an environment in which the package of this tree is installed."""
        with locked(self.folder):
            self.install("tools", [*TOOLS, *PEERS])
            self.install_wheel()
        return self.python

    def install(self, name, packages):
        mark = self.folder / f"{name}.txt"
        wanted = "\n".join([sys.version, *packages])
        if mark.exists() and mark.read_text() == wanted and self.python.exists():
            return
        run([sys.executable, "-m", "venv", "--clear", self.folder / "venv"])
        (self.folder / "wheel.txt").unlink(missing_ok=True)  # the package went with the rest
        run([self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages])
        mark.write_text(wanted)

    def prepare_beside(self, name, packages, optional=()):
        """The interpreter of another environment with the same wheel, for tests whose packages others should not wait for.

        What is `optional` is left out, with a message, where it cannot be installed.
        """
        self.prepare()
        folder = self.folder / name
        python = folder / "bin" / "python"
        mark = self.folder / f"{name}.txt"
        wanted = "\n".join([sys.version, *packages, *optional, (self.folder / "wheel.txt").read_text()])
        with locked(folder.with_suffix(".lock")):
            if mark.exists() and mark.read_text() == wanted and python.exists():
                return python
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            run([sys.executable, "-m", "venv", "--clear", folder])
            run([*pip, *packages, *(self.folder / "wheels").glob("*.whl")])
            for package in optional:
                if subprocess.run([*pip, package]).returncode != 0:
                    print(f"skipped: {package} cannot be installed here, so its tests do not run")
            mark.write_text(wanted)
        return python

    def install_wheel(self):
        package = self.source / "python"
        files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        libraries = list(self.build.glob("*/libremit_*.a"))
        state = digest_of([*files, *libraries])
        mark = self.folder / "wheel.txt"
        if mark.exists() and mark.read_text() == state:
            return
        wheels = self.folder / "wheels"
        for old in wheels.glob("*.whl"):
            old.unlink()
        # The build folder stays, so that only what has changed is compiled again.
        settings = {"build-dir": self.folder / "cmake", "cmake.define.REMIT_TREE": self.build}
        environment = {**os.environ, "PATH": f"{self.python.parent}:{os.environ['PATH']}"}
        run([self.python, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-build-isolation", "--no-deps", "--wheel-dir", wheels, package,
             *[f"--config-settings={name}={value}" for name, value in settings.items()]], env=environment)
        run([self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--force-reinstall", *wheels.glob("*.whl")])
        mark.write_text(state)


def from_arguments(description, extra=None):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    if extra:
        parser.add_argument(extra, nargs="+")
    options = parser.parse_args()
    made = Environment(options.source, options.build)
    return (made, getattr(options, extra)) if extra else made


def main():
    """Runs a program in the environment: for the scripts that measure."""
    made, words = from_arguments(__doc__, "words")
    return subprocess.run([made.prepare(), *words]).returncode


if __name__ == "__main__":
    sys.exit(main())
