// Panels about what was recorded at all: by interface and slice. Only a filter by interface and time touches them.

import { TITLES, withName } from "report/rankings";
import { clipped, time } from "report/units";

const STATES = ["nothing", "records", "no traffic (NODATA)", "lost by AWS (SKIPDATA)"];
const DRAWN = 25;
export const FIELDS_HERE = ["interface"];
/** The fields of a filter that these panels follow. */

function recorded({ cube, filter }) {
  const { interfaces, total } = cube.data.coverage;
  const asked = filter.limited(FIELDS_HERE, { timed: false }).conditions;
  const [wanted, refused] = [asked.filter(({ not }) => !not), asked.filter(({ not }) => not)];
  const is = ({ value }, id) => value === id;
  const found = interfaces.filter(
    ({ id }) => (!wanted.length || wanted.some((each) => is(each, id))) && !refused.some((each) => is(each, id)),
  );
  return { found, all: total };
}

/** One strip an interface: when it had records, no traffic, lost records, or nothing at all. */
export function strips(view) {
  const { found, all } = recorded(view);
  const rows = found
    .slice(0, DRAWN)
    .flatMap(({ id, name, slices }) => runs(view, slices).map((run) => ({ name: withName(id, name), ...run })));
  const more = found.length > DRAWN ? `The ${DRAWN} interfaces with most gaps of ${all}. ` : "";
  return {
    columns: [
      { key: "name", title: TITLES.interface },
      { key: "begin", title: "From", unit: "time" },
      { key: "end", title: "To", unit: "time" },
      { key: "state", title: "State" },
    ],
    rows,
    drawn: rows.map((row) => ({ ...row, time: row.begin * 1000, until: row.end * 1000, tip: tip(row) })),
    note: `${more}The worst first; times in UTC.`,
  };
}

/** Give runs of equal states within the time in force. */
function runs({ cube, filter }, slices) {
  const { about } = cube.data;
  const { first, last } = filter.slices(about);
  const start = (slice) => about.from + slice * about.step;
  const found = [];
  for (let slice = first; slice < last; slice++) {
    const state = STATES[slices[slice]];
    const run = found.at(-1);
    if (run?.state === state) run.end = start(slice + 1);
    else found.push({ state, begin: start(slice), end: start(slice + 1) });
  }
  return found;
}

function tip({ name, state, begin, end }) {
  return { "": clipped(name, 80), state, from: time(begin), to: time(end) };
}

/** Each interface with its records by status and its gaps. */
export function gaps(view) {
  const { found, all } = recorded(view);
  const some = found.length < all ? `${found.length} of ${all} interfaces. ` : "";
  return {
    columns: [
      { key: "name", title: TITLES.interface },
      { key: "ok", title: "OK", unit: "count" },
      { key: "nodata", title: "NODATA", unit: "count" },
      { key: "skipdata", title: "SKIPDATA", unit: "count" },
      { key: "gaps", title: "Gaps", unit: "count" },
      { key: "lost", title: "In gaps", unit: "seconds" },
      { key: "first", title: "First", unit: "time" },
      { key: "last", title: "Last", unit: "time" },
    ],
    rows: found.map((each) => ({
      ...each,
      name: withName(each.id, each.name),
      lost: each.gap_seconds,
      filters: [{ field: "interface", value: each.id }],
    })),
    note: `${some}Over the whole time of the data, whatever the filter's time.`,
  };
}
