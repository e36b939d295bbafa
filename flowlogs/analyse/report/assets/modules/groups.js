// Panels about what security groups let in.

import { REPLY } from "report/cube";
import { MEASURES, TITLES, conditions, named, withoutGroups } from "report/rankings";
import { bounded, clipped, short, whole } from "report/units";

const LARGEST = 20;
const AS_DESTINATION = 2;
const ACCEPTED = 1;
const LEVELS = 5;

/** Give the accepted rows that came in at an interface and were no replies. */
function letIn({ cube, where }) {
  const { reply } = cube.columns;
  const rows = where({ action: ACCEPTED, end: AS_DESTINATION });
  return rows.filter((row) => reply[row] !== REPLY);
}

/** Which ports each security group is reached at: the largest groups and ports. */
export function groupsByPort(view) {
  const { cube } = view;
  const found = new Map();
  const [byGroup, byPort] = [new Float64Array(cube.data.groups.length), new Float64Array(cube.sizes.port)];
  for (const {
    at: [set, port],
    sums: [flows],
  } of cube.combined(letIn(view), ["set", "port"], ["flows"])) {
    if (!cube.single("port", port)) continue;
    for (const group of cube.data.group_sets[set]) {
      if (!cube.single("group", group)) continue;
      const key = `${group} ${port}`;
      found.set(key, { group, port, flows: (found.get(key)?.flows ?? 0) + flows });
      byGroup[group] += flows;
      byPort[port] += flows;
    }
  }
  const groups = largest(byGroup, (a, b) => (cube.data.groups[a] < cube.data.groups[b] ? -1 : 1));
  const ports = largest(byPort, (a, b) => cube.data.ports[a] - cube.data.ports[b]);
  const cells = [...found.values()].filter(({ group, port }) => groups.includes(group) && ports.includes(port));
  cells.sort(
    (a, b) => groups.indexOf(a.group) - groups.indexOf(b.group) || ports.indexOf(a.port) - ports.indexOf(b.port),
  );
  const rows = cells.map(({ group, port, flows }) => ({
    group: named(cube, "group", group),
    port: named(cube, "port", port),
    flows,
    filters: [...conditions(cube, "group", group), ...conditions(cube, "port", port)],
  }));
  return {
    empty: withoutGroups(cube),
    columns: [
      { key: "group", title: TITLES.group },
      { key: "port", title: TITLES.port, number: true },
      { key: "flows", ...MEASURES.flows },
    ],
    rows,
    drawn: levelled(rows, view.bound),
    note: rows.length
      ? `Accepted records that came in and are no replies; the ${LARGEST} groups and ports with most.`
      : "",
  };
}

function largest(sums, order) {
  const found = [...sums.keys()].filter((at) => sums[at] > 0);
  return found.sort((a, b) => sums[b] - sums[a] || order(a, b)).slice(0, LARGEST);
}

/** Give each cell of the heat map a level from 1 to 5: where its logarithm lies between the least and the most. */
function levelled(rows, bound) {
  const logs = rows.map(({ flows }) => Math.log(flows));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  return rows.map((row, at) => ({
    ...row,
    name: row.group,
    shown: short(row.flows),
    level: most > least ? 1 + Math.round(((logs[at] - least) / (most - least)) * (LEVELS - 1)) : LEVELS - 2,
    tip: { "": clipped(row.group, 80), port: row.port, [MEASURES.flows.title]: bounded(whole(row.flows), bound) },
  }));
}

/** Each security group and how it is used; groups that nothing reached stand there too, with 0. */
export function groupUsage(view) {
  const { cube } = view;
  const { source, port, set, flows, bytes } = cube.columns;
  const uses = cube.data.groups.map(() => ({ flows: 0, bytes: 0, sources: new Set(), ports: new Set() }));
  for (const row of letIn(view))
    for (const group of cube.data.group_sets[set[row]]) {
      const use = uses[group];
      use.flows += flows[row];
      use.bytes += bytes[row];
      if (!view.sure(row)) continue;
      use.sources.add(source[row]);
      use.ports.add(port[row]);
    }
  const seen = cube.byGroup(cube.sums(view.rows, "set", "flows"));
  const last = lastSeen(view.overTime);
  const rows = uses
    .map((use, at) => ({ at, ...use, last: last.get(at) ?? null }))
    .filter(({ at }) => cube.single("group", at) && seen[at] > 0);
  const shown = rows.map((use) => usage(view, use)).sort((a, b) => b.flows - a.flows || (a.id < b.id ? -1 : 1));
  return {
    empty: withoutGroups(cube),
    columns: [
      { key: "group", title: TITLES.group },
      { key: "flows", title: "Let in", unit: "count" },
      { key: "bytes", title: "Bytes let in", unit: "bytes" },
      { key: "sources", title: "Sources", unit: "count", least: "leastSources" },
      { key: "ports", title: "Ports", unit: "count", least: "leastPorts" },
      { key: "last", title: "Last seen", unit: "time" },
    ],
    rows: shown.slice(0, 100),
    note: "Let in: accepted flow records that came in at an interface of the group and are no replies.",
  };
}

/** Give, by group, when the last slice with anything let in began. */
function lastSeen({ cube, where, start }) {
  const { slice, set } = cube.columns;
  const last = new Map();
  for (const row of letIn({ cube, where }))
    for (const group of cube.data.group_sets[set[row]])
      last.set(group, Math.max(last.get(group) ?? -Infinity, start(slice[row])));
  return last;
}

function usage({ cube, bound }, { at, flows, bytes, sources, ports, last }) {
  const single = (values, column) => [...values].filter((value) => cube.single(column, value)).length;
  const hidden = (values, column) => bound !== "" || [...values].some((value) => cube.several(column, value));
  return {
    group: named(cube, "group", at),
    id: cube.labels.group[at],
    flows,
    bytes,
    sources: single(sources, "source"),
    leastSources: hidden(sources, "source"),
    ports: single(ports, "port"),
    leastPorts: hidden(ports, "port"),
    last,
    filters: conditions(cube, "group", at),
  };
}
