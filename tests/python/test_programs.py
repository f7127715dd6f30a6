"""Documents from Python: compiling, diagnostics, arguments, images, tests inside documents."""
import datetime
import pathlib
import pickle

import pytest

import remit

WEEKLY = "scope weekly(folder: resource, cap: size, who: string)\nread $folder when size <= $cap and name == $who\nexpires 2h\n"
SYSTEM = 'system docs "documents" { action read; attribute size: size; attribute name: string }\n'


def test_errors_are_objects():
    with pytest.raises(remit.CompileError) as caught:
        remit.compile("expires 2h\nraed docs:/a\nwrite ws:/a when size <= 5\n", file="typo.scope")
    first, second = [found for found in caught.value.diagnostics if found.severity == "error"]
    assert (first.code, first.file, first.line, first.column, first.end_column, first.excerpt) == ("unknown-action", "typo.scope", 2, 1, 5, "raed docs:/a")
    assert second.code == "type-mismatch" and "5MB" in second.help
    assert "typo.scope:2:1: error[unknown-action]" in str(caught.value) and "^^^^" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).diagnostics == caught.value.diagnostics


def test_arguments_are_typed(now):
    for cap in ("5MB", remit.Bytes(5_000_000)):
        program = remit.compile(WEEKLY.replace("\nread", "\n" + SYSTEM + "read"), folder="docs:/a", cap=cap, who="ann \"of\" x")
        session = remit.open(user="mike@acme.example", task=program, now=now)
        assert session.check("read", "docs:/a/b", size=remit.Bytes(5_000_000), name="ann \"of\" x", now=now)
        assert not session.check("read", "docs:/a/b", size=remit.Bytes(5_000_001), name="ann \"of\" x", now=now)
    for wrong in (5, 5.0, datetime.timedelta(1), "5 apples"):
        with pytest.raises((remit.CompileError, TypeError)):
            remit.compile(WEEKLY, folder="docs:/a", cap=wrong, who="x")
    with pytest.raises(remit.CompileError, match="no parameter `foldr`; did you mean `folder`"):
        remit.compile(WEEKLY, foldr="docs:/a")
    with pytest.raises(remit.CompileError) as lacking:
        remit.compile(WEEKLY.replace("\nread", "\n" + SYSTEM + "read"), folder="docs:/a")
    assert [d.message for d in lacking.value.diagnostics if d.code == "missing-argument"] == [
        "the document needs a value for its parameter `cap`", "the document needs a value for its parameter `who`"]


def test_paths_and_modules(tmp_path, monkeypatch):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "base.scope").write_text("read docs:/a\nexpires 2h\n")
    document = tmp_path / "task.scope"
    document.write_text("use shared.base\nexpires 1h\n")
    by_path = remit.compile(document, module_path=[tmp_path])
    assert by_path.rules[0].file.endswith("base.scope")
    monkeypatch.chdir(tmp_path)
    assert remit.compile("task.scope", module_path=["."]).name == ""
    by_text = remit.compile("use shared.base\nexpires 1h\n", modules={"shared.base": "read docs:/a\nexpires 2h\n"})
    assert len(by_text.rules) == 1
    with pytest.raises(FileNotFoundError):
        remit.compile(pathlib.Path("nowhere.scope"))
    (tmp_path / "latin.scope").write_bytes(b"read docs:/\xe9; expires 2h")
    with pytest.raises(remit.CompileError):
        remit.compile(tmp_path / "latin.scope")


def test_images(tmp_path):
    program = remit.compile("guardrail g\nallow any anything\nlimit read docs:/ to 5 times\n")
    assert (program.kind, program.name, program.memory_use.limits, len(program.digest)) == ("guardrail", "g", True, 64)
    program.save(tmp_path / "g.remit")
    assert [path.name for path in tmp_path.iterdir()] == ["g.remit"]
    for again in (remit.Program.load(tmp_path / "g.remit"), remit.Program.load(program.image), pickle.loads(pickle.dumps(program))):
        assert again == program and hash(again) == hash(program) and [rule.kind for rule in again.rules] == ["allow", "limit"]
    for at in range(0, len(program.image), 7):
        damaged = bytearray(program.image)
        damaged[at] ^= 0x40
        with pytest.raises(remit.RemitError) as refused:
            remit.Program.load(bytes(damaged))
        assert refused.value.code in ("bad_image", "unsupported_version")


def test_document_tests():
    tests = remit.run_tests('read docs:/a\nread docs:/b\nexpires 2h\ntest "good" { allow read docs:/a }\ntest "bad" { deny read docs:/a }\n', coverage=True)
    assert [(outcome.name, outcome.passed) for outcome in tests.outcomes] == [("good", True), ("bad", False)]
    assert (tests.outcomes[1].failure.line, tests.passed) == (5, False)
    assert [found.line for found in tests.untested] == [2]
    with pytest.raises(remit.CompileError):
        remit.run_tests("raed docs:/a")


@pytest.mark.parametrize("text", ["", "\0", "\udc80", "read", "(" * 10_000, "x" * 100_000])
def test_hostile_text_gives_diagnostics(text):
    with pytest.raises(remit.CompileError) as caught:
        remit.compile(text)
    assert any(found.severity == "error" for found in caught.value.diagnostics)
