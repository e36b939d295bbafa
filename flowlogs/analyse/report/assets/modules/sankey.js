// The bands from clients over server ports to servers: where each node and band lies.

import { bounded, clipped, formatted } from "report/units";

const HEIGHT = 354;
const GAP = 16;
const LEAST = 1.5;
const COLUMNS = ["client", "port", "server"];
const SHOWN = 9;
/** As many nodes of a column are named; what else there is in it stands together. */
const REST = "others";

/** Lay out rows {client, port, server, bytes}: `nodes` and `links`, heights in pixels, places across from 0 to 1. */
export function laidOut(rows) {
  const kept = COLUMNS.map((column) => new Set(largest(rows, column)));
  const flows = rows.map((row) => ({
    ...row,
    path: COLUMNS.map((column, at) => (kept[at].has(row[column]) ? row[column] : REST)),
  }));
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const most = Math.max(...COLUMNS.map((_, at) => new Set(flows.map(({ path }) => path[at])).size));
  const scale = (HEIGHT - GAP * (most - 1)) / total;
  const columns = COLUMNS.map((column, at) => stacked(flows, column, at, scale));
  const colours = new Map([...columns[1].values()].map(({ name }, rank) => [name, colour(name, rank)]));
  for (const node of columns.flatMap((column) => [...column.values()]))
    node.colour = colours.get(node.name) ?? "var(--node)";
  const links = [0, 1].flatMap((at) => linked(flows, columns, at, scale, colours));
  return { nodes: columns.flatMap((column) => [...column.values()]), links, height: HEIGHT };
}

function colour(name, rank) {
  return name === REST || rank > 6 ? "var(--neutral)" : `var(--series-${rank + 1})`;
}

function sumsBy(rows, keyOf) {
  const sums = new Map();
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + row.bytes);
  return [...sums].sort((a, b) => b[1] - a[1]);
}

function largest(rows, column) {
  return sumsBy(rows, (row) => row[column])
    .slice(0, SHOWN)
    .map(([name]) => name);
}

function stacked(flows, column, at, scale) {
  const sums = sumsBy(flows, ({ path }) => path[at]);
  sums.sort((a, b) => (a[0] === REST) - (b[0] === REST));
  const free = HEIGHT - sums.reduce((sum, [, bytes]) => sum + bytes * scale, 0);
  const gap = sums.length > 1 ? free / (sums.length - 1) : 0;
  let y = sums.length > 1 ? 0 : free / 2;
  const nodes = new Map();
  for (const [name, bytes] of sums) {
    const tall = Math.max(LEAST, bytes * scale);
    const filters = name === REST ? [] : [{ field: column, value: name }];
    nodes.set(name, { at: at / 2, y, tall, name, filters, used: [0, 0], tip: tip(flows, name, bytes) });
    y += bytes * scale + gap;
  }
  return nodes;
}

function tip([{ bound }], name, bytes) {
  return { "": clipped(name, 80), Bytes: bounded(formatted(bytes, "bytes"), bound) };
}

function linked(flows, columns, at, scale, colours) {
  const sums = sumsBy(flows, ({ path }) => JSON.stringify([path[at], path[at + 1]])).map(([key, bytes]) => [
    ...JSON.parse(key),
    bytes,
  ]);
  const y = ([from, to]) => columns[at].get(from).y * 1e4 + columns[at + 1].get(to).y;
  return sums
    .sort((a, b) => y(a) - y(b))
    .map(([from, to, bytes], rank) => {
      const [left, right] = [columns[at].get(from), columns[at + 1].get(to)];
      const thick = bytes * scale;
      const [y0, y1] = [left.y + left.used[1] + thick / 2, right.y + right.used[0] + thick / 2];
      left.used[1] += thick;
      right.used[0] += thick;
      return {
        id: at * 1e4 + rank,
        from: at / 2,
        to: (at + 1) / 2,
        y0,
        y1,
        thick: Math.max(1, thick),
        colour: colours.get(at === 0 ? to : from),
        filters: [...left.filters, ...right.filters],
        tip: tip(flows, `${from} → ${to}`, bytes),
      };
    });
}
