import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { VARIABLES } from '../../src/platform/config/config.js';
import { VERSION } from '../../src/platform/version.js';

const compose = readFileSync('docker-compose.yml', 'utf8');
const dockerfile = readFileSync('Dockerfile', 'utf8');
const documents = readFileSync('README.md', 'utf8') + readFileSync('docs/operations.md', 'utf8');
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
};

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found!);

describe('the containers', () => {
  const environment = compose.slice(compose.indexOf('x-environment:'), compose.indexOf('\nservices:'));

  it('are told only what the configuration knows', () => {
    const given = all(environment, /^ {2}([A-Z_]+):/gm);
    expect(given.length).toBeGreaterThan(5);
    expect(given.filter((name) => !VARIABLES.includes(name))).toEqual([]);
  });

  it('are told everything that separate processes cannot do without', () =>
    expect(all(environment, /^ {2}([A-Z_]+):/gm)).toEqual(
      expect.arrayContaining(['EVENTSTORE_URL', 'TEMPORAL_ADDRESS', 'DATABASE_URL', 'KEYRING_FILE', 'PUBLIC_URL']),
    ));

  it('run programs that there are', () => {
    const programs = all(compose + dockerfile, /dist\/src\/entrypoints\/([a-z-]+)\.js/g);
    expect(new Set(programs)).toEqual(new Set(['all-in-one', 'api', 'projector', 'worker']));
    for (const program of programs) expect(existsSync(`src/entrypoints/${program}.ts`)).toBe(true);
    for (const tool of all(compose + dockerfile, /(tools\/[a-z-]+\.mjs)/g)) expect(existsSync(tool)).toBe(true);
  });

  it('come from named versions, by plain names', () => {
    const images = [...all(compose, /^ {2,4}image: (\S+)$/gm), ...all(dockerfile, /^FROM (\S+)/gm)];
    expect(images.length).toBeGreaterThan(6);
    for (const image of images) expect(image).toMatch(/^[a-z]+(\/[a-z-]+)?:v?\d+(\.\d+)+(-[a-z-]+)?$/);
    expect(compose).toContain(`image: shomei:${manifest.version}\n`);
  });

  it('run on the Node that the product is tested on', () =>
    expect(new Set(all(dockerfile, /^FROM node:([\d.]+)/gm))).toEqual(new Set([manifest.dependencies['node']])));

  it('start the API without Temporal, which it does without', () => {
    const api = /^ {2}api:\n((?: {4}.*\n)+)/m.exec(compose)![1]!;
    expect(api).toContain('    depends_on:\n');
    expect(all(api, /^ {6}([a-z-]+): \{ condition/gm)).toEqual(['event-store', 'database']);
  });

  it('hold the program of the commands that the documents tell to run in them', () => {
    const commands = all(documents, /docker compose exec \w+ node dist\/(\S+)\.js/g);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) expect(existsSync(`${command}.ts`)).toBe(true);
  });

  it('hold no secret, and run as nobody special', () => {
    expect(all(compose, /(?:PASSWORD|PWD): (.+)$/gm).filter((value) => value !== '${DATABASE_PASSWORD}')).toEqual([]);
    expect(dockerfile).toMatch(/^USER node$/m);
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['data', 'secrets', '.env*', '.git', '**/node_modules']));
  });

  it('each say whether they can work', () => {
    const services = all(compose.slice(compose.indexOf('\nservices:')), /^ {2}([a-z-]+):$/gm);
    const own = (name: string) =>
      new RegExp(`^  ${name}:\\n(?:(?:    .*|)\\n)*?    (?:healthcheck:|<<: \\*shomei)`, 'm').test(compose);
    for (const name of [
      'api',
      'projector',
      'worker',
      'event-store',
      'temporal',
      'temporal-database',
      'database',
      'mail',
    ]) {
      expect(services).toContain(name);
      expect([name, own(name)]).toEqual([name, true]);
    }
  });
});

describe('the documents', () => {
  it.each(VARIABLES)('explain %s', (name) => expect(documents).toContain(`\`${name}\``));

  it('explain no variable that there is not', () => {
    const explained = all(readFileSync('README.md', 'utf8'), /^\| (`[A-Z_0-9]+`.*?) \|/gm);
    const names = explained.flatMap((cell) => all(cell, /`([A-Z_0-9]+)`/g));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !VARIABLES.includes(name))).toEqual([]);
  });
});

it('the version is told the same everywhere', () => expect(VERSION).toBe(manifest.version));
