// The filter in force: conditions that rows meet, as chips, in the address bar, and as SQL.

import { network, spelled } from "report/addresses";
import { MAYBE, NO, YES, meaning } from "report/meaning";
import { time } from "report/units";

/** Fields of conditions: their names for people, the cube's columns they look at, and their SQL. */
export const FIELDS = {
  group: { title: "security group", columns: ["set"], sql: (text) => `contains(security_group_ids, ${quoted(text)})` },
  address: {
    title: "address",
    columns: ["source", "destination"],
    sql: (text) => either(text, ["source", "destination"]),
  },
  source: { title: "source", columns: ["source"], sql: (text) => either(text, ["source"]) },
  destination: { title: "destination", columns: ["destination"], sql: (text) => either(text, ["destination"]) },
  client: { title: "client", columns: ["client"], sql: (text) => either(text, ["client"]) },
  server: { title: "server", columns: ["server"], sql: (text) => either(text, ["server"]) },
  port: { title: "server port", columns: ["port"], sql: (text) => `server_port = ${Number(text)}` },
  protocol: { title: "protocol", columns: ["protocol"], sql: (text) => `protocol = ${Number(text)}` },
  action: { title: "action", columns: ["action"], sql: (text) => `action = ${quoted(text)}` },
  direction: { title: "direction", columns: ["direction"], sql: (text) => `direction = ${quoted(text)}` },
  interface: { title: "interface", columns: ["interface"], sql: (text) => `interface_id = ${quoted(text)}` },
  vpc: { title: "VPC", columns: ["interface"], sql: (text, cube) => atInterfaces(cube, "vpc", text) },
  subnet: { title: "subnet", columns: ["interface"], sql: (text, cube) => atInterfaces(cube, "subnet", text) },
};

/** Give the interfaces of a VPC or subnet, which the page knows by the inventory alone. */
function atInterfaces(cube, key, text) {
  const { interfaces } = cube.data;
  const ids = interfaces.id.filter((_, at) => interfaces[key][at] === text && cube.single("interface", at));
  return ids.length ? `interface_id IN (${ids.map(quoted).join(", ")})` : "false";
}

function quoted(text) {
  return `'${String(text).replaceAll("'", "''")}'`;
}

function either(text, columns) {
  const ranges = text.includes("/") ? network(text) : null;
  const tests = columns.flatMap((column) =>
    ranges
      ? ranges.map(({ first, last }) => `address_key(${column}) BETWEEN '${first}' AND '${last}'`)
      : [`${column} = ${quoted(text)}`],
  );
  return tests.length === 1 ? tests[0] : `(${tests.join(" OR ")})`;
}

const OF_ADDRESSES = new Set(["address", "source", "destination", "client", "server"]);

/** Say what is wrong with a value that somebody wrote, or give null. */
export function refusal(field, text) {
  if (text === "") return "Nothing is written there.";
  if (field === "address" && network(text) === null)
    return "Write an address or a network, as 10.0.0.7 or 10.0.0.0/16.";
  if (field === "port" && !(/^[0-9]{1,5}$/.test(text) && Number(text) < 65536)) return "Write a port from 0 to 65535.";
  return null;
}

/** Give a value as the data spell it: 2001:DB8::1, ::ffff:10.0.0.7 and 0443 may be written in several ways. */
export function spelledAs(field, text) {
  if (OF_ADDRESSES.has(field)) return spelled(text);
  return field === "port" && /^[0-9]+$/.test(text) ? String(Number(text)) : text;
}

/** Conditions {field, value, not} and a time {from, to} in Unix seconds, or null. Each change gives another filter. */
export class Filter {
  constructor(conditions = [], from = null, to = null) {
    this.conditions = conditions;
    this.from = from;
    this.to = to;
  }

  get empty() {
    return this.conditions.length === 0 && !this.timed;
  }

  get timed() {
    return this.from !== null || this.to !== null;
  }

  with(field, value, not = false) {
    const kept = this.conditions.filter((each) => each.field !== field || each.value !== value);
    return new Filter([...kept, { field, value, not }], this.from, this.to);
  }

  without(condition) {
    return new Filter(
      this.conditions.filter((each) => each !== condition),
      this.from,
      this.to,
    );
  }

  within(from, to) {
    return new Filter(this.conditions, from, to);
  }

  /** Give only what concerns some fields, with the time in force or without it. */
  limited(fields, { timed }) {
    const kept = this.conditions.filter(({ field }) => fields.includes(field));
    return timed ? new Filter(kept, this.from, this.to) : new Filter(kept);
  }

  cleared() {
    return new Filter();
  }

