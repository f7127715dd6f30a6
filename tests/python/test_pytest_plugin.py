"""The pytest plugin, as somebody's test folder sees it: each case runs pytest in a folder of its own."""
import pytest

GOOD = """scope weekly(folder: resource)
expires 2h
read $folder
deny read docs:/**/hr because "people's records"

test "in the folder" with folder = docs:/a {
  allow read docs:/a/x
  deny read docs:/b because no_matching_rule
}
"""


@pytest.fixture
def folder(pytester):
    pytester.makeini("[pytest]\n")
    return pytester


def test_blocks_are_tests(folder):
    (folder.path / "weekly.scope").write_text(GOOD + 'test "again" with folder = docs:/a { allow read docs:/a }\n')
    outcome = folder.runpytest("-v")
    outcome.assert_outcomes(passed=2)
    outcome.stdout.fnmatch_lines(["*weekly.scope::in the folder PASSED*", "*weekly.scope::again PASSED*"])
    folder.runpytest("weekly.scope::again").assert_outcomes(passed=1)
    folder.runpytest("-k", "folder").assert_outcomes(passed=1, deselected=1)


def test_a_failure_shows_line_caret_verdict_and_rule(folder):
    (folder.path / "weekly.scope").write_text(GOOD + 'test "hr too" with folder = docs:/a {\n\tallow read docs:/a/hr/x\n}\n')
    outcome = folder.runpytest()
    outcome.assert_outcomes(passed=1, failed=1)
    outcome.stdout.fnmatch_lines([
        'weekly.scope:11:2: test "hr too"',
        " 11 | *allow read docs:/a/hr/x",
        "    | *^^^^^^^^^^^^^^^^^^^^^^^",
        "expected: allow",
        'decided:  deny, denied_by_rule at weekly.scope:4:1 because "people\'s records"',
        "why:      a deny rule matches",
        "  4 | deny read docs:/**/hr because *",
    ])
    assert "Traceback" not in outcome.stdout.str() and "pytest_plugin.py" not in outcome.stdout.str()


def test_one_name_twice_makes_two_tests(folder):
    block = 'test "same" { allow read docs:/a }\n'
    (folder.path / "a.scope").write_text("read docs:/a\nexpires 2h\n" + block + block.replace("allow", "deny"))
    outcome = folder.runpytest("-v")
    outcome.assert_outcomes(passed=1, failed=1)
    outcome.stdout.fnmatch_lines(["*a.scope::same PASSED*", "*a.scope::same (2) FAILED*"])


def test_a_document_that_does_not_compile_is_an_error(folder):
    (folder.path / "typo.scope").write_text("raed docs:/a\nexpires 2h\n")
    outcome = folder.runpytest()
    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines(["typo.scope:1:1: error*unknown-action*did you mean `read`*", "*^^^^*"])
    assert "Traceback" not in outcome.stdout.str()


def test_a_document_without_tests_has_none(folder):
    (folder.path / "plain.scope").write_text("read docs:/a\nexpires 2h\n")
    assert folder.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_modules_are_found_where_the_setting_says(folder):
    folder.makeini("[pytest]\nremit_module_path = policies\n")
    (folder.path / "policies" / "shared").mkdir(parents=True)
    (folder.path / "policies" / "shared" / "base.scope").write_text("read docs:/a\nexpires 2h\n")
    (folder.path / "task.scope").write_text('use shared.base\nexpires 1h\ntest "a" { allow read docs:/a }\n')
    folder.runpytest("task.scope").assert_outcomes(passed=1)
    folder.makeini("[pytest]\n")
    folder.runpytest("task.scope").assert_outcomes(errors=1)


def test_the_fixture(folder):
    (folder.path / "weekly.scope").write_text(GOOD)
    below = folder.path / "tests"
    below.mkdir()
    (below / "own.scope").write_text("read docs:/own\nexpires 2h\n")
    (below / "test_it.py").write_text("""
import remit
def test_beside_and_root(scope):
    assert scope("own.scope").rules[0].source == "read docs:/own"
    with remit.open(user="mike@acme.example", task=scope("weekly.scope", folder="docs:/z")) as session:
        assert session.check("read", "docs:/z/1") and not session.check("read", "docs:/a/1")
def test_lacks_an_argument(scope):
    scope("weekly.scope")
def test_nowhere(scope):
    scope("nowhere.scope")
""")
    outcome = folder.runpytest("tests/test_it.py")
    outcome.assert_outcomes(passed=1, failed=2)
    outcome.stdout.fnmatch_lines(["weekly.scope:1:1: error*missing-argument*`folder`*", "*FileNotFoundError: no 'nowhere.scope' in *tests or *"])
