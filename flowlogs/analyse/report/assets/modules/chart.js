// One chart: a Vega or Vega-Lite picture that is made once, and then given other rows and other widths.

const CHARTS = JSON.parse(document.getElementById("charts").textContent);
const CONFIG = CHARTS.config;
const names = (rows) => new Set(rows.map(({ name }) => name)).size;
const TALL = {
  map: (width) => Math.max(150, Math.round(width / 2.06)),
  bars: (_, rows) => 28 * rows.length,
  heat: (_, rows) => 30 * names(rows),
  strip: (_, rows) => 18 * names(rows),
};
const INSETS = { map: 4, sankey: 4 };
const WIDEST = { map: 900 };

/**
 * Make a chart in a box; `data` are its rows by name. `act` has `pick(filters, exclude)` and `brush(from, to)`
 * in Unix seconds.
 */
export async function chart(box, kind, data, act) {
  const { view } = await vegaEmbed(box, filled(kind, data), {
    ast: true, // without eval, which the page's policy forbids
    actions: false,
    renderer: "svg",
    config: CONFIG,
    tooltip: { theme: "custom" },
  });
  listen(view, box, act);
  const drawn = new Drawn(view, kind, box);
  new ResizeObserver(() => drawn.fit()).observe(box.parentElement);
  return drawn;
}

/** Give a specification with its data: of Vega in each set of it, of Vega-Lite apart. */
function filled(kind, data) {
  const spec = structuredClone(CHARTS[kind]);
  if (Array.isArray(spec.data)) for (const each of spec.data) each.values = data[each.name];
  else if (kind === "lines" && new Set(data.rows.map(({ series }) => series)).size === 1)
    spec.encoding.color.legend = null;
  if (!Array.isArray(spec.data)) spec.datasets = kind === "map" ? { ...data, world: CHARTS.world } : data;
  return spec;
}

class Drawn {
  #width = 0;
  #rows = [];

  constructor(view, kind, box) {
    this.view = view;
    this.kind = kind;
    this.box = box;
  }

  /** Draw other rows; data by its name in the specification. */
  show(data, suffix = "") {
    for (const [name, rows] of Object.entries(data)) this.view.data(name, rows);
    if (hasSignal(this.view, "suffix")) this.view.signal("suffix", suffix);
    this.#rows = data.rows;
    this.#width = 0;
    this.fit();
  }

  /** Take the width that there is; none while the section is not shown. */
  fit() {
    const there = Math.min(Math.floor(this.box.parentElement.clientWidth), WIDEST[this.kind] ?? Infinity);
    if (there < 40 || there === this.#width || !this.#rows.length) return;
    this.#width = there;
    const width = there - (INSETS[this.kind] ?? 0);
    this.view.width(width);
    if (TALL[this.kind]) this.view.height(TALL[this.kind](width, this.#rows));
    this.view.resize().run();
  }
}

function hasSignal(view, name) {
  return Object.hasOwn(view.getState({ signals: (each) => each === name, data: () => false }).signals, name);
}

function listen(view, box, act) {
  view.addEventListener("click", (event, item) => {
    const filters = item?.datum?.filters;
    if (filters?.length) act.pick(filters, event.shiftKey);
  });
  if (!hasSignal(view, "brush")) return;
  let brushed = null;
  view.addSignalListener("brush", (_, value) => (brushed = value.time ?? null));
  box.addEventListener("pointerdown", () =>
    window.addEventListener("pointerup", () => setTimeout(done), { once: true }),
  );
  const done = () => {
    if (!brushed) return;
    const [from, to] = [Number(brushed[0]) / 1000, Number(brushed[1]) / 1000];
    brushed = null;
    view.signal("brush_x", []).data("brush_store", []).run();
    act.brush(from, to);
  };
}
