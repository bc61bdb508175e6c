/* Makes a filter of each list of contents: buttons that leave the entries of some groups only.
   Without this script the lists stay what they are, and every entry is shown. */
(() => {
  const parts = (value) => (value || "").split("|");

  function filter(nav) {
    const entries = [...document.querySelectorAll(`.${nav.dataset.apFilter}`)];
    const groups = [...nav.querySelectorAll("[data-ap-value]")];
    const bar = document.createElement("div");
    const status = document.createElement("output");
    const chosen = new Set();
    bar.className = "ap-filter";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", nav.dataset.apOnly);

    function show() {
      for (const entry of entries) {
        const values = parts(entry.dataset.apValues);
        entry.hidden = chosen.size > 0 && !values.some((value) => chosen.has(value));
      }
      for (const part of document.querySelectorAll(".ap-part")) {
        part.hidden = chosen.size > 0 && !part.querySelector(`.${nav.dataset.apFilter}:not([hidden])`);
      }
      for (const button of bar.querySelectorAll("button[aria-pressed]")) {
        button.setAttribute("aria-pressed", chosen.has(button.value));
      }
      bar.lastElementChild.disabled = chosen.size === 0;
      const shown = entries.filter((entry) => !entry.hidden).length;
      status.textContent = chosen.size
        ? nav.dataset.apShown.replace("{shown}", shown).replace("{all}", entries.length)
        : "";
    }

    function button(label, act) {
      const made = document.createElement("button");
      made.type = "button";
      made.append(...label);
      made.addEventListener("click", act);
      bar.append(made);
      return made;
    }

    bar.append(nav.dataset.apOnly);
    for (const group of groups) {
      const value = group.dataset.apValue;
      const label = group.querySelector("summary").cloneNode(true).childNodes;
      const made = button(label, () => {
        chosen.delete(value) || chosen.add(value);
        show();
      });
      made.value = value;
      made.setAttribute("aria-pressed", "false");
    }
    button([nav.dataset.apAll], () => {
      chosen.clear();
      show();
    });
    groups[0].before(bar, status);
    show();

    // A link into what is hidden shows it.
    window.addEventListener("hashchange", () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target && target.closest("[hidden]") && nav.isConnected) {
        chosen.clear();
        show();
        target.scrollIntoView();
      }
    });
  }

  const start = () => document.querySelectorAll("[data-ap-filter]").forEach(filter);
  // Material swaps pages without loading them anew where it is asked to; it says when.
  typeof document$ === "undefined" ? start() : document$.subscribe(start);
})();
