import { randomUUID } from 'node:crypto';
import { firstLogin } from '../../kit/first-login.js';
import type { Killable } from '../../kit/killable.js';

export type Said = Readonly<{
  status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests say what they expect of it
  body: any;
}>;
export type Running = () => Promise<Killable>;

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const PATIENCE_MS = 30_000;

/** Does it again with the service that is there then, for as long as one after the other is killed. */
export const persist = async <T>(running: Running, ask: (service: Killable) => Promise<T>): Promise<T> => {
  for (;;) {
    const service = await running();
    service.assertNoOwnEnd();
    try {
      return await ask(service);
    } catch (error) {
      if (service.alive) throw error;
    }
  }
};

/** A browser whose user presses the button again, with the same Idempotency-Key, until there is an answer. */
export class Person {
  private headers: Record<string, string> = {};
  private login: (() => Promise<void>) | null = null;

  constructor(
    private readonly running: Running,
    private readonly answered: () => void,
  ) {}

  get = (path: string) => this.send('GET', path);

  async does(path: string, body?: object | Buffer, headers: Record<string, string> = {}): Promise<Said> {
    const said = await this.send('POST', path, body, { 'idempotency-key': randomUUID(), ...headers });
    if (said.status >= 300) throw new Error(`POST ${path}: ${said.status} ${JSON.stringify(said.body)}`);
    return said;
  }

  async staff(password: string): Promise<this> {
    this.login = async () => {
      const { cookie, csrfToken } = await persist(this.running, ({ ready }) => firstLogin(ready.url, password));
      this.headers = { cookie, 'x-csrf-token': csrfToken };
    };
    await this.login();
    return this;
  }

  async send(method: string, path: string, body?: object | Buffer, headers: Record<string, string> = {}) {
    const file = body instanceof Buffer;
    const type: Record<string, string> = body && !file ? { 'content-type': 'application/json' } : {};
    const once = async ({ ready }: Killable): Promise<Said> => {
      const answer = await fetch(`${ready.url}/${path}`, {
        method,
        headers: { ...type, ...this.headers, ...headers },
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(body ? { body: file ? new Uint8Array(body) : JSON.stringify(body) } : {}),
      });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json');
      return { status: answer.status, body: text !== '' && isJson ? JSON.parse(text) : null };
    };
    for (;;) {
      const said = await persist(this.running, once);
      this.answered();
      // Days may have passed: nobody is logged in for so long.
      if (said.status === 401 && this.login) await this.login();
      else if (said.status < 500) return said;
      else await pause(100);
    }
  }
}
