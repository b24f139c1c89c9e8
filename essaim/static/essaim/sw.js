// The worker of Essaim: the « Log a day » form opens without network, and what was sent waits.
// PLACE is written before this file by the server: addresses of the pages and of static files.
/* global PLACE, Waiting */
"use strict";
importScripts(PLACE.waiting);
const SHELL = `essaim-shell-${PLACE.version}`;
const OWN = "essaim-own-";
const path = (request) => new URL(request.url).pathname;
let asked = false; // whether the form was asked for this person since the worker woke

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll([...PLACE.files, PLACE.offline])).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("essaim-shell-") && name !== SHELL) await caches.delete(name);
    await self.clients.claim();
  })());
});

// What belongs to a person leaves with them.
const forget = async () => {
  asked = false;
  for (const name of await caches.keys()) if (name.startsWith(OWN)) await caches.delete(name);
};
const keep = async (answer) => {
  const page = await answer.clone().text();
  const owner = page.match(/<body [^>]*data-user="(\d+)"/)?.[1];
  if (!owner || !page.includes('name="form_key"')) return;
  await forget();
  asked = true;
  const cache = await caches.open(OWN + owner);
  await cache.put(PLACE.log, new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
};
const offline = async () => (await caches.match(PLACE.offline)) || Response.error();
const ownForm = async () => {
  const kept = await caches.match(PLACE.log);
  if (!kept) return offline();
  // Each opening without network has a key of its own: two days are two days.
  const page = (await kept.text())
    .replace(/(name="form_key" value=")[^"~]+~/g, () => `name="form_key" value="${crypto.randomUUID()}~`)
    .replace("<body ", "<body data-stale ");
  return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
};

const opened = async (request) => {
  const isForm = path(request) === PLACE.log;
  let answer;
  try {
    answer = await fetch(request);
  } catch {
    return isForm ? ownForm() : offline();
  }
  // Led elsewhere, to sign in: nobody's form may be read here without network.
  if (isForm && answer.type === "opaqueredirect") await forget();
  else if (isForm && answer.ok && !new URL(request.url).search) await keep(answer);
  return answer;
};
const warm = async () => {
  if (asked) return;
  asked = true;
  try {
    if (await caches.match(PLACE.log)) return;
    const answer = await fetch(PLACE.log, { redirect: "manual" });
    if (answer.ok) await keep(answer);
  } catch { /* without network: another time */ }
};
const logged = async (request) => {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch {
    const fields = [...(await copy.formData())].filter(([, value]) => typeof value === "string");
    await Waiting.add(fields);
    return Response.redirect(PLACE.log, 303);
  }
};
const left = async (request) => {
  try {
    return await fetch(request);
  } catch {
    return offline();
  } finally {
    // A file chosen in a form survives signing in again, not signing out.
    if (path(request) === PLACE.doors[1]) indexedDB.deleteDatabase("essaim-files");
    await forget();
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (new URL(request.url).origin !== location.origin) return;
  if (request.mode === "navigate") {
    const at = path(request);
    if (request.method === "POST") {
      if (at === PLACE.log) event.respondWith(logged(request));
      else if (PLACE.doors.some((door) => at.startsWith(door))) event.respondWith(left(request));
      return;
    }
    event.respondWith(opened(request));
    if (at === "/") event.waitUntil(warm());
    return;
  }
  if (request.method === "GET" && PLACE.files.includes(path(request))) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) || Response.error()));
  }
});
