// The page's side of the engine: one question at a time, the newest first, and an end to what lasts too long.
import { COMING } from "./built.js";

const OVERTAKEN = 3000; // ms after which work that nobody waits for is ended with its worker
const LONGEST = 30000;
const URGENT = ["answer", "declare"]; // what a person waits for

export class Stale extends Error {}

/** @typedef {{ask: any, done: (said: any) => void, dropped: (why: Error) => void}} Task */

export class Engine {
  /** @param {(text: string, broken?: boolean) => void} tell */
  constructor(tell) {
    this.tell = tell;
    /** @type {Task[]} */
    this.waiting = [];
    /** @type {Task | null} */
    this.running = null;
    this.ready = false;
    this.id = 0;
    this.loaded = new Promise((done) => (this.hasLoaded = done));
    this.start();
  }

  start() {
    this.worker?.terminate();
    this.ready = false;
    this.got = 0;
    this.begun = 0;
    const worker = (this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
    worker.onmessage = ({ data }) => worker === this.worker && this.heard(data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.worker) this.heard({ failed: event.message || "the engine's files could not be loaded" });
    };
    this.progress();
  }

  progress() {
    const millions = (bytes) => (bytes / 1e6).toFixed(1);
    this.tell(`Loading … ${millions(Math.min(this.got, COMING))} of ${millions(COMING)} MB`);
  }

  heard(data) {
    if (data.got) {
      this.got += data.got;
      if (!this.ready && !this.broken) this.progress();
    } else if (data.ready) {
      this.ready = true;
      this.hasLoaded();
      this.tell("");
      this.next();
    } else if (data.failed) {
      this.broken = true;
      this.tell(`The engine could not be loaded: ${data.failed}`, true);
    } else if (this.running && data.id === this.id) {
      if (data.begun) {
        this.begun = performance.now();
        this.ending(LONGEST, (task) => task.done({ ended: true }));
        if (this.waiting.some((task) => URGENT.includes(task.ask.do))) this.overtake();
      } else {
        this.give(data.said);
      }
    }
  }

  /** Starts anew after the files could not be loaded; what waits is asked then. */
  again() {
    this.broken = false;
    if (this.running) this.waiting.unshift(this.running);
    this.running = null;
    this.start();
  }

  /** In `ms` ends what runs, with its worker. @param {number} ms @param {(task: Task) => void} told */
  ending(ms, told) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const task = this.running;
      this.running = null;
      this.start();
      if (task) told(task);
    }, ms);
  }

  /** Ends what runs when it has lasted too long, as a newer question waits. */
  overtake() {
    if (!this.running || !this.begun) return;
    this.ending(Math.max(0, OVERTAKEN - (performance.now() - this.begun)), (task) => task.dropped(new Stale()));
  }

  give(said) {
    clearTimeout(this.timer);
    const task = this.running;
    this.running = null;
    this.begun = 0;
    task?.done(said);
    this.next();
  }

  next() {
    if (!this.ready || this.running || !this.waiting.length) return;
    this.running = this.waiting.shift() ?? null;
    this.worker.postMessage({ id: ++this.id, ask: this.running.ask });
  }

  /** Asks; a new formula drops what waits of older ones. @param {any} ask @returns {Promise<any>} */
  ask(ask) {
    const drops = { answer: ["answer", "differential", "programs", "steps"], check: ["check"] }[ask.do] ?? [];
    for (const task of this.waiting.filter((t) => drops.includes(t.ask.do))) task.dropped(new Stale());
    this.waiting = this.waiting.filter((t) => !drops.includes(t.ask.do));
    return new Promise((done, dropped) => {
      const task = { ask, done, dropped };
      if (URGENT.includes(ask.do)) this.waiting.unshift(task);
      else this.waiting.push(task);
      if (URGENT.includes(ask.do) || this.running?.ask.do === ask.do) this.overtake();
      this.next();
    });
  }
}
