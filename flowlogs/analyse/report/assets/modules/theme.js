// Light or dark: as the reader's system is, until the reader says otherwise.

const KEPT = "flowlogs-report-theme";

export function theme() {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  let chosen = recall();
  const show = () => {
    const dark = chosen === null ? system.matches : chosen === "dark";
    const root = document.documentElement;
    root.dataset.theme = dark ? "dark" : "light";
    root.classList.toggle("dark", dark); // the tables' style sheet asks for this class
    button.textContent = dark ? "☀ Light" : "☾ Dark";
    button.setAttribute("aria-pressed", String(dark));
  };
  button.addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    keep(chosen);
    show();
  });
  system.addEventListener("change", show);
  show();
}

function recall() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // a browser may keep nothing for files
  }
}

function keep(chosen) {
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // then it is for this visit
  }
}
