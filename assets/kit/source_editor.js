// The source of a mail in CodeMirror, inside a form: its hidden input carries the text. Uncontrolled, as all fields are.
//   data-insert="{optOutUrl}"        pressed: puts it where somebody wrote last, an editor or an input of class writes
//   data-part="html" data-line="3"   pressed: moves the caret there (data-column)
//   data-default="{Person.name}"     pressed: everywhere a default in its place, carets where it is written
import { createElement as h, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useBlocker } from "react-router";
import CodeMirror, { Decoration, EditorSelection, EditorState, EditorView, MatchDecorator, Prec, ViewPlugin, keymap } from "@uiw/react-codemirror";
import { acceptCompletion, autocompletion } from "@codemirror/autocomplete";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { html } from "@codemirror/lang-html";
import { setDiagnostics } from "@codemirror/lint";
import { tags } from "@lezer/highlight";

const WAIT = 300;
const LARGEST_FILE = 5 * 1024 * 1024;

// Where somebody wrote last

const views = new Map();
let last = null;

const shown = (node) => node.isConnected && node.getClientRects().length > 0;
const firstView = () => [...views.values()].find((view) => shown(view.dom));

function insert(text) {
  const into = last && shown(last.dom ?? last) ? last : firstView();
  if (into?.dom) into.dispatch(into.state.replaceSelection(text), { scrollIntoView: true, userEvent: "input" });
  else if (into) {
    into.setRangeText(text, into.selectionStart, into.selectionEnd, "end");
    into.dispatchEvent(new Event("input", { bubbles: true }));
  }
  requestAnimationFrame(() => into?.focus());
}

function goTo(part, line, column) {
  const view = views.get(part);
  if (!view) return;
  const at = view.state.doc.line(Math.min(line, view.state.doc.lines));
  view.dispatch({ selection: { anchor: Math.min(at.from + column - 1, at.to) }, scrollIntoView: true });
  setTimeout(() => view.focus(), 60); // its tab may be opening
}

