// Panels over time: a measure by slice, compared with earlier, split, or against its own band.

import { bands } from "report/outliers";
import { MEASURES, TITLES, conditions, larger, named, summed } from "report/rankings";
import { bounded, formatted, span, time, whole } from "report/units";

const BEGIN = { key: "begin", title: "From", unit: "time" };
const PARTS = 10;
const COLOURS = 7;
/** As many parts of a split line have a colour of their own; the rest is drawn as one. */
const SHIFTS = { 86400: ["day_before", "a day before"], 604800: ["week_before", "a week before"] };

/** A measure by slice, and the same a day and a week before where the data goes back so far. */
export function compared(measure, part = {}) {
  return ({ overTime: view }) => {
    const { cube } = view;
    const sums = cube.sums(view.where(part, { anytime: true }), "slice", measure);
    const comparable = cube.data.comparison.shifts.filter((seconds) => seconds % cube.step === 0);
    const shifts = comparable.map((seconds) => {
      const [key, title] = SHIFTS[seconds] ?? [`before_${seconds}`, `${span(seconds)} before`];
      return { key, title, slices: seconds / cube.step };
    });
    const rows = slicesOf(view).map(({ slice, begin }) => {
      const row = { begin, value: sums[slice] };
      for (const { key, slices } of shifts) row[key] = slice >= slices ? sums[slice - slices] : null;
      return row;
    });
    const series = [{ key: "value", title: "now" }, ...shifts];
    const columns = [BEGIN, { key: "value", ...MEASURES[measure] }];
    columns.push(...shifts.map(({ key, title }) => ({ key, title: sentence(title), unit: MEASURES[measure].unit })));
    return timeline(cube, columns, rows, measure, {
      drawn: rows
        .flatMap((row) => series.map(({ key, title }) => point(view, row.begin, title, row[key], measure)))
        .filter(Boolean),
      domain: series.map(({ title }) => title),
    });
  };
}

function slicesOf(view) {
  return Array.from({ length: view.last - view.first }, (_, at) => {
    const slice = view.first + at;
    return { slice, begin: view.start(slice) };
  });
}

function sentence(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function point({ bound }, begin, series, value, measure) {
  if (value === null) return null;
  return {
    time: begin * 1000,
    series,
    value,
    tip: { "": time(begin), [series]: bounded(formatted(value, MEASURES[measure].unit), bound) },
  };
}

/** Give a panel over time; without rows where all of it is nothing, as a flat line at zero says less than words. */
function timeline(cube, columns, rows, measure, more) {
  const any = rows.some(({ value }) => value > 0);
  return { columns, rows: any ? rows : [], unit: measure === "bytes" ? "B" : "", note: perSlice(cube), ...more };
}

function perSlice({ step }) {
  const words = span(step);
  const article = /^[0-9]/.test(words) ? "" : words === "hour" ? "an " : "a ";
  return `Each point is the sum of ${article}${words}; times in UTC.`;
}

/** A measure by slice alone. */
export function line(measure, part, title) {
  return ({ overTime: view }) => {
    const sums = view.cube.sums(view.where(part), "slice", measure);
    const rows = slicesOf(view).map(({ slice, begin }) => ({
      begin,
      value: sums[slice],
      rate: (sums[slice] * 60) / view.cube.step,
    }));
    const columns = [BEGIN, { key: "value", ...MEASURES[measure] }, { key: "rate", title: "A minute", unit: "mean" }];
    return timeline(view.cube, columns, rows, measure, {
      drawn: rows.map(({ begin, value }) => point(view, begin, title, value, measure)),
      domain: [title],
    });
  };
}

/** A measure by slice, split by the largest values of a column. */
export function split(column, measure) {
  return ({ overTime: view }) => {
    const { cube } = view;
    const largest = summed(cube, view.rows, column, [measure]).filter(({ at }) => cube.single(column, at));
    const shown = largest
      .sort(larger(measure))
      .slice(0, PARTS)
      .map(({ at }) => at);
    const domain = [...shown.map((at) => named(cube, column, at)), "others"];
    const place = new Uint8Array(cube.sizes[column]).fill(shown.length);
    shown.forEach((at, rank) => (place[at] = rank));
    const width = shown.length + 1;
    const grid = new Float64Array(cube.slices * width);
    const [slices, keys, values] = [cube.columns.slice, cube.columns[column], cube.columns[measure]];
    for (const row of view.rows) grid[slices[row] * width + place[keys[row]]] += values[row];
    const rows = slicesOf(view).flatMap(({ slice, begin }) =>
      domain
        .map((series, rank) => ({
          begin,
          series,
          rank,
          value: grid[slice * width + rank],
          filters: rank < shown.length ? conditions(cube, column, shown[rank]) : [],
        }))
        .filter(({ value }) => value > 0),
    );
    const columns = [BEGIN, { key: "series", title: TITLES[column] }, { key: "value", ...MEASURES[measure] }];
    const drawn = stacked(rows)
      .sort((a, b) => a.rank - b.rank)
      .map((row) => ({
        ...row,
        ...point(view, row.begin, row.series, row.value, measure),
        until: (row.begin + cube.step) * 1000,
        series: row.rank < COLOURS ? row.series : "others",
      }));
    return timeline(cube, columns, rows, measure, { drawn, domain });
  };
}

/** Lay the parts of each slice on one another: each from `below` to `above`. */
function stacked(rows) {
  const heights = new Map();
  return rows.map((row) => {
    const below = heights.get(row.begin) ?? 0;
    heights.set(row.begin, below + row.value);
    return { ...row, below, above: below + row.value };
  });
}

/** A measure by slice and the band of what was usual before it; what leaves the band is an outlier. */
export function banded(measure, part = {}) {
  return ({ overTime: view }) => {
    const { cube } = view;
    const { unit } = MEASURES[measure];
    const parameters = cube.data.outliers;
    const all = bands(cube.sums(view.where(part, { anytime: true }), "slice", measure), parameters);
    const rows = slicesOf(view).map(({ slice, begin }) => ({ begin, ...all[slice] }));
    const drawn = rows.map((row) => ({ ...row, time: row.begin * 1000, tip: tip(view, row, unit) }));
    const found = rows.filter(({ outlier }) => outlier).length;
    const columns = [
      BEGIN,
      { key: "value", ...MEASURES[measure] },
      { key: "low", title: "Usual from", unit: unit === "count" ? "mean" : unit, usual: true },
      { key: "high", title: "Usual to", unit: unit === "count" ? "mean" : unit, usual: true },
      { key: "outlier", title: "Outlier", unit: "mark" },
    ];
    const { window, threshold, consecutive } = parameters;
    const often = consecutive > 1 ? `, ${consecutive} times running` : "";
    const count = found === 1 ? "1 outlier" : `${whole(found)} outliers`;
    const note = `${count}: outside mean ± ${threshold} σ of the ${window} points before${often}.`;
    return timeline(cube, columns, rows, measure, { drawn, note });
  };
}

function tip({ bound }, { begin, value, low, high, outlier }, unit) {
  const said = { "": time(begin), "this time": bounded(formatted(value, unit), bound) };
  if (high !== null) said.usual = `${formatted(Math.round(low), unit)} to ${formatted(Math.round(high), unit)}`;
  if (outlier) said[" "] = "outlier";
  return said;
}
