// Tables: those that sort, search and hide columns, and the plain ones of a chart's numbers. All text is escaped.

import { jQuery } from "datatables";
import { bounded, clipped, formatted, span, whole } from "report/units";

const NUMBERS = new Set(["count", "bytes", "time", "share", "mean", "seconds", "number"]);
/** Units of what a filter's open conditions make a bound of. */
const SUMMED = new Set(["count", "bytes", "mean"]);
const LONGEST = 400;
const PLAIN_ROWS = 300;

/** Give a cell's text as people read it. */
export function cell(row, { key, unit, least, usual }) {
  const value = row[key];
  if (unit === "mark") return value ? "◆ outlier" : "";
  if (unit === "list") return value === null || value === undefined ? "–" : value.join(", ");
  if (unit === "seconds") return value ? span(value) : "–";
  const text = formatted(value, unit);
  if (row[least]) return bounded(text, "at least");
  return SUMMED.has(unit) && !usual ? bounded(text, row.bound) : text;
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function isNumber({ unit, number }) {
  return NUMBERS.has(unit) || number === true;
}

function column(each) {
  const number = isNumber(each);
  return {
    title: escaped(each.title),
    name: each.key,
    data: null,
    visible: !each.hidden,
    className: number ? "number" : "text",
    type: number ? "num" : "string",
    render: (row, type) => {
      if (type === "sort" || type === "type") return number ? Number(row[each.key] ?? -1) : String(row[each.key] ?? "");
      const text = cell(row, each);
      if (type === "filter") return escaped(text); // which DataTables reads as HTML where there is an & in it
      if (type !== "display") return text;
      return `<bdi title="${escaped(clipped(text, LONGEST))}">${escaped(clipped(text, LONGEST))}</bdi>`;
    },
  };
}

/** Make a table that sorts, searches and hides columns; a row that stands for a filter can be chosen. */
export function livingTable(box, content, act, name) {
  const element = box.appendChild(document.createElement("table"));
  element.className = "living";
  const table = jQuery(element).DataTable({
    data: content.rows,
    columns: content.columns.map(column),
    order: [],
    autoWidth: false,
    pageLength: 10,
    lengthMenu: [10, 25, 100],
    layout: { topStart: "buttons", topEnd: "search", bottomStart: ["pageLength", "info"], bottomEnd: "paging" },
    language: {
      search: "",
      searchPlaceholder: "Search",
      lengthMenu: "_MENU_",
      emptyTable: "No data.",
      info: "_START_ to _END_ of _TOTAL_",
      infoFiltered: "(of _MAX_)",
      infoEmpty: "",
    },
    buttons: [
      { extend: "colvis", text: "Columns", columnText: (_, __, title) => title },
      {
        extend: "csv",
        text: "CSV",
        filename: name,
        exportOptions: { columns: ":visible", orthogonal: "export", escapeExcelFormula: true },
      },
    ],
    createdRow: (line, row) => {
      if (!row.filters?.length) return;
      line.tabIndex = 0;
      line.classList.add("choosable");
      line.title = "Filter by this row; with Shift leave it out.";
    },
  });
  const choose = (event) => {
    const row = table.row(event.target.closest("tr")).data();
    if (row?.filters?.length) act.pick(row.filters, event.shiftKey);
  };
  element.tBodies[0].addEventListener("click", choose);
  element.tBodies[0].addEventListener("keydown", (event) => event.key === "Enter" && choose(event));
  return { show: ({ rows }) => table.clear().rows.add(rows).draw() };
}

/** Write a content's numbers into a plain table; names are buttons where they stand for a filter. */
export function plainTable(box, content, act) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const each of content.columns) {
    const title = head.appendChild(document.createElement("th"));
    title.scope = "col";
    title.textContent = each.title;
    if (isNumber(each)) title.className = "number";
  }
  const body = table.createTBody();
  for (const row of content.rows.slice(0, PLAIN_ROWS)) {
    const line = body.insertRow();
    content.columns.forEach((each, at) =>
      fill(line.insertCell(), row, each, at === 0 && row.filters?.length ? act : null),
    );
  }
  const rest = content.rows.length - PLAIN_ROWS;
  const more = rest > 0 ? [paragraph(`and ${whole(rest)} more rows`)] : [];
  box.replaceChildren(table, ...more);
}

function fill(cellElement, row, each, act) {
  const text = clipped(cell(row, each), LONGEST);
  if (isNumber(each)) cellElement.className = "number";
  cellElement.dataset.value = row[each.key] ?? "";
  const inside = document.createElement(act ? "button" : "bdi");
  inside.textContent = text;
  if (act) {
    inside.type = "button";
    inside.title = "Filter by this; with Shift leave it out.";
    inside.addEventListener("click", (event) => act.pick(row.filters, event.shiftKey));
  }
  cellElement.append(inside);
}

function paragraph(text) {
  const element = document.createElement("p");
  element.className = "note";
  element.textContent = text;
  return element;
}
