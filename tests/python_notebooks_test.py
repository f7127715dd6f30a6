#!/usr/bin/env python3
"""Every notebook of examples/notebooks runs from start to end, in an environment of its own; its stored outputs are small.

With `--update` the outputs are written into the notebooks: look at them before you keep them.
"""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "python"))
import environment

PACKAGES = ["ipykernel==7.4.0", "nbclient==0.11.0", "nbformat==5.11.1", "pandas", "matplotlib==3.11.2"]
LARGEST = 200_000  # bytes of a notebook with its outputs
RUN = """
import pathlib, sys
import nbformat
from nbclient import NotebookClient
path = pathlib.Path(sys.argv[1])
book = nbformat.read(path, as_version=4)
nbformat.validate(book)
NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
if sys.argv[2:] == ["--update"]:
    for cell in book.cells:
        cell.metadata.pop("execution", None)
    nbformat.write(book, path)
"""


def faults_of(path: pathlib.Path, done: subprocess.CompletedProcess) -> list:
    faults = []
    text = path.read_text(encoding="utf-8")
    if done.returncode != 0:
        faults.append(f"does not run:\n{done.stdout}")
    if len(text) > LARGEST:
        faults.append(f"has {len(text)} bytes; outputs are to be small")
    if '"output_type"' not in text:
        faults.append("has no outputs: a reader without Python would see nothing")
    return faults


def main() -> int:
    update = "--update" in sys.argv
    if update:
        sys.argv.remove("--update")
    made = environment.from_arguments(__doc__)
    python = made.prepare_beside("notebooks", PACKAGES)
    paths = sorted((made.source / "examples" / "notebooks").glob("*.ipynb"))
    # Nothing of this machine: no settings of a user's, no byte code beside the notebooks.
    settings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "JUPYTER_CONFIG_DIR": str(made.folder / "jupyter"), "IPYTHONDIR": str(made.folder / "ipython")}
    failed = 0
    for path in paths:
        words = [python, "-c", RUN, path] + (["--update"] if update else [])
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=settings, cwd=made.folder)
        for fault in faults_of(path, done):
            failed += 1
            print(f"{path.name} {fault}")
    print(f"{len(paths)} notebooks, {failed} faults")
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
