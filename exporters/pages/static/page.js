// What pages do beyond their HTML: a filter, what changes as it changes, and values read off plots.
// Everything here is also there without it: by forms, by loading again, by tables.
"use strict";

const body = document.body;

// --- ages: how long ago something was, as time goes by ---------------------------------------

const SPANS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
const ages = new WeakMap(); // element: [text of the server, when it was so]

function inWords(seconds) {
  let rest = Math.round(seconds);
  const parts = [];
  for (const [size, name] of SPANS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(`${count}\u202f${name}`);
  }
  return parts.slice(0, 2).join(" ") || "0\u202fs";
}

function grow() {
  for (const element of document.querySelectorAll("[data-age]")) {
    const known = ages.get(element);
    if (!known || known[0] !== element.dataset.age) {
      ages.set(element, [element.dataset.age, performance.now() - 1000 * element.dataset.age]);
      continue;
    }
    element.textContent = `${inWords((performance.now() - known[1]) / 1000)} ago`;
  }
}

// --- patches: an element becomes as another one, and keeps what the reader did with it -------

const KEPT = new Set(["open", "hidden"]);
const OWN = new Set(["OUTPUT"]); // what is told of a plot is told here alone

function becomeAs(old, now) {
  if (old.nodeType !== now.nodeType || old.nodeName !== now.nodeName) {
    old.replaceWith(now);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== now.data) old.data = now.data;
    return;
  }
  if (OWN.has(old.nodeName)) return;
  for (const { name, value } of now.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!now.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  }
  childrenAs(old, now);
}

function childrenAs(old, now) {
  const before = [...old.childNodes];
  const after = [...now.childNodes];
  after.forEach((node, place) => {
    if (place < before.length) becomeAs(before[place], node);
    else old.append(node);
  });
  for (const extra of before.slice(after.length)) extra.remove();
}

function patch(parts) {
  for (const [name, html] of Object.entries(parts)) {
    const element = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
    if (!element) continue;
    const made = document.createElement("template");
    made.innerHTML = html;
    const told = element.querySelector("data")?.value;
    childrenAs(element, made.content);
    if (told !== undefined && told !== element.querySelector("data")?.value) {
      element.classList.remove("moved");
      void element.offsetWidth; // so that the same animation begins anew
      element.classList.add("moved");
    }
  }
  grow();
}

// --- live: the server tells what changed ---------------------------------------------------

const AGAIN_MS = 30_000;
let following = null;

function say(title, text) {
  const lost = document.getElementById("lost");
  const strong = document.createElement("strong");
  strong.textContent = title;
  lost.replaceChildren(strong, text);
  lost.hidden = !title;
  body.classList.toggle("old", Boolean(title));
}

const sayCut = () => say("Not connected.", "Figures are the last that came; the page tries again by itself.");
const sayStale = (stale) => say(`Stale: ${stale}`, "Figures are the last whole ones.");

function follow() {
  const address = new URL(body.dataset.live, location);
  address.searchParams.set("since", body.dataset.known);
  const source = new EventSource(address);
  source.onopen = () => body.classList.contains("cut") && (body.classList.remove("cut"), say("", ""));
  source.onerror = () => {
    body.classList.add("cut");
    sayCut();
    // After a refusal a browser alone would not ask again.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, AGAIN_MS);
  };
  source.onmessage = (event) => {
    const { layout, parts, stale } = JSON.parse(event.data);
    const hasTiles = document.querySelector(".tile") !== null;
    if (hasTiles === Boolean(stale)) {
      if (stale) {
        sayStale(stale);
        patch(parts);
      } else location.reload(); // there was nothing to be read yet
      return;
    }
    if (!stale) {
      say("", "");
      if (layout !== body.dataset.layout) {
        say("There are other KPIs or segments now.", "Load the page again to see them.");
        body.classList.remove("old");
      }
    }
    patch(parts);
  };
  following = source;
}

// --- renewal: a page that the server does not follow up is asked for again, and becomes as it is

const RENEWAL_MS = 1000 * body.dataset.renewed;

async function renew() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      becomeAsOf(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      sayCut();
    }
  }
  setTimeout(renew, RENEWAL_MS);
}

function becomeAsOf(page) {
  const main = document.querySelector("main");
  const now = page.querySelector("main");
  if (now.dataset.stale && !main.dataset.stale) return sayStale(now.dataset.stale);
  becomeAs(main, now);
  say("", "");
  for (const plot of document.querySelectorAll(".plot")) if (places.has(plot)) show(plot, places.get(plot));
}

// --- the form: filters as one types, chooses at once ------------------------------------------

function filter(asked) {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const group of document.querySelectorAll(".group")) {
    let own = 0;
    for (const tile of group.querySelectorAll(".tile")) {
      tile.hidden = !words.every((word) => tile.dataset.found.includes(word));
      own += !tile.hidden;
    }
    group.hidden = words.length > 0 && !own;
    found += own;
  }
  const none = document.getElementById("none");
  if (none) none.hidden = found > 0;
}

function choose(form) {
  const search = form.elements.q;
  const reset = form.querySelector(".reset");
  form.querySelector("button").hidden = true;
  search.addEventListener("input", () => {
    filter(search.value);
    const address = new URL(location);
    if (search.value) address.searchParams.set("q", search.value);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    reset.hidden = !address.search;
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("select")) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    const query = new URLSearchParams(chosen).toString();
    location.assign(query ? `/?${query}` : "/");
  });
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && event.target === search && search.value) {
      search.value = "";
      search.dispatchEvent(new Event("input"));
    }
  });
}

// --- plots: the values at a time, by pointer and by arrow keys -----------------------------------

const PLOT = ".plot[tabindex]";
const places = new WeakMap(); // plot: the point that is told

function read(plot) {
  const points = JSON.parse(plot.querySelector("[data-points]").dataset.points);
  const { left, right } = plot.querySelector("svg").dataset;
  return { points, left: Number(left), step: (right - left) / Math.max(points.length - 1, 1) };
}

function show(plot, wanted) {
  const { points, left, step } = read(plot);
  const place = Math.min(Math.max(wanted, 0), points.length - 1);
  const cursor = plot.querySelector(".cursor");
  cursor.setAttribute("x1", left + place * step);
  cursor.setAttribute("x2", left + place * step);
  cursor.classList.add("on");
  const told = plot.querySelector(".told");
  if (told.textContent !== points[place]) told.textContent = points[place];
  places.set(plot, place);
}

addEventListener("pointermove", ({ target, clientX }) => {
  const svg = target.closest?.(`${PLOT} svg`);
  if (!svg) return;
  const box = svg.getBoundingClientRect();
  const plot = svg.closest(PLOT);
  const { left, step } = read(plot);
  show(plot, Math.round((((clientX - box.left) / box.width) * svg.viewBox.baseVal.width - left) / step));
});

addEventListener("keydown", (event) => {
  if (!event.target.matches?.(PLOT)) return;
  const plot = event.target;
  const last = read(plot).points.length - 1;
  const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
  const ends = { Home: 0, End: last };
  if (event.key in moves) show(plot, (places.get(plot) ?? last) + moves[event.key]);
  else if (event.key in ends) show(plot, ends[event.key]);
  else return;
  event.preventDefault();
});

const form = document.querySelector("form[role=search]");
if (form) choose(form);
if (body.dataset.live) {
  follow();
  addEventListener("pagehide", () => following.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
if (body.dataset.renewed) setTimeout(renew, RENEWAL_MS);
grow();
setInterval(grow, 5000);