  /** Read what follows the section in the address bar; what is not understood is left out. */
  static read(text) {
    const conditions = [];
    const times = { from: null, to: null };
    for (const [name, value] of new URLSearchParams(text)) {
      const not = name.startsWith("not.");
      const field = not ? name.slice(4) : name;
      if (Object.hasOwn(FIELDS, field)) conditions.push({ field, value: spelledAs(field, value), not });
      else if (Object.hasOwn(times, name) && /^[0-9]{1,12}$/.test(value)) times[name] = Number(value);
    }
    return new Filter(conditions, times.from, times.to);
  }

  written() {
    const parameters = new URLSearchParams();
    for (const { field, value, not } of this.conditions) parameters.append(not ? `not.${field}` : field, value);
    if (this.from !== null) parameters.append("from", this.from);
    if (this.to !== null) parameters.append("to", this.to);
    return parameters.toString();
  }

  /** Give the conditions by field: one of the wanted ones must be met, and none of the others. */
  #groups() {
    const wanted = new Map();
    for (const { field, value, not } of this.conditions) {
      const key = not ? `not.${field}.${value}` : field;
      wanted.set(key, [...(wanted.get(key) ?? []), { field, value, not }]);
    }
    return [...wanted.values()];
  }

  /** Give the predicate that stands for this filter over the columns of `picked`; "" for no filter. */
  sql(cube) {
    return this.#groups()
      .map((group) => {
        const tests = group.map(({ field, value }) => FIELDS[field].sql(value, cube)).join(" OR ");
        if (group[0].not) return `NOT coalesce(${tests}, false)`;
        return group.length > 1 ? `(${tests})` : tests;
      })
      .join(" AND ");
  }

  /** Give the predicate of the time in force over a column of Unix seconds; "" for all of it. */
  sqlOfTime(cube, column) {
    const { first, last } = this.slices(cube);
    const parts = [];
    if (first > 0) parts.push(`${column} >= ${cube.from + first * cube.step}`);
    if (last < cube.slices) parts.push(`${column} < ${cube.from + last * cube.step}`);
    return parts.join(" AND ");
  }

  saidTime() {
    if (!this.timed) return null;
    const words = [];
    if (this.from !== null) words.push(`from ${time(this.from)}`);
    if (this.to !== null) words.push(`to ${time(this.to)}`);
    return words.join(" ");
  }

  /** Say whether a cube tells all apart that the conditions name, as far as the widest cube does. */
  knownBy(cube, widest) {
    return this.conditions.every((each) => {
      if (each.field === "group") return cube.data.groups.indexOf(each.value) < cube.told.group[1];
      const [column] = FIELDS[each.field].columns;
      const [, end] = cube.told[column] ?? [0, Infinity];
      return meaning(widest, each, column).lastIndexOf(YES) < end;
    });
  }

  /**
   * Give for each row, whatever its time, whether it meets the conditions: NO, MAYBE or YES. Of `open` conditions it
   * cannot be said whether they are met by rows that may be kept.
   */
  met(cube) {
    const levels = new Uint8Array(cube.count).fill(YES);
    const unsure = [];
    for (const group of this.#groups()) {
      const met = new Uint8Array(cube.count);
      for (const condition of group) {
        const each = metBy(cube, condition);
        for (let row = 0; row < cube.count; row++) met[row] = Math.max(met[row], each[row]);
        if (each.includes(MAYBE)) unsure.push({ condition, each });
      }
      for (let row = 0; row < cube.count; row++)
        levels[row] = Math.min(levels[row], group[0].not ? YES - met[row] : met[row]);
    }
    const open = unsure.filter(({ each }) => levels.some((level, row) => level === MAYBE && each[row] === MAYBE));
    return { levels, open: open.map(({ condition }) => condition) };
  }

  /** Give the slices of the time in force: from first to before last. */
  slices(cube) {
    const first = this.from === null ? 0 : Math.floor((this.from - cube.from) / cube.step);
    const last = this.to === null ? cube.slices : Math.ceil((this.to - cube.from) / cube.step);
    const held = (slice) => Math.min(Math.max(slice, 0), cube.slices);
    return { first: held(first), last: Math.max(held(first), held(last)) };
  }
}

/** Give for each row whether one of a condition's columns has what it means, whether wanted or not. */
function metBy(cube, condition) {
  const met = new Uint8Array(cube.count).fill(NO);
  const { columns } = FIELDS[condition.field];
  const levels = meaning(cube, condition, columns[0]);
  for (const column of columns) {
    const keys = cube.columns[column];
    for (let row = 0; row < cube.count; row++) met[row] = Math.max(met[row], levels[keys[row]]);
  }
  return met;
}
