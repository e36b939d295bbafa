// What each kind of picture needs of a panel's content: rows with names, colours and what a pointer is told.

import { TITLES } from "report/rankings";
import { laidOut } from "report/sankey";
import { cell } from "report/tables";
import { clipped, formatted } from "report/units";

const LONGEST_OF_BAR = 26;
/** Letters that have room before the number in the narrowest bars; a pointer is told all of them. */

/** How a bound is written where there is little room. */
const SIGNS = { "at least": "≥ ", "at most": "≤ " };

/** Colours by name: in maps, as data may say `constructor`, which every object has. */
const OF_NAMES = new Map([
  ["ACCEPT", "var(--accept)"],
  ["REJECT", "var(--reject)"],
  ["inbound", "var(--series-1)"],
  ["outbound", "var(--series-2)"],
  ["internal", "var(--series-3)"],
]);
const OF_BARS = new Map([
  ["ACCEPT", "var(--bar-accepts)"],
  ["REJECT", "var(--bar-rejects)"],
]);

/** By kind: give the chart's data by name, of a panel's content; `tone` is accepts, rejects or another section. */
export const DRAWINGS = {
  bars: (content, tone) => ({ rows: content.rows.map((row, id) => bar(content, row, id, tone)) }),
  arc: (content) => ({
    rows: content.rows.map((row, order) => ({
      value: row[content.by],
      order,
      lines: row.lines,
      filters: row.filters,
      tip: told(content, row),
      colour: OF_NAMES.get(row.name) ?? "var(--neutral)",
    })),
  }),
  map: (content, tone) => ({
    rows: content.drawn.map((row) => ({
      lat: row.lat,
      lon: row.lon,
      value: row.flows,
      tip: told(content, row, row.name),
      colour: { accepts: "var(--accept)", rejects: "var(--reject)" }[tone] ?? "var(--accent)",
    })),
  }),
  sankey: (content) => {
    const { nodes, links } = laidOut(content.rows);
    const heads = ["client", "port", "server"].map((column, at) => ({
      at: at / 2,
      name: TITLES[column],
      align: ["left", "center", "right"][at],
    }));
    return { rows: links, nodes, heads };
  },
  lines: ({ drawn }) => ({ rows: drawn }),
  stack: ({ drawn }) => ({ rows: drawn.map((row) => ({ ...row, key: key(row.series) })) }),
  band: ({ drawn }) => ({ rows: drawn.some(({ high }) => high !== null) ? drawn : drawn.map(withoutBand) }),
  heat: ({ drawn }) => ({ rows: drawn.map((row) => ({ ...row, key: key(row.name) })) }),
  strip: ({ drawn }) => ({ rows: drawn.map((row) => ({ ...row, key: key(row.name) })) }),
};

/** Give a row whose band is nothing wide: Vega takes offence where no row of all has one. */
function withoutBand(row) {
  return { ...row, low: row.value, high: row.value };
}

/** Give what a scale tells a name apart by: Vega looks names up in plain objects, where `toString` is taken. */
function key(name) {
  return `=${name}`;
}

function bar(content, row, id, tone) {
  const value = row[content.by];
  return {
    id,
    value,
    name: clipped(row.name, LONGEST_OF_BAR),
    shown: (SIGNS[row.bound] ?? "") + formatted(value, content.columns.find(({ key }) => key === content.by).unit),
    filters: row.filters,
    tip: told(content, row),
    colour: OF_BARS.get(row.name) ?? `var(--bar-${tone}, var(--bar))`,
  };
}

/** Give what a pointer is told of a row: its columns, in the units people read. */
function told(content, row, name = row.name) {
  const said = { "": clipped(name, 80) };
  if (row.about) said.known = clipped(row.about, 80);
  for (const column of content.columns) if (column.unit) said[column.title] = cell(row, column);
  return said;
}
