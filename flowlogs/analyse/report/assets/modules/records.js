// The records themselves, as they lie in the lake.

import { addressKey, holds, network } from "report/addresses";
import { FIELDS } from "report/filter";
import { whole } from "report/units";

const UNITS = { bytes: "bytes", start: "time", end: "time" };
/** Hidden at first; a reader shows them by the button above the table. */
const HIDDEN = new Set(["version", "account_id", "interface_id", "packets", "start", "end"]);
const FIRST = [
  "timestamp",
  "start",
  "action",
  "srcaddr",
  "dstaddr",
  "srcport",
  "dstport",
  "protocol_name",
  "protocol",
  "bytes",
];

/** The records there are that a filter leaves: those with most bytes, not all that the other panels count. */
export function records({ cube, filter, first, last, start }) {
  const { columns, rows } = cube.data.records;
  const at = Object.fromEntries(columns.map((name, number) => [name, number]));
  const groups = groupedConditions(filter);
  const begins = [start(first), start(last)];
  const kept = rows.filter((row) => {
    const value = (name) => row[at[name]] ?? null;
    const begun = value("start") ?? value("end");
    return (
      begun !== null &&
      begun >= begins[0] &&
      begun < begins[1] &&
      groups.every((group) => group.some((each) => meets(cube, each, value)))
    );
  });
  const order = [...FIRST.filter((name) => name in at), ...columns.filter((name) => !FIRST.includes(name))];
  return {
    columns: order.map((name) => ({
      key: name,
      title: name,
      unit: UNITS[name] ?? unitOf(name, rows, at),
      hidden: HIDDEN.has(name),
    })),
    rows: kept.map((row) => Object.fromEntries(columns.map((name, number) => [name, row[number]]))),
    note: `${whole(kept.length)} of the ${whole(rows.length)} records that the page carries, those with most bytes.`,
  };
}

function unitOf(name, rows, at) {
  const some = rows.find((row) => row[at[name]] !== null)?.[at[name]];
  if (Array.isArray(some)) return "list";
  return typeof some === "number" ? "number" : undefined;
}

function groupedConditions({ conditions }) {
  const groups = new Map();
  for (const each of conditions) {
    const key = each.not ? `not ${each.field} ${each.value}` : each.field;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

function meets(cube, { field, value: asked, not }, value) {
  const ends = {
    source: value("pkt_srcaddr") ?? value("srcaddr"),
    destination: value("pkt_dstaddr") ?? value("dstaddr"),
  };
  const reply = value("is_reply");
  if (reply !== null)
    Object.assign(ends, {
      client: reply ? ends.destination : ends.source,
      server: reply ? ends.source : ends.destination,
    });
  if (value("client") !== null) Object.assign(ends, { client: value("client"), server: value("server") });
  return met(cube, field, asked, value, ends) !== not;
}

function met(cube, field, asked, value, ends) {
  const is = (found) => found !== null && found !== undefined && String(found) === asked;
  if (field === "group") return (value("security_group_ids") ?? []).includes(asked);
  if (field === "port")
    return value("server_port") !== null ? is(value("server_port")) : is(value("dstport")) || is(value("srcport"));
  if (field === "interface") return is(value("interface_id"));
  if (field === "vpc" || field === "subnet") return is(value(`${field}_id`));
  if (field === "protocol" || field === "action" || field === "direction") return is(value(field));
  return FIELDS[field].columns.some((column) => (asked.includes("/") ? inside(ends[column], asked) : is(ends[column])));
}

function inside(address, asked) {
  const ranges = network(asked);
  return Boolean(address && ranges) && holds(ranges, addressKey(address));
}
