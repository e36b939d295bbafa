// Panels that show one number, or a few, and what the world map shows.

import { MEASURES, amount, join, summed } from "report/rankings";
import { bounded, formatted, whole } from "report/units";

/** How many different sources or destinations there are, with the flow records of each slice beside it. */
export function different(column, word) {
  return (view) => {
    const { count, atLeast: others } = view.cube.distinct(view.rows.filter(view.sure), column);
    const atLeast = others || view.bound !== "";
    return {
      columns: [{ key: "addresses", title: "Addresses", unit: "count" }],
      rows: [{ addresses: count }],
      bound: atLeast ? "at least" : "",
      shown: bounded(whole(count), atLeast && "at least"),
      caption: word,
      note: atLeast ? "Others were counted together, so it is at least so many." : "",
      spark: spark(view.overTime, view.overTime.rows, "flows"),
    };
  };
}

/** The flow records and bytes of one action. */
export function totals(part, word) {
  return (view) => {
    const rows = view.where(part);
    const measures = ["flows", "bytes", "packets"];
    const sums = Object.fromEntries(measures.map((measure) => [measure, view.cube.total(rows, measure)]));
    return {
      columns: measures.map((measure) => ({ key: measure, ...MEASURES[measure] })),
      rows: [sums],
      shown: bounded(whole(sums.flows), view.bound),
      caption: `${word} · ${bounded(formatted(sums.bytes, "bytes"), view.bound)}`,
      spark: spark(view.overTime, view.overTime.where(part), "flows"),
    };
  };
}

function spark(view, rows, measure) {
  const sums = view.cube.sums(rows, "slice", measure);
  return Array.from(sums.subarray(view.first, view.last), (value, at) => ({
    time: view.start(view.first + at) * 1000,
    value,
  }));
}

/** How many VPCs, subnets and security groups the records are of. */
export function counts({ cube, rows: all, sure, bound }) {
  const rows = all.filter(sure);
  const { interfaces } = cube.data;
  const at = cube.values(rows, "interface");
  const names = (key) => new Set(at.map((each) => interfaces[key][each]).filter(Boolean)).size;
  const sums = cube.byGroup(cube.sums(rows, "set", "flows"));
  const groups = [...sums.keys()].filter((each) => sums[each] > 0);
  const hidden = groups.includes(0);
  const row = {
    vpcs: names("vpc"),
    subnets: names("subnet"),
    groups: groups.filter((each) => each > 0).length,
    hidden,
  };
  return {
    columns: [
      { key: "vpcs", title: "VPCs", unit: "count" },
      { key: "subnets", title: "Subnets", unit: "count" },
      { key: "groups", title: "Security groups", unit: "count", least: "hidden" },
    ],
    rows: [row],
    bound: bound && "at least",
    note: hidden ? "Rare security groups were counted together, so there are at least so many." : "",
  };
}

/** What cannot be said for sure: records without a known group, and with several. */
export function unknown({ cube, rows, bound }) {
  const bySet = cube.sums(rows, "set", "flows");
  const sum = (test) =>
    bySet.reduce((total, value, set) => (test(cube.data.group_sets[set]) ? total + value : total), 0);
  const row = {
    flows: cube.total(rows, "flows"),
    without_groups: sum((groups) => groups.length === 0),
    with_several_groups: sum((groups) => groups.length > 1),
  };
  const columns = [
    { key: "flows", title: "Flow records", unit: "count" },
    { key: "without_groups", title: "No group known", unit: "count" },
    { key: "with_several_groups", title: "Several groups", unit: "count" },
  ];
  return { columns, rows: [row], shares: bound ? undefined : "flows" };
}

/** Where sources are: one bubble a country, at the place in it that most came from. */
export function places(part = {}) {
  const regions = new Intl.DisplayNames(["en"], { type: "region" });
  return ({ cube, where }) => {
    const { country, lat, lon } = cube.data.addresses;
    const found = new Map();
    let nowhere = 0;
    for (const { at, flows, bytes } of summed(cube, where(part), "source", ["flows", "bytes"])) {
      if (!country[at]) nowhere += flows;
      else add(found, country[at], { flows, bytes, lat: lat[at], lon: lon[at] });
    }
    const rows = [...found.values()].sort((a, b) => b.flows - a.flows || (a.country < b.country ? -1 : 1));
    for (const row of rows) row.name = nameOf(regions, row.country);
    return {
      columns: [
        { key: "country", title: "Country" },
        { key: "name", title: "Name" },
        { key: "flows", ...MEASURES.flows },
        { key: "bytes", ...MEASURES.bytes },
      ],
      rows,
      by: "flows",
      drawn: rows.filter((row) => row.lat !== null && row.lat !== undefined),
      note: join(
        nowhere > 0 &&
          rows.length > 0 &&
          `${amount(nowhere, "count")} from addresses without a country, as private ones.`,
      ),
      empty:
        nowhere > 0
          ? "No source has a known place: only private addresses, or the data was enriched without geo databases."
          : undefined,
    };
  };
}

function nameOf(regions, code) {
  return /^[A-Z]{2}$/.test(code) ? regions.of(code) : code;
}

function add(found, country, { flows, bytes, lat, lon }) {
  const row = found.get(country) ?? { country, flows: 0, bytes: 0, lat: null, lon: null, most: -1 };
  row.flows += flows;
  row.bytes += bytes;
  if (flows > row.most && lat !== null) Object.assign(row, { lat, lon, most: flows });
  found.set(country, row);
}
