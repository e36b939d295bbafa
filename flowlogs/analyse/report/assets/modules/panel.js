// A panel of the page: its box from the template, and what is drawn into it.

import { chart } from "report/chart";
import { FIELDS_HERE } from "report/coverage";
import { DRAWINGS } from "report/drawings";
import { commandOf, copied, sqlOf } from "report/how";
import { PANELS } from "report/panels";
import { join } from "report/rankings";
import { cell, livingTable, plainTable } from "report/tables";
import { clipped } from "report/units";

const NOTHING = "There is nothing of this in the data.";
/** The panels that follow a filter by interface alone, and whether they follow its time. */
const UNFILTERED = { "coverage-strip": { timed: true }, "coverage-table": { timed: false } };
/** The kinds over time that look at what was before the time in force. */
const AROUND = new Set(["lines", "band"]);
const OVER_TIME = new Set([...AROUND, "stack"]);
/** The panels whose numbers no filter makes a bound of: what they show is told apart. */
const EXACT = new Set([...Object.keys(UNFILTERED), "records"]);
const NOTHING_LEFT = "The filter leaves nothing here.";
const NOTHING_KNOWN = "The filter leaves nothing here that is told apart.";
/** What stands below a panel whose numbers are a bound. */
const BOUNDS = {
  "at least": "Not all that the filter names is told apart: sums are at least so much.",
  "at most": "Not all that the filter leaves out is told apart: sums are at most so much.",
};

/** One panel. `act` is what a reader's pointer may do: pick and brush. */
export class Panel {
  #drawn = null;
  #view = null;
  #content = null;

  constructor(box, data, act) {
    this.name = box.dataset.panel;
    this.box = box;
    this.data = data;
    this.act = act;
    this.kind = box.dataset.kind;
    this.contentOf = PANELS[this.name];
    this.tone = this.name.split("-")[0];
    this.#part("numbers")?.addEventListener("toggle", () => this.#writeNumbers());
    this.#part("how")?.addEventListener("toggle", () => this.#writeHow());
    for (const button of box.querySelectorAll("[data-copy]"))
      button.addEventListener("click", () => this.#copy(button));
  }

  #part(name) {
    return this.box.querySelector(`.${name}`);
  }

  get stale() {
    return this.#view === null || this.#view !== this.wanted;
  }

  /** Draw what the wanted view shows. The first time a chart is made, which takes a moment. */
  async draw() {
    const view = this.wanted;
    const content = this.contentOf(view);
    const bound = this.#bound(view);
    for (const row of content.rows) row.bound = content.bound ?? bound;
    [this.#view, this.#content] = [view, content];
    const empty = content.rows.length === 0;
    this.box.classList.toggle("is-empty", empty);
    this.#part("empty").textContent = empty ? (content.empty ?? nothing(view, bound)) : "";
    this.#part("remark").textContent = join(BOUNDS[bound], content.note);
    if (!empty || this.#drawn) await this.#picture(content);
    this.#writeNumbers();
    this.#writeHow();
  }

  #bound(view) {
    if (EXACT.has(this.name)) return "";
    return (OVER_TIME.has(this.kind) ? view.overTime : view).bound;
  }

  async #picture(content) {
    const box = this.#part("picture");
    if (this.kind === "figures") return writeFigures(box, content);
    if (this.kind === "tile") return this.#tile(box, content);
    if (this.kind === "table") {
      this.#drawn ??= livingTable(box, content, this.act, this.name);
      return this.#drawn.show(content);
    }
    box.setAttribute("aria-label", described(this.box, content));
    const data = DRAWINGS[this.kind](content, this.tone);
    box.hidden = data.rows.length === 0; // as countries without a place on the map
    return box.hidden ? undefined : this.#chart(this.kind, data, content.unit);
  }

  async #tile(box, content) {
    box.querySelector(".figure").textContent = content.shown;
    box.querySelector(".caption").textContent = content.caption;
    await this.#chart("spark", { rows: content.spark });
  }

  async #chart(kind, data, unit) {
    const content = this.#content;
    this.#drawn ??= await chart(this.#part("chart"), kind, data, this.act);
    if (this.#content === content) this.#drawn.show(data, unit); // else another was wanted while it was made
  }

  #writeNumbers() {
    const place = this.#part("numbers");
    if (place?.open && this.#content) plainTable(place.querySelector(".cells"), this.#content, this.act);
  }

  #writeHow() {
    const place = this.#part("how");
    if (!place?.open || !this.#view) return;
    place.querySelector(".sql").textContent = this.sql();
    place.querySelector(".command").textContent = commandOf(this.sql(), this.data.about);
  }

  sql() {
    const { filter, cube } = OVER_TIME.has(this.kind) ? this.#view.overTime : this.#view;
    const panel = this.data.panels[this.name];
    const followed = UNFILTERED[this.name];
    if (followed) return sqlOf(panel, filter.limited(FIELDS_HERE, followed), this.data.about, false);
    return sqlOf(panel, filter, cube, AROUND.has(this.kind));
  }

  async #copy(button) {
    const sql = this.sql();
    const done = await copied(button.dataset.copy === "sql" ? sql : commandOf(sql, this.data.about));
    const said = button.textContent;
    button.textContent = done ? "Copied" : "Select and copy it";
    setTimeout(() => (button.textContent = said), 1500);
  }
}

function nothing({ filter }, bound) {
  if (filter.empty) return NOTHING;
  return bound === "at least" ? NOTHING_KNOWN : NOTHING_LEFT;
}

/** Say a chart in a sentence, for those who do not see it. */
function described(box, { columns, rows, note }) {
  const title = box.querySelector(".title").textContent;
  const first = rows[0] && columns.map((each) => `${each.title} ${clipped(cell(rows[0], each), 60)}`).join(", ");
  const largest = first ? `; the first: ${first}` : "";
  return `${title}: ${rows.length} rows${largest}. ${note ?? ""} The table under Numbers has them all.`;
}

function writeFigures(box, content) {
  const [row] = content.rows;
  const all = content.shares ? row[content.shares] : 0;
  const figures = content.columns.map((each) => {
    const figure = document.createElement("div");
    const number = figure.appendChild(document.createElement("strong"));
    number.textContent = cell(row, each);
    const share =
      all && each.key !== content.shares
        ? ` (${cell({ part: row[each.key] / all }, { key: "part", unit: "share" })})`
        : "";
    figure.append(`${each.title}${share}`);
    return figure;
  });
  box.replaceChildren(...figures);
}
