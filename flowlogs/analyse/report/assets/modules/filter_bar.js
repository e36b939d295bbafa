// The one filter bar: fields to write in, chips of what is in force, and a reset.

import { network } from "report/addresses";
import { FIELDS, refusal, spelledAs } from "report/filter";
import { named, withName } from "report/rankings";
import { clipped, span, time } from "report/units";

const WRITTEN = ["group", "address", "port"];
const KNOWN = 500;
const NAMED = 4;

/** Make the bar work. `changed(filter)` is called with each new filter; `show(filter)` writes one into the bar. */
export function filterBar({ fine: cube, wide }, changed) {
  const bar = document.getElementById("filter");
  const fields = Object.fromEntries([...WRITTEN, "from", "to"].map((name) => [name, bar.elements.namedItem(name)]));
  offer(
    "known-groups",
    wide.data.groups.flatMap((id, at) => (wide.single("group", at) ? [[id, named(wide, "group", at)]] : [])),
  );
  offer(
    "known-addresses",
    wide.data.addresses.text.filter((_, at) => wide.single("source", at)).map((text) => [text]),
  );
  offer(
    "known-ports",
    wide.labels.port.filter((_, at) => wide.single("port", at)).map((text) => [text]),
  );
  let filter = null;
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    const next = written(fields, filter, bar.elements.namedItem("not").checked);
    if (!next) return;
    for (const name of WRITTEN) fields[name].value = "";
    bar.elements.namedItem("not").checked = false;
    changed(next);
  });
  for (const name of WRITTEN) fields[name].addEventListener("input", () => fields[name].setCustomValidity(""));
  for (const name of ["from", "to"]) {
    fields[name].min = time(cube.from, "input");
    fields[name].max = time(cube.from + cube.slices * cube.step, "input");
    fields[name].addEventListener("change", () =>
      changed(filter.within(...["from", "to"].map((each) => seconds(cube, fields[each].value, each)))),
    );
  }
  document.getElementById("reset").addEventListener("click", () => changed(filter.cleared()));
  return (shown) => {
    filter = shown;
    fields.from.value = filter.from === null ? "" : time(filter.from, "input");
    fields.to.value = filter.to === null ? "" : time(filter.to, "input");
    writeChips(cube, filter, changed);
  };
}

function offer(id, values) {
  const options = values
    .slice(0, KNOWN)
    .map(([value, label = value]) => Object.assign(document.createElement("option"), { value, label }));
  document.getElementById(id).replaceChildren(...options);
}

/** Give the filter with what was written, or null where a field says what is wrong with it. */
function written(fields, filter, not) {
  let next = filter;
  for (const name of WRITTEN) {
    const text = fields[name].value.trim();
    if (text === "") continue;
    const wrong = refusal(name, text);
    if (wrong) {
      fields[name].setCustomValidity(wrong);
      fields[name].reportValidity();
      return null;
    }
    next = next.with(name, spelledAs(name, text), not);
  }
  return next;
}

/** Give the border of a slice that a field's time means, in Unix seconds; null for an empty field. */
function seconds(cube, text, end) {
  const at = Date.parse(`${text}Z`) / 1000;
  if (Number.isNaN(at)) return null;
  const slices = (at - cube.from) / cube.step;
  return cube.from + (end === "from" ? Math.floor(slices) : Math.ceil(slices)) * cube.step;
}

/** Say of which conditions the page cannot tell all records that meet them, and what that makes of its sums. */
export function saidOfBounds(view) {
  const { cube, bound, open } = view.bound ? view : view.overTime;
  if (!bound) return "";
  const names = [...new Set(open.map((each) => clipped(shownValue(cube, each), 60)))];
  const rest = names.length - NAMED;
  const named = [...names.slice(0, NAMED), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  const networks = open.some(({ value }) => value.includes("/") && network(value));
  const [is, it] = names.length > 1 ? ["are", "them"] : ["is", "it"];
  const known = networks
    ? `Of ${named} some addresses may not be told apart on this page`
    : `${named} ${is} not told apart on this page, or not in the data`;
  const them = networks ? "these" : it;
  const done = bound === "at least" ? `figures leave ${them} out` : `${them} may still be in the figures`;
  return `${known}: ${done} and are ${bound} so much. “Question and SQL” under each of them gives the exact one.`;
}

/** Say what the page knows of a filter's addresses in longer slices of time alone. */
export function saidOfTime({ cube, filter }, { fine }) {
  if (cube.step === fine.step) return "";
  const one = cube.slices === 1;
  const during = one ? "over the whole time alone" : `in slices of ${span(cube.step)} alone`;
  const taken = one ? "all of it is shown" : "those that it touches are shown";
  const known = `What this filter names is known ${during}${filter.timed ? `: ${taken}` : ""}.`;
  return `${known} The SQL beside each panel asks all of it.`;
}

function writeChips(cube, filter, changed) {
  const chips = filter.conditions.map((condition) => chip(cube, filter, condition, changed));
  const during = filter.saidTime();
  if (during)
    chips.push(item("time", [text(during), button("×", `Any time again`, () => changed(filter.within(null, null)))]));
  document.getElementById("chips").replaceChildren(...chips);
  document.getElementById("reset").hidden = filter.empty;
  document.getElementById("filter-now").textContent = filter.empty
    ? ""
    : `Filter: ${[...filter.conditions.map((each) => saidOf(cube, each)), during].filter(Boolean).join("; ")}`;
}

function chip(cube, filter, condition, changed) {
  const { field, value, not } = condition;
  const turn = button(`${FIELDS[field].title} ${not ? "is not" : "is"}`, "Turn round: is or is not", () =>
    changed(filter.with(field, value, !not)),
  );
  const drop = button("×", `Drop the filter: ${saidOf(cube, condition)}`, () => changed(filter.without(condition)));
  return item(not ? "not" : "is", [turn, text(clipped(shownValue(cube, condition), 60)), drop]);
}

function shownValue(cube, { field, value }) {
  const names = cube.data.names[field];
  if (names) return withName(value, names[cube.labels[field].indexOf(value)]);
  return (field === "protocol" && cube.data.protocols.find(({ number }) => String(number) === value)?.name) || value;
}

function saidOf(cube, condition) {
  const verb = condition.not ? "is not" : "is";
  return `${FIELDS[condition.field].title} ${verb} ${clipped(shownValue(cube, condition), 60)}`;
}

function item(kind, parts) {
  const element = document.createElement("li");
  element.className = `chip ${kind}`;
  element.append(...parts);
  return element;
}

function text(words) {
  return Object.assign(document.createElement("bdi"), { textContent: words });
}

function button(words, label, act) {
  const element = Object.assign(document.createElement("button"), { type: "button", textContent: words, title: label });
  if (words === "×") element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}
