"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const make = (name, kind, text) => {
    const node = document.createElement(name);
    if (kind) node.className = kind;
    if (text !== undefined) node.append(...shown(String(text)));
    return node;
  };
  // what is not seen but changes how text is seen, is shown by its code
  const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
  const shown = (text) => {
    const out = [];
    let at = 0;
    for (const hit of text.matchAll(HIDDEN)) {
      out.push(text.slice(at, hit.index));
      const mark = document.createElement("span");
      mark.className = "control";
      mark.textContent = "U+" + hit[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      out.push(mark);
      at = hit.index + hit[0].length;
    }
    out.push(text.slice(at));
    return out;
  };
  const number = (value) => value.toLocaleString("en-GB");
  const count = (value, one, many) => number(value) + " " + (value === 1 ? one : many);
  const LEVELS = [[0.99, "c4"], [0.9, "c3"], [0.7, "c2"], [-1, "c1"]];
  const level = (place) => place[1] === null ? "open" : LEVELS.find((step) => place[2] >= step[0])[1];

  const articles = [...document.querySelectorAll("script.document")].map((block) => JSON.parse(block.textContent));
  const { totals, reasons, pairs, program } = JSON.parse(find("summary").textContent);

  // totals
  const card = (what, value, more) => {
    const box = make("div");
    box.append(make("dt", "", more ? what + ", " + more : what), make("dd", "", number(value)));
    box.dataset.total = what;
    find("totals").append(box);
  };
  card("articles", totals.documents);
  card("spun", totals.spun, totals.unsure ? number(totals.unsure) + " unsure" : "");
  card("clean", totals.clean);
  card("words", totals.words);
  card("words restored", totals.edits);
  card("left open", totals.undecided);

  // state of the filters
  const filter = { name: "", word: "", pair: null, least: 0, most: 1, kind: "all" };
  const active = () => Boolean(filter.word || filter.pair || filter.least > 0 || filter.most < 1 || filter.kind !== "all");
  const low = (text) => text.toLowerCase();
  const matches = (place) => {
    const [from, to, confidence] = place;
    const open = to === null;
    if (filter.kind === "edits" && open || filter.kind === "open" && !open) return false;
    // an open place is as sure as its best reading
    const sure = open ? (place[4].length ? place[4][0][1] : 0) : confidence;
    if (sure < filter.least || sure > filter.most) return false;
    if (filter.pair) return !open && low(from) === filter.pair[0] && low(to) === filter.pair[1];
    return !filter.word || low(from).includes(filter.word) || !open && low(to).includes(filter.word);
  };

  // articles
  const isPlace = (piece) => typeof piece !== "string";
  let layout = "inline";
  const views = articles.map((article) => {
    const box = make("article");
    const details = make("details");
    const summary = make("summary");
    const facts = make("span", "facts");
    summary.append(make("span", "name", article.id), make("span", "verdict " + article.verdict, article.verdict), facts);
    details.append(summary);
    box.append(details);
    const view = { article, box, details, facts, places: article.pieces.filter(isPlace), hits: 0, nodes: [] };
    details.addEventListener("toggle", () => details.open ? draw(view) : erase(view));
    return view;
  });
  find("articles").append(...views.map((view) => view.box));

  const erase = (view) => {
    view.nodes = [];
    view.box.classList.remove("shown");
    while (view.details.children.length > 1) view.details.lastChild.remove();
  };
  const draw = (view) => {
    if (view.box.classList.contains("shown")) return;
    view.box.classList.add("shown");
    if (!view.article.pieces.length) {
      view.details.append(make("p", "note", "Nothing is changed here, and nothing was left open."));
      return;
    }
    const side = layout === "side";
    const text = make("div", "text" + (side ? " side" : ""));
    let row;
    const line = () => {
      row = make("div", "row");
      row.cells = side ? [make("div"), make("div")] : [row];
      if (side) row.append(...row.cells);
    };
    if (side) {
      line();
      row.classList.add("head");
      row.cells[0].append("before");
      row.cells[1].append("after");
      text.append(row);
    }
    line();
    const flush = () => {
      if (row.textContent) text.append(row);
      line();
    };
    for (const piece of view.article.pieces) {
      if (isPlace(piece)) {
        const nodes = row.cells.map((cell, index) => {
          const node = mark(view, piece, side ? index : -1);
          cell.append(node);
          return node;
        });
        view.nodes.push(nodes[nodes.length - 1]);
        continue;
      }
      piece.split(/\r?\n/).forEach((part, index) => {
        if (index) flush();
        if (part) row.cells.forEach((cell) => cell.append(...shown(part)));
      });
    }
    flush();
    view.details.append(text);
    paint(view);
  };
  // a place: struck out and put in, or one of the two
  const mark = (view, piece, side) => {
    const [from, to] = piece;
    const node = make("span", "place " + level(piece));
    node.piece = piece;
    if (to === null || side === 0) node.append(make("span", "", from));
    else {
      if (side < 0) node.append(make("del", "", from));
      node.append(make("ins", "", to));
    }
    if (side !== 0) {
      node.tabIndex = 0;
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", to === null ? from + ", left open" : to + ", was " + from + ", confidence " + piece[2].toFixed(2));
    }
    return node;
  };
  const paint = (view) => {
    view.details.classList.toggle("filtered", active());
    for (const node of view.details.querySelectorAll(".place")) node.classList.toggle("match", matches(node.piece));
  };

  const apply = () => {
    hide();
    const on = active();
    let documents = 0;
    let places = 0;
    for (const view of views) {
      view.hits = view.places.reduce((sum, place) => sum + matches(place), 0);
      const visible = low(view.article.id).includes(filter.name) && (!on || view.hits > 0);
      view.box.hidden = !visible;
      documents += visible;
      places += visible ? view.hits : 0;
      const { edits, undecided, words, profile } = view.article;
      const facts = on ? [count(view.hits, "place", "places") + " of " + number(view.places.length)]
        : [count(edits, "swap", "swaps"), number(undecided) + " open", count(words, "word", "words")];
      if (profile) facts.push(profile);
      view.facts.textContent = facts.join(" \u00b7 ");
      if (view.details.open) paint(view);
    }
    const total = totals.edits + totals.undecided;
    find("numbers").textContent = count(documents, "article", "articles") + " of " + number(totals.documents) + ", " +
      count(places, "place", "places") + " of " + number(total) + " \u00b7 " + program;
    for (const button of find("pairs").querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(Boolean(filter.pair) && button.pair === filter.pair));
  };

  // chart
  const FEW = 12;
  const chart = (many) => {
    find("pairs").replaceChildren(...pairs.slice(0, many).map((pair) => {
      const button = make("button");
      button.type = "button";
      button.pair = pair;
      const bar = make("span", "bar");
      bar.style.width = 100 * pair[2] / pairs[0][2] + "%";
      const track = make("span");
      track.append(bar);
      button.append(make("span", "pair", pair[0] + " \u2192 " + pair[1]), track, make("span", "count", number(pair[2])));
      button.addEventListener("click", () => {
        filter.pair = filter.pair === pair ? null : pair;
        apply();
      });
      const item = make("li");
      item.append(button);
      return item;
    }));
  };
  chart(FEW);
  find("chart").hidden = !pairs.length;
  const more = find("more");
  more.hidden = pairs.length <= FEW;
  let all = false;
  const label = () => { more.textContent = all ? "Only the most frequent" : "All " + number(pairs.length) + " pairs"; };
  label();
  more.addEventListener("click", () => {
    all = !all;
    chart(all ? pairs.length : FEW);
    label();
    apply();
  });

  // filters
  const read = () => {
    filter.name = low(find("by-name").value.trim());
    filter.word = low(find("by-word").value.trim());
    if (filter.word) filter.pair = null;
    filter.least = Number(find("least").value);
    filter.most = Number(find("most").value);
    find("least-shown").textContent = filter.least.toFixed(2);
    find("most-shown").textContent = filter.most.toFixed(2);
    filter.kind = find("kind").value;
    apply();
  };
  let waiting = 0;
  find("filters").addEventListener("input", (event) => {
    if (event.target.id === "layout") return;
    clearTimeout(waiting);
    waiting = setTimeout(read, 60);
  });
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  find("filters").addEventListener("reset", () => {
    filter.pair = null;
    setTimeout(() => { relayout(); read(); }, 0);
  });
  const relayout = () => {
    if (layout === find("layout").value) return;
    layout = find("layout").value;
    hide();
    for (const view of views) if (view.details.open) { erase(view); draw(view); }
  };
  find("layout").addEventListener("change", relayout);
  find("open-all").addEventListener("click", () => views.forEach((view) => { if (!view.box.hidden) view.details.open = true; }));
  find("close-all").addEventListener("click", () => views.forEach((view) => { view.details.open = false; }));

  // reason and alternatives of a place
  const tip = find("tip");
  let pinned = null;
  const hide = () => {
    tip.hidden = true;
    if (pinned) pinned.removeAttribute("aria-describedby");
    pinned = null;
    document.querySelectorAll(".place.current").forEach((node) => node.classList.remove("current"));
  };
  const show = (node) => {
    hide();
    pinned = node;
    node.classList.add("current");
    node.setAttribute("aria-describedby", "tip");
    const [from, to, confidence, reason, next] = node.piece;
    tip.replaceChildren();
    const head = make("p");
    head.append(make("b", "", to === null ? from : from + " \u2192 " + to));
    tip.append(head, make("p", "", to === null ? "Left as it is: no reading is sure enough." : reasons[reason]));
    const table = make("table");
    const readings = (to === null ? [] : [[to, confidence]]).concat(next);
    for (const [text, share] of readings) {
      const row = make("tr");
      const cell = make("td");
      const bar = make("span", "bar");
      bar.style.width = 4 * share + "rem";
      cell.append(bar, share.toFixed(3));
      row.append(make("th", "", text), cell);
      table.append(row);
    }
    if (readings.length) tip.append(table);
    tip.hidden = false;
    if (matchMedia("(max-width: 44rem)").matches) {
      tip.style.left = tip.style.top = "";
      return;
    }
    const at = node.getBoundingClientRect();
    const box = tip.getBoundingClientRect();
    const below = at.bottom + 8 + box.height < innerHeight;
    tip.style.left = Math.max(8, Math.min(at.left, innerWidth - box.width - 8)) + "px";
    tip.style.top = Math.max(8, below ? at.bottom + 8 : at.top - box.height - 8) + "px";
  };
  const placeOf = (target) => target instanceof Element ? target.closest("#articles .place") : null;
  let held = false;
  document.addEventListener("mouseover", (event) => {
    const node = placeOf(event.target);
    if (node) { if (node !== pinned) { held = false; show(node); } }
    else if (pinned && !held && !tip.contains(event.target)) hide();
  });
  document.addEventListener("focusin", (event) => {
    const node = placeOf(event.target);
    if (node) { held = true; show(node); }
  });
  document.addEventListener("click", (event) => {
    const node = placeOf(event.target);
    if (node) { held = true; show(node); }
    else if (!tip.contains(event.target)) hide();
  });
  addEventListener("scroll", () => { if (pinned && !held) hide(); }, { passive: true });

  // keys
  const step = (way) => {
    const on = active();
    const good = views.filter((view) => !view.box.hidden && view.places.some((place) => !on || matches(place)));
    if (!good.length) return;
    const here = document.activeElement && document.activeElement.closest("article");
    let index = good.findIndex((view) => view.box === here);
    let nodes = [];
    let at = -1;
    const list = (view) => {
      view.details.open = true;
      draw(view);
      return view.nodes.filter((node) => !on || matches(node.piece));
    };
    if (index >= 0) {
      nodes = list(good[index]);
      at = nodes.indexOf(document.activeElement) + way;
      if (nodes.indexOf(document.activeElement) < 0) at = way > 0 ? 0 : -1;
    }
    if (!nodes[at]) {
      index = index < 0 ? (way > 0 ? 0 : good.length - 1) : (index + way + good.length) % good.length;
      nodes = list(good[index]);
      at = way > 0 ? 0 : nodes.length - 1;
    }
    nodes[at].focus({ preventScroll: true });
    nodes[at].scrollIntoView({ block: "center" });
    show(nodes[at]);
    held = true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      hide();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const node = placeOf(event.target);
    if (node && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      if (tip.hidden) show(node); else hide();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "/") {
      event.preventDefault();
      find("by-word").focus();
    } else if (event.key === "l") {
      find("layout").value = layout === "inline" ? "side" : "inline";
      relayout();
    }
  });

  read();
  if (views.length <= 3) views.forEach((view) => { view.details.open = true; });
  else if (views.length) (views.find((view) => view.places.length) || views[0]).details.open = true;
})();
