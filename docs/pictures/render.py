#!/usr/bin/env python3
"""Draws the pictures of docs/cookbook.md: what notebooks show, as a browser paints it. Look at each before you keep it.

    docs/pictures/render.py [FOLDER]

Run it with an interpreter that has the package with `remit[notebook]`, where `chromium` is installed.
"""
import datetime
import pathlib
import subprocess
import sys
import tempfile

import pandas
from PIL import Image, ImageChops

import remit
from remit import audit

NOW = datetime.datetime(2026, 12, 1, 9, 0, tzinfo=datetime.timezone.utc)
PAGES = {"light": "background:#fff;color:#1a1a1a", "dark": "background:#111;color:#e6e6e6"}
TASK = """scope weekly_summary(folder: resource, project: resource)
purpose "Summarise the week's documents of one trial"
agent spiffe://acme.example/agent/summarizer
delegate up to 2 levels to spiffe://acme.example/**
expires 2h

read, list $folder
  except $folder/hr, docs:/**/unblinding
  at most 50 times
write $project/summaries when size <= 5MB and filename like "*.md"
ask  send mail:*@acme.example   because "mail to colleagues needs your yes"
deny send mail:* after read docs:/clinical/A/lab   because "lab data never leaves by mail"
"""
GUARDRAIL = """guardrail acme
allow any anything
deny delete anything   because "agents tidy nothing away"
limit send mail: to 20 times per 1h
"""


def at(minutes):
    return NOW + datetime.timedelta(minutes=minutes)


def afternoon(folder):
    """A session with a past, a tree and a trail; some of its decisions."""
    task = remit.compile(TASK, file="weekly.scope", folder="docs:/clinical/A", project="ws:/proj/B")
    guardrail = remit.compile(GUARDRAIL, file="acme.scope")
    key, verifier = audit.generate_key("audit.acme.example")
    log = audit.Log(folder / "trail.db", origin="audit.acme.example", key=key)
    session = remit.open(agent="spiffe://acme.example/agent/summarizer", user="mike@acme.example", task=task, guardrails=[guardrail], audit=log, now=NOW)
    for number in range(41):
        session.check("read", f"docs:/clinical/A/{number}.pdf", now=at(1 + number // 2))
    denied = session.check("read", "docs:/clinical/AB/protocol.pdf", now=at(22))
    written = session.check("write", "ws:/proj/B/summaries/w47.md", size=remit.Bytes(20_000), filename="w47.md", now=at(24))
    tidied = session.verdicts("delete", "docs:/clinical/A/1.pdf", now=at(25))[1]
    session.check("delete", "docs:/clinical/A/1.pdf", now=at(26))
    child = session.delegate("spiffe://acme.example/agent/translator", remit.compile("scope translate; read docs:/clinical/A; delegate to spiffe://acme.example/**; expires 1h"), now=at(28))
    leaf = child.delegate("spiffe://acme.example/agent/ocr", remit.compile("scope scan; read docs:/clinical/A/scans; expires 15m"), now=at(29))
    leaf.check("read", "docs:/clinical/A/scans/1.png", now=at(31))
    asked = session.check("send", "mail:bob@acme.example", now=at(34))
    figure = session.timeline(audit.Reader(folder / "trail.db"))
    view = session._repr_html_()
    log.close()
    trail = audit.Reader(folder / "trail.db")
    return {
        "program": ("light", task._repr_html_() + guardrail._repr_html_()),
        "session": ("dark", view),
        "decision": ("light", "".join(one._repr_html_() for one in (written, tidied, asked, denied))),
        "trail": ("light", audit.verify(folder / "trail.db", key=verifier)._repr_html_() + audit.replay(folder / "trail.db")._repr_html_() + trail._repr_html_()),
    }, figure


def more():
    old = remit.compile(TASK, file="before.scope", folder="docs:/clinical/A", project="ws:/proj/B")
    changed = TASK.replace("$folder/hr, ", "").replace("5MB", "6MB").replace("*@acme", "*acme").replace("50 times", "20 times").replace("expires 2h", "expires 3h")
    new = remit.compile(changed, file="after.scope", folder="docs:/clinical/A", project="ws:/proj/B")
    try:
        remit.compile("scope typo\nexpires 2h\nraed docs:/a\nwrite ws:/a when size <= 5\n", file="typo.scope")
    except remit.CompileError as error:
        wrong = error._repr_html_()
    return {"diff": ("light", remit.diff(old, new)._repr_html_()), "errors": ("dark", wrong)}


def treemap(source):
    sys.path.insert(0, str(source / "examples" / "notebooks"))
    import access_log

    log = access_log.generate()
    guardrail = remit.compile("""guardrail acme
allow any anything
deny read docs:/**/hr, docs:/**/unblinding
deny any secrets:
deny delete docs:
deny write, delete, execute fs:/repos between 20:00 and 06:00 in Europe/Zurich
""")
    return guardrail.treemap(pandas.DataFrame(log), progress=False).figure


def shoot(name, theme, body, folder, out):
    """Paints a page, and cuts off what is empty below and beside."""
    page, shot = folder / f"{name}.html", out / f"{name}.png"
    page.write_text(f'<!doctype html><meta charset="utf-8"><body style="margin:8px;{PAGES[theme]}">{body}', encoding="utf-8")
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--window-size=860,2600", f"--user-data-dir={folder / 'browser'}",
                    f"--screenshot={shot}", page.as_uri()], check=True, stderr=subprocess.DEVNULL)
    picture = Image.open(shot).convert("RGB")
    used = ImageChops.difference(picture, Image.new("RGB", picture.size, picture.getpixel((0, 2599)))).getbbox()
    picture.crop((0, 0, 860, min(820, used[3] + 8))).quantize(64).save(shot, optimize=True)


def main():
    here = pathlib.Path(__file__).resolve().parent
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        views, timeline = afternoon(folder)
        for title, (theme, body) in {**views, **more()}.items():
            shoot(title, theme, body, folder, out)
    timeline.savefig(out / "timeline.png", dpi=90)
    treemap(here.parents[1]).savefig(out / "treemap.png", dpi=90)


if __name__ == "__main__":
    main()
