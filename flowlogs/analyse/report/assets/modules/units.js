// Numbers, sizes and times as people read them. Times are in UTC, sizes in powers of 1000.

const WHOLE = new Intl.NumberFormat("en");
const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];

export function whole(number) {
  return WHOLE.format(number);
}

/** Give a number in at most four figures: 950, 12.3 k, 4.56 M. */
export function short(number, unit = "") {
  let rank = 0;
  let rest = number;
  while (Math.abs(rest) >= 999.5 && rank < PREFIXES.length - 1) {
    rest /= 1000;
    rank += 1;
  }
  const figures = rank === 0 ? String(Math.round(rest * 100) / 100) : rest.toPrecision(3);
  return `${figures} ${PREFIXES[rank]}${unit}`.trim();
}

export function size(bytes) {
  return short(bytes, "B");
}

export function share(part) {
  return `${(part * 100).toFixed(part > 0 && part < 0.1 ? 2 : 1)} %`;
}

/** Give Unix seconds as 2026-09-22 14:30 UTC; `form` "input" as a datetime-local field takes it. */
export function time(seconds, form = "text") {
  const iso = new Date(seconds * 1000).toISOString();
  return form === "input" ? iso.slice(0, 16) : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

export function span(seconds) {
  for (const [name, length] of [
    ["week", 604800],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ])
    if (seconds % length === 0) return seconds === length ? name : `${seconds / length} ${name}s`;
  return `${seconds} seconds`;
}

/** Give one cell of a table or a label's number by its column's unit. */
export function formatted(value, unit) {
  if (value === null || value === undefined || value === "") return "–";
  if (unit === "bytes") return size(value);
  if (unit === "time") return time(value);
  if (unit === "share") return share(value);
  if (unit === "count") return whole(value);
  if (unit === "mean") return whole(Math.round(value * 10) / 10);
  return String(value);
}

/** Say before a number that it is "at least" or "at most" so much, or nothing. */
export function bounded(text, bound) {
  return bound ? `${bound} ${text}` : text;
}

/** Shorten a text in its middle, so that a chart's labels stay beside it. */
export function clipped(text, most = 30) {
  const letters = [...text];
  if (letters.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  return `${letters.slice(0, half).join("")}…${letters.slice(-half).join("")}`;
}
