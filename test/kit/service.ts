import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type Service, startService } from '../../src/entrypoints/service.js';
import { type Config, configOf } from '../../src/platform/config/config.js';
import { logOf } from '../../src/platform/telemetry/log.js';
import { openApiOf } from '../../src/platform/http/documented.js';
import { ApiContract } from './api-contract.js';
import { Browser } from './browser.js';
import { eventStoreForTests } from './event-store.js';

/** A clock that goes as real time does, until a test moves it. */
export class MovableClock {
  private offsetMs = 0;
  now = () => new Date(Date.now() + this.offsetMs);
  advance(minutes: number): void {
    this.offsetMs += minutes * 60_000;
  }
}

export type RunningService = Readonly<{
  service: Service;
  clock: MovableClock;
  config: Config;
  eventStoreUrl: string;
  /** Everything logged so far. */
  logged: () => string;
  browser: (address?: string) => Browser;
  /** A browser that is logged in to the back office. */
  staff: () => Promise<Browser>;
  /** Stops the service and starts it again on the same stores. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
}>;

export const startForTests = async (env: Record<string, string> = {}): Promise<RunningService> => {
  const node = await eventStoreForTests();
  const dataDir = join(tmpdir(), `shomei-${randomUUID()}`);
  const config = configOf({
    DATA_DIR: dataDir,
    LOGIN_RATE_LIMIT_PER_MINUTE: '100000',
    RATE_LIMIT_PER_MINUTE: '100000',
    ...env,
  });
  const clock = new MovableClock();
  const lines: string[] = [];
  const log = logOf('info', new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) }));
  const pfxMaker = {
    entry: new URL('../../src/pki/pkcs12/worker.ts', import.meta.url),
    execArgv: ['--import', new URL('./from-sources.mjs', import.meta.url).href],
  };
  const surroundings = { config, eventStoreUrl: node.connectionString, clock, log, pfxMaker };
  let service = await startService(surroundings);
  const first = service.firstCredential;
  const contract = new ApiContract(openApiOf(service.app));
  const browser = (address?: string) => new Browser(service.app, address, contract);
  return {
    get service() {
      return service;
    },
    clock,
    config,
    eventStoreUrl: node.connectionString,
    logged: () => lines.join(''),
    browser,
    staff: async () => {
      const staff = browser();
      const { status } = await staff.post('back-office/sessions', first);
      if (status !== 201) throw new Error(`staff cannot log in: ${status}`);
      return staff;
    },
    restart: async () => {
      await service.stop();
      service = await startService(surroundings);
    },
    stop: async () => {
      await service.stop();
      await node.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