function giveDefault(code) {
  const text = `{{ ${code.slice(1, -1)} | default: '' }}`;
  for (const input of document.querySelectorAll("input.writes")) {
    for (let at; (at = input.value.indexOf(code)) >= 0;) input.setRangeText(text, at, at + code.length, "end");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  for (const view of views.values()) {
    const source = view.state.doc.toString(), changes = [], carets = [];
    for (let at = source.indexOf(code); at >= 0; at = source.indexOf(code, at + 1)) {
      carets.push(EditorSelection.cursor(at + changes.length * (text.length - code.length) + text.length - 4));
      changes.push({ from: at, to: at + code.length, insert: text });
    }
    if (!changes.length) continue;
    view.dispatch({ changes, selection: EditorSelection.create(carets), scrollIntoView: true, userEvent: "input" });
    if (shown(view.dom)) view.focus();
  }
}

if (typeof document !== "undefined") {
  document.addEventListener("focusin", ({ target }) => { if (target.matches?.(".writes")) last = target; });
  document.addEventListener("click", ({ target }) => {
    const asked = target.closest?.("[data-insert], [data-line], [data-default]")?.dataset;
    if (asked?.insert) insert(asked.insert);
    else if (asked?.default) giveDefault(asked.default);
    else if (asked?.line) goTo(asked.part, Number(asked.line) || 1, Number(asked.column) || 1);
  });
}

// What it looks like: the tokens of the stylesheet

const look = EditorView.theme({
  "&": { backgroundColor: "transparent", color: "var(--gray-12)", fontSize: "12px" },
  "&.cm-focused": { outline: "2px solid var(--focus-8)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--code-font-family)", lineHeight: "20px" },
  ".cm-content": { padding: "10px 0", caretColor: "var(--gray-12)" },
  ".cm-gutters": { backgroundColor: "transparent", border: "0", color: "var(--gray-11)" },
  ".cm-activeLine": { backgroundColor: "var(--gray-a2)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--gray-12)" },
  ".cm-cursor": { borderLeftColor: "var(--gray-12)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-a5)" },
  ".cm-placed": { backgroundColor: "var(--amber-3)", color: "var(--ink-warn)", borderRadius: "3px" },
  ".cm-placed span": { color: "inherit" },
  ".cm-placeholder": { color: "var(--gray-11)" },
  ".cm-panels": { backgroundColor: "var(--gray-2)", color: "var(--gray-12)" },
  ".cm-tooltip": { backgroundColor: "var(--color-panel-solid)", border: "1px solid var(--gray-a6)", borderRadius: "var(--radius-4)", boxShadow: "var(--shadow-4)", padding: "4px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--default-font-family)", maxHeight: "264px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "6px 10px", borderRadius: "4px", display: "flex", gap: "10px", alignItems: "baseline" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent-a4)", color: "var(--gray-12)" },
  ".cm-completionLabel": { fontFamily: "var(--code-font-family)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-completionDetail": { color: "var(--gray-11)", fontStyle: "normal", margin: "0", maxWidth: "180px", overflow: "hidden", textOverflow: "ellipsis" },
  ".cm-filled": { marginLeft: "auto", color: "var(--gray-11)", fontVariantNumeric: "tabular-nums" },
});

const colors = syntaxHighlighting(HighlightStyle.define([
  { tag: [tags.tagName, tags.angleBracket], color: "var(--accent-11)" },
  { tag: tags.attributeName, color: "var(--ink-ok)" },
  { tag: [tags.comment, tags.processingInstruction, tags.documentMeta], color: "var(--gray-11)" },
]));

const PLACED = /\{\{[^{}]*\}\}|\{%[^%]*%\}|\{[A-Za-z]\w*(?:\.\w+|:[0-9a-f]{17})?\}/g;
const placed = ViewPlugin.fromClass(class {
  matcher = new MatchDecorator({ regexp: PLACED, decoration: Decoration.mark({ class: "cm-placed" }) });
  constructor(view) { this.decorations = this.matcher.createDeco(view); }
  update(update) { this.decorations = this.matcher.updateDeco(update, this.decorations); }
}, { decorations: (plugin) => plugin.decorations });

// Tab takes what is offered; else it leaves the editor, as it leaves every field. Ctrl Enter saves (keys.js).
const keys = Prec.highest(keymap.of([{ key: "Tab", run: acceptCompletion }, { key: "Mod-Enter", run: () => true }]));

// Text that comes at once (dictation, input tools, filled by a program) goes straight into the document: read back from
// the page line by line it would take seconds, or meet the hint of an empty document.
const atOnce = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || view.composing || (event.data?.length ?? 0) < 2 || view.state.readOnly) return false;
    const { anchorNode, anchorOffset, focusNode, focusOffset } = document.getSelection();
    const ends = [view.posAtDOM(anchorNode, anchorOffset), view.posAtDOM(focusNode, focusOffset)];
    const [from, to] = [Math.min(...ends), Math.max(...ends)];
    const text = view.state.toText(event.data);
    view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, scrollIntoView: true, userEvent: "input" });
    event.preventDefault();
    return true;
  },
});

// The brace that closed by itself is part of what is replaced.
function apply(view, { label }, from, to) {
  const until = view.state.sliceDoc(to, to + 1) === "}" ? to + 1 : to;
  view.dispatch({ changes: { from, to: until, insert: label }, selection: { anchor: from + label.length }, userEvent: "input.complete" });
}

