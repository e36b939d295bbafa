// What a condition's text means to a cube: which values of a column are meant, which are not, and which may be.

import { addressKey, holds, network } from "report/addresses";

/** A value that stands for several which were counted together may be meant: it is neither left out nor let in. */
export const [NO, MAYBE, YES] = [0, 1, 2];

/** Give NO, MAYBE or YES for each value of a field's columns, of which `column` is the first. */
export function meaning(cube, { field, value }, column) {
  if (field === "group") return ofGroup(cube, value);
  if (field === "vpc" || field === "subnet") return ofPlace(cube, cube.data.interfaces[field], value);
  const meant = test(cube, column, value);
  const levels = cube.labels[column].map((_, at) => (cube.single(column, at) && meant(at) ? YES : NO));
  if (couldBeFolded(cube, column, value, levels))
    levels.forEach((_, at) => cube.several(column, at) && (levels[at] = MAYBE));
  return Uint8Array.from(levels);
}

function test(cube, column, value) {
  if (column === "protocol") return (at) => String(cube.data.protocols[at].number) === value;
  const labels = cube.labels[column];
  const ranges = isOfAddresses(cube, column) && value.includes("/") ? network(value) : null;
  return ranges ? (at) => holds(ranges, addressKey(labels[at])) : (at) => labels[at] === value;
}

function isOfAddresses(cube, column) {
  return cube.labels[column] === cube.labels.source;
}

/** Say whether what a text means may be among the values counted together: not where it is told apart itself. */
function couldBeFolded(cube, column, value, levels) {
  if (!isOfAddresses(cube, column)) return !levels.includes(YES);
  const ranges = network(value);
  if (!value.includes("/") && levels.includes(YES)) return false;
  if (ranges === null) return true;
  return cube.folded.some(([low, high]) => ranges.some(({ first, last }) => first <= high && low <= last));
}

function ofGroup(cube, value) {
  const group = cube.data.groups.indexOf(value);
  const known = group >= 0 && cube.single("group", group);
  const several = cube.data.groups.map((_, at) => cube.several("group", at));
  return Uint8Array.from(cube.data.group_sets, (groups) => {
    if (known) return groups.includes(group) ? YES : NO;
    return groups.some((each) => several[each]) ? MAYBE : NO;
  });
}

/** Interfaces that were counted together are all of one VPC and subnet, or of any. */
function ofPlace(cube, places, value) {
  return Uint8Array.from(places, (place, at) => {
    if (cube.single("interface", at)) return place === value ? YES : NO;
    return cube.several("interface", at) && (place === value || place === null) ? MAYBE : NO;
  });
}
