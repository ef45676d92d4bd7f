// The keyboard of the dashboard: nothing of what is typed leaves the browser. Targets are found by attributes:
// data-go="c" (after G), data-key="c" (pressed by that key), data-search (focused by /), data-opens="palette|keys",
// data-row in tables. Single keys are silent in fields and dialogs and can be switched off.
(() => {
  const OFF = "envoi.single_keys_off";
  let going = 0;

  const typing = (node) => node.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], .cm-editor");
  const visible = (node) => node.getClientRects().length > 0;
  const find = (selector) => [...document.querySelectorAll(selector)].find(visible);
  const inDialog = () => document.querySelector("[role=dialog][data-state=open], [role=alertdialog][data-state=open], dialog[open]");
  const sheet = (name) => document.getElementById(name);

  function open(name) {
    document.querySelectorAll("dialog[open].sheet").forEach((other) => other.close());
    const dialog = sheet(name);
    if (!dialog) return;
    dialog.showModal();
    const box = dialog.querySelector("[data-palette-input]");
    if (box) { box.value = ""; narrow(dialog, ""); box.focus(); }
    const single = dialog.querySelector("[data-single-keys]");
    if (single) single.checked = !localStorage.getItem(OFF);
  }

  const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();
  function narrow(dialog, text) {
    const wanted = plain(text);
    const items = [...dialog.querySelectorAll(".item")];
    items.forEach((item) => { item.hidden = !plain(item.textContent).includes(wanted); });
    const shown = items.filter((item) => !item.hidden);
    dialog.querySelector("[data-none]").hidden = shown.length > 0;
    activate(items, shown[0]);
  }
  function activate(items, chosen) {
    items.forEach((item) => item.removeAttribute("data-active"));
    if (chosen) { chosen.setAttribute("data-active", ""); chosen.scrollIntoView({ block: "nearest" }); }
  }
  function movePalette(dialog, step) {
    const items = [...dialog.querySelectorAll(".item")];
    const shown = items.filter((item) => !item.hidden);
    const at = shown.findIndex((item) => item.hasAttribute("data-active"));
    activate(items, shown[(at + step + shown.length) % shown.length]);
  }

  function moveRow(step) {
    const rows = [...document.querySelectorAll("tr[data-row]")].filter(visible);
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
    (next?.querySelector("a, button") ?? next?.querySelector("input"))?.focus();
  }
  const currentRow = () => document.activeElement?.closest?.("tr[data-row]");
  const boxOf = (row) => row?.querySelector("input[type=checkbox]");

  let lastPicked = null; // the row that was selected last: a range begins there
  function pickRange() {
    const rows = [...document.querySelectorAll("tr[data-row]")].filter(visible);
    const ends = [currentRow(), lastPicked].map((row) => rows.indexOf(row)).filter((at) => at >= 0);
    if (!ends.length) return;
    rows.slice(Math.min(...ends), Math.max(...ends) + 1).map(boxOf).filter((box) => box && !box.checked).forEach((box) => box.click());
  }

  function single(key) {
    if (going && Date.now() - going < 1200) {
      going = 0;
      const page = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
      if (page) { page.click(); return true; }
      return false;
    }
    if (key === "g") { going = Date.now(); return true; }
    if (key === "j" || key === "k") { moveRow(key === "j" ? 1 : -1); return true; }
    if (key === "x") { boxOf(currentRow())?.click(); return true; }
    if (key === "shift x") { pickRange(); return true; }
    if (key === "?") { open("keys"); return true; }
    if (key === "/") { const box = find("[data-search]"); box?.focus(); box?.select?.(); return Boolean(box); }
    const target = find(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
    target?.click();
    return Boolean(target);
  }

  document.addEventListener("keydown", (event) => {
    const node = event.target;
    const palette = node.closest?.("#palette");
    if (palette) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { movePalette(palette, event.key === "ArrowDown" ? 1 : -1); event.preventDefault(); }
      if (event.key === "Enter") {
        const chosen = palette.querySelector(".item[data-active]");
        if (chosen && event.ctrlKey) window.open(chosen.href, "_blank", "noopener");
        else if (chosen) { palette.close(); chosen.click(); }
        event.preventDefault();
      }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      const key = event.key.toLowerCase();
      if (key === "k") { open("palette"); event.preventDefault(); }
      if (key === "s") { const form = node.closest?.("form") ?? document.querySelector("form[data-main]"); if (form) { form.requestSubmit(); event.preventDefault(); } }
      if (key === "enter") { node.closest?.("form")?.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && !inDialog()) document.querySelector(".app.drawer .drawer-veil")?.click();
    if (typing(node) || inDialog() || localStorage.getItem(OFF)) return;
    const key = event.key.toLowerCase();
    if (single(event.shiftKey && /^[a-z]$/.test(key) ? `shift ${key}` : key)) event.preventDefault();
  });

  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-palette-input]")) narrow(sheet("palette"), event.target.value);
  });
  document.addEventListener("change", (event) => {
    lastPicked = (event.target.type === "checkbox" && event.target.closest("tr[data-row]")) || lastPicked;
    if (!event.target.matches?.("[data-single-keys]")) return;
    if (event.target.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "1");
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens]");
    if (opener) open(opener.dataset.opens);
    const dialog = event.target.closest?.("dialog.sheet");
    if (dialog && (event.target === dialog || event.target.closest("a"))) dialog.close();
  });
})();
