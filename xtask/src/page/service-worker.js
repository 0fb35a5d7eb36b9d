// The page without a network. `cargo xtask page` fills in what belongs to the page, and a version that changes with it.
const VERSION = "{version}";
const FILES = {files};
// What few visitors need: kept once it was asked for.
const LAZY = {lazy};

// Other pages may live at this origin, other Warrens too.
const MINE = `warren ${self.registration.scope} `;
const CACHE = MINE + VERSION;
const PAGE = new URL("./", self.registration.scope).href;
const addresses = (files) => new Set(files.map((file) => new URL(file, self.registration.scope).href));
const KNOWN = addresses(FILES);
const KNOWN_LAZY = addresses(LAZY);

self.addEventListener("install", (event) => {
  // A name with a hash in it is a content; the other files are asked for anew.
  const request = (file) => new Request(file, { cache: /-[0-9a-f]{12,16}[._]/.test(file) ? "default" : "no-cache" });
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map(request)))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith(MINE) && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = request.url.split(/[?#]/)[0];
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && (url === PAGE || url === `${PAGE}index.html`)) {
    // The page itself comes from the network while there is one: so the next visit is to the newest version.
    event.respondWith(fetch(request).catch(() => kept(PAGE)));
  } else if (KNOWN.has(url)) {
    event.respondWith(kept(url).then((found) => found ?? fetch(request)));
  } else if (KNOWN_LAZY.has(url)) {
    event.respondWith(kept(url).then((found) => found ?? fetchAndKeep(request, url)));
  }
});

async function fetchAndKeep(request, url) {
  const response = await fetch(request);
  if (response.ok) {
    const copy = response.clone();
    // A browser without room for it does without.
    await caches.open(CACHE).then((cache) => cache.put(url, copy)).catch(() => {});
  }
  return response;
}

function kept(url) {
  return caches.open(CACHE).then((cache) => cache.match(url));
}
