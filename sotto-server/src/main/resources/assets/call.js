// The page of a call: the recording's outline and player, turns in step with it, and values shown while a label is
// held. Nothing that was revealed outlives the hold.
const STRIP = { top: 106, height: 10 };
const AXIS = 50;
const REACH = 46;
const HOLD_MILLIS = 350;
const MAX_MILLIS = 60_000;
const ANSWER_MILLIS = 30_000;
const SLACK = 24; // CSS pixels that a holding finger may stray
const SVG = 'http://www.w3.org/2000/svg';

const main = document.querySelector('main');
const csrf = document.querySelector('input[name="_csrf"]')?.value ?? '';
const turns = [...document.querySelectorAll('#turns .turn')].map((row) => ({
  row,
  at: Number(row.dataset.at),
  length: Number(row.dataset.length),
  kind: row.classList.contains('tool') ? 'tool' : row.classList.contains('caller') ? 'caller' : 'agent',
}));

const clock = (millis) => {
  const seconds = Math.floor(millis / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

function shape(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  parent.append(element);
  return element;
}

class Player {
  constructor(section) {
    this.section = section;
    this.millis = Number(section.dataset.millis);
    this.audio = section.querySelector('audio');
    this.svg = section.querySelector('svg');
    this.position = section.querySelector('#position');
    this.button = section.querySelector('#play');
    this.now = section.querySelector('#now');
    this.note = section.querySelector('#note');
    this.peaks = null;
    this.wanted = null;
    this.current = null;
    this.clip = null;
    this.head = null;
    this.audio.removeAttribute('controls');
    section.querySelector('#wave').hidden = false;
    section.querySelector('#controls').hidden = false;
    this.listen();
    this.draw();
    this.load();
  }

  listen() {
    this.button.addEventListener('click', () => (this.audio.paused ? this.play() : this.audio.pause()));
    this.section.querySelector('#speed').addEventListener('click', (event) => this.faster(event.currentTarget));
    this.position.addEventListener('input', () => this.seek(Number(this.position.value)));
    for (const name of ['play', 'pause', 'ended']) {
      this.audio.addEventListener(name, () => this.button.firstElementChild.textContent = this.audio.paused ? 'Play' : 'Pause');
    }
    this.audio.addEventListener('loadedmetadata', () => this.apply());
    this.audio.addEventListener('error', () => this.say('The recording cannot be opened.'));
    this.audio.addEventListener('timeupdate', () => this.show(this.audio.currentTime * 1000));
    this.audio.addEventListener('play', () => this.follow());
    for (const turn of turns) {
      this.bind(turn);
    }
    new ResizeObserver(() => this.draw()).observe(this.svg);
  }

  // A turn's time becomes the button that plays from it.
  bind(turn) {
    const time = turn.row.querySelector('time');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'seek';
    button.setAttribute('aria-label', `Play from ${time.textContent}`);
    time.replaceWith(button);
    button.append(time);
    button.addEventListener('click', () => {
      this.seek(turn.at);
      this.play();
    });
  }

  async play() {
    this.say('');
    try {
      await this.audio.play();
    } catch (refused) {
      if (refused.name !== 'AbortError') {
        this.say('The recording cannot be played.');
      }
    }
  }

  faster(button) {
    const rate = this.audio.playbackRate >= 2 ? 1 : this.audio.playbackRate + 0.5;
    this.audio.playbackRate = rate;
    button.textContent = `${rate}×`;
  }

  seek(millis) {
    this.wanted = Math.min(millis, this.millis);
    this.show(this.wanted);
    this.apply();
  }

  // Nothing is fetched before something is to be played: a position is kept until then.
  apply() {
    if (this.wanted !== null && this.audio.readyState > 0) {
      this.audio.currentTime = this.wanted / 1000;
      this.wanted = null;
    }
  }

  follow() {
    if (!this.audio.paused) {
      this.show(this.wanted ?? this.audio.currentTime * 1000);
      requestAnimationFrame(() => this.follow());
    }
  }

  show(millis) {
    if (this.wanted !== null && millis !== this.wanted) {
      return;
    }
    const x = this.millis > 0 ? Math.min(1000, (millis * 1000) / this.millis) : 0;
    this.clip?.setAttribute('width', x);
    this.head?.setAttribute('x1', x);
    this.head?.setAttribute('x2', x);
    this.now.textContent = clock(millis);
    if (document.activeElement !== this.position || !this.audio.paused) {
      this.position.value = millis;
    }
    this.position.setAttribute('aria-valuetext', `${clock(millis)} of ${clock(this.millis)}`);
    const started = this.audio.played.length > 0 || this.wanted !== null;
    const current = started ? turns.findLast((turn) => turn.at <= millis) : undefined;
    if (current !== this.current) {
      this.current?.row.removeAttribute('aria-current');
      current?.row.setAttribute('aria-current', 'true');
      this.current = current;
    }
  }

  say(words) {
    this.note.textContent = words;
  }

  async load() {
    try {
      const answer = await fetch(this.section.dataset.peaks, { signal: AbortSignal.timeout(ANSWER_MILLIS) });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      this.peaks = await answer.json();
      this.draw();
    } catch (refused) {
      this.say(`The outline cannot be shown (${refused.message}).`);
    }
  }

  draw() {
    this.svg.replaceChildren();
    this.lanes();
    const bars = shape('g', { class: 'bars' }, this.svg);
    const clip = shape('clipPath', { id: 'played' }, shape('defs', {}, this.svg));
    this.clip = shape('rect', { x: 0, y: 0, width: 0, height: 124 }, clip);
    const played = shape('g', { class: 'bars played', 'clip-path': 'url(#played)' }, this.svg);
    shape('line', { class: 'axis', x1: 0, x2: 1000, y1: AXIS, y2: AXIS }, this.svg);
    if (this.peaks) {
      const count = Math.max(1, Math.min(this.peaks.caller.length, Math.floor(this.svg.clientWidth / 3)));
      for (const [name, way] of [['caller', -1], ['agent', 1]]) {
        const path = this.outline(this.peaks[name], count, way);
        shape('path', { class: name, d: path }, bars);
        shape('path', { class: name, d: path }, played);
      }
    }
    this.head = shape('line', { class: 'playhead', x1: 0, x2: 0, y1: 0, y2: 124 }, this.svg);
    this.show(this.wanted ?? this.audio.currentTime * 1000);
  }

  // Loudness is drawn by its root, so that quiet speech is seen too.
  outline(peaks, count, way) {
    let path = '';
    for (let i = 0; i < count; i++) {
      const from = Math.floor((i * peaks.length) / count);
      const to = Math.max(from + 1, Math.floor(((i + 1) * peaks.length) / count));
      const loudest = Math.max(...peaks.slice(from, to));
      const height = Math.sqrt(loudest / 1000) * REACH;
      if (height > 1) {
        const x = ((i + 0.5) * 1000) / count;
        path += `M${x.toFixed(1)} ${AXIS + way * 2}V${(AXIS + way * (2 + height)).toFixed(1)}`;
      }
    }
    return path;
  }

  lanes() {
    for (const turn of turns) {
      const x = this.millis > 0 ? (turn.at * 1000) / this.millis : 0;
      const width = turn.kind === 'tool' ? 2 : Math.max(3, (turn.length * 1000) / Math.max(1, this.millis));
      const y = turn.kind === 'agent' ? STRIP.top + 8 : STRIP.top;
      shape('rect', {
        class: `lane ${turn.kind}`, x, y: turn.kind === 'tool' ? STRIP.top - 1 : y, rx: 1.5,
        width: Math.min(width, Math.max(2, 1000 - x)), height: turn.kind === 'tool' ? 15 : 5,
      }, this.svg);
    }
  }
}

// One label: held with the pointer, Space or Enter, it shows its value; let go, it is a label again.
class Reveal {
  constructor(button) {
    this.button = button;
    this.label = button.textContent;
    this.said = document.querySelector('#said');
    this.timer = 0;
    this.request = null;
    this.place = null;
    button.addEventListener('pointerdown', (event) => {
      if (event.button === 0) {
        this.hold();
        // A value may be shorter than its label: the pointer is held where it is, and judged by where the label was.
        button.setPointerCapture(event.pointerId);
      }
    });
    button.addEventListener('pointermove', (event) => {
      if (this.place && !this.covers(event)) {
        this.letGo();
      }
    });
    for (const name of ['pointerup', 'pointercancel', 'blur']) {
      button.addEventListener(name, () => this.letGo());
    }
    button.addEventListener('contextmenu', (event) => event.preventDefault());
    button.addEventListener('keydown', (event) => {
      if ((event.key === ' ' || event.key === 'Enter') && !event.repeat) {
        this.hold();
      }
      if (event.key === 'Escape') {
        this.letGo();
      }
      if (event.key === ' ') {
        event.preventDefault();
      }
    });
    button.addEventListener('keyup', () => this.letGo());
    document.addEventListener('visibilitychange', () => this.letGo());
  }

  covers({ clientX, clientY }) {
    const { left, right, top, bottom } = this.place;
    return clientX >= left - SLACK && clientX <= right + SLACK && clientY >= top - SLACK && clientY <= bottom + SLACK;
  }

  hold() {
    this.letGo();
    this.place = this.button.getBoundingClientRect();
    this.button.style.minWidth = `${this.place.width}px`;
    this.button.classList.add('holding');
    this.timer = setTimeout(() => this.ask(), HOLD_MILLIS);
  }

  async ask() {
    const request = new AbortController();
    this.request = request;
    this.timer = setTimeout(() => this.letGo(), MAX_MILLIS);
    const turn = this.button.closest('.turn')?.dataset.turn;
    const what = turn ? `turns/${turn}` : 'summary';
    const part = this.button.dataset.part;
    try {
      const answer = await fetch(`/api/v1/calls/${main.dataset.call}/${what}/reveal?part=${part}`, {
        method: 'POST',
        headers: { 'X-CSRF-Token': csrf, 'Idempotency-Key': crypto.randomUUID() },
        signal: request.signal,
      });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const revealed = await answer.json();
      if (this.request === request) {
        this.button.textContent = revealed.values[0].value;
        this.button.classList.add('revealed');
        this.said.textContent = `${this.label}: ${revealed.values[0].value}`;
      }
    } catch (refused) {
      if (this.request === request && refused.name !== 'AbortError') {
        this.said.textContent = 'It cannot be shown.';
        this.button.classList.add('refused');
      }
    }
  }

  letGo() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.request = null;
    this.place = null;
    this.button.style.minWidth = '';
    if (this.button.textContent !== this.label) {
      this.button.textContent = this.label;
      this.said.textContent = '';
    }
    this.button.classList.remove('holding', 'revealed', 'refused');
  }
}

const section = document.querySelector('#player');
if (section) {
  new Player(section);
}
document.querySelectorAll('button.reveal').forEach((button) => new Reveal(button));
