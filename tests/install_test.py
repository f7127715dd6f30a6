#!/usr/bin/env python3
"""Installs the build into a fresh prefix and uses it as others would: with find_package, with pkg-config, and the engine alone."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = BUILD = pathlib.Path()

# What the clinical summary's documents say to the eight requests of examples/embed-cpp.
ANSWERS = [
    "allow read docs:/clinical/A/protocol.pdf",
    "deny read docs:/clinical/AB/protocol.pdf: no rule permits it",
    "deny read docs:/clinical/A/hr/review.md: a deny rule matches",
    "deny list docs:/clinical/A/unblinding: a deny rule matches (guardrail acme_policy, acme_policy.scope:",
    "allow create ws:/proj/B/summaries/w47.md",
    "deny create ws:/proj/B/summaries/w47.md: a deny rule matches",
    "ask send mail:bob@acme.example",
    "deny read docs:/clinical/A/protocol.pdf: the scope has expired",
]

# A host's own warnings hold for what it writes with our headers, such as an opening with some of its members named.
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wpedantic", "-Werror"]

# A product that ships the engine and a compiled program, without the language.
ENGINE_ALONE = r"""
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <remit/remit.h>

int main(int, char** argv) {
  std::ifstream in(argv[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const remit::Result<remit::Program> task = remit::Program::load(std::as_bytes(std::span<const char>(bytes)));
  if (!task) return std::cerr << task.error().text << "\n", 1;
  const remit::Layers layers = remit::Layers::link(task.value()).value();
  for (const char* resource : {"docs:/clinical/A/x", "docs:/clinical/AB/x"})
    std::cout << to_string(layers.decide({"read", resource}, {.user = "mike@acme.example"}, {}).effect) << "\n";
}
"""


# A session with an audit trail: records, their reader and a checkpoint, all from public headers.
AUDITED = r"""
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <remit/audit.h>
#include <remit/audit_proof.h>
#include <remit/audit_reader.h>
#include <remit/remit.h>

int main(int, char** argv) {
  std::ifstream in(argv[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto key = remit::SigningKey::generate("install.example").value();
  const auto log = remit::AuditLog::open(argv[2], {.origin = "install.example", .key = key.to_pem().value()}).value();
  auto session = remit::Session::open({.agent = "spiffe://acme.example/agent/summarizer", .user = "mike@acme.example",
                                       .layers = remit::Layers::link(remit::Program::load(std::as_bytes(std::span<const char>(bytes))).value()).value(),
                                       .surroundings = {.audit = log}}, {}).value();
  (void)session.check({"read", "docs:/clinical/AB/x"}, {});
  if (!log->close().ok()) return 1;
  const auto reader = remit::AuditReader::open(argv[2]).value();
  (void)reader.each({.effect = "deny"}, [](const remit::AuditRecord& record) { return std::cout << record.seq << " " << record.reason << "\n", true; });
  const auto note = reader.latest_checkpoint().value().value();
  std::cout << remit::open_checkpoint(note.note, key.verifier()).value().size << "\n";
}
"""


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        first, cls.prefix = cls.folder / "first", cls.folder / "prefix"
        run("cmake", "--install", BUILD, "--prefix", first)
        first.rename(cls.prefix)  # what is installed may be moved
        cls.remit = cls.prefix / "bin" / "remit"
        cls.compiler = os.environ.get("CXX") or "c++"

    def pkg_config(self, *words):
        folder = next(self.prefix.rglob("pkgconfig"))
        return run("pkg-config", *words, env={**os.environ, "PKG_CONFIG_PATH": str(folder)}).split()

    def build(self, source, packages, name):
        out = self.folder / name
        run(self.compiler, "-std=c++20", *WARNINGS, source, *self.pkg_config("--cflags", "--libs", *packages), "-o", out)
        return out

    def assert_answers(self, program):
        lines = run(program, SOURCE / "examples" / "clinical-summary").splitlines()
        self.assertEqual(len(lines), len(ANSWERS), lines)
        for line, wanted in zip(lines, ANSWERS):
            self.assertTrue(line.startswith(wanted), f"{line}\nshould begin with\n{wanted}")

    def test_find_package(self):
        build = self.folder / "cmake"
        run("cmake", "-S", SOURCE / "examples" / "embed-cpp", "-B", build, "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_CXX_COMPILER={self.compiler}", "-DCMAKE_BUILD_TYPE=Debug",
            f"-DCMAKE_CXX_FLAGS={' '.join(WARNINGS)}")
        run("cmake", "--build", build)
        self.assert_answers(build / "embed_remit")

    def test_c_find_package(self):
        build = self.folder / "cmake_c"
        run("cmake", "-S", SOURCE / "examples" / "embed-c", "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DCMAKE_BUILD_TYPE=Debug")
        run("cmake", "--build", build)
        self.assert_answers(build / "embed_remit_c")

    @unittest.skipUnless(shutil.which("pkg-config"), "no pkg-config")
    def test_c_pkg_config(self):
        out = self.folder / "embed_c"
        libraries = {path.parent for path in self.prefix.rglob("libremit_c.so")}
        run(os.environ.get("CC") or "cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", SOURCE / "examples" / "embed-c" / "main.c",
            *self.pkg_config("--cflags", "--libs", "remit-lang-c"), *(f"-Wl,-rpath,{folder}" for folder in libraries), "-o", out)
        self.assert_answers(out)

    def test_c_libraries_show_the_c_api_only(self):
        for name in ("libremit_c.so", "libremit_lang_c.so"):
            library = next(self.prefix.rglob(name))
            shown = [line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()]
            self.assertTrue(any(symbol.startswith("remit_") for symbol in shown))
            self.assertEqual([symbol for symbol in shown if "remit" in symbol and not symbol.startswith("remit_")], [], name)

    @unittest.skipUnless(shutil.which("pkg-config"), "no pkg-config")
    def test_pkg_config(self):
        self.assert_answers(self.build(SOURCE / "examples" / "embed-cpp" / "main.cpp", ["remit-lang"], "embed"))

    @unittest.skipUnless(shutil.which("pkg-config"), "no pkg-config")
    def test_engine_alone(self):
        source, image = self.folder / "alone.cpp", self.folder / "task.remit"
        source.write_text(ENGINE_ALONE)
        run(self.remit, "compile", SOURCE / "examples" / "clinical-summary" / "task.scope", "--arg", "folder=docs:/clinical/A",
            "--arg", "project=ws:/proj/B", "-o", image)
        self.assertNotIn("-lremit_lang", self.pkg_config("--libs", "remit"))
        self.assertEqual(run(self.build(source, ["remit"], "alone"), image), "allow\ndeny\n")

    @unittest.skipUnless(shutil.which("pkg-config"), "no pkg-config")
    def test_audit_trail(self):
        source, image = self.folder / "audited.cpp", self.folder / "audited.remit"
        source.write_text(AUDITED)
        run(self.remit, "compile", SOURCE / "examples" / "clinical-summary" / "task.scope", "--arg", "folder=docs:/clinical/A",
            "--arg", "project=ws:/proj/B", "-o", image)
        self.assertEqual(run(self.build(source, ["remit-audit"], "audited"), image, self.folder / "trail.db"), "2 no_matching_rule\n2\n")

    def test_public_headers_stand_alone(self):
        headers = sorted(self.prefix.rglob("include/**/*.h"))
        self.assertGreater(len(headers), 8)
        for header in headers:
            name = header.relative_to(self.prefix / "include")
            run(self.compiler, "-std=c++20", "-fsyntax-only", "-I", self.prefix / "include", "-x", "c++", "-",
                input=f"#include <{name}>\n")


def main():
    global SOURCE, BUILD
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    SOURCE, BUILD = arguments.source.resolve(), arguments.build.resolve()
    result = unittest.main(argv=[sys.argv[0], *rest], exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
