// How a panel's numbers are made: the SQL with the filter in force, and the command that runs it.

const FILTER = "/*filter*/";
const LIMIT = "/*limit*/";

/**
 * Give a panel's SQL with the filter put in. Where `around`, the time in force stands around the text and not in it: a
 * line over time looks at what was before its left edge, for the band of its outliers or for the day before.
 */
export function sqlOf(panel, filter, cube, around) {
  const inside = [filter.sql(cube), around ? "" : filter.sqlOfTime(cube, "start")].filter(Boolean).join(" AND ");
  const sql = panel.sql
    .replace(FILTER, () => inside && `AND (${inside})`)
    .replace(LIMIT, "")
    .trim();
  const outside = around ? filter.sqlOfTime(cube, "slice") : "";
  return outside ? `SELECT *\nFROM (\n${sql}\n) AS shown\nWHERE ${outside}\nORDER BY slice` : sql;
}

/** Give the command line that asks the same of the same data. */
export function commandOf(sql, about) {
  const times = ["from", "to"].filter((end) => about.asked?.[end]).map((end) => `--${end} ${shell(about.asked[end])}`);
  return ["flowlogs query --sql", shell(sql), ...about.places.map(shell), ...times].join(" ");
}

function shell(text) {
  return /^[\w./:=@%+-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Copy a text; where the browser keeps its clipboard shut, as it may for a file, by a selection. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = text;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