function offer(choices) {
  return (context) => {
    const typed = context.matchBefore(/\{[\w.]*$/);
    if (!typed) return null;
    const options = choices.current.map(({ code, value, filled }, place) => ({ label: code, detail: value, filled, boost: -place / 10, apply }));
    return { from: typed.from, options, validFor: /^\{[\w.]*\}?$/ };
  };
}

const filled = {
  position: 90,
  render: (option) => { const node = document.createElement("span"); node.className = "cm-filled"; node.textContent = option.filled ?? ""; return node; },
};

function useExtensions(part, label, invalid, choices) {
  const offered = useMemo(() => offer(choices), []);
  return useMemo(() => [
    ...(part === "html" ? [html({ selfClosingTags: true, autoCloseTags: false })] : []),
    EditorState.languageData.of(() => [{ autocomplete: offered }]),
    autocompletion({ addToOptions: [filled], icons: false }),
    EditorView.lineWrapping, EditorView.contentAttributes.of({ "aria-label": label, "aria-invalid": String(invalid), tabindex: "0" }),
    look, colors, placed, keys, atOnce,
  ], [part, label, invalid]);
}

const setup = { foldGutter: false, autocompletion: true, highlightSelectionMatches: false, completionKeymap: true };

// What is written and not saved. It outlives the form: a page that finds its connection again loads its form anew.
let kept = null;
const keptFor = (replaced) => (kept && kept.path === location.pathname && kept.replaced === replaced ? kept : null);

function useLater(effect, value) { // not when it is drawn first
  const first = useRef(true);
  useEffect(() => { if (first.current) first.current = false; else effect(); }, [value]);
}

// `onWrite` is told the text when nobody has typed for a moment; `most`: how much of it the server can be told.
// `loads` changes when the stored text was read again, `replaced` when what is written is to give way to it.
export function SourceEditor({ part, label, start, hint, height, readOnly, invalid, choices, faults, most, loads, replaced, onWrite }) {
  const [initial] = useState(() => keptFor(replaced)?.values[part] ?? start ?? "");
  const field = useRef(null);
  const timer = useRef(0);
  const view = useRef(null);
  const quiet = useRef(false);
  const offered = useRef(choices);
  offered.current = choices ?? [];
  const extensions = useExtensions(part, label, Boolean(invalid), offered);

  const tell = (text) => onWrite?.(text.slice(0, most));
  const write = (text) => {
    field.current.value = text.slice(0, most);
    if (quiet.current) return;
    field.current.dispatchEvent(new Event("input", { bubbles: true }));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => tell(text), text.length > 200_000 ? 4 * WAIT : WAIT);
  };
  const begin = (made) => { view.current = made; views.set(part, made); mark(made, faults); };
  const loadAgain = () => {
    if (keptFor(replaced)) return tell(field.current.value);
    quiet.current = true;
    const { doc } = view.current.state;
    if (doc.toString() !== start) view.current.dispatch({ changes: { from: 0, to: doc.length, insert: start } });
    quiet.current = false;
  };
  useLayoutEffect(() => { field.current.value = initial; }, []);
  useEffect(() => { if (initial !== (start ?? "")) tell(initial); }, []);
  useEffect(() => { if (view.current) mark(view.current, faults); }, [faults]);
  useLater(loadAgain, loads);
  useEffect(() => () => {
    clearTimeout(timer.current);
    if (views.get(part) === view.current) views.delete(part);
    if (last === view.current) last = null;
  }, []);

  return h("div", { className: "source", onFocus: () => { last = view.current; } },
    h("input", { type: "hidden", name: part, ref: field }), // its value is set here alone: React would set it back
    h(CodeMirror, {
      value: initial, height, extensions, readOnly, theme: "none", placeholder: hint, basicSetup: setup, indentWithTab: false,
      onChange: write, onCreateEditor: begin,
    }));
}

function mark(view, faults) {
  const { doc } = view.state;
  const diagnostics = (faults ?? []).filter(({ line }) => line <= doc.lines).map(({ line, column, words }) => {
    const at = doc.line(line);
    const from = Math.min(at.from + column - 1, at.to);
    const until = /^\{[^}]*\}|^\S+/.exec(doc.sliceString(from, Math.min(at.to, from + 80)))?.[0].length ?? 0;
    return { from, to: Math.min(from + Math.max(until, 1), at.to), severity: "error", message: words };
  });
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

