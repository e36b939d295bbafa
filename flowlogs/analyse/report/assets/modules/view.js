// What a filter leaves of the cube: the rows, the slices, and sums that several panels share.

import { MAYBE, YES } from "report/meaning";

/**
 * Give the view of a filter: of the cube that tells most apart, or of the one for lines over time where a time is in
 * force. Its `overTime` is the view for these lines, of the cube in finer slices where that one knows what is asked.
 */
export function viewOf({ fine, wide }, filter) {
  const overTime = new View(filter.knownBy(fine, wide) ? fine : wide, filter);
  const view = overTime.cube === wide || filter.timed ? overTime : new View(wide, filter);
  view.overTime = overTime;
  return view;
}

/**
 * The rows of a cube that a filter leaves; `first` to before `last` are the slices of its time.
 *
 * Where conditions are `open`, as what they name was counted together with others, the rows that may meet them are left
 * out, and sums are "at least" so much: their `bound`. Where each of these conditions is a "not", such rows stay, and
 * sums are "at most" so much.
 */
class View {
  #parts = new Map();
  #levels;

  constructor(cube, filter) {
    this.cube = cube;
    this.filter = filter;
    Object.assign(this, filter.slices(cube));
    const { levels, open } = filter.met(cube);
    this.#levels = levels;
    this.open = open;
    this.bound = open.length === 0 ? "" : open.every(({ not }) => not) ? "at most" : "at least";
    const least = this.bound === "at most" ? MAYBE : YES;
    const slice = cube.columns.slice;
    this.anytime = cube.rows(levels.map((level) => Number(level >= least)));
    this.rows = this.anytime.filter((row) => slice[row] >= this.first && slice[row] < this.last);
  }

  /** Give the rows with these values of columns, as {action: 1}; `anytime`: also those outside the time in force. */
  where = (part, { anytime = false } = {}) => {
    const key = `${anytime} ${JSON.stringify(part)}`;
    if (!this.#parts.has(key)) {
      const tests = Object.entries(part).map(([column, value]) => [this.cube.columns[column], value]);
      const rows = anytime ? this.anytime : this.rows;
      this.#parts.set(
        key,
        rows.filter((row) => tests.every(([values, value]) => values[row] === value)),
      );
    }
    return this.#parts.get(key);
  };

  /** Say whether a row meets the filter for sure: a count of different values is of such rows alone. */
  sure = (row) => {
    return this.#levels[row] === YES;
  };

  /** Give the start of a slice in Unix seconds. */
  start = (slice) => {
    return this.cube.from + slice * this.cube.step;
  };
}
