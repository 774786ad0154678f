// The page of a visitor. What was written and the token to go on with it live in this page only: nothing is stored.
const PROTOCOL = 'sotto.chat.v1';
const TAKEN_OVER = 4001;
const FIRST_WAIT_MILLIS = 300;
const MOST_WAIT_MILLIS = 5_000;
const TOOLS = {
  verify_identity: 'Checked who you are',
  lookup_appointment: 'Looked up your appointment',
  book: 'Looked at the appointment book',
  cancel: 'Cancelled an appointment',
  take_message: 'Ready for your message',
  transfer_to_human: 'Asked for a person',
};
const FAULTS = {
  text_too_long: 'Too long, not sent',
  too_many_messages: 'Too many messages in this chat',
  bad_message: 'Not sent',
};
const ENDS = {
  completed: 'Thank you for writing.',
  message_left: 'Your message is kept. Thank you for writing.',
  transferred: 'A person can help you on the telephone.',
  left: 'You ended the chat.',
  failed: 'Something does not work here right now. We are sorry.',
};

const at = (id) => document.getElementById(id);
const text = at('text');
const log = at('log');

let socket = null;
let resume = '';
let resumeMillis = 0;
let seen = 0;
let lostAt = 0;
let wait = FIRST_WAIT_MILLIS;
let over = false;
let maxText = 2_000;
const waiting = new Map(); // messages without an ack, in order

function show(state) {
  at('chat').dataset.state = state;
  at('intro').hidden = state !== 'new';
  at('scroll').hidden = state === 'new';
  at('composer').hidden = state !== 'open';
  at('over').hidden = state !== 'over';
}

function add(kind, words) {
  const item = document.createElement('li');
  item.className = kind;
  item.textContent = words;
  log.append(item);
  at('scroll').scrollTop = at('scroll').scrollHeight;
  return item;
}

function mark(item, words, wrong) {
  let note = item.querySelector('small');
  if (!note) {
    note = document.createElement('small');
    item.append(note);
  }
  note.textContent = words;
  item.classList.toggle('wrong', Boolean(wrong));
}

function finish(words, phone) {
  over = true;
  at('working').hidden = true;
  at('state').textContent = '';
  const line = at('over-text');
  line.textContent = words;
  if (phone) {
    const link = document.createElement('a');
    link.href = `tel:${phone}`;
    link.textContent = phone;
    line.append(' Please call ', link, '.');
  }
  show('over');
  at('scroll').scrollTop = at('scroll').scrollHeight;
  at('again').focus();
}

function take(frame) {
  if (frame.number) {
    if (frame.number <= seen) {
      return;
    }
    seen = frame.number;
  }
  switch (frame.type) {
    case 'hello':
      at('title').textContent = frame.business;
      document.title = frame.business;
      at('scripted').hidden = !frame.scripted;
      resume = frame.resume;
      resumeMillis = frame.resumeSeconds * 1_000;
      maxText = frame.maxText;
      wait = FIRST_WAIT_MILLIS;
      lostAt = 0;
      at('state').textContent = '';
      show('open');
      for (const message of waiting.values()) {
        send(message);
      }
      break;
    case 'ack': {
      const message = waiting.get(frame.id);
      if (message) {
        waiting.delete(frame.id);
        mark(message.item, 'Received');
      }
      break;
    }
    case 'said':
      add('agent', frame.text);
      break;
    case 'tool':
      add('tool', TOOLS[frame.name] ?? 'Worked on it');
      break;
    case 'working':
      at('working').hidden = !frame.now;
      at('scroll').scrollTop = at('scroll').scrollHeight;
      break;
    case 'error': {
      const message = waiting.get(frame.id);
      if (message && frame.code === 'too_fast') {
        setTimeout(() => waiting.has(frame.id) && send(message), 1_500);
      } else if (message) {
        waiting.delete(frame.id);
        mark(message.item, FAULTS[frame.code] ?? FAULTS.bad_message, true);
      }
      break;
    }
    case 'ended':
      finish(ENDS[frame.reason] ?? '', frame.phone);
      break;
  }
}

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ type: 'message', id: message.id, text: message.words }));
  }
}

function open(secret) {
  const address = new URL('/chat/v1/socket', location.href);
  address.protocol = 'wss:';
  const mine = new WebSocket(address, [PROTOCOL, secret]);
  socket = mine;
  mine.addEventListener('message', (event) => take(JSON.parse(event.data)));
  mine.addEventListener('close', (event) => {
    if (socket === mine) {
      lost(event.code);
    }
  });
}

function lost(code) {
  socket = null;
  if (over) {
    return;
  }
  if (code === TAKEN_OVER) {
    finish('The chat goes on in another window.');
    return;
  }
  lostAt ||= Date.now();
  if (!resume || Date.now() - lostAt > resumeMillis) {
    finish('The connection was lost. Please start again.');
    return;
  }
  at('state').textContent = 'Connection lost, trying again';
  setTimeout(() => open(`resume.${resume}.${seen}`), wait);
  wait = Math.min(MOST_WAIT_MILLIS, wait * 2);
}

async function begin() {
  at('start').disabled = true;
  at('state').textContent = 'Connecting';
  try {
    const answer = await fetch('/chat/v1/token', { method: 'POST', signal: AbortSignal.timeout(15_000) });
    if (!answer.ok) {
      at('state').textContent =
        answer.status === 429 ? 'Too many chats right now. Please try again in a minute.' : 'The chat is not available right now.';
      at('start').disabled = false;
      return;
    }
    const { token } = await answer.json();
    open(`token.${token}`);
  } catch {
    at('state').textContent = 'The chat is not available right now.';
    at('start').disabled = false;
  }
}

function submit() {
  const words = text.value.trim();
  if (!words || words.length > maxText || over) {
    return;
  }
  const item = add('visitor', words);
  mark(item, 'Sending');
  const message = { id: crypto.randomUUID(), words, item };
  waiting.set(message.id, message);
  send(message);
  text.value = '';
  count();
}

function count() {
  const left = maxText - text.value.length;
  at('left').textContent = left < 200 ? `${left} characters left` : '';
  at('send').disabled = left < 0;
}

at('start').addEventListener('click', begin);
at('again').addEventListener('click', () => location.reload());
at('end').addEventListener('click', () => socket?.readyState === WebSocket.OPEN && socket.send('{"type":"end"}'));
at('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  submit();
});
text.addEventListener('input', count);
text.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
