// The list of calls: clocks of calls that go on, and a look for news while somebody is looking.
const EVERY_MILLIS = 5_000;
const MOST_MILLIS = 60_000;
const IDLE_MILLIS = 600_000; // afterwards the page asks no more, so that it does not keep a session alive by itself

const list = document.querySelector('#calls');
const link = document.querySelector('#changed');
const shown = new Map([...list.querySelectorAll('tr[data-call]')].map((row) => [row.dataset.call, row.dataset.state]));
let touched = Date.now();
let wait = EVERY_MILLIS;
let timer = 0;

function tick() {
  for (const time of list.querySelectorAll('time[data-since]')) {
    const seconds = Math.max(0, Math.floor((Date.now() - Number(time.dataset.since)) / 1000));
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
}

async function news() {
  const answer = await fetch('/api/v1/calls?limit=50', { signal: AbortSignal.timeout(MOST_MILLIS) });
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  const { calls } = await answer.json();
  return calls.some((call) => {
    const state = call.state === 'ended' ? 'ended' : 'live';
    return shown.get(call.id) !== state;
  });
}

async function look() {
  timer = 0;
  if (document.hidden || Date.now() - touched > IDLE_MILLIS) {
    return;
  }
  try {
    if (await news()) {
      link.hidden = false;
      if (document.activeElement === document.body) {
        location.reload();
      }
      return;
    }
    wait = EVERY_MILLIS;
  } catch {
    wait = Math.min(MOST_MILLIS, wait * 2);
  }
  later();
}

function later() {
  if (timer === 0 && link.hidden) {
    timer = setTimeout(look, wait);
  }
}

if (list.dataset.first === 'true') {
  for (const name of ['pointermove', 'keydown', 'scroll', 'focus']) {
    addEventListener(name, () => {
      touched = Date.now();
      later();
    }, { passive: true });
  }
  document.addEventListener('visibilitychange', () => !document.hidden && later());
  later();
}
if (list.querySelector('time[data-since]')) {
  tick();
  setInterval(() => !document.hidden && tick(), 1000);
}
