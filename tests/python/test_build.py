"""What the build refuses, and what is in the package that was built."""
import importlib.metadata
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

import remit


def test_a_free_threaded_python_is_refused_in_words(source, tmp_path):
    # The interpreter says of itself that it is one; all that is looked at is what sysconfig answers.
    (tmp_path / "sitecustomize.py").write_text(
        "import sysconfig\nfound = sysconfig.get_config_var\nsysconfig.get_config_var = lambda name: 1 if name == 'Py_GIL_DISABLED' else found(name)\n")
    done = subprocess.run(["cmake", "-S", source / "python", "-B", tmp_path / "build", f"-DPython_EXECUTABLE={sys.executable}"],
                          env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    said = " ".join(done.stderr.split())  # CMake breaks lines
    assert done.returncode != 0 and "free-threaded build, which is not supported yet" in said, said


def test_a_folder_without_the_engine_is_refused_in_words(source, tmp_path):
    shutil.copytree(source / "python", tmp_path / "python", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(["cmake", "-S", tmp_path / "python", "-B", tmp_path / "build"], capture_output=True, text=True)
    assert done.returncode != 0 and "Build from a checkout" in " ".join(done.stderr.split())


def test_what_is_linked_in_stays_in():
    """Another module's OpenSSL or SQLite must not meet ours: the module shows one function."""
    module = pathlib.Path(remit._remit.__file__)
    if shutil.which("nm") is None:
        pytest.skip("there is no nm")
    shown = subprocess.run(["nm", "-D", "--defined-only", module], capture_output=True, text=True, check=True).stdout.split("\n")
    ours = [line.split()[-1] for line in shown if line and line.split()[-2] in "TDBR"]
    assert ours == ["PyInit__remit"], ours[:20]


def test_the_package_says_that_it_is_typed():
    files = [str(file) for file in importlib.metadata.files("remit")]
    assert {"remit/py.typed", "remit/_remit.pyi", "remit/__init__.py"} <= set(files)
    assert importlib.metadata.version("remit") == remit.__version__


def test_the_wheel_needs_no_compiler_and_no_other_library(source, tmp_path):
    """In an environment with nothing in it, and nothing on the path: the README's example runs."""
    wheels = list((pathlib.Path(os.environ["REMIT_BUILD"]) / "python" / "wheels").glob("*.whl"))
    assert len(wheels) == 1
    clean = tmp_path / "clean"
    subprocess.run([sys.executable, "-m", "venv", clean], check=True)
    python = clean / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", *wheels], check=True)
    example = (source / "README.md").read_text().split("```python\n")[1].split("```")[0]
    done = subprocess.run([python, "-c", example], env={"PATH": str(clean / "bin")}, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "go ahead\ndeny no_matching_rule\n", done.stderr
    command = subprocess.run([clean / "bin" / "remit", "--version"], env={"PATH": str(clean / "bin")}, capture_output=True, text=True)
    assert command.stdout.startswith("remit ")


def test_openssl_and_sqlite_are_inside_where_they_can_be():
    module = pathlib.Path(remit._remit.__file__)
    needed = subprocess.run(["readelf", "-d", module], capture_output=True, text=True, check=True).stdout
    for library in ("crypto", "sqlite3"):
        static = list(pathlib.Path("/usr/lib").glob(f"**/lib{library}.a"))
        assert bool(static) != (f"lib{library}.so" in needed), needed
