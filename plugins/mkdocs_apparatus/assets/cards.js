/* Cards: a click, the pointer or the focus on a citation, a term or a link to a claim shows a copy
   of the entry that it leads to. Without this script, and where the page has no such entry, a link
   is a link. One card serves the page; a click pins it, and then it is closed on purpose only. */
(() => {
  const LINKS = 'a.ap-cite, a.ap-term, a[href*="#claim-"]';
  const NAMES = ".ap-title, .ap-headword, dfn, .ap-claim-text";
  const STOPS = "a[href], button";
  const ENTER = 300; // milliseconds, as is LEAVE: long enough to pass by, and to reach the card
  const LEAVE = 200;

  const make = (tag, name, ...content) => {
    const made = document.createElement(tag);
    made.className = name;
    made.append(...content);
    return made;
  };
  const card = make("div", "ap-card md-typeset");
  let trigger; // the link whose card is open
  let pinned = false;
  let quiet = false; // while the focus goes back
  let pressed; // where the pointer went down
  let timer;

  if (!card.showPopover) return;
  card.id = "ap-card";
  card.popover = "manual";
  card.tabIndex = -1;
  card.setAttribute("role", "dialog");

  const idOf = (link) => {
    try {
      return decodeURIComponent(link.hash.slice(1));
    } catch {
      return "";
    }
  };
  const entryOf = (link) =>
    link.href.split("#")[0] === location.href.split("#")[0] && document.getElementById(idOf(link));
  const wordsOf = () => document.querySelector("[data-ap-list]");
  const triggerOf = (node) => node.closest && node.closest('[aria-controls="ap-card"]');
  const isOwn = (node) => trigger.contains(node) || card.contains(node);

  function later(act, delay) {
    clearTimeout(timer);
    timer = setTimeout(act, delay);
  }

  /* What the entry says, and of its places in the source only that of this very citation. */
  function copyOf(entry, link) {
    const copy = entry.cloneNode(true);
    const place = make("p", "ap-card-place");
    const letters = [...copy.querySelectorAll(".ap-backlink")];
    const own = link.id && letters.find((letter) => idOf(letter) === link.id);
    while (own && own.nextElementSibling && !letters.includes(own.nextElementSibling)) {
      place.append(own.nextElementSibling, " ");
    }
    const others = ':scope > .ap-backlinks, :scope:is(div) > :not([class^="ap-"])';
    for (const node of copy.querySelectorAll(others)) node.remove();
    for (const node of copy.querySelectorAll("[id]")) node.removeAttribute("id");
    return [make("div", "ap-card-entry", ...copy.childNodes), ...(place.firstChild ? [place] : [])];
  }

  function button(label, act) {
    const made = make("button", "", label);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }

  function copier(entry, words) {
    const reference = entry.querySelector(".ap-reference") || entry;
    const title = reference.querySelector("a.ap-title");
    const status = make("output", "");
    const copy = button(words.apCopy, () => {
      let text = reference.textContent.replace(/\s+/g, " ").trim();
      if (title && !text.includes(title.href)) text += ` ${title.href}`;
      navigator.clipboard.writeText(text).then(
        () => (status.textContent = words.apCopied),
        () => getSelection().selectAllChildren(reference),
      );
    });
    return [copy, status];
  }

  function open(link) {
    if (link === trigger) return;
    close();
    const entry = entryOf(link);
    if (!entry || !link.isConnected) return;
    const words = wordsOf().dataset;
    const content = copyOf(entry, link);
    const list = make("a", "", words.apList);
    list.href = link.hash;
    const copy = link.matches(".ap-cite") && navigator.clipboard ? copier(content[0], words) : [];
    const shut = button(words.apClose, () => close(true));
    card.replaceChildren(...content, make("p", "ap-card-actions", list, ...copy, shut));
    const name = card.querySelector(NAMES) || content[0];
    card.setAttribute("aria-label", name.textContent.trim());
    trigger = link;
    link.setAttribute("aria-expanded", "true");
    card.showPopover();
    card.scrollTop = 0;
    place();
  }

  function close(back) {
    clearTimeout(timer);
    pinned = false;
    if (!trigger) return;
    const link = trigger;
    trigger = null;
    link.setAttribute("aria-expanded", "false");
    card.hidePopover();
    quiet = true;
    if (back) link.focus({ preventScroll: true });
    quiet = false;
  }

  function closeUnlessHeld() {
    const held =
      !trigger ||
      pinned ||
      card.contains(document.activeElement) ||
      card.matches(":hover") ||
      trigger.matches(":hover, :focus-visible");
    if (!held) close();
  }

  /* Browsers that cannot anchor the card to its link in CSS. */
  const anchored = CSS.supports("anchor-name: --a");
  function place() {
    if (anchored || !trigger) return;
    const link = trigger.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const right = clientWidth - card.offsetWidth - 8;
    const above = link.bottom + card.offsetHeight > clientHeight && link.top > card.offsetHeight;
    card.style.left = `${Math.max(8, Math.min(link.left, right))}px`;
    card.style.top = `${above ? link.top - card.offsetHeight : link.bottom}px`;
  }
  addEventListener("scroll", place, { passive: true });
  addEventListener("resize", place);

  document.addEventListener("pointerover", ({ target, pointerType }) => {
    const link = pointerType !== "touch" && triggerOf(target);
    if (link && link !== trigger && !pinned) later(() => open(link), ENTER);
  });
  document.addEventListener("pointerout", ({ target }) => {
    if (triggerOf(target) || card.contains(target)) later(closeUnlessHeld, LEAVE);
  });
  document.addEventListener("pointerdown", ({ target }) => {
    pressed = target;
  });
  // Not the click: a phone has none outside of links and buttons. Scrolling by touch does not end so.
  document.addEventListener("pointerup", ({ target }) => {
    if (!trigger || isOwn(target) || isOwn(pressed)) return;
    const focus = document.activeElement;
    close(pinned && (focus === document.body || card.contains(focus)));
  });

  document.addEventListener("focusin", ({ target }) => {
    if (quiet) return;
    if (trigger && !isOwn(target)) close();
    const link = triggerOf(target);
    if (link && link.matches(":focus-visible")) later(() => open(link), ENTER);
  });
  document.addEventListener("focusout", ({ target }) => {
    if (triggerOf(target) || card.contains(target)) later(closeUnlessHeld, LEAVE);
  });

  // Before anybody else: a theme that loads pages by script would follow the link.
  document.addEventListener(
    "click",
    (event) => {
      const link = triggerOf(event.target);
      const leads = event.target.closest && event.target.closest(".ap-card a");
      if (leads && entryOf(leads)) close();
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      if (link === trigger && pinned) return close(true);
      open(link);
      clearTimeout(timer);
      pinned = true;
      card.focus({ preventScroll: true });
    },
    true,
  );

  // The card stands at the end of the page, but Tab finds it behind its link.
  document.addEventListener("keydown", (event) => {
    if (!trigger) return;
    const focus = document.activeElement;
    const inside = card.contains(focus);
    if (event.key === "Escape") close(pinned || inside);
    if (event.code !== "Tab") return; // in WebKitGTK, Shift+Tab has no key
    const stops = [...card.querySelectorAll(STOPS)];
    let next;
    if (focus === trigger && pinned && !event.shiftKey) next = stops[0];
    if (inside && event.shiftKey && (focus === card || focus === stops[0])) next = trigger;
    if (inside && !event.shiftKey && focus === stops.at(-1)) close(true);
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
  });

  function start() {
    close();
    if (!wordsOf()) return;
    document.body.append(card);
    for (const link of document.querySelectorAll(LINKS)) {
      if (!entryOf(link) || link.closest(".ap-contents")) continue;
      link.setAttribute("aria-haspopup", "dialog");
      link.setAttribute("aria-expanded", "false");
      link.setAttribute("aria-controls", card.id);
    }
  }
  // Material swaps pages without loading them anew where it is asked to; it says when.
  typeof document$ === "undefined" ? start() : document$.subscribe(start);
})();
