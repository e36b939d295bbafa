// Draws one Vega panel as OpenSearch Dashboards would, without a browser:
//   node render.mjs --url http://127.0.0.1:9200 --start 2026-01-01T00:00:00Z --end 2026-01-02T00:00:00Z \
//     [--signal name=value]... [--filter '{"term": …}']... [--must-not '{"term": …}']... [--data name]... \
//     [--width 800] [--height 400] [--svg FILE] [SPEC.json]
// The specification comes from the file or standard input. Prints JSON: marks, texts, rows, data, signals, requests,
// warnings, errors and, without --svg, svg. Ends with 1 when there are errors.
// Source: OpenSearch Dashboards, plugin vis_type_vega: vega_parser.ts (size, colours), vega_base_view.js (the
// interpreter, functions, no external addresses).
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { answered } from "./panel_data.mjs";

const COLOURS = [
  "#54B399", "#6092C0", "#D36086", "#9170B8", "#CA8EAE", "#D6BF57", "#B9A888", "#DA8B45", "#AA6556", "#E7664C",
];
const FILLED = ["arc", "area", "rect", "symbol", "trail"];
const STROKED = ["line", "path", "rule", "shape"];
// what a click may call; nobody clicks here, but a specification that calls anything else is refused
const FUNCTIONS = ["AddFilter", "RemoveFilter", "RemoveAllFilters", "SetTimeFilter"];

for (const name of FUNCTIONS) vega.expressionFunction(`opensearchDashboards${name}`, () => undefined);
vega.scheme("euiPaletteColorBlind", COLOURS);

const many = { type: "string", multiple: true, default: [] };
const one = { type: "string" };
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: one, start: one, end: one, svg: one, width: { type: "string", default: "800" },
    height: { type: "string", default: "400" }, signal: many, filter: many, "must-not": many, data: many,
  },
});

const warnings = [];
const errors = [];
const report = { marks: {}, texts: [], rows: {}, data: {}, signals: {}, requests: [], warnings, errors };
try {
  await draw(JSON.parse(readFileSync(positionals[0] ?? 0, "utf8")));
} catch (error) {
  errors.push(String(error.message ?? error));
}
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exitCode = errors.length ? 1 : 0;

async function draw(spec) {
  checkSchema(spec.$schema);
  delete spec.config?.kibana; // Dashboards' own settings: where inputs stand, tooltips
  asInDashboards(spec);
  report.requests = await answered(spec, dashboard());
  // no "new Function": Dashboards forbids it, and interprets expressions
  const view = new vega.View(vega.parse(spec, undefined, { ast: true }), {
    renderer: "none", expr: expressionInterpreter, logger: logger(), loader: noAddresses(),
  });
  if (spec.autosize.type !== "none") view.width(Number(options.width)).height(Number(options.height));
  await view.runAsync();
  await setSignals(view);
  describe(view, spec);
  const svg = await view.toSVG();
  if (options.svg) writeFileSync(options.svg, svg);
  else report.svg = svg;
}

function checkSchema(schema) {
  if (typeof schema !== "string") throw new Error("the specification has no $schema");
  const [, library, version] = schema.match(/schema\/(vega|vega-lite)\/v(\d+)[^/]*\.json$/) ?? [];
  if (library !== "vega") throw new Error(`only Vega is drawn here, not ${schema}`);
  if (Number(version) > Number(vega.version.split(".")[0])) {
    warnings.push(`the specification is for Vega ${version}, this is ${vega.version}`);
  }
}

// Dashboards gives a panel the size of its frame and, where the specification says nothing, its colours.
function asInDashboards(spec) {
  if (spec.autosize?.signal === undefined) {
    const autosize = typeof spec.autosize === "string" ? { type: spec.autosize } : spec.autosize;
    spec.autosize = { type: "fit", contains: "padding", ...autosize };
    const fits = spec.autosize.type !== "none";
    if (fits && (spec.width || spec.height)) warnings.push("width and height are ignored: autosize is on");
  }
  spec.config ??= {};
  preset(spec.config, "range", "category", COLOURS);
  const mark = spec.config.mark ?? {};
  if (mark.color === undefined && mark.fill === undefined) {
    for (const type of FILLED) preset(spec.config, type, "fill", COLOURS[0]);
    for (const type of STROKED) preset(spec.config, type, "stroke", COLOURS[0]);
  }
}

function preset(config, part, name, value) {
  config[part] ??= {};
  config[part][name] ??= value;
}

function dashboard() {
  const [start, end] = [options.start, options.end].map((time) => Date.parse(time));
  if (Number.isNaN(start) || Number.isNaN(end)) throw new Error("--start and --end are times such as 2026-01-01T00:00:00Z");
  const parsed = (name) => options[name].map((clause) => JSON.parse(clause));
  // buildOpenSearchQuery of an empty query and these filters
  const context = { bool: { must: [], filter: [{ match_all: {} }, ...parsed("filter")], should: [], must_not: parsed("must-not") } };
  return { server: options.url, start, end, context };
}

function logger() {
  const said = (list) => function (...words) { list.push(words.map(String).join(" ")); return this; };
  const quiet = function () { return this; };
  return { level: quiet, error: said(errors), warn: said(warnings), info: quiet, debug: quiet };
}

function noAddresses() {
  const loader = vega.loader();
  loader.sanitize = async (address) => {
    errors.push(`external addresses are not enabled: ${address}`); // Vega itself only warns
    throw new Error("refused");
  };
  return loader;
}

// set after the first drawing, as somebody does who turns an input of the panel
async function setSignals(view) {
  for (const assignment of options.signal) {
    const [, name, text] = assignment.match(/^([^=]+)=(.*)$/s) ?? [];
    if (name === undefined) throw new Error(`--signal takes name=value, not ${assignment}`);
    let value = text;
    try { value = JSON.parse(text); } catch { /* a word */ }
    view.signal(name, value);
  }
  if (options.signal.length) await view.runAsync();
}

function describe(view, spec) {
  for (const { name } of spec.signals ?? []) report.signals[name] = view.signal(name);
  for (const { name } of spec.data ?? []) report.rows[name] = view.data(name).length;
  for (const name of options.data) report.data[name] = view.data(name);
  walk(view.scenegraph().root);
  report.texts = report.texts.filter((text) => text !== "");
}

// Count the items of every mark, by its name or, where it has none, its type; guides are axes, legends and titles.
function walk(mark) {
  if (mark.marktype && mark.role === "mark") {
    const name = mark.name ?? mark.marktype;
    report.marks[name] = (report.marks[name] ?? 0) + mark.items.length;
  }
  for (const item of mark.items ?? []) {
    if (mark.marktype === "text" && item.opacity !== 0) report.texts.push([item.text ?? []].flat().join("\n"));
    for (const child of item.items ?? []) walk(child);
  }
}
