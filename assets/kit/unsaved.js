// What is typed into a page's form (form[data-given-up]) and not saved: when the form is drawn anew though nobody saved or
// discarded, it is put back. So it is after a restart of the server, which then knows nothing of the page, and when
// somebody else saved while the connection was away: the field `revision` comes back with the rest, so a save over what is
// newer is told as a conflict.
(() => {
  let form = null, at = "";
  let opened = null, then = 0; // what the form held before anybody touched it, and what was given up by then
  let kept = null, pending = {}; // what was typed, and what of it has not found its field again

  const here = () => location.pathname + location.search;
  const givenUp = (node) => Number(node.dataset.givenUp);
  const named = (node) => [...node.elements].filter((field) => field.name);
  const read = (node) => Object.fromEntries(named(node).map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]));

  function put(field, value) {
    if (field.type === "checkbox") { if (field.checked !== value) field.click(); return; }
    if (field.value === value) return;
    const kind = { SELECT: HTMLSelectElement, TEXTAREA: HTMLTextAreaElement }[field.tagName] ?? HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value); // past React, so that it sees a change
    if (field.name !== "revision") for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }

  function putBack() {
    for (const field of named(form).filter(({ name }) => name in pending)) {
      const value = pending[field.name];
      delete pending[field.name];
      put(field, value);
    }
  }

  function leave() {
    if (!form || !opened) return;
    const values = { ...read(form), ...pending };
    if (Object.keys(values).some((name) => values[name] !== opened[name])) kept = { at, givenUp: then, values };
  }

  function look() {
    const found = document.querySelector("form[data-given-up]");
    if (found !== form) {
      leave();
      [form, at, opened] = [found, here(), null];
      if (form && kept && givenUp(form) > kept.givenUp) kept = null; // saved or let go
      if (form && kept) kept.givenUp = givenUp(form);
      pending = { ...kept?.values };
    }
    if (kept && kept.at !== here()) [kept, pending] = [null, {}];
    if (form && Object.keys(pending).length) putBack();
  }

  for (const touch of ["focusin", "pointerdown", "keydown"]) {
    document.addEventListener(touch, ({ target }) => {
      if (!opened && form?.contains(target)) [opened, then] = [read(form), givenUp(form)];
    }, true);
  }
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})();
