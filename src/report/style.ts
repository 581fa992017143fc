/** The look of a report: one file, light and dark by the reader's preference, and paper. */
export const style = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --dim: #5b6570; --line: #d8dde3; --soft: #f3f5f8; --good: #1a7f4b; --bad: #c62f2f; --warn: #9a6700; --fault: #f6dcae; --late: #9aa7b5; --event: #2563c9; }
@media (prefers-color-scheme: dark) { :root { --paper: #12161b; --ink: #e4e8ee; --dim: #9aa5b1; --line: #313942; --soft: #1b2128; --good: #4cc38a; --bad: #ff7b72; --warn: #e3b341; --fault: #4a3a1a; --late: #66727f; --event: #79b0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 68rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; } h3 { font-size: 1.02rem; margin: 0; }
p { margin: .4rem 0; } .dim { color: var(--dim); } code { font: 13px/1.4 ui-monospace, 'DejaVu Sans Mono', monospace; }
.banner { margin: 1.25rem 0; padding: .8rem 1rem; border-left: 6px solid var(--good); background: var(--soft); } .banner.failed { border-color: var(--bad); }
.banner strong { font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; font-size: 14px; } th { text-align: left; color: var(--dim); font-weight: 600; } th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } .wide { overflow-x: auto; }
a { color: inherit; } .passed { color: var(--good); font-weight: 600; } .failed-text { color: var(--bad); font-weight: 600; } .left { color: var(--dim); } .warn { color: var(--warn); }
.meter { display: block; width: 7rem; height: 8px; background: var(--soft); border: 1px solid var(--line); border-radius: 4px; overflow: hidden; margin-top: .35rem; } .meter i { display: block; height: 100%; background: var(--good); } .meter i.warn-bar { background: var(--warn); } .meter i.bad-bar { background: var(--bad); }
section.scenario { border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1rem .75rem; margin: 1rem 0; break-inside: avoid; }
.head { display: flex; gap: 1rem; justify-content: space-between; flex-wrap: wrap; align-items: baseline; } .reasons { margin: .5rem 0; padding: .5rem .8rem; border-left: 4px solid var(--bad); background: var(--soft); } .reasons p { margin: .2rem 0; }
svg.timeline { width: 100%; height: auto; margin: .75rem 0 .25rem; display: block; } svg text { fill: var(--ink); font-size: 12px; } svg .note, svg .tick-text { fill: var(--dim); } svg .tick-text { text-anchor: middle; }
svg .fault { fill: var(--fault); } svg .flow { fill: var(--good); opacity: .55; } svg .loss { fill: var(--bad); } svg .late { fill: var(--late); } svg .event { fill: var(--event); } svg .budget { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3; } svg .tick { stroke: var(--dim); }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--dim); } dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .75rem 0; } dl.facts dt { color: var(--dim); } dl.facts dd { margin: 0; }
.legend { display: flex; gap: 1.25rem; flex-wrap: wrap; color: var(--dim); font-size: 13px; } .legend i { display: inline-block; width: 12px; height: 10px; margin-right: .35rem; }
@media print { :root { --paper: #fff; --ink: #000; --dim: #444; --line: #bbb; --soft: #f3f3f3; --good: #1a7f4b; --bad: #b00020; --warn: #7a5200; --fault: #f6dcae; --late: #999; --event: #1a4fa3; } body { padding: 0; max-width: none; font-size: 11px; } details > :not(summary) { display: block; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`
