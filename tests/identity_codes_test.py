#!/usr/bin/env python3
"""Every refusal of engine/include/remit/refusal.h is expected by a test, and has a sentence of its own."""
import argparse
import pathlib
import re
import sys

# Neither can be brought about from outside: for want of memory, or of a working OpenSSL.
BEYOND_REACH = {"out_of_memory", "crypto_failed"}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path)
    source = parser.parse_args().source
    table = (source / "engine" / "include" / "remit" / "refusal.h").read_text()
    rows = re.findall(r'X\((\w+),\s*(?:\\\s*)?"((?:[^"]|"\s*\\?\s*")*)"\)', table)
    tests = "".join(path.read_text() for path in sorted((source / "tests").glob("identity_*_test.cpp")))
    found = [f"{code}: no test expects it" for code, _ in rows if code not in BEYOND_REACH and not re.search(rf"\b{code}\b", tests)]
    sentences = [sentence for _, sentence in rows]
    found += [f"{code}: its sentence is another's, too" for code, sentence in rows if sentences.count(sentence) > 1]
    print("\n".join(found))
    print(f"{len(rows) - len(found)} passed, {len(found)} failed")
    return 1 if found or len(rows) < 80 else 0


if __name__ == "__main__":
    sys.exit(main())
