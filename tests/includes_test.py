#!/usr/bin/env python3
"""Holds the directions between the rooms: each includes only what stands left of it.

image <- vm <- session <- identity, audit, session <- c, image <- lang, everything <- tools <- python; engine never includes lang; public headers
include only the standard library and public headers; PEGTL stays inside lang/parse.
"""
import argparse
import pathlib
import re
import sys

ALLOWED = {  # room: rooms whose private headers it may include
    "engine/image": {"engine/image"},
    "engine/vm": {"engine/image", "engine/vm"},
    "engine/session": {"engine/image", "engine/vm", "engine/session"},
    "engine/identity": {"engine/image", "engine/vm", "engine/session", "engine/identity"},
    "engine/audit": {"engine/image", "engine/vm", "engine/session", "engine/sqlite", "engine/audit"},
    "engine/store": {"engine/sqlite", "engine/store"},
    "engine/sqlite": set(),
    "engine/c": {"engine/c"},
    "lang": {"engine/image", "lang"},
    "tools": {"engine/c", "engine/image", "engine/session", "engine/identity", "engine/audit", "lang", "tools"},
    "python": {"engine/image", "engine/session", "engine/audit", "lang", "tools", "python"},
}
PUBLIC_ALLOWED = {  # public headers by the room that defines them
    "image": {"id.h", "result.h", "value.h", "decision.h", "program.h", "request.h"},
    "vm": {"layers.h"},
    "session": {"audit_sink.h", "identity.h", "principals.h", "session.h", "store.h", "remit.h"},
    "audit": {"audit.h", "audit_proof.h", "audit_reader.h"},
    "store": {"sqlite_store.h"},
    "c": {"remit_c.h", "remit_lang_c.h"},
    "identity": {"refusal.h", "identifier.h", "trust.h", "token.h", "mint.h"},
}
PUBLIC_FOR = {  # which of those a room may include
    "engine/image": ["image"],
    "engine/vm": ["image", "vm"],
    "engine/session": ["image", "vm", "session"],
    "engine/identity": ["image", "vm", "session", "identity"],
    "engine/audit": ["image", "vm", "session", "audit"],
    "engine/store": ["image", "vm", "session", "store"],
    "engine/sqlite": [],
    "engine/c": ["image", "vm", "session", "c"],
    "lang": ["image"],
    "tools": ["c", "store", "audit", "image", "vm", "session", "identity"],
    "python": ["store", "audit", "image", "vm", "session", "identity"],
}
C_HEADERS = {"stddef.h", "stdint.h", "string.h"}  # all that the C API needs
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path: str) -> str | None:
    for room in sorted(ALLOWED, key=len, reverse=True):
        if path == room or path.startswith(room + "/"):
            return room
    return None


def problems_of(source: pathlib.Path, relative: str):
    public = "/include/" in relative
    room = None if relative.startswith("engine/include/") or relative.endswith("_c.h") else room_of(relative)
    for number, line in enumerate(source.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        quote, name = found.groups()
        where = f"{relative}:{number}: {name}"
        if public and not (quote == "<" and (name.startswith("remit/") or "." not in name or name in C_HEADERS)):
            yield f"{where}: a public header includes something that is not public"
        if ("pegtl" in name) and not relative.startswith("lang/parse/"):
            yield f"{where}: PEGTL outside lang/parse"
        if room is None:
            continue
        if quote == '"' and room_of(name) not in ALLOWED[room]:
            yield f"{where}: {room} may not include this room"
        if name.startswith("remit/lang/") and room not in ("lang", "tools", "python"):
            yield f"{where}: the engine may not include the language"
        elif name.startswith("remit/") and not name.startswith("remit/lang/"):
            if not any(name[len("remit/"):] in PUBLIC_ALLOWED[group] for group in PUBLIC_FOR[room]):
                yield f"{where}: {room} may not include this header"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path)
    source = parser.parse_args().source
    checked, found = 0, []
    for folder in ("engine", "lang", "tools", "python"):
        for path in sorted((source / folder).rglob("*")):
            if path.suffix in (".h", ".cpp", ".inc"):
                checked += 1
                found += problems_of(path, path.relative_to(source).as_posix())
    print("\n".join(found))
    print(f"{checked - len(found)} passed, {len(found)} failed")
    return 1 if found or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
