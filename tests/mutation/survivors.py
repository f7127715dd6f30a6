"""survivors.txt: the mutants that no test can kill, each with the reason.

    engine/vm/match.cpp
      the line's text
        `what`: became what
          kind: reason

kind is one of: equivalent (the program does the same), performance (it only takes longer or shorter),
unreachable (what stands before never lets it happen).
"""
KINDS = ("equivalent", "performance", "unreachable")


def read(path):
    """Key of the mutant -> its reason."""
    listed, at = {}, [None, None, None]
    with open(path) as file:
        for number, line in enumerate(file, 1):
            text = line.strip()
            if not text or line.startswith("#"):
                continue
            depth = (len(line) - len(line.lstrip(" "))) // 2
            if depth == 3:
                if text.split(":")[0] not in KINDS:
                    raise SystemExit(f"{path}:{number}: a reason begins with one of {', '.join(KINDS)}")
                listed[" | ".join(at)] = text
            elif depth < 3:
                at[depth] = text
            else:
                raise SystemExit(f"{path}:{number}: too deep")
    return listed


def faults(results, listed, existing, glob):
    """What the list says wrongly, and the survivors that it does not say."""
    found = []
    for point, killer in results:
        if killer is None and point.key not in listed:
            found.append(f"survived: {point.file}:{point.line}: {point.what}\n    {point.text}")
        elif killer is not None and point.key in listed:
            found.append(f"listed but killed by {killer}: {point.key}")
    if glob == "*":
        found += [f"listed but gone: {key}" for key in listed if key not in existing]
    return found
