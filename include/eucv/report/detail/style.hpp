#pragma once

#include <string_view>

namespace eucv::report {

/// How charts look, in a page or in a file: light or dark as the reader's system is, colours of Okabe and Ito (2008)
/// that colour-blind readers tell apart.
inline constexpr std::string_view chart_style = R"css(
:root{color-scheme:light dark;--back:#fff;--card:#f6f7f9;--text:#1b1f24;--soft:#57606a;--rule:#d0d7de;--link:#0550ae;
--s0:#0072b2;--s1:#c24e00;--s2:#00795a;--s3:#8f4a7d;--heat:0,114,178}
@media (prefers-color-scheme:dark){:root{--back:#0f1318;--card:#181d24;--text:#e6e9ed;--soft:#a2abb6;--rule:#39424d;
--link:#7cb7ff;--s0:#56b4e9;--s1:#f0a348;--s2:#3ecfa4;--s3:#dd9cc8;--heat:86,180,233}}
.chart text{font:12px system-ui,sans-serif;fill:var(--text)}
.frame,.grid,.perfect,.line{fill:none;stroke:var(--soft);vector-effect:non-scaling-stroke}
.grid{stroke:var(--rule)}
.perfect{stroke-dasharray:2 4}
.line{stroke-width:2}
.s0{stroke:var(--s0)}.s1{stroke:var(--s1);stroke-dasharray:7 4}.s2{stroke:var(--s2);stroke-dasharray:2 3}
.s3{stroke:var(--s3);stroke-dasharray:9 3 2 3}
.bar,.dot,.fill{stroke:none;stroke-dasharray:none}
.bar.s0,.dot.s0,.fill.s0{fill:var(--s0)}.bar.s1,.dot.s1,.fill.s1{fill:var(--s1)}.bar.s2,.dot.s2,.fill.s2{fill:var(--s2)}
.bar{fill-opacity:.55}
)css";

/// How the rest of a page looks: one column on a phone. Stands after chart_style. Nothing in it is fetched.
inline constexpr std::string_view page_style = R"css(
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1rem;background:var(--back);color:var(--text);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-top:.5rem;border-top:1px solid var(--rule)}
h3{font-size:1rem;margin:1.25rem 0 .5rem}
p,ul{max-width:46rem}
a{color:var(--link)}
.soft,figcaption{color:var(--soft);font-size:.875rem}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;background:var(--back)}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1rem}
nav a{display:inline-block;padding:.25rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;padding:0;margin:1rem 0;max-width:none}
.tiles li{list-style:none;background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.75rem}
.tiles b{display:block;font-size:1.6rem;line-height:1.3;font-variant-numeric:tabular-nums}
.tiles span{display:block;color:var(--soft);font-size:.875rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem}
.charts figure,.pictures figure{min-width:0;margin:0;background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.75rem}
.charts figure{max-width:34rem}
figure h3{margin-top:0}
.chart{display:block;width:100%;height:auto}
.legend{list-style:none;padding:0;margin:.5rem 0;display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.875rem}
.key{width:24px;height:10px;margin-right:.4rem}
.scroll{overflow-x:auto;max-width:100%;margin:1rem 0}
.scroll:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:.25rem 0;min-width:16rem}
caption span{display:block;max-width:calc(100vw - 2rem);position:sticky;left:0}
tbody th,thead th:first-child{position:sticky;left:0;background:var(--back)}
th,td{padding:.3rem .45rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap}
tbody th{font-weight:600}
thead th{vertical-align:bottom}
th button{all:unset;cursor:pointer;font-weight:600;min-height:1.75rem}
th button:focus-visible{outline:2px solid var(--link);outline-offset:2px}
th[aria-sort=ascending] button::after{content:" \2191"}
th[aria-sort=descending] button::after{content:" \2193"}
.matrix td{text-align:right;padding:.25rem .4rem;min-width:2.25rem}
.matrix thead th{text-align:center;padding:.25rem}
.matrix thead th span{writing-mode:vertical-rl;transform:rotate(180deg);display:inline-block}
.matrix thead th.rows{text-align:left}
.matrix .right{outline:1px solid var(--soft);outline-offset:-1px}
.h0{color:var(--soft)}
.h1{background:rgba(var(--heat),.1)}.h2{background:rgba(var(--heat),.2)}.h3{background:rgba(var(--heat),.3)}
.h4{background:rgba(var(--heat),.4)}.h5{background:rgba(var(--heat),.5)}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:1rem}
.pictures .row{display:grid;grid-template-columns:repeat(auto-fit,minmax(5rem,1fr));gap:.5rem;align-items:start}
.pictures .row div{font-size:.8rem;color:var(--soft)}
.pictures img{display:block;width:100%;height:auto;border-radius:.25rem}
.scale{height:.75rem;width:12rem;max-width:60vw;display:inline-block;vertical-align:middle}
code{font-size:.875em;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.75rem}
dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.25rem 1rem;margin:1rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media (max-width:30rem){tbody th{max-width:9rem}dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
summary{cursor:pointer;font-weight:600;padding:.5rem 0}
@media print{@page{margin:12mm}
:root{color-scheme:light;--back:#fff;--card:#fff;--text:#000;--soft:#444;--rule:#bbb;--link:#000;
--s0:#0072b2;--s1:#c24e00;--s2:#00795a;--s3:#8f4a7d;--heat:0,114,178}
body{max-width:none;padding:0;font-size:10pt}
.skip,nav{display:none}
summary{list-style:none}
.scroll{overflow:visible;max-width:none}
caption span,tbody th,thead th:first-child{position:static;max-width:none}
table{font-size:8pt}
th,td{padding:.15rem .3rem;overflow-wrap:break-word}
table:not(.matrix) td.n,table:not(.matrix) th.n{white-space:normal}
th button{min-height:0}
.matrix td{min-width:0;padding:.1rem .25rem;print-color-adjust:exact;-webkit-print-color-adjust:exact}
tr,figure,.tiles li,dt,dd,.legend{break-inside:avoid}
h2,h3,caption{break-after:avoid}
.charts,.pictures{grid-template-columns:1fr 1fr}
.scale{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";

/// Sorts a table by the column whose header is pressed: numbers from the greatest down at first, text from A on. On
/// paper all that can be opened is open.
inline constexpr std::string_view page_script = R"js(
for (const button of document.querySelectorAll("table.sortable thead button"))
  button.addEventListener("click", () => {
    const header = button.parentElement, table = header.closest("table"), body = table.tBodies[0];
    const column = header.cellIndex, numeric = header.classList.contains("n");
    const before = header.getAttribute("aria-sort");
    const order = before ? (before === "ascending" ? "descending" : "ascending") : numeric ? "descending" : "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", order);
    const key = row => numeric ? Number(row.cells[column].dataset.v) : row.cells[column].textContent;
    const compare = (a, b) => numeric ? key(a) - key(b) || 0 : key(a).localeCompare(key(b));
    const rows = [...body.rows].sort((a, b) => order === "ascending" ? compare(a, b) : compare(b, a));
    body.append(...rows);
  });
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:not([open])")) part.open = part.dataset.printed = true;
});
addEventListener("afterprint", () => {
  for (const part of document.querySelectorAll("details[data-printed]")) {
    part.open = false;
    delete part.dataset.printed;
  }
});
)js";

} // namespace eucv::report
