import { API } from './person.mjs';

const WAIT_MS = 300;
const NAMES = { anonymous: 'without login', backOffice: 'back office', system: 'system' };

const whoOf = ({ kind, name, id }) => {
  const shown = NAMES[kind] ?? kind;
  return kind === 'system' ? shown : `${shown} ${name || id}`.trim();
};
const minuteOf = (at) => at.slice(0, 16).replace('T', ' ');

/** What happened, as the operation history has it and not as the demo believes it. */
export class TimeLine {
  told = new Set();
  watched = new Set();
  step = 0;

  constructor(staff, clock) {
    this.staff = staff;
    this.clock = clock;
  }

  /** From here on what is recorded about this is told. */
  watch(filter) {
    this.watched.add(filter);
  }

  async fresh() {
    await this.clock.settled();
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    const lines = new Map();
    for (const filter of this.watched) {
      const { items } = await this.staff.does('GET', `back-office/history?${filter}&limit=100&order=oldest`);
      for (const line of items) if (!this.told.has(line.id)) lines.set(line.id, line);
    }
    for (const id of lines.keys()) this.told.add(id);
    return [...lines.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  title(text) {
    console.log(`\n=== ${text}`);
  }

  async tell(what, where) {
    this.step += 1;
    console.log(`\n${String(this.step).padStart(2)}. ${what}`);
    for (const { at, actor, events, code, operation } of await this.fresh()) {
      const left = events.length > 0 ? events.map(({ type }) => type) : [`${operation} refused: ${code}`];
      for (const event of left) console.log(`    ${minuteOf(at)}  ${whoOf(actor).padEnd(24)}  ${event}`);
    }
    if (where) console.log(`    see  GET ${API}/${where}`);
  }

  /** Days pass; what then happens happens by itself. */
  async passes(ms, what) {
    const now = await this.clock.advance(ms);
    const inJapan = new Date(now.getTime() + 9 * 3_600_000).toISOString();
    await this.tell(`[${what}; it is ${minuteOf(inJapan)}]`);
  }
}
