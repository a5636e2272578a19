// The docs' own script: theme, search, copying, the menu of a small screen. No dependency, no network.
const root = document.currentScript.dataset.root;

try {
  const kept = localStorage.getItem("yard-docs-theme");
  if (kept) document.documentElement.dataset.theme = kept;
} catch {}

document.addEventListener("DOMContentLoaded", () => {
  bindTheme();
  bindMenu();
  bindSearch();
  for (const figure of document.querySelectorAll("figure.code")) addCopy(figure);
  // The API's page is made by a server; a folder does not have it.
  if (location.protocol === "file:")
    for (const link of document.querySelectorAll("[data-server-only]")) link.hidden = true;
});

function bindTheme() {
  document.querySelector("button.theme").addEventListener("click", () => {
    const { dataset } = document.documentElement;
    const isDark = dataset.theme
      ? dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    dataset.theme = isDark ? "light" : "dark";
    try {
      localStorage.setItem("yard-docs-theme", dataset.theme);
    } catch {}
  });
}

function bindMenu() {
  const button = document.querySelector("button.menu");
  button.addEventListener("click", () => {
    const isOpen = document.body.classList.toggle("menu-open");
    button.setAttribute("aria-expanded", String(isOpen));
  });
}

function addCopy(figure) {
  const code = figure.querySelector("code");
  const button = element("button", "copy", "Copy");
  button.type = "button";
  button.addEventListener("click", async () => {
    const commands = [...code.querySelectorAll(".command")].map((one) => one.textContent.slice(2));
    const text = commands.length > 0 ? `${commands.join("\n")}\n` : code.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1500);
  });
  figure.append(button);
}

function bindSearch() {
  const input = document.querySelector(".search input");
  const list = document.querySelector(".found");
  let index;
  let chosen = 0;

  const load = () => {
    if (index !== undefined) return;
    index = [];
    const script = document.createElement("script");
    script.src = `${root}search-index.js`;
    script.onload = () => {
      index = window.yardSearch;
      show();
    };
    document.head.append(script);
  };

  const show = () => {
    const found = search(index ?? [], input.value);
    chosen = 0;
    list.hidden = input.value.trim() === "";
    list.replaceChildren(
      ...(found.length > 0 ? found.map(result) : [element("li", "none", "Nothing found")]),
    );
    mark();
  };

  const mark = () => {
    [...list.querySelectorAll("a")].forEach((link, at) => {
      link.classList.toggle("chosen", at === chosen);
      if (at === chosen) link.scrollIntoView({ block: "nearest" });
    });
  };

  input.addEventListener("focus", load);
  input.addEventListener("input", () => {
    load();
    show();
  });
  input.addEventListener("keydown", (event) => {
    const links = list.querySelectorAll("a");
    if (event.key === "Escape") {
      input.value = "";
      list.hidden = true;
      input.blur();
    } else if (event.key === "Enter") links[chosen]?.click();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      chosen = Math.min(Math.max(chosen + step, 0), Math.max(links.length - 1, 0));
      mark();
    }
  });
  list.addEventListener("click", () => {
    list.hidden = true;
    input.value = "";
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".search")) list.hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    input.focus();
  });
}

/** Sections in which every word of the query begins a word; headings count most. */
function search(index, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return index
    .map((entry) => ({ entry, score: scoreOf(entry, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 12)
    .map(({ entry: [page, title, address, text] }) => ({
      page,
      title,
      address,
      snippet: snippetOf(text, words),
    }));
}

function scoreOf([page, title, , text], words) {
  let score = 0;
  for (const word of words) {
    const own =
      (begins(title, word) ? 12 : 0) + (begins(page, word) ? 5 : 0) + (begins(text, word) ? 2 : 0);
    if (own === 0) return 0;
    score += own;
  }
  return score;
}

function begins(text, word) {
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1))
    if (at === 0 || !/[\p{L}\p{N}]/u.test(lower[at - 1])) return true;
  return false;
}

function snippetOf(text, words) {
  const at = Math.max(0, ...words.map((word) => text.toLowerCase().indexOf(word)));
  const start = Math.max(0, at - 40);
  const end = start + 120;
  return `${start > 0 ? "…" : ""}${text.slice(start, end)}${text.length > end ? "…" : ""}`;
}

function result({ page, title, address, snippet }) {
  const item = document.createElement("li");
  const link = element("a");
  link.href = root + address;
  link.append(
    element("b", "", title),
    element("small", "", page === title ? "" : ` ${page}`),
    element("span", "", snippet),
  );
  item.append(link);
  return item;
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
