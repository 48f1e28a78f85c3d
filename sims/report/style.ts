/** How a report's page looks: light and dark, wide and narrow. Plain system fonts, nothing fetched. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f6f8fa; --line: #d9dfe5; --ink: #1b2127; --soft: #56616c; --link: #1f5fc4;
  --good: #1a7440; --fair: #8a5a00; --bad: #b3261e;
  --done: #2f6fd6; --limit: #b3540a; --peers: #e3e8ee; --grid: #cfd6dd; --budget: #b3261e; --over: #000000;
  --level0: #3b0f70; --level1: #7b2f9e; --level2: #b35fc0; --level3: #d59bdb; --level4: #ecc9ee; --workers: #57a88a; --idle: #d7dde3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --card: #1a2027; --line: #323b45; --ink: #e6eaee; --soft: #a1acb8; --link: #86b4ff;
    --good: #5fcf8e; --fair: #e5b454; --bad: #ff8a80;
    --done: #6fa6ff; --limit: #f2a65a; --peers: #2a333d; --grid: #3a444f; --budget: #ff8a80; --over: #ffffff;
    --level0: #f7dcfa; --level1: #d9a0e3; --level2: #b06cc4; --level3: #84459b; --level4: #5b2c70; --workers: #3f8a70; --idle: #39434e;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 58rem; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.25; margin: 0; text-wrap: balance; }
h1 { font-size: 1.75rem; }
h2 { font-size: 1.3rem; margin-top: 2.5rem; }
h3 { font-size: 1.08rem; }
section > h3 { margin-top: 2rem; }
p { margin: .4rem 0; }
a { color: var(--link); }
.soft, figcaption { color: var(--soft); }
.verdict { display: inline-flex; gap: .5em; align-items: baseline; margin: .8rem 0 0; padding: .35rem .8rem; border: 1.5px solid; border-radius: .5rem; font-weight: 600; }
.holds { color: var(--good); } .missed { color: var(--fair); } .unfinished, .broken { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem; margin: 1.25rem 0 0; padding: 0; }
.tiles > div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .7rem .9rem; }
.tiles dt { color: var(--soft); font-size: .85rem; }
.tiles dd { margin: 0; font-variant-numeric: tabular-nums; }
.tiles .large { font-size: 1.5rem; font-weight: 650; line-height: 1.3; }
.tiles .small { text-wrap: balance; color: var(--soft); font-size: .85rem; line-height: 1.35; }
figure { margin: 2.25rem 0 0; }
figure h2, figure h3 { margin: 0; font-size: 1.15rem; }
figcaption { margin-top: .15rem; }
.keys { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; margin: .6rem 0 .3rem; padding: 0; font-size: .85rem; }
.key { display: inline-block; width: 1.4em; height: .8em; margin-right: .45em; background: var(--colour); border-radius: 2px; }
.key.line { height: 0; background: none; border-top: 3px solid var(--colour); vertical-align: .25em; }
.key.dashes { height: 0; background: none; border-top: 2px dashed var(--colour); border-radius: 0; vertical-align: .25em; }
.plot { display: block; width: 100%; height: auto; font-family: system-ui, sans-serif; }
.plot text { white-space: pre; }
.narrow { display: none; }
details { margin-top: .5rem; font-size: .92rem; }
summary { cursor: pointer; color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .6rem 0 0; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .28rem 1.1rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 500; white-space: pre; min-width: 9rem; }
.word, th a, td code { white-space: nowrap; }
.l { text-align: left; } .r { text-align: right; white-space: nowrap; }
.violations { padding-left: 1.2rem; } .violations li { margin: .3rem 0; overflow-wrap: anywhere; }
code { font: .88em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; margin: .6rem 0 0; white-space: pre-wrap; user-select: all; }
.world { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: 1rem; font-size: inherit; }
.world > summary h2 { display: inline; }
.world > summary { color: inherit; }
@media (max-width: 640px) {
  .wide { display: none; } .narrow { display: block; }
  .tiles { grid-template-columns: repeat(2, 1fr); }
  h1 { font-size: 1.45rem; }
  th, td { padding-right: .75rem; }
  tbody th { min-width: 0; white-space: pre-wrap; }
}
@media print { .world, details { break-inside: avoid; } }
`
