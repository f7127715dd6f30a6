"""Prints the table of a run of scripts/peers with its bars, and writes it as JSON and as a picture."""
import json
import math
import sys

MINE = ("Remit", "prefix walk")


def time(ns):
    return f"{ns:.0f} ns" if ns < 1e3 else f"{ns / 1e3:.1f} µs" if ns < 1e6 else f"{ns / 1e6:.1f} ms"


def table(rows, remit):
    print("| workload | engine | median | p99 | median ÷ Remit | p99 ÷ Remit | median with building the request |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        name = f"{row['engine']} {row.get('version', '')}".strip()
        if "skipped" in row:
            print(f"| {row['workload']} | {name} | skipped: {row['skipped']} | | | | |")
            continue
        base = remit[row["workload"]]
        print(f"| {row['workload']} | {name} | {time(row['median_ns'])} | {time(row['p99_ns'])} "
              f"| {row['median_ns'] / base['median_ns']:.1f} | {row['p99_ns'] / base['p99_ns']:.1f} | {time(row['median_with_request_ns'])} |")


def bars(rows, remit):
    """The bars of the project: ten times faster than every peer, three times than the walk from 100 rules on."""
    for work, base in remit.items():
        # Medians only: Remit and the walk are timed in batches, which hide their slow single decisions.
        peers = [row for row in rows if row["workload"] == work and row["engine"] not in MINE and "median_ns" in row]
        if peers:
            best = min(peers, key=lambda row: row["median_ns"])
            bar(f"{work}: median against {best['engine']}", best["median_ns"] / base["median_ns"], 10)
        walk = [row for row in rows if row["workload"] == work and row["engine"] == "prefix walk" and "median_ns" in row]
        if walk and work not in ("task", "rules-10"):
            bar(f"{work}: median against the prefix walk", walk[0]["median_ns"] / base["median_ns"], 3)


def bar(sentence, ratio, least):
    print(f"{'met   ' if ratio >= least else 'MISSED'}  {sentence}: {ratio:.1f} times, at least {least}")


def picture(rows, path):
    """Median against the number of rules, both logarithmic."""
    lines = {}
    for row in rows:
        if row["workload"].startswith("rules-") and "median_ns" in row:
            lines.setdefault(row["engine"], []).append((int(row["workload"][6:]), row["median_ns"]))
    x = lambda rules: 70 + 120 * (math.log10(rules) - 1)
    y = lambda ns: 420 - 50 * (math.log10(ns) - 1)
    svg = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 460" font-family="sans-serif" font-size="13">',
           '<rect width="700" height="460" fill="white"/><text x="70" y="22">Median of a decision against the number of rules</text>']
    for power in range(1, 6):
        svg.append(f'<text x="{x(10 ** power)}" y="442" text-anchor="middle">{10 ** power:,}</text>')
    for power in range(1, 9):
        svg.append(f'<path d="M70 {y(10 ** power)}H550" stroke="#ddd"/><text x="64" y="{y(10 ** power) + 4}" text-anchor="end">{time(10 ** power)}</text>')
    colours = ["#0b5fff", "#777", "#d1495b", "#e08e0b", "#2a9d8f", "#7b2cbf", "#8c5e34"]
    for colour, (engine, points) in zip(colours, lines.items()):
        path_data = "L".join(f"{x(rules):.1f} {y(ns):.1f}" for rules, ns in points)
        rules, ns = points[-1]
        svg.append(f'<path d="M{path_data}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
                   f'<text x="{x(rules) + 8:.1f}" y="{y(ns) + 4:.1f}" fill="{colour}">{engine}</text>')
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(svg + ["</svg>\n"]))


def main(rows_path, json_path, svg_path):
    with open(rows_path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    with open(json_path, "w", encoding="utf-8") as out:
        json.dump(rows, out, indent=1)
    remit = {row["workload"]: row for row in rows if row["engine"] == "Remit" and "median_ns" in row}
    table(rows, remit)
    bars(rows, remit)
    picture(rows, svg_path)


main(*sys.argv[1:])
