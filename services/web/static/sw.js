// Keeps the duty list for 24 hours, also without a connection and after log-out: the one page that is kept. Nothing else ever is.
"use strict";
const KEPT = "plek-duty";
const DAY_MS = 24 * 60 * 60 * 1000;
const SHELL = ["/static/plek.css", "/static/plek.js", "/static/outbox.js", "/static/plain.svg"];

self.addEventListener("install", (event) => event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function duty(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) {
      const headers = new Headers(answer.headers);
      headers.set("X-Kept-At", String(Date.now()));
      await cache.put("/duty", new Response(await answer.clone().blob(), { headers }));
    }
    return answer.ok ? answer : (await kept(cache)) || answer;
  } catch (away) {
    return (await kept(cache)) || Response.error();
  }
}

async function kept(cache) {
  const found = await cache.match("/duty");
  if (!found) return undefined;
  if (Date.now() - Number(found.headers.get("X-Kept-At")) < DAY_MS) return found;
  await cache.delete("/duty");
  return undefined;
}

async function page(request) {
  try {
    return await fetch(request);
  } catch (away) {
    const found = await kept(await caches.open(KEPT));
    // The duty list is what is of use without a connection, wherever one wanted to go
    return found || Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin || event.request.method !== "GET") return;
  if (url.pathname === "/duty") event.respondWith(duty(event.request));
  else if (SHELL.includes(url.pathname)) event.respondWith(caches.match(event.request).then((found) => fetch(event.request).catch(() => found)));
  else if (event.request.mode === "navigate") event.respondWith(page(event.request));
});

// A notice says that one has to look, and nothing else: it stands on a locked screen. The same tag, so that doubles are one.
function notice() {
  const dutch = navigator.language.toLowerCase().startsWith("nl");
  return self.registration.showNotification(dutch ? "Plek: kijk op de pagina" : "Plek: look at the page", {
    tag: "plek", renotify: true, icon: "/static/plain.svg", lang: dutch ? "nl" : "en",
  });
}

self.addEventListener("push", (event) => event.waitUntil(notice()));
// The same from a page that is open in the background
self.addEventListener("message", (event) => { if (event.data === "notice") event.waitUntil(notice()); });
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window" }).then((open) => {
    const page = open.find((each) => new URL(each.url).pathname.startsWith("/shelter"));
    return page ? page.focus() : self.clients.openWindow("/shelter");
  }));
});
