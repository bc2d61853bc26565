// Keeps a page that shows something in motion up to date: each time the service tells of an event, the page is asked
// for again, and the parts that changed are put in place. Without it the page is whole, and as old as its loading.
"use strict";
(() => {
  const root = document.querySelector("[data-live]");
  if (root === null) return;
  const types = root.dataset.types.split(" ");
  let source = null;
  let busy = false;
  let again = false;

  async function look() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.redirected) location.reload();
      else if (answer.ok) place(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // The service is away: the stream comes back with it, and tells what was missed.
    } finally {
      busy = false;
      if (again) {
        again = false;
        setTimeout(look, 500);
      }
    }
  }

  function place(newer) {
    if (newer.querySelector("[data-live]") === null) {
      location.reload();
      return;
    }
    for (const part of document.querySelectorAll("[data-part]")) {
      const next = newer.querySelector(`[data-part="${part.dataset.part}"]`);
      // What somebody is about to press or to copy stays under their hands.
      const chosen = getSelection();
      const held = part.contains(document.activeElement) || (!chosen.isCollapsed && chosen.containsNode(part, true));
      if (next === null || held) continue;
      if (next.innerHTML !== part.innerHTML) part.replaceChildren(...next.childNodes);
    }
  }

  function follow() {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (source === null) {
      // Browsers open few connections to one place: pages that nobody sees give theirs up.
      source = new EventSource(root.dataset.live);
      for (const type of types) source.addEventListener(type, look);
      look();
    }
  }

  document.addEventListener("visibilitychange", follow);
  follow();
})();
