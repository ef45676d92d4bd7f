// Several of many: a combobox with chips (WAI-ARIA combobox with a list box). Uncontrolled: the form reads its hidden input.
import { createElement as h, useEffect, useId, useRef, useState } from "react";

const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();
const MOST_SHOWN = 100;

const WAIT = 200;

// While the mouse is down the list stays: what is pressed would move away under it, and the press be lost.
let pressed = false;
const tell = (down) => () => { pressed = down; };
if (typeof document !== "undefined") {
  document.addEventListener("pointerdown", tell(true), true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, tell(false), true);
}
const whenReleased = (act) => (pressed ? window.addEventListener("pointerup", () => setTimeout(act), { once: true }) : act());

// With `onSearch` the server finds the options, and words are looked for in label and hint: what came for an earlier text
// is not offered. `free`: what is typed may be chosen itself, when it holds an @. `onChange` is told the chosen values.
export function MultiSelect({ name, inputId, options, start, invalid, placeholder, none, remove, free, onSearch, onChange }) {
  const [chosen, setChosen] = useState(() => (start ? String(start).split(",") : []));
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const box = useRef(null);
  const list = useId();
  const timer = useRef(0);
  const known = useRef(new Map()).current;
  options.forEach((option) => known.set(option.value, option));
  const wanted = plain(typed.trim());
  const fits = ({ label, hint }) => (onSearch ? wanted.split(/\s+/).every((word) => plain(`${label} ${hint}`).includes(word)) : plain(label).includes(wanted));
  const own = free && wanted.includes("@") && !chosen.includes(typed.trim()) ? [{ value: typed.trim(), label: typed.trim() }] : [];
  const offered = [...options.filter((option) => !chosen.includes(option.value) && fits(option)).slice(0, MOST_SHOWN), ...own];

  const choose = (values) => { setChosen(values); onChange?.(values.join(",")); };
  const type = (text) => {
    setTyped(text); setAt(0);
    clearTimeout(timer.current);
    if (onSearch && text) timer.current = setTimeout(() => onSearch(text), WAIT);
  };
  const add = (option) => { if (option) { choose([...chosen, option.value]); type(""); box.current?.focus(); } };
  const drop = (value) => { choose(chosen.filter((one) => one !== value)); box.current?.focus(); };
  const leave = () => {
    if (own.length) { choose([...chosen, own[0].value]); type(""); }
    whenReleased(() => setOpen(false));
  };
  const move = (step) => { setOpen(true); setAt(offered.length ? (at + step + offered.length) % offered.length : 0); };
  const keys = {
    ArrowDown: () => move(open ? 1 : 0),
    ArrowUp: () => move(-1),
    Enter: () => (open ? add(offered[at]) : setOpen(true)),
    Backspace: () => !typed && chosen.length && drop(chosen[chosen.length - 1]),
  };
  // Escape closes the open list and not the dialog round it, which listens on the document.
  useEffect(() => {
    if (!open) return undefined;
    const close = (event) => { if (event.key === "Escape") { event.stopPropagation(); setOpen(false); } };
    window.addEventListener("keydown", close, true);
    return () => window.removeEventListener("keydown", close, true);
  }, [open]);
  const onKeyDown = (event) => {
    if (event.ctrlKey || event.metaKey || !keys[event.key]) return;
    if (event.key !== "Backspace") event.preventDefault();
    keys[event.key]();
  };

  return h("div", { className: "in many", onBlur: (event) => { if (!event.currentTarget.contains(event.relatedTarget)) leave(); } },
    h("input", { type: "hidden", name, value: chosen.join(","), onInput: ({ target }) => choose(target.value ? target.value.split(",") : []) }),
    chosen.map((value) => h("span", { className: "tag", key: value },
      h("span", null, known.get(value)?.label ?? value),
      h("button", { type: "button", "aria-label": `${remove} ${known.get(value)?.label ?? value}`, onClick: () => drop(value) }, "×"))),
    h("input", {
      id: inputId, ref: box, type: "text", value: typed, autoComplete: "off", role: "combobox",
      placeholder: chosen.length ? "" : placeholder, "aria-expanded": open, "aria-controls": list, "aria-autocomplete": "list",
      "aria-invalid": invalid ? "true" : "false", "aria-describedby": invalid ? `${inputId}-error` : undefined,
      "aria-activedescendant": open && offered[at] ? `${list}-${offered[at].value}` : undefined,
      onChange: (event) => { type(event.target.value); setOpen(true); },
      onClick: () => setOpen(true), onKeyDown,
    }),
    h("ul", { className: "options", id: list, role: "listbox", "aria-labelledby": `${inputId}-label`, hidden: !open },
      offered.map((option, place) => h("li", {
        key: option.value, id: `${list}-${option.value}`, role: "option", "aria-selected": place === at,
        onMouseDown: (event) => event.preventDefault(), onMouseEnter: () => setAt(place), onClick: () => add(option),
      }, h("span", null, option.label), option.hint ? h("i", null, option.hint) : null)),
      offered.length ? null : h("li", { className: "none", role: "option", "aria-selected": false, "aria-disabled": true }, none)));
}
