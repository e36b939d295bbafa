// The page: the section and the filter that its address says, and the panels that follow them.

import { cubesOf } from "report/cube";
import { decodedJson } from "report/decode";
import { Filter } from "report/filter";
import { filterBar, saidOfBounds, saidOfTime } from "report/filter_bar";
import { Panel } from "report/panel";
import { theme } from "report/theme";
import { viewOf } from "report/view";

const data = await decodedJson(document.getElementById("data").textContent);
const sections = [...document.querySelectorAll("main > section")];
const links = [...document.querySelectorAll("nav a[data-section]")];

theme();
const cubes = await cubesOf(data);
const act = {
  pick: (filters, exclude) =>
    go(
      section,
      filters.reduce((next, { field, value }) => next.with(field, value, exclude), view.filter),
    ),
  brush: (from, to) => {
    const { from: begin, step } = cubes.fine;
    const border = (seconds, round) => begin + round((seconds - begin) / step) * step;
    go(section, view.filter.within(Math.max(begin, border(from, Math.floor)), border(to, Math.ceil)));
  },
};
const panels = [...document.querySelectorAll("[data-panel]")].map((box) => new Panel(box, data, act));
const showFilter = filterBar(cubes, (filter) => go(section, filter));
let section = null;
let view = null;

/** Give the section and the filter's text that the address says: #traffic?port=443. */
function read() {
  const [, name, text = ""] = /^#?([^?]*)\??(.*)$/s.exec(location.hash);
  return { wanted: sections.some(({ id }) => id === name) ? name : sections[0].id, text };
}

function address(name, filter) {
  const text = filter.written();
  return text ? `#${name}?${text}` : `#${name}`;
}

function go(name, filter) {
  const next = address(name, filter);
  if (next === location.hash) follow();
  else location.hash = next;
}

/** Show what the address says. */
async function follow() {
  const { wanted, text } = read();
  const filter = Filter.read(text);
  if (view === null || filter.written() !== view.filter.written()) {
    view = viewOf(cubes, filter);
    for (const panel of panels) panel.wanted = view;
    showFilter(filter);
    document.getElementById("filter-bound").textContent = saidOfBounds(view);
    document.getElementById("filter-known").textContent = saidOfTime(view.overTime, cubes);
    for (const link of links) link.href = address(link.dataset.section, filter);
  }
  if (section !== wanted) {
    section = wanted;
    for (const each of sections) each.classList.toggle("shown", each.id === wanted);
    for (const link of links) {
      if (link.dataset.section === wanted) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    window.scrollTo(0, 0);
  }
  await draw(({ box }) => box.closest("section.shown"));
  later();
}

/** Draw the panels that do not show the view in force, as far as they are wanted. */
async function draw(which) {
  for (const panel of panels) if (panel.stale && which(panel)) await panel.draw();
}

/** Draw what is not shown when there is nothing else to do, so that all of it can be printed. */
function later() {
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 50));
  idle(async () => {
    const panel = panels.find(({ stale }) => stale);
    if (!panel) return (document.documentElement.dataset.allDrawn = view.filter.written());
    delete document.documentElement.dataset.allDrawn;
    await panel.draw();
    return later();
  });
}

window.addEventListener("hashchange", follow);
window.addEventListener("beforeprint", () => draw(() => true));
await follow();
