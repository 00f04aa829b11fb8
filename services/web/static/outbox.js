// What is sent without a connection waits in this browser, in order, and goes out once: the key of each form makes sure of it elsewhere.
"use strict";
(() => {
  const box = document.getElementById("outbox");
  const bar = document.getElementById("offline");
  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open("plek", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("outbox", { autoIncrement: true });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  function isOnline() { return navigator.onLine && bar.hidden; }
  async function store(mode, act) {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction("outbox", mode);
      const asked = act(transaction.objectStore("outbox"));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = () => reject(transaction.error);
    });
  }
  async function waiting() {
    const keys = await store("readonly", (box) => box.getAllKeys());
    const values = await store("readonly", (box) => box.getAll());
    return keys.map((key, index) => ({ key, ...values[index] }));
  }
  async function show(problem) {
    const entries = await waiting();
    box.hidden = entries.length === 0;
    box.querySelector("ul").replaceChildren(...entries.map((entry) => {
      const line = document.createElement("li");
      line.textContent = entry.refused ? `${entry.name}: ${box.dataset.refused}` : entry.name;
      if (entry.refused) {
        const away = document.createElement("button");
        away.className = "plain";
        away.textContent = "\u00d7";
        away.addEventListener("click", async () => { await store("readwrite", (box) => box.delete(entry.key)); show(); });
        line.append(" ", away);
      }
      return line;
    }));
    if (problem === "login" && entries.length) {
      const link = document.createElement("a");
      link.href = `/login?to=${encodeURIComponent(location.pathname)}`;
      link.textContent = box.dataset.login;
      const line = document.createElement("li");
      line.append(link);
      box.querySelector("ul").append(line);
    }
  }
  async function send() {
    const token = document.querySelector("input[name=form_token]");
    if (!token) return show("login");
    await navigator.locks.request("plek-outbox", { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      for (const entry of (await waiting()).filter((each) => !each.refused)) {
        const answer = await fetch(entry.path, {
          method: "POST", redirect: "manual", body: new URLSearchParams([["form_token", token.value], ...entry.fields]),
        });
        if (answer.status === 401 || answer.status === 403) return show("login");
        if (answer.status >= 500) return;
        if (answer.ok || answer.type === "opaqueredirect") {
          await store("readwrite", (box) => box.delete(entry.key));
          document.dispatchEvent(new Event("plek-sent"));
        } else await store("readwrite", (box) => box.put({ ...entry, refused: true }, entry.key));
      }
    }).catch(() => {});
    show();
  }
  function now() {
    return new Date().toLocaleString("sv-SE", { timeZone: "Europe/Amsterdam" }).replace(" ", "T");
  }
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.queue || isOnline()) return;
    event.preventDefault();
    event.stopPropagation();
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "form_token" && typeof value === "string");
    const when = form.dataset.when;
    if (when && !fields.some(([name, value]) => name === when && value)) fields.push([when, now()]);
    if (form.dataset.queue === "hotel") fields.push(["anyway", "1"]);
    await store("readwrite", (box) => box.add({ path: new URL(form.action).pathname, name: form.dataset.name || document.title, fields }));
    form.reset();
    form.closest("dialog")?.close();
    show();
  }, true);
  document.addEventListener("click", (event) => {
    const tile = event.target.closest("a.unit");
    if (!tile || isOnline()) return;
    const dialog = document.getElementById(tile.classList.contains("occupied") ? "offline-out" : "offline-in");
    if (!dialog) return;
    event.preventDefault();
    dialog.querySelector("[name=unit]").value = tile.dataset.unit;
    dialog.querySelector("[name=key]").value = crypto.randomUUID();
    dialog.querySelector("form").dataset.name = `${dialog.dataset.name} ${tile.dataset.unit}`;
    dialog.showModal();
  });
  window.addEventListener("online", send);
  setInterval(() => { if (!box.hidden && navigator.onLine) send(); }, 10000);
  send();
})();
