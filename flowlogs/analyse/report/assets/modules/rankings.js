// Panels that rank: the largest values of a column, shares, and the largest combinations of several columns.

import { formatted, share, whole } from "report/units";

const SMALL = 0.06;
/** Shares of a ring below which there is room beside it for one name alone. */

export const TITLES = {
  source: "Source",
  destination: "Destination",
  client: "Client",
  server: "Server",
  port: "Server port",
  protocol: "Protocol",
  interface: "Interface",
  action: "Action",
  direction: "Direction",
  group: "Security group",
  vpc: "VPC",
  subnet: "Subnet",
};
export const MEASURES = {
  flows: { title: "Flow records", unit: "count" },
  packets: { title: "Packets", unit: "count" },
  bytes: { title: "Bytes", unit: "bytes" },
};

/** Give the conditions that a value of a column stands for: one, or none where it is no value of its own. */
export function conditions(cube, column, at) {
  if (!cube.single(column, at)) return [];
  const value = column === "protocol" ? String(cube.data.protocols[at].number) : cube.labels[column][at];
  return [{ field: column, value }];
}

/** Give what people read: the inventory's name before an id, where it has one. */
export function named(cube, column, at) {
  return withName(cube.labels[column][at], cube.data.names[column]?.[at]) || "unknown";
}

export function withName(id, name) {
  return name && name !== id ? `${name} (${id})` : id;
}

/** Give what equal values of a column are ordered by, as the SQL does: numbers for ports and protocols, else texts. */
function orderOf(cube, column, at) {
  if (column === "port") return cube.data.ports[at] ?? -1;
  if (column === "protocol") return cube.data.protocols[at].number ?? -1;
  return cube.labels[column][at] || "unknown";
}

/** Compare rows of a ranking: the largest first, then by their `order`, a list. */
export function larger(measure) {
  return (a, b) => {
    if (a[measure] !== b[measure]) return b[measure] - a[measure];
    const differs = a.order.findIndex((value, at) => value !== b.order[at]);
    return differs < 0 ? 0 : a.order[differs] < b.order[differs] ? -1 : 1;
  };
}

export function join(...texts) {
  return texts.filter(Boolean).join(" ");
}

/** Sum measures by a column: a row {at, name, …measures} for each value that has any. */
export function summed(cube, rows, column, measures) {
  const sums = measures.map((measure) => cube.sums(rows, column, measure));
  return rowsOf(cube, column, measures, sums);
}

function rowsOf(cube, column, measures, sums) {
  const found = [];
  for (let at = 0; at < sums[0].length; at++)
    if (sums.some((sum) => sum[at] > 0)) {
      const row = { at, name: named(cube, column, at), order: [orderOf(cube, column, at)] };
      row.filters = conditions(cube, column, at);
      measures.forEach((measure, number) => (row[measure] = sums[number][at]));
      found.push(row);
    }
  return found;
}

/** The largest values of a column by the first measure; `part` limits the rows, as {action: 1}. */
export function top(column, measures, { part = {}, limit = 10 } = {}) {
  return ({ cube, where }) => {
    const all = summed(cube, where(part), column, measures);
    const rows = all
      .filter(({ at }) => cube.single(column, at))
      .sort(larger(measures[0]))
      .slice(0, limit);
    if (column === "source" || column === "destination") rows.forEach((row) => (row.about = place(cube, row.at)));
    return ranking(TITLES[column], measures, rows, leftOut(cube, column, measures[0], all, rows, limit));
  };
}

/** Say what no bar stands for: values counted together, and rows without a value. */
function leftOut(cube, column, measure, all, rows, limit) {
  const { unit } = MEASURES[measure];
  const sum = (test) => all.filter(test).reduce((total, row) => total + row[measure], 0);
  const folded = sum(({ at }) => cube.several(column, at));
  const absent = sum(({ at }) => cube.labels[column][at] === "");
  const title = TITLES[column].toLowerCase();
  const could = folded > (rows.length < limit ? 0 : rows.at(-1)[measure]) ? "; one of them may belong here" : "";
  return join(
    folded > 0 && `${amount(folded, unit)} at others, which are counted together${could}.`,
    absent > 0 && `${amount(absent, unit)} without a known ${title}.`,
  );
}

export function amount(value, unit) {
  return unit === "bytes" ? formatted(value, unit) : `${formatted(value, unit)} more`;
}

/** Give what is known of an address, for a tooltip. */
function place(cube, at) {
  const { country, organization } = cube.data.addresses;
  return [country[at], organization[at]].filter(Boolean).join(", ");
}

function ranking(title, measures, rows, note, more = {}) {
  const columns = [{ key: "name", title }, ...measures.map((measure) => ({ key: measure, ...MEASURES[measure] }))];
  return { columns, rows, note, by: measures[0], ...more };
}

