#pragma once

namespace dragoman {

/// The style sheet of report_page(): light, readable, and good to print.
inline constexpr const char* kReportStyle = R"css(
:root { color-scheme: light; --ink: #1c2128; --soft: #5c6570; --rule: #d9dee4; --first: #1a5fb4; --second: #c64600; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem; background: #fff; color: var(--ink);
       font: 15px/1.5 system-ui, "Liberation Sans", "DejaVu Sans", sans-serif; }
h1 { margin: 0; font-size: 1.7rem; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--rule); font-size: 1.2rem; }
p { margin: .5rem 0; }
.soft, .unit, .number { color: var(--soft); }
.note { padding-left: .8rem; border-left: 3px solid var(--second); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .6rem; margin: 1rem 0 0; }
.facts div { padding: .5rem .7rem; border: 1px solid var(--rule); border-radius: 6px; }
.facts dt { color: var(--soft); font-size: .8rem; }
.facts dd { margin: 0; font-size: 1.15rem; font-weight: 600; }
.facts small { display: block; color: var(--soft); font-size: .8rem; font-weight: 400; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 1.2rem; }
.chart { margin: 0; break-inside: avoid; }
.chart svg { display: block; width: 100%; height: auto; }
.chart text { fill: var(--soft); font-size: 11px; }
.chart .grid line { stroke: var(--rule); stroke-width: 1; }
.key { margin-left: .8rem; font-size: .85rem; }
.key::before { content: ""; display: inline-block; width: 1.4em; margin-right: .35em; vertical-align: .25em;
               border-top: 3px solid; }
.key-0::before { border-color: var(--first); }
.key-1::before { border-color: var(--second); border-top-style: dashed; }
.bar-key .key-1::before { border-top-style: solid; }
.curve polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.curve-0 polyline { stroke: var(--first); }
.curve-1 polyline { stroke: var(--second); stroke-dasharray: 6 3; }
.curve-0 circle { fill: var(--first); }
.curve-1 circle { fill: var(--second); }
.many circle { fill-opacity: 0; }
.many circle:hover { fill-opacity: 1; }
.bar-0 { fill: var(--first); }
.bar-1 { fill: var(--second); }
.light { fill-opacity: .4; }
.bars:hover rect { fill-opacity: .7; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
.share { width: 9rem; height: .7rem; }
.sample { margin: 0 0 1rem; padding: .6rem .8rem; border: 1px solid var(--rule); border-radius: 6px;
          break-inside: avoid; }
.sample dl { display: grid; grid-template-columns: 6rem 1fr; gap: .15rem .6rem; margin: 0; }
.sample dt { color: var(--soft); }
.sample dd { margin: 0; overflow-wrap: anywhere; }
.sample .map { margin-top: .6rem; overflow-x: auto; }
.sample .number { float: right; margin-left: 1rem; font-size: .8rem; }
pre { margin: 0; font: .8rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; columns: 26rem; column-rule: 1px solid
      var(--rule); white-space: pre-wrap; overflow-wrap: anywhere; }
@media print {
  @page { margin: 15mm; }
  body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2 { break-after: avoid; }
  .charts { grid-template-columns: 1fr 1fr; }
  .wide { overflow: visible; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
  pre { font-size: 7.5pt; columns: 2; }
}
)css";

}  // namespace dragoman
