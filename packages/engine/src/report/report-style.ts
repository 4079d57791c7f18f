/** One accent, neutral greys; every other colour belongs to a label (UI.md). */
export const reportStyle = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --muted: #5c6370; --line: #e3e5ea; --soft: #f5f6f8; --accent: oklch(0.55 0.16 265); --accepted: oklch(0.55 0.16 265); --waiting: oklch(0.8 0.06 265); --none: #c9ccd3; --bad: #b3261e; --heat-color: oklch(0.62 0.17 30); }
@media (prefers-color-scheme: dark) { :root { --paper: #14161a; --ink: #e6e8ec; --muted: #9aa0ab; --line: #2b2f37; --soft: #1c1f25; --accent: oklch(0.72 0.14 265); --accepted: oklch(0.66 0.15 265); --waiting: oklch(0.42 0.06 265); --none: #3a3f49; --bad: #ff8a80; --heat-color: oklch(0.6 0.17 30); } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 32px 24px 64px; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-variant-numeric: tabular-nums; }
.brand { margin: 0; color: var(--muted); letter-spacing: .02em; }
h1, h2, h3, .note { overflow-wrap: anywhere; }
h1 { margin: 0 0 8px; font-size: 28px; line-height: 1.2; }
h2 { font-size: 16px; font-weight: 500; color: var(--muted); margin: 0 0 16px; }
h3 { font-size: 18px; margin: 0 0 4px; }
h4 { font-size: 12px; font-weight: 600; color: var(--muted); margin: 12px 0 4px; }
section { margin: 40px 0 0; } .lead { margin-top: 8px; }
.note, footer { color: var(--muted); margin: 0 0 12px; max-width: 82ch; } footer { margin-top: 48px; border-top: 1px solid var(--line); padding-top: 12px; }
.facts { display: flex; flex-wrap: wrap; gap: 12px 40px; margin-bottom: 16px; }
.fact b { display: block; font-size: 26px; line-height: 1.2; } .fact span { color: var(--muted); }
.funnel { display: flex; gap: 2px; border-radius: 6px; overflow: hidden; margin-bottom: 12px; }
.part { min-width: 72px; padding: 8px 12px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; color: var(--ink); }
.part.accepted { background: var(--accepted); color: #fff; } .part.waiting { background: var(--waiting); } .part.none { background: var(--none); }
@media (prefers-color-scheme: dark) { .part.accepted { color: #0b0d12; } }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 4px 0 10px; } .key.accepted { background: var(--accepted); } .key.waiting { background: var(--waiting); }
.warnings { margin: 24px 0 0; padding: 10px 16px 10px 32px; border-left: 3px solid var(--accent); background: var(--soft); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; } thead th { color: var(--muted); font-weight: 500; vertical-align: bottom; } tbody th { font-weight: 500; } small { display: block; color: var(--muted); font-weight: 400; font-size: 12px; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.chip { display: inline-block; padding: 0 8px; border-radius: 10px; margin: 0 4px 2px 0; white-space: nowrap; background: color-mix(in oklch, var(--label) 20%, var(--paper)); box-shadow: inset 0 0 0 1px color-mix(in oklch, var(--label) 55%, var(--paper)); } .chip i { font-style: normal; font-weight: 500; }
.bar { float: left; margin-top: 8px; width: 60px; height: 6px; margin-right: 8px; border-radius: 3px; background: linear-gradient(to right, var(--accent) var(--share), var(--line) var(--share));  }
.bad { color: var(--bad); font-weight: 600; } .empty { color: var(--muted); }
figure { margin: 12px 0 0; } figure svg { max-width: 100%; height: auto; }
.two { display: grid; grid-template-columns: 3fr 2fr; gap: 16px 40px; } .two > * { min-width: 0; }
.heat { width: auto; } .heat td { width: 56px; min-width: 56px; height: 40px; text-align: center; padding: 4px; border: 2px solid var(--paper); border-radius: 6px; background: color-mix(in oklch, var(--heat-color) var(--heat), var(--soft)); line-height: 1.2; } .heat td.same, .heat td.apart { background: none; color: var(--muted); } .heat small { font-size: 11px; color: inherit; } .heat thead th { vertical-align: bottom; height: 120px; padding: 0; border: 0; } .heat thead span { writing-mode: vertical-rl; transform: rotate(180deg); padding: 6px 18px; } .heat tbody th { border: 0; padding-right: 12px; white-space: nowrap; vertical-align: middle; }
.item { border-bottom: 1px solid var(--line); } .item summary { display: flex; gap: 12px; align-items: baseline; padding: 8px 0; cursor: pointer; } .item summary:focus-visible { outline: 2px solid var(--accent); } .item .id { color: var(--muted); } .item .title { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .gold { color: var(--muted); white-space: nowrap; } .item > .two { padding: 0 0 20px; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; max-height: 320px; overflow: auto; } .more { color: var(--muted); } mark { color: inherit; background: color-mix(in oklch, var(--label) 25%, var(--paper)); box-shadow: inset 0 -2px 0 var(--label); }
.fields span { margin-right: 16px; color: var(--muted); } .fields b { font-weight: 500; }
.posterior { display: grid; grid-template-columns: minmax(60px, 120px) 1fr 40px; gap: 8px; align-items: center; } .track { height: 8px; border-radius: 4px; background: var(--line); overflow: hidden; } .track span { display: block; height: 100%; background: var(--label); }
.votes { list-style: none; margin: 0; padding: 0; } .votes li { margin-bottom: 8px; } .votes p { margin: 0; color: var(--muted); overflow-wrap: anywhere; }
.problems { color: var(--muted); padding-left: 18px; }
@media (max-width: 760px) { .two { grid-template-columns: 1fr; } body { padding: 20px 16px 48px; } .item summary { flex-wrap: wrap; } .item .title { flex-basis: 100%; order: 3; } }
@media print { .item:not([open]) { display: none; } }
`;
