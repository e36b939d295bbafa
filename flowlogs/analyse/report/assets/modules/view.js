// What a filter leaves of the cube: the rows, the slices, and sums that several panels share.

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

/** The rows of a cube that a filter leaves; `first` to before `last` are the slices of its time. */
class View {
  #parts = new Map();

  constructor(cube, filter) {
    this.cube = cube;
    this.filter = filter;
    Object.assign(this, filter.slices(cube));
    const kept = filter.kept(cube);
    const slice = cube.columns.slice;
    this.anytime = cube.rows(kept);
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

  /** Give the start of a slice in Unix seconds. */
  start = (slice) => {
    return this.cube.from + slice * this.cube.step;
  };
}