/** The largest VPCs or subnets, by what the inventory says of each interface. */
export function topOfInterfaces(key, measures) {
  return ({ cube, rows: kept }) => {
    const names = cube.data.interfaces[key];
    const found = new Map();
    const unfilterable = new Set(names.filter((_, at) => !cube.single("interface", at)));
    for (const row of summed(cube, kept, "interface", measures)) {
      const name = names[row.at] || "";
      const filters = unfilterable.has(name) ? [] : [{ field: key, value: name }];
      const none = Object.fromEntries(measures.map((each) => [each, 0]));
      const sum = found.get(name) ?? { name, order: [name], filters, ...none };
      measures.forEach((measure) => (sum[measure] += row[measure]));
      found.set(name, sum);
    }
    const unknown = found.get("");
    const kind = key === "vpc" ? "VPC" : "subnet";
    const rows = [...found.values()]
      .filter(({ name }) => name)
      .sort(larger(measures[0]))
      .slice(0, 10);
    const note =
      unknown &&
      `${amount(unknown[measures[0]], MEASURES[measures[0]].unit)} at interfaces whose ${kind} is unknown.`;
    return ranking(TITLES[key], measures, rows, note ?? "", {
      empty: names.some(Boolean) ? undefined : `No ${kind} is known: the data was enriched without an inventory.`,
    });
  };
}

/** Say why nothing can be said of groups where the data has none; nothing where it has, whatever a filter leaves. */
export function withoutGroups(cube) {
  if (cube.data.group_sets.some((groups) => groups.length)) return undefined;
  return "No security group is known: the data was enriched without an inventory.";
}

/** The largest security groups; a record counts in each of its groups. */
export function topGroups(measures, limit) {
  return ({ cube, rows: kept }) => {
    const sums = measures.map((measure) => cube.byGroup(cube.sums(kept, "set", measure)));
    const all = rowsOf(cube, "group", measures, sums);
    const rows = all
      .filter(({ at }) => cube.single("group", at))
      .sort(larger(measures[0]))
      .slice(0, limit);
    const note = join(
      leftOut(cube, "group", measures[0], all, rows, limit),
      rows.length && "A record counts in each of its groups.",
    );
    return ranking(TITLES.group, measures, rows, note, {
      empty: withoutGroups(cube),
    });
  };
}

/** How much each value of a column has: all values, each with its share of the first measure where sums are known. */
export function shares(column, measures) {
  return ({ cube, rows: kept, bound }) => {
    const rows = summed(cube, kept, column, measures);
    if (bound) return ranking(TITLES[column], measures, rows.map((row) => ({ ...row, lines: [row.name] })), "");
    const all = rows.reduce((sum, row) => sum + row[measures[0]], 0);
    rows.forEach((row) => {
      row.part = row[measures[0]] / all;
      row.lines = [row.name, share(row.part)];
    });
    const small = rows.filter((row) => row.part < SMALL && row !== largestOfSmall(rows));
    small.forEach((row) => (row.lines = []));
    const note = small.map(({ name, part }) => `${name} ${share(part)}`).join(", ");
    const result = ranking(TITLES[column], measures, rows, note);
    result.columns.push({ key: "part", title: "Share", unit: "share" });
    return result;
  };
}

/** Give the largest of the small shares: the one that still has room for its name beside the ring. */
function largestOfSmall(rows) {
  return rows.filter(({ part }) => part < SMALL).sort((a, b) => b.part - a.part)[0];
}

/** The combinations of several columns with the most of the first measure. */
export function topCombined(columns, measures, { part = {}, limit, known = false } = {}) {
  return ({ cube, where }) => {
    const all = cube.combined(where(part), columns, measures);
    const singles = columns.map((column) =>
      Uint8Array.from({ length: cube.sizes[column] }, (_, at) => Number(cube.single(column, at))),
    );
    const found = known ? all.filter(({ at }) => at.every((value, each) => singles[each][value])) : all;
    const rows = largest(found, limit).map(({ at, sums }) => {
      const row = { at, filters: columns.flatMap((column, each) => conditions(cube, column, at[each])) };
      columns.forEach((column, each) => (row[column] = named(cube, column, at[each])));
      measures.forEach((measure, each) => (row[measure] = sums[each]));
      row.order = columns.map((column, each) => orderOf(cube, column, at[each]));
      return row;
    });
    return {
      columns: [
        ...columns.map((column) => ({ key: column, title: TITLES[column], number: column === "port" })),
        ...measures.map((measure) => ({ key: measure, ...MEASURES[measure] })),
      ],
      rows: rows.sort(larger(measures[0])).slice(0, limit),
      note: found.length > limit ? `The ${limit} largest of ${whole(found.length)}.` : "",
      by: measures[0],
    };
  };
}

/** Give those whose first sum is among the `limit` largest, and all that equal the least of these. */
function largest(found, limit) {
  if (found.length <= limit) return found;
  const least = Float64Array.from(found, ({ sums }) => sums[0]).sort().at(-limit);
  return found.filter(({ sums }) => sums[0] >= least);
}
