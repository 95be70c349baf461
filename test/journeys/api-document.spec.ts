import SwaggerParser from '@apidevtools/swagger-parser';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Logger } from '@nestjs/common';
import { openApiOf } from '../../src/platform/http/documented.js';
import { REFUSALS } from '../../src/kernel/refusal.js';
import { ApiContract } from '../kit/api-contract.js';
import { type RunningService, startForTests } from '../kit/service.js';

type Operation = {
  operationId: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
};

let running: RunningService;
let document: OpenAPIObject;
const ask = (url: string) => running.service.app.inject({ url });
const operations = () =>
  Object.values(document.paths).flatMap((path) => Object.values(path as Record<string, Operation>));

beforeAll(async () => {
  running = await startForTests();
  document = (await ask('/api/v1/openapi.json')).json();
});
afterAll(() => running.stop());

it('is valid OpenAPI 3.1', async () => {
  expect(document.openapi).toBe('3.1.0');
  await expect(SwaggerParser.validate(structuredClone(document) as never)).resolves.toBeDefined();
});

it('has a name of its own and a success for every operation, and nothing of our own notes', () => {
  const ids = operations().map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(25);
  for (const { responses } of operations())
    expect(Object.keys(responses).some((status) => status.startsWith('20'))).toBe(true);
  expect(JSON.stringify(document)).not.toMatch(/"x-(refusals|asks|scope|live)"/);
});

it('describes every part of an address', () => {
  const undescribed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods as Record<string, Operation>).flatMap(({ operationId, parameters = [] }) =>
      [...path.matchAll(/\{(\w+)\}/g)]
        .filter(([, name]) => !parameters.some((one) => one.in === 'path' && one.name === name))
        .map(([, name]) => `${operationId}: ${name}`),
    ),
  );
  expect(undescribed).toEqual([]);
});

it('says that a key may be too long wherever one may be sent', () => {
  const keyed = operations().filter(({ parameters = [] }) => parameters.some(({ name }) => name === 'Idempotency-Key'));
  expect(keyed.length).toBeGreaterThan(50);
  const silent = keyed.filter(({ responses }) => !JSON.stringify(responses['400']).includes('VALIDATION_FAILED'));
  expect(silent.map(({ operationId }) => operationId)).toEqual([]);
});

it('is made without a warning: each shape has a name of its own', () => {
  const warned = jest.spyOn(Logger, 'warn');
  openApiOf(running.service.app);
  expect(warned.mock.calls).toEqual([]);
  warned.mockRestore();
});

it('knows every refusal somewhere', () => {
  const said = JSON.stringify(operations());
  const codes = Object.keys(REFUSALS);
  expect(codes.filter((code) => !said.includes(`"${code}"`))).toEqual([]);
});

it('is shown on a page that loads nothing from elsewhere', async () => {
  const page = await ask('/docs');
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'/);
  expect(page.body).not.toMatch(/(src|href)="https?:/);
});

it('is where the bare address leads', async () => {
  const answer = await ask('/');
  expect(answer.statusCode).toBe(302);
  expect(answer.headers.location).toBe('/docs');
});

it('is held against every answer in the journeys, and notices what it does not say', () => {
  const contract = new ApiContract(document);
  const login = ['POST', 'client-portal/sessions'] as const;
  const refused = (status: number, code: string) => ({ status, body: { code }, json: true });
  expect(() => contract.assertKept(...login, refused(401, 'CREDENTIALS_WRONG'))).not.toThrow();
  expect(() => contract.assertKept(...login, refused(401, 'NOT_FOUND'))).toThrow('the API document knows');
  expect(() => contract.assertKept(...login, refused(418, 'X'))).toThrow('does not know');
  expect(() => contract.assertKept(...login, { status: 201, body: { landing: 'nowhere' }, json: true })).toThrow(
    'another body',
  );
  expect(() => contract.assertKept('GET', 'nowhere', refused(200, 'X'))).toThrow('is not in the API document');
});
