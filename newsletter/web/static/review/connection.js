// Whether the server answers. Since when it does not outlives a reload of the tab; it is asked again until it does.

const RETRY_MS = 5000, KEY = "desk-away";
const listeners = [], tries = [];
let since = null, timer = 0;

export const awaySince = () => since;
export const onConnection = (listener) => listeners.push(listener);
export const onRetry = (retry) => tries.push(retry);
export const retry = () => tries.forEach((each) => each());

function kept(value) {
  try {
    if (value === undefined) return sessionStorage.getItem(KEY);
    value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY);
  } catch {
    // Without storage the hour is that of this page.
  }
  return null;
}

export function away() {
  since ??= new Date(Number(kept()) || Date.now());
  kept(String(since.getTime()));
  clearTimeout(timer);
  timer = setTimeout(retry, RETRY_MS);
  for (const each of listeners) each();
}

export function back() {
  kept("");
  if (!since) return;
  since = null;
  clearTimeout(timer);
  for (const each of listeners) each();
}

addEventListener("online", retry);
addEventListener("offline", away);
