// Keeps every file of one build: offline after the first visit; a new build replaces the old one whole, at the next visit.
const HASH = "BUILD";
const FILES = ["./"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(HASH).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== HASH && name.startsWith("matcalc-")).map((name) => caches.delete(name)))),
  );
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET" || new URL(event.request.url).origin !== self.location.origin) return;
  event.respondWith(caches.open(HASH).then(async (cache) => (await cache.match(event.request, { ignoreSearch: true })) ?? fetch(event.request)));
});
