// The connection to the host: takes the state and what changes of it, sends requests, connects again by itself.

const RETRY_MS = 1000, STALE_MS = 2000, LOOK_MS = 250;

export class Link {
  // `onState(state)`: all of it, each time something has changed. `onWord(text)`: null while the host is heard.
  constructor(onState, onWord) {
    this.onState = onState;
    this.onWord = onWord;
    this.state = null;
    this.waiting = new Map();
    this.number = 0;
    this.heard = 0;
    this.surface = null;
    setInterval(() => this.look(), LOOK_MS);
  }

  // What there is to turn. A host that has other things to turn than the one before needs another page.
  async open() {
    try {
      const answer = await fetch("/api/surface", { signal: AbortSignal.timeout(STALE_MS) });
      if (answer.status === 403) return this.lost("the host asks for its token: open the address that it shows");
      const surface = await answer.text();
      if (this.surface !== null && this.surface !== surface) return location.reload();
      this.surface = surface;
    } catch {
      return this.lost("not connected: no host answers; trying again");
    }
    this.connect();
    return JSON.parse(this.surface);
  }

  connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`);
    this.socket = socket;
    this.heard = Date.now();
    socket.addEventListener("message", (event) => this.take(JSON.parse(event.data)));
    socket.addEventListener("close", () => { if (this.socket === socket) this.lost("not connected: trying again"); });
  }

  take(told) {
    if (told.answer) {
      this.waiting.get(told.answer.id)?.(told.answer);
      this.waiting.delete(told.answer.id);
      return;
    }
    this.heard = Date.now();
    if (told.state) this.state = told.state;
    else if (this.state) this.state = { ...this.state, ...told.changed, status: { ...this.state.status, ...told.changed.status } };
    this.onWord(null);
    this.onState(this.state);
  }

  lost(text) {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    for (const resolve of this.waiting.values()) resolve({ ok: false, error: "the connection was lost" });
    this.waiting.clear();
    this.onWord(text);
    setTimeout(() => this.open(), RETRY_MS);
    return null;
  }

  look() {
    if (this.socket && Date.now() - this.heard > STALE_MS) this.lost("not connected: no word from the host");
  }

  // Resolves to the host's answer.
  ask(request) {
    if (this.socket?.readyState !== WebSocket.OPEN) return Promise.resolve({ ok: false, error: "not connected: nothing was changed" });
    const id = ++this.number;
    this.socket.send(JSON.stringify({ ...request, id }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
}