// A file of the reader's disk into the source of `part`, read in the browser; it can be undone like any typing.
export function SourceFile({ part, children, most, onRefused, onTaken }) {
  const take = async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    const text = file && file.size <= LARGEST_FILE ? decode(await file.arrayBuffer()) : null;
    if (!file) return;
    if (text === null || text.length > most) { onRefused?.(file.name, file.size); return; }
    const view = views.get(part);
    view?.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, userEvent: "input.paste" });
    onTaken?.(file.name);
  };
  return h("label", { className: "btn sm file" }, children, h("input", { type: "file", className: "sr", accept: ".html,.htm,text/html", onChange: take, "data-source-file": part }));
}

// UTF-8, or what the document says of itself, or the old West European default of mail programs.
function decode(octets) {
  const said = /charset\s*=\s*["']?([\w-]+)/i.exec(new TextDecoder("latin1").decode(octets.slice(0, 2048)))?.[1];
  for (const name of ["utf-8", said, "windows-1252"]) {
    try { if (name) return new TextDecoder(name, { fatal: name === "utf-8" }).decode(octets); } catch { continue; }
  }
  return null;
}

// Keeps what is not saved, asks before it is left, and says in the form which revision it is based on: that of `revision`
// when `based` changed. `opened`: the fields were drawn anew; `saves`, `loads`, `replaced` count, as above.
export function UnsavedGuard({ form, opened, saves, loads, based, replaced, revision, question }) {
  const base = useRef(null);
  const since = useRef(false); // whether something was typed since the form was last sent
  const inputs = () => [...document.querySelectorAll(`#${form} input[name]:not([type=hidden])`)];
  const rebase = () => { base.current.value = revision; if (kept) kept.base = revision; };
  const put = (input, value) => {
    if (input.value === value) return;
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  useEffect(() => {
    const found = keptFor(replaced);
    base.current.value = found?.base ?? revision;
    if (found) inputs().forEach((input) => put(input, found.values[input.name] ?? input.value));
  }, [opened]);
  useLater(() => { if (!since.current) kept = null; }, saves);
  useLater(rebase, based);
  useLater(() => {
    if (!keptFor(replaced)) { rebase(); inputs().forEach((input) => { input.value = input.defaultValue; }); }
    else inputs().forEach((input) => input.dispatchEvent(new Event("input", { bubbles: true })));
  }, loads);

  useEffect(() => {
    const node = document.getElementById(form);
    const touch = ({ target }) => {
      if (!target.name) return;
      since.current = true;
      const values = Object.fromEntries([...new FormData(node)]);
      kept = { path: location.pathname, replaced, values, base: base.current.value };
    };
    const send = () => { since.current = false; };
    const leave = (event) => {
      if (!keptFor(replaced)) return;
      event.preventDefault();
      event.returnValue = true;
      // The framework closes its socket now. Who stays gets it back: it looks after it when a page comes into sight.
      setTimeout(() => document.dispatchEvent(new Event("visibilitychange")), 100);
    };
    node?.addEventListener("input", touch);
    node?.addEventListener("submit", send, true);
    window.addEventListener("beforeunload", leave);
    return () => {
      node?.removeEventListener("input", touch);
      node?.removeEventListener("submit", send, true);
      window.removeEventListener("beforeunload", leave);
    };
  }, [form, opened, replaced]);

  const blocker = useBlocker(({ currentLocation: { pathname: from }, nextLocation: { pathname: to } }) => {
    if (!keptFor(replaced) || from === to) return false;
    if (isFirstSave(from, to)) { kept.path = to; return false; }
    return true;
  });
  useEffect(() => {
    if (blocker.state !== "blocked") return;
    if (!window.confirm(question)) return blocker.reset();
    kept = null;
    blocker.proceed();
  }, [blocker]);
  return h("input", { type: "hidden", name: "revision", ref: base });
}

const isFirstSave = (from, to) => /\/new\/?$/.test(from) && /\/\d+\/?$/.test(to);
