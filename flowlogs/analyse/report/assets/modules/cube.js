// The counted flow records, in typed arrays; sums over those that a filter leaves.

import { decoded } from "report/decode";

const ACTIONS = ["", "ACCEPT", "REJECT"];
const DIRECTIONS = ["", "inbound", "outbound", "internal"];
const ENDS = ["source", "destination", "client", "server"];
const ABSENT = 0;
export const REPLY = 1;
const UNKNOWN_ROLES = 2;

/** The report's cubes: the first for lines over time, the last tells most addresses apart; it may be the same. */
export async function cubesOf(data) {
  const cubes = await Promise.all(data.cubes.map((part) => Cube.of(data, part)));
  return { fine: cubes[0], wide: cubes.at(-1) };
}

/** A cube of a report with the texts that its numbers stand for; `count` rows, numbers by column. */
class Cube {
  static async of(data, part) {
    const names = Object.keys(part.columns);
    const arrays = await Promise.all(names.map((name) => decoded(part.columns[name])));
    return new Cube(data, part, Object.fromEntries(names.map((name, at) => [name, arrays[at]])));
  }

  constructor(data, part, columns) {
    this.data = data;
    this.count = part.length;
    this.columns = { ...columns, ...this.#roles(columns) };
    this.from = part.from;
    this.step = part.step;
    this.slices = part.slices;
    this.labels = labelsOf(data);
    this.told = toldOf(part);
    this.folded = part.folded;
    this.sizes = { set: data.group_sets.length, slice: this.slices, end: 3, reply: 3 };
    for (const [column, labels] of Object.entries(this.labels)) this.sizes[column] = labels.length;
  }

  /** Give the columns `client` and `server`: the packet's ends by who serves; absent where that is not known. */
  #roles({ source, destination, reply }) {
    const client = source.slice();
    const server = destination.slice();
    for (let row = 0; row < this.count; row++) {
      if (reply[row] === REPLY) [client[row], server[row]] = [destination[row], source[row]];
      if (reply[row] === UNKNOWN_ROLES) client[row] = server[row] = ABSENT;
    }
    return { client, server };
  }

  /** Say whether a column's value is one address, port, … and not absent or several that were counted together. */
  single(column, at) {
    if (this.labels[column][at] === "") return false;
    const told = this.told[column];
    return !told || (told[0] <= at && at < told[1]);
  }

  /** Say whether a column's value stands for several that were counted together. */
  several(column, at) {
    return this.labels[column][at] !== "" && !this.single(column, at);
  }

  /** Give the numbers of the kept rows. */
  rows(kept) {
    const rows = new Uint32Array(this.count);
    let count = 0;
    for (let row = 0; row < this.count; row++) if (kept[row]) rows[count++] = row;
    return rows.subarray(0, count);
  }

  /** Sum a measure of rows by a column: one number for each value of it. */
  sums(rows, column, measure) {
    const sums = new Float64Array(this.sizes[column]);
    const keys = this.columns[column];
    const values = this.columns[measure];
    for (const row of rows) sums[keys[row]] += values[row];
    return sums;
  }

  total(rows, measure) {
    const values = this.columns[measure];
    let sum = 0;
    for (const row of rows) sum += values[row];
    return sum;
  }

  /** Sum measures by several columns at once: for each combination there is, its values `at` and its `sums`. */
  combined(rows, columns, measures) {
    const keys = columns.map((column) => this.columns[column]);
    const sizes = columns.map((column) => this.sizes[column]);
    const values = measures.map((measure) => this.columns[measure]);
    const found = new Map();
    for (const row of rows) {
      let key = 0;
      for (let each = 0; each < keys.length; each++) key = key * sizes[each] + keys[each][row];
      let sums = found.get(key);
      if (!sums)
        found.set(key, (sums = { at: keys.map((column) => column[row]), sums: new Float64Array(values.length) }));
      for (let each = 0; each < values.length; each++) sums.sums[each] += values[each][row];
    }
    return [...found.values()];
  }

  /** Give a sum by security group from one by set of groups: a record counts in each of its groups. */
  byGroup(bySet) {
    const sums = new Float64Array(this.data.groups.length);
    this.data.group_sets.forEach((groups, set) => new Set(groups).forEach((group) => (sums[group] += bySet[set])));
    return sums;
  }

  /** Give the values of a column that rows have, in order. */
  values(rows, column) {
    const seen = new Uint8Array(this.sizes[column]);
    const keys = this.columns[column];
    for (const row of rows) seen[keys[row]] = 1;
    return [...seen.keys()].filter((at) => seen[at] && at !== ABSENT);
  }

  /** Count the values of a column that rows have; "at least" where some were counted together. */
  distinct(rows, column) {
    const values = this.values(rows, column);
    const count = values.filter((at) => this.single(column, at)).length;
    return { count, atLeast: count < values.length };
  }
}

function labelsOf(data) {
  const known = (texts) => texts.map((text) => text ?? "");
  const labels = {
    interface: known(data.interfaces.id),
    port: data.ports.map((port) => (port === null ? "" : port < 0 ? "(others)" : String(port))),
    protocol: data.protocols.map(({ number, name }) => name || (number === null ? "" : String(number))),
    action: ACTIONS,
    direction: DIRECTIONS,
    group: data.groups,
  };
  const texts = known(data.addresses.text);
  for (const end of ENDS) labels[end] = texts;
  return labels;
}

/** Give, by column, from where to before where its values are told apart; not all columns have others. */
function toldOf({ told }) {
  const { address, ...others } = told;
  return { ...others, ...Object.fromEntries(ENDS.map((end) => [end, address])) };
}
