"""`python -m remit` is the command."""
import subprocess
import sys


def run(*words, **more):
    return subprocess.run([sys.executable, "-m", "remit", *words], capture_output=True, text=True, timeout=60, **more)


def test_exit_codes_and_output(tmp_path):
    document = tmp_path / "a.scope"
    document.write_text("read docs:/a\nask send mail:*@acme.example\nexpires 2h\n")
    for words, code in ((("read", "docs:/a"), 0), (("read", "docs:/b"), 1), (("send", "mail:b@acme.example"), 3), (("raed", "docs:/a"), 1)):
        done = run("eval", document, *words)
        assert done.returncode == code, done.stdout + done.stderr
    assert run("chek").returncode == 2
    assert run("--version").stdout.startswith("remit ")
    assert run("fmt", "-", input="read docs:/a;expires 2h").stdout == "read docs:/a\nexpires 2h\n"


def test_conformance_cases(source):
    """Those of the shared folder, where it is there; the other tests of the tree hold them for the command."""
    cases = sorted((source.parent / "shared" / "conformance").glob("*.jsonl"))
    if cases:
        done = run("conform", *cases)
        assert done.returncode == 0 and done.stdout.splitlines()[-1].endswith(" 0 failed"), done.stdout[-2000:]
