#!/usr/bin/env python3
"""Installs the build into a fresh prefix and builds examples/embed-cpp from it with find_package."""
import argparse
import pathlib
import subprocess
import sys
import tempfile


def run(*command: str, cwd: pathlib.Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"failed: {' '.join(command)}\n{done.stdout}{done.stderr}\n0 passed, 1 failed")
        sys.exit(1)
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prefix, build = pathlib.Path(folder) / "prefix", pathlib.Path(folder) / "build"
        run("cmake", "--install", str(options.build), "--prefix", str(prefix))
        example = options.source / "examples" / "embed-cpp"
        run("cmake", "-S", str(example), "-B", str(build), "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Debug")
        run("cmake", "--build", str(build))
        program = next(path for path in build.iterdir() if path.is_file() and path.stat().st_mode & 0o111 and path.suffix == "")
        output = run(str(program), cwd=options.source)
        print(output)
        wanted = ["allow", "deny", "ask"]
        missing = [word for word in wanted if word not in output]
        headers = list((prefix / "include").rglob("*.h"))
        print(f"{len(headers)} headers installed")
        print(f"{len(wanted) - len(missing)} passed, {len(missing)} failed")
        return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
