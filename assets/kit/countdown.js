// Every element with data-until (milliseconds since 1970) shows how long it is until then: 3 min 48 s. Nothing once past.
(() => {
  const UNITS = [[86400, "d", "j"], [3600, "h", "h"], [60, "min", "min"], [1, "s", "s"]];

  function shown(seconds, french) {
    const first = UNITS.findIndex(([size]) => seconds >= size);
    if (first < 0) return "0 s";
    let left = seconds;
    return UNITS.slice(first, first + 2).map(([size, en, fr]) => {
      const amount = Math.floor(left / size);
      left -= amount * size;
      return amount || size === UNITS[first][0] ? `${amount} ${french ? fr : en}` : "";
    }).filter(Boolean).join(" ");
  }

  function tick() {
    const french = document.documentElement.lang === "fr";
    for (const element of document.querySelectorAll("[data-until]")) {
      const seconds = Math.ceil((Number(element.dataset.until) - Date.now()) / 1000);
      const words = seconds > 0 ? shown(seconds, french) : "0 s";
      if (element.textContent !== words) element.textContent = words;
    }
  }

  setInterval(tick, 250);
})();
