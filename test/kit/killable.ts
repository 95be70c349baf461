import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

type Answer = Readonly<{ id?: number; ready?: Ready; answer?: unknown; error?: string }>;
/** What the service says when it serves; the password only at its first start. */
export type Ready = Readonly<{ url: string; password: string | null }>;
type Duty =
  | 'ask'
  | 'askPerishable'
  | 'state'
  | 'recorded'
  | 'advance'
  | 'ticketByNumber'
  | 'pictured'
  | 'read'
  | 'settled'
  | 'parked'
  | 'stand'
  | 'standing';

/** The service in a process of its own, which can be killed at any moment. */
export class Killable {
  private nextId = 0;
  private dying: Promise<void> | null = null;
  /** How it ended although nobody killed it. */
  private ownEnd: string | null = null;
  private readonly waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();

  private constructor(
    private readonly child: ChildProcess,
    readonly ready: Ready,
  ) {
    child.on('message', ({ id, answer, error }: Answer) => {
      const waiter = this.waiting.get(id ?? -1);
      if (error === undefined) waiter?.resolve(answer);
      else waiter?.reject(new Error(error));
    });
    child.once('exit', (code, signal) => {
      if (!this.dying) this.ownEnd = `it ended by itself: ${code ?? signal}`;
      for (const { reject } of this.waiting.values()) reject(new Error('killed'));
    });
  }

  static async start(env: Readonly<Record<string, string>>): Promise<Killable> {
    const child = fork('test/kit/killable-service.mjs', {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: { ...process.env, EVENTSTORE_URL: '', DATABASE_URL: '', TEMPORAL_ADDRESS: '', ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ready = once(child, 'message');
    const gone = once(child, 'exit').then(() => Promise.reject(new Error('it did not start')));
    const [said] = (await Promise.race([ready, gone])) as [Answer];
    gone.catch(() => undefined);
    return new Killable(child, said.ready!);
  }

  do<T>(duty: Duty, what: unknown): Promise<T> {
    const id = (this.nextId += 1);
    return new Promise<unknown>((resolve, reject) => {
      if (!this.child.connected) return reject(new Error('killed'));
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, duty, what }, (error) => error && reject(error));
    }) as Promise<T>;
  }

  /** Only somebody who was killed comes back; whoever ends without that is a fault. */
  assertNoOwnEnd(): void {
    if (this.ownEnd !== null) throw new Error(this.ownEnd);
  }

  /** False from the moment it is to die: what fails from then on fails because of that. */
  get alive(): boolean {
    return this.dying === null && this.child.exitCode === null && this.child.signalCode === null;
  }

  kill(): Promise<void> {
    if (!this.dying && this.alive) {
      this.dying = once(this.child, 'exit').then(() => undefined);
      this.child.kill('SIGKILL');
    }
    return this.dying ?? Promise.resolve();
  }
}
