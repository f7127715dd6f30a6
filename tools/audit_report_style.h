// How a report looks: on a screen, in the dark, on paper. Nothing is fetched; fonts are the
// reader's.
#pragma once

namespace remit::tools {

inline constexpr char kReportStyle[] = R"css(
:root { color-scheme: light dark; --ink: #1b2330; --quiet: #5b6675; --paper: #fff; --panel: #f5f7fa; --line: #d9dfe7;
  --allow: #14795a; --deny: #b3261e; --ask: #9a6200; --approval: #2459b3; --good: #e6f4ee; --bad: #fbe9e7; --soft: #fdf3df }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --quiet: #9aa6b5; --paper: #12161c; --panel: #1a2028; --line: #323b47;
  --allow: #4fc79b; --deny: #ff8a80; --ask: #f0b54a; --approval: #8ab4ff; --good: #12291f; --bad: #331715; --soft: #2b2312 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .2rem 0 .6rem; overflow-wrap: anywhere }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .7rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line) }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem }
p { margin: .5rem 0; max-width: 46rem }
.verdict { font-weight: 600 } .verdict.good { color: var(--allow) } .verdict.bad { color: var(--deny) }
.kicker { color: var(--quiet); font-size: .8rem; letter-spacing: .09em; text-transform: uppercase; margin: 0 }
.quiet { color: var(--quiet) }
.lead { font-size: 1.05rem }
code, pre, .mono { font-family: ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; font-size: .86em; overflow-wrap: anywhere }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .7rem; margin: 1.2rem 0 }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .7rem .9rem }
.tile b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums }
.tile span { color: var(--quiet); font-size: .85rem }
.box { border: 1px solid var(--line); border-left-width: 5px; border-radius: 6px; padding: .6rem 1rem; margin: 1rem 0 }
.box p { margin: .2rem 0 }
.box.good { background: var(--good); border-left-color: var(--allow) }
.box.bad { background: var(--bad); border-left-color: var(--deny) }
.box.soft { background: var(--soft); border-left-color: var(--ask) }
dl { display: grid; grid-template-columns: 10rem 1fr; gap: .35rem 1rem; margin: .6rem 0 }
dt { color: var(--quiet) }
dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-size: .92rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
th { color: var(--quiet); font-weight: 600; font-size: .82rem; border-bottom-width: 2px }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal }
td.time { font-variant-numeric: tabular-nums; overflow-wrap: normal }
.time span { white-space: nowrap }
table.reasons, table.asks { table-layout: fixed }
.reasons th:nth-child(1) { width: 5rem } .reasons th:nth-child(2) { width: 3.6rem } .reasons th:nth-child(4) { width: 40% } .reasons th:nth-child(5) { width: 7rem }
.asks th:nth-child(1) { width: 34% } .asks th:nth-child(2), .asks th:nth-child(4) { width: 6.5rem }
td .because { display: block; color: var(--quiet); font-style: italic }
td code + code { display: block }
.allow { color: var(--allow) } .deny { color: var(--deny) } .ask { color: var(--ask) } .approval { color: var(--approval) }
b.allow, b.deny, b.ask, b.approval { white-space: nowrap }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; margin: .5rem 0; white-space: pre-wrap; line-height: 1.45 }
pre.source { counter-reset: line; padding-left: 0 }
pre.source span { display: block; padding-left: 3.6rem; position: relative; min-height: 1.45em }
pre.source span::before { counter-increment: line; content: counter(line); position: absolute; left: 0; width: 2.7rem; text-align: right; color: var(--quiet); opacity: .8 }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, "DejaVu Sans", sans-serif }
svg text { fill: var(--quiet) } svg text.lane { fill: var(--ink) }
svg .grid { stroke: var(--line); stroke-width: .7 } svg .row { fill: var(--panel) }
svg .allow { fill: var(--allow) } svg .deny { stroke: var(--deny); stroke-width: 2.2; fill: none } svg .ask { fill: var(--ask) } svg .approval { fill: var(--approval) }
ul.tree { list-style: none; margin: .4rem 0; padding: 0 } ul.tree li { border-left: 3px solid var(--line); padding: .3rem 0 .3rem .9rem; margin: .3rem 0 }
ol.records { padding: 0; list-style: none; font-size: .88rem } ol.records li { display: flex; gap: .9rem; padding: .18rem 0; border-bottom: 1px solid var(--line) }
ol.records .seq { color: var(--quiet); min-width: 3.6rem; text-align: right; font-variant-numeric: tabular-nums } ol.records .what { overflow-wrap: anywhere }
footer { margin-top: 3rem; color: var(--quiet); font-size: .85rem }
@media (max-width: 40rem) { main { padding: 1.5rem 1rem } .tiles { grid-template-columns: 1fr 1fr } .scroll { overflow-x: auto } .scroll > * { min-width: 44rem }
  dl { grid-template-columns: 1fr; gap: .1rem } dd { margin-bottom: .5rem } }
@media print { :root { color-scheme: light; --ink: #000; --quiet: #444; --paper: #fff; --panel: #f6f6f6; --line: #bbb; --allow: #0d5f46; --deny: #9c1c15;
    --ask: #7a4d00; --approval: #1b4690; --good: #fff; --bad: #fff; --soft: #fff }
  body { font-size: 9.5pt } ol.records { font-size: 8pt } .scroll { overflow: visible } main { max-width: none; padding: 0 } h2 { break-after: avoid } tr, .box, .tile, li, svg { break-inside: avoid } thead { display: table-header-group }
  @page { margin: 18mm 16mm } }
)css";

}  // namespace remit::tools
