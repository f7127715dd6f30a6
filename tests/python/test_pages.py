"""The Python in README.md and docs/*.md runs, prints what its comments say, and the API reference is up to date."""
import contextlib
import io
import re
import subprocess
import sys


BLOCK = re.compile(r"^```python *\n(.*?)^```$", re.S | re.M)
PRINT = re.compile(r"^ *print\(.*\)  # (.*)$", re.M)


def pages(source):
    return [page for page in [source / "README.md", *sorted((source / "docs").glob("*.md"))] if BLOCK.search(page.read_text())]


def test_blocks_run_and_print_what_they_say(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = 0
    for page in pages(source):
        names = {"__name__": page.name}
        for block in BLOCK.finditer(page.read_text()):
            output = io.StringIO()
            line = page.read_text()[:block.start(1)].count("\n")
            with contextlib.redirect_stdout(output):
                exec(compile("\n" * line + block.group(1), str(page), "exec"), names)
            expected = PRINT.findall(block.group(1))
            assert output.getvalue().splitlines() == expected, f"{page}:{line + 1}"
            seen += 1
    assert seen >= 8


def test_the_reference_is_up_to_date(source):
    script = source / "scripts" / "python-reference"
    done = subprocess.run([sys.executable, script, "--check", source / "docs" / "python.md"], capture_output=True, text=True)
    assert done.returncode == 0, f"run {script} docs/python.md with this interpreter: {sys.executable}\n{done.stderr}"
