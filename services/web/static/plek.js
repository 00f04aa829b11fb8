// What makes the pages quicker, and is never needed: every form works without it.
"use strict";
(() => {
  const main = document.getElementById("main");
  const bar = document.getElementById("offline");
  let since = null;

  function away(isAway) {
    if (isAway && !since) {
      since = new Date();
      document.getElementById("offline-since").textContent = since.toLocaleTimeString("nl-NL", { hour: "2-digit", minute: "2-digit" });
    }
    if (!isAway) since = null;
    bar.hidden = !isAway;
    document.body.classList.toggle("away", isAway);
    document.querySelectorAll('form[action="/hold"] button').forEach((button) => {
      if (isAway) button.dataset.off = String(button.disabled);
      button.disabled = isAway || (button.dataset.off === "true");
    });
  }
  // What was said is said once: going back must not say it again
  if (new URLSearchParams(location.search).has("said")) history.replaceState(null, "", location.pathname);
  window.addEventListener("offline", () => away(true));
  window.addEventListener("online", () => { away(false); refresh(); });

  function tick() {
    document.querySelectorAll("[data-countdown]").forEach((each) => {
      const left = Math.max(0, Math.round((new Date(each.dateTime) - Date.now()) / 1000));
      each.title = each.dataset.clock ||= each.textContent;
      each.textContent = `${each.dataset.clock} (${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")})`;
    });
    document.querySelectorAll("[data-from]").forEach((each) => { each.disabled = new Date(each.dataset.from) > Date.now(); });
  }
  setInterval(tick, 1000);
  tick();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || /^(input|select|textarea)$/i.test(event.target.tagName)) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (button) button.click();
  });
  document.addEventListener("submit", (event) => {
    // A double click sends once; the key of the form makes sure of it elsewhere
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
    setTimeout(() => delete event.target.dataset.sent, 5000);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

  // A slider shows at once what it stands on; without script its form is sent
  const slider = document.querySelector("form[data-instants]");
  let turn = 0;
  async function slide() {
    const mine = ++turn, address = `${slider.getAttribute("action")}?${new URLSearchParams(new FormData(slider))}`;
    const answer = await fetch(address).catch(() => null);
    if (!answer || !answer.ok || answer.redirected || mine !== turn) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("slid");
    if (!page || mine !== turn) return;
    document.getElementById("slid").replaceChildren(...page.childNodes);
    history.replaceState(null, "", address);
  }
  // To the latest moment of a page that is newer: a slider that was moved stands on one that does not change
  function move(to) {
    slider.dataset.instants = to.dataset.instants;
    slider.elements.n.max = to.elements.n.max;
    slider.elements.n.value = to.elements.n.getAttribute("value");
    slider.elements.n.setAttribute("aria-valuetext", to.elements.n.getAttribute("aria-valuetext"));
    slider.querySelector("output").textContent = to.querySelector("output").textContent;
  }
  if (slider) {
    let due = null;
    slider.addEventListener("input", () => {
      const range = slider.elements.n, at = new Date(slider.dataset.instants.split(" ")[range.value]);
      const words = at.toLocaleString(document.documentElement.lang, { timeZone: "Europe/Amsterdam", weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
      slider.querySelector("output").textContent = words;
      range.setAttribute("aria-valuetext", words);
      clearTimeout(due);
      due = setTimeout(slide, 150);
    });
  }

  const exit = document.getElementById("quick-exit");
  let shifts = 0;
  function leave() { document.title = "Weer"; document.documentElement.hidden = true; location.replace(exit.href); }
  if (exit) {
    exit.addEventListener("click", (event) => { event.preventDefault(); leave(); });
    document.addEventListener("keyup", (event) => { shifts = event.key === "Shift" ? shifts + 1 : 0; if (shifts >= 3) leave(); });
  }

  function waits() { return new Set([...document.querySelectorAll("[data-waits]")].map((each) => each.dataset.waits)); }
  let waiting = waits();
  function sound() {
    const context = new AudioContext();
    [0, 0.25, 0.5].forEach((at) => {
      const tone = context.createOscillator();
      tone.frequency.value = 880;
      tone.connect(context.destination);
      tone.start(context.currentTime + at);
      tone.stop(context.currentTime + at + 0.15);
    });
  }
  // In the background a page is not seen, and on a telephone not heard: the service worker shows what a push would
  function notify() {
    if (!document.hidden || !navigator.serviceWorker || window.Notification?.permission !== "granted") return;
    navigator.serviceWorker.ready.then((found) => found.active.postMessage("notice"));
  }
  function works() { return main.querySelector("[data-working]"); }
  // What is being filled in is not taken from under the hands
  function isBusy() {
    const active = document.activeElement;
    return main.querySelector("dialog[open]") || main.contains(active) && /^(INPUT|SELECT)$/.test(active.tagName);
  }
  async function refresh() {
    if (!main.dataset.live && !works() || isBusy()) return;
    try {
      const answer = await fetch(location.href, { headers: { "X-Refresh": "1" } });
      // What stands here is as old as it says, and nothing newer is known
      if (answer.status >= 500) { away(true); return; }
      if (answer.redirected || (!answer.ok && answer.status !== 401)) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (isBusy()) return;
      const open = [...main.querySelectorAll("details")].map((each) => each.open);
      main.replaceChildren(...page.getElementById("main").childNodes);
      [...main.querySelectorAll("details")].forEach((each, index) => { each.open = open[index] ?? each.open; });
      const now = waits();
      if ([...now].some((each) => !waiting.has(each))) { sound(); notify(); }
      waiting = now;
      away(false);
      tick();
    } catch { away(true); }
  }
  // What has just been sent is to be seen
  document.addEventListener("plek-sent", refresh);
  if (main.dataset.live && window.EventSource) {
    const stream = new EventSource("/live");
    let due = null;
    const soon = () => { due ??= setTimeout(() => { due = null; refresh(); }, 150); };
    main.dataset.live.split(" ").filter((kind) => kind !== "alive").concat("reload").forEach((kind) => stream.addEventListener(kind, soon));
    stream.onopen = () => { if (since) refresh(); };
    stream.onerror = () => { if (navigator.onLine) soon(); else away(true); };
    setInterval(refresh, 30000);
  }
  // What changes once an hour asks once a minute while it is seen; what is chosen above it stays as it is
  const again = document.querySelector("[data-again]");
  let asked = Date.now();
  async function look() {
    if (document.hidden || !again.dataset.again || Date.now() - asked < again.dataset.again * 1000) return;
    asked = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { "X-Refresh": "1", "If-None-Match": again.dataset.tag } });
      if (answer.status >= 500) { away(true); return; }
      if (answer.status === 304) { away(false); return; }
      if (answer.redirected || (!answer.ok && answer.status !== 401)) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html"), found = page.getElementById(again.id);
      // The session is over: the page says how to go on, as all others do
      if (!found) { again.dataset.again = ""; if (!isBusy()) main.replaceChildren(...page.getElementById("main").childNodes); return; }
      again.dataset.tag = found.dataset.tag || "";
      again.dataset.again = found.dataset.again || "";
      const open = [...again.querySelectorAll("details")].map((each) => each.open);
      again.replaceChildren(...found.childNodes);
      if (slider && again.dataset.again) move(found.ownerDocument.querySelector("form[data-instants]"));
      [...again.querySelectorAll("details")].forEach((each, index) => { each.open = open[index] ?? each.open; });
      away(false);
    } catch { away(true); }
  }
  if (again) {
    setInterval(look, 1000);
    document.addEventListener("visibilitychange", look);
  }
  if (works()) {
    const again = setInterval(() => { if (works()) refresh(); else clearInterval(again); }, 2000);
  }
  if (navigator.serviceWorker) navigator.serviceWorker.register("/sw.js").catch(() => {});
})();
