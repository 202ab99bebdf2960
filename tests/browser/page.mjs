// The HTML report in a real browser: filters, keys, taps, both colour schemes, a phone, hostile texts, and five hundred articles.
//
// Usage: node tests/browser/page.mjs PROGRAM [FOLDER FOR SCREENSHOTS]
// Needs node 18 or later, chromium and chromedriver; talks to the latter directly, so nothing is installed. Exits with 77 and a
// line that says so if one of them is missing.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [program, screenshots] = process.argv.slice(2);
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const there = (name) => String(spawnSync("/bin/sh", ["-c", `command -v ${name}`]).stdout || "").trim();
const browser = ["chromium", "chromium-browser", "google-chrome"].map(there).find(Boolean);
const driver = there("chromedriver");
if (!browser || !driver) {
  console.log(`SKIPPED: the browser test needs chromium and chromedriver (found: ${browser || "no browser"}, ${driver || "no chromedriver"})`);
  process.exit(77);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "unspin-browser-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));

// articles
const cases = ["in-the-wild-style", "synthetic"].flatMap((family) => {
  const at = path.join(root, "corpus/cases", family);
  return fs.readdirSync(at).sort().map((id) => path.join(at, id, "spun.txt")).filter((file) => fs.existsSync(file));
}).map((file) => fs.readFileSync(file, "utf8"));
const write = (below, name, text) => {
  fs.mkdirSync(path.join(folder, below), { recursive: true });
  fs.writeFileSync(path.join(folder, below, name), text);
};
const HOSTILE = "<script>window.hit = 1</script> \"><img src=x onerror=\"window.hit = 2\"> \u202eevil\u2066 \u200b \u001b[31m";
cases.slice(0, 5).forEach((text, index) => write("few", `article-${index}.txt`, text));
write("few", "clean.txt", "The bridge was opened on Monday. People can cross it on foot, and it will be lit at night.\n");
write("few", "hostile.txt", HOSTILE + "\n\n" + cases[5]);
write("few", "\"><img src=x onerror=window.hit=3>\u202e.txt", cases[6]);
for (let index = 0; index < 500; index++) {
  const parts = cases[index % cases.length].split("\n\n");
  const turn = Math.floor(index / cases.length) % parts.length;
  write("many", `${String(index).padStart(3, "0")}.txt`, [...parts.slice(turn), ...parts.slice(0, turn)].join("\n\n"));
}
const run = (...args) => execFileSync(path.resolve(program), args, { cwd: folder, maxBuffer: 1 << 28 });
const page = (below) => {
  const file = path.join(folder, `${below}.html`);
  fs.writeFileSync(file, run("restore", below, "--format", "html"));
  return { file, address: pathToFileURL(file).href };
};

// a session of the browser
const server = spawn(driver, ["--port=0"], { stdio: ["ignore", "pipe", "ignore"] });
process.on("exit", () => server.kill());
const port = await new Promise((good, bad) => {
  let said = "";
  server.stdout.on("data", (part) => {
    said += part;
    const found = said.match(/started successfully on port (\d+)/);
    if (found) good(found[1]);
  });
  server.on("exit", () => bad(new Error("chromedriver ended: " + said)));
});
const send = async (way, method, body) => {
  const answer = await fetch(`http://127.0.0.1:${port}${way}`, { method, body: body && JSON.stringify(body) });
  const { value } = await answer.json();
  if (value && value.error) throw new Error(`${way}: ${value.message}`);
  return value;
};
const { sessionId } = await send("/session", "POST", { capabilities: { alwaysMatch: {
  browserName: "chrome", "goog:loggingPrefs": { browser: "ALL" },
  "goog:chromeOptions": { binary: browser, args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"] },
} } });
const post = (way, body = {}) => send(`/session/${sessionId}${way}`, "POST", body);
const js = (script, ...args) => post("/execute/sync", { script, args });
const cdp = (cmd, params) => post("/goog/cdp/execute", { cmd, params });
const settle = () => new Promise((done) => setTimeout(done, 250));
const keys = async (...pressed) => {
  const actions = pressed.flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
  await post("/actions", { actions: [{ type: "key", id: "keys", actions }] });
  await settle();
};
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const element = (css) => post("/element", { using: "css selector", value: css });
const pointer = async (css, kind, ...more) => {
  const origin = await element(css);
  const move = { type: "pointerMove", duration: 0, origin, x: 0, y: 0 };
  await post("/actions", { actions: [{ type: "pointer", id: "pointer" + kind, parameters: { pointerType: kind }, actions: [move, ...more] }] });
  await settle();
};
const PRESS = [{ type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }];
const type = async (css, text) => {
  const found = await element(css);
  await post(`/element/${found[ELEMENT]}/clear`);
  await post(`/element/${found[ELEMENT]}/value`, { text });
  await settle();
};
const shot = async (name) => {
  if (!screenshots) return;
  fs.mkdirSync(screenshots, { recursive: true });
  fs.writeFileSync(path.join(screenshots, `${name}.png`), Buffer.from(await send(`/session/${sessionId}/screenshot`, "GET"), "base64"));
};
const quiet = async (what) => {
  const lines = await post("/se/log", { type: "browser" });
  assert.deepEqual(lines.filter((line) => line.level !== "INFO").map((line) => line.message), [], `${what}: the console is silent`);
};
const visible = () => js("return [...document.querySelectorAll('article')].filter((a) => !a.hidden).length");
const tip = () => js("const t = document.getElementById('tip'); return t.hidden ? null : t.innerText");
const totals = () => js("return Object.fromEntries([...document.querySelectorAll('#totals div')].map((d) => [d.dataset.total, Number(d.lastChild.textContent.replaceAll(',', ''))]))");
const check = async (name, test) => {
  await test();
  console.log(`ok: ${name}`);
};

try {
  const few = page("few");
  const records = run("restore", "few", "--format", "json").toString().trim().split("\n").map((line) => JSON.parse(line));
  const all = records.flatMap((record) => record.edits);
  const open = records.flatMap((record) => record.undecided);
  await post("/url", { url: few.address });
  await settle();

  await check("the numbers are those of the JSON", async () => {
    const sum = (of) => records.reduce((total, record) => total + of(record), 0);
    assert.deepEqual(await totals(), {
      articles: records.length, spun: sum((r) => r.verdict === "spun"), clean: sum((r) => r.verdict === "clean"),
      words: sum((r) => r.words), "words restored": all.length, "left open": open.length,
    });
    const pairs = new Map();
    for (const { from, to } of all) pairs.set(`${from} \u2192 ${to}`.toLowerCase(), (pairs.get(`${from} \u2192 ${to}`.toLowerCase()) || 0) + 1);
    const chart = await js("return [...document.querySelectorAll('#pairs button')].map((b) => [b.pair[0] + ' \u2192 ' + b.pair[1], b.pair[2]])");
    assert.equal(chart.length, 12);
    for (const [pair, count] of chart) assert.equal(pairs.get(pair), count, pair);
    assert.equal(chart[0][1], Math.max(...pairs.values()));
  });

  await check("hostile texts and names are shown as text", async () => {
    await js("document.getElementById('open-all').click()");
    await settle();
    assert.equal(await js("return window.hit === undefined"), true);
    assert.equal(await js("return document.querySelectorAll('main script, main img').length"), 0);
    const text = await js("return [...document.querySelectorAll('article')].find((a) => a.textContent.includes('hostile.txt')).querySelector('.text').textContent");
    const told = "<script>window.hit = 1</script> \"><img src=x onerror=\"window.hit = 2\"> U+202EevilU+2066 U+200B U+001B[31m";
    assert.ok(text.startsWith(told), text.slice(0, 200));
    assert.equal(await js("return /[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.getElementById('articles').textContent)"), false);
    await js("const s = document.createElement('script'); s.textContent = 'window.hit = 4'; document.body.append(s)");
    assert.equal(await js("return window.hit === undefined"), true, "the policy stops scripts that are put in");
    const blocked = await post("/se/log", { type: "browser" });
    assert.ok(blocked.every((line) => line.message.includes("Content Security Policy")), JSON.stringify(blocked));
  });

  await check("restored text is what restore writes", async () => {
    const shown = await js("return [...document.querySelectorAll('article')].map((a) => { const t = a.querySelector('.text'); if (!t) return null;"
      + " const copy = t.cloneNode(true); copy.querySelectorAll('del').forEach((d) => d.remove()); return copy.textContent; })");
    records.forEach((record, index) => {
      if (!shown[index] || record.id.includes("hostile")) return;
      assert.equal(shown[index], record.text.replace(/\r?\n/g, ""), record.id);
    });
    await js("document.getElementById('close-all').click()");
    await settle();
    assert.equal(await js("return document.querySelectorAll('.place[tabindex]').length"), 0);
  });

  await check("keys lead from place to place, and tell why", async () => {
    await keys("j");
    const first = await tip();
    assert.ok(first.includes(" \u2192 ") || first.includes("Left as it is"), first);
    assert.match(first, /lists|thesaurus|frequent|Left as it is/);
    await keys("j", "j");
    assert.notEqual(await tip(), first);
    await keys("k", "k");
    assert.equal(await tip(), first);
    assert.equal(await js("return document.activeElement.getAttribute('aria-describedby')"), "tip");
    await shot("light");
    await keys("\uE00C");
    assert.equal(await tip(), null);
    await keys("/");
    assert.equal(await js("return document.activeElement.id"), "by-word");
  });

  await check("the pointer shows the reason and takes it away", async () => {
    await pointer("article details[open] .place", "mouse");
    assert.ok(await tip());
    await pointer("h1", "mouse");
    assert.equal(await tip(), null);
    await pointer("article details[open] .place", "mouse", ...PRESS);
    await pointer("h1", "mouse");
    assert.ok(await tip(), "a click holds it");
    await pointer("h1", "mouse", ...PRESS);
    assert.equal(await tip(), null);
  });

  await check("filters by article, word, pair, confidence and kind", async () => {
    assert.equal(await visible(), records.length);
    await type("#by-name", "article-1");
    assert.equal(await visible(), 1);
    await js("document.getElementById('clear').click()");
    await settle();
    const word = all[0].from;
    const has = (record) => record.edits.some((e) => e.from.toLowerCase().includes(word) || e.to.toLowerCase().includes(word))
      || record.undecided.some((u) => u.text.toLowerCase().includes(word));
    await type("#by-word", word);
    assert.equal(await visible(), records.filter(has).length);
    const counted = await js("return document.getElementById('numbers').textContent");
    const hits = all.filter((e) => e.from.toLowerCase().includes(word) || e.to.toLowerCase().includes(word)).length
      + open.filter((u) => u.text.toLowerCase().includes(word)).length;
    assert.ok(counted.includes(`${hits} place`), counted);
    await js("document.getElementById('clear').click()");
    await settle();
    await js("document.querySelector('#pairs button').click()");
    const [from, to] = await js("return document.querySelector('#pairs button').pair");
    assert.equal(await visible(), records.filter((r) => r.edits.some((e) => e.from.toLowerCase() === from && e.to.toLowerCase() === to)).length);
    assert.equal(await js("return document.querySelector('#pairs button').getAttribute('aria-pressed')"), "true");
    await js("document.getElementById('clear').click()");
    await settle();
    const set = (id, value) => js("const n = document.getElementById(arguments[0]); n.value = arguments[1]; n.dispatchEvent(new Event('input', { bubbles: true }))", id, value);
    await set("most", "0.8");
    await set("kind", "edits");
    await settle();
    assert.equal(await visible(), records.filter((r) => r.edits.some((e) => e.confidence <= 0.8)).length);
    await js("document.getElementById('clear').click()");
    await settle();
    await set("kind", "open");
    await settle();
    assert.equal(await visible(), records.filter((r) => r.undecided.length).length);
    await js("document.getElementById('clear').click()");
    await settle();
    assert.equal(await visible(), records.length);
  });

  await check("side by side", async () => {
    await js("document.activeElement.blur()");
    await keys("l");
    const rows = await js("return [...document.querySelectorAll('details[open] .row')].every((r) => r.children.length === 2)");
    assert.ok(rows);
    await keys("j");
    await shot("side");
    await keys("\uE00C", "l");
  });

  await quiet("few articles");

  await check("dark, and on a phone", async () => {
    await cdp("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
    await keys("j");
    await shot("dark");
    const light = await js("return getComputedStyle(document.body).backgroundColor");
    assert.match(light, /rgb\((\d|[1-5]\d),/, "the paper is dark");
    await cdp("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "light" }] });
    await cdp("Emulation.setDeviceMetricsOverride", { width: 390, height: 844, deviceScaleFactor: 2, mobile: true });
    await cdp("Emulation.setTouchEmulationEnabled", { enabled: true });
    await post("/url", { url: few.address });
    await settle();
    await shot("phone");
    assert.ok(await js("return document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the screen");
    await js("document.querySelector('details[open] .place').scrollIntoView({ block: 'center' })");
    await pointer("details[open] .place", "touch", ...PRESS);
    assert.ok(await tip());
    const box = await js("const b = document.getElementById('tip').getBoundingClientRect(); return [b.left, b.right, b.bottom]");
    assert.ok(box[0] >= 0 && box[1] <= 390 && box[2] <= 844, String(box));
    await shot("phone-tip");
    await cdp("Emulation.clearDeviceMetricsOverride", {});
    await cdp("Emulation.setTouchEmulationEnabled", { enabled: false });
  });

  await check("500 articles: under 15 MB, open in under 2 s", async () => {
    const many = page("many");
    const size = fs.statSync(many.file).size;
    assert.ok(size < 15e6, String(size));
    let best = Infinity;
    for (let round = 0; round < 3; round++) {
      const start = performance.now();
      await post("/url", { url: many.address });
      await js("return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))");
      best = Math.min(best, performance.now() - start);
    }
    assert.equal((await totals()).articles, 500);
    const start = performance.now();
    await js("const n = document.getElementById('by-word'); n.value = 'beryllium'; n.dispatchEvent(new Event('input', { bubbles: true }))");
    await js("return new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done, 0)), 70))");
    const filtered = performance.now() - start;
    console.log(`   ${(size / 1e6).toFixed(1)} MB, open in ${Math.round(best)} ms, filtered in ${Math.round(filtered)} ms`);
    assert.ok(best < 2000, String(best));
    await quiet("many articles");
    await shot("many");
  });
  console.log("the page holds");
} finally {
  await send(`/session/${sessionId}`, "DELETE").catch(() => {});
  server.kill();
}
process.exit(0);
