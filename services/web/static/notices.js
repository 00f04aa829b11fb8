// Notices outside the page: the browser is asked only on a click, and what is sent to it has no content.
"use strict";
(() => {
  const box = document.getElementById("notices");
  const token = document.querySelector("input[name=form_token]");
  const workers = navigator.serviceWorker;
  if (!token || !workers || !window.PushManager || !window.Notification) return;

  async function subscription() { return (await workers.ready).pushManager.getSubscription(); }
  async function send(path, fields) {
    return fetch(path, { method: "POST", headers: { "X-Refresh": "1" }, body: new URLSearchParams({ form_token: token.value, ...fields }) });
  }
  async function nameOf(endpoint) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  function bytesOf(key) {
    const text = atob(key.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  }
  function same(bytes, others) {
    const left = new Uint8Array(others || []);
    return left.length === bytes.length && bytes.every((byte, index) => byte === left[index]);
  }
  // Once a session: it may be another person's, of another shelter
  async function renew(found) {
    const session = await nameOf(token.value);
    if (sessionStorage.getItem("plek-noticed") === session) return;
    if ((await send("/shelter/notices", { endpoint: found.endpoint })).ok) sessionStorage.setItem("plek-noticed", session);
  }
  async function stop() {
    const found = await subscription();
    if (!found) return;
    await found.unsubscribe();
    await send("/shelter/notices/stop", { subscription: await nameOf(found.endpoint) });
  }

  // A log-out ends the notices of this browser too; it never waits long for it
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (new URL(form.action).pathname !== "/logout" || form.dataset.noticed) return;
    event.preventDefault();
    form.dataset.noticed = "1";
    await Promise.race([stop().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 2000))]);
    form.submit();
  }, true);

  if (!box) return;
  function show(...states) {
    box.hidden = false;
    box.querySelectorAll("[data-notices]").forEach((each) => { each.hidden = !states.includes(each.dataset.notices); });
  }
  async function begin() {
    const answer = await fetch("/shelter/notices", { headers: { "X-Refresh": "1" } });
    const key = answer.ok && (answer.headers.get("content-type") || "").includes("json") && (await answer.json()).push_key;
    if (!key) return;
    const bytes = bytesOf(key);
    const found = await subscription();
    // One that was made with another key of the installation is of no use any more
    if (found && !same(bytes, found.options.applicationServerKey)) await found.unsubscribe();
    const now = await subscription();
    if (now) await renew(now);
    show(Notification.permission === "denied" ? "denied" : now ? "off" : "on");
    box.addEventListener("click", async (event) => {
      const wanted = event.target.closest("button")?.dataset.notices;
      if (!wanted) return;
      if (wanted === "off") {
        await stop().catch(() => {});
        return show("on");
      }
      if (await Notification.requestPermission() !== "granted") return show("denied");
      try {
        const made = await (await workers.ready).pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes });
        const taken = await send("/shelter/notices", { endpoint: made.endpoint });
        if (!taken.ok) await made.unsubscribe();
        if (taken.ok) show("off"); else show("failed", "on");
      } catch { show("failed", "on"); }
    });
  }
  begin().catch(() => {});
})();
