import { applyDecorators } from '@nestjs/common';
import {
  ApiExtension,
  ApiQuery,
  ApiResponse,
  DocumentBuilder,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import type { INestApplication } from '@nestjs/common';
import { type RefusalCode, REFUSALS } from '../../kernel/refusal.js';
import { KEY_MAX } from './caller.js';
import { STATUS } from './problem.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

export const text: JsonSchema = { type: 'string' };
export const moment: JsonSchema = { type: 'string', format: 'date-time' };
export const whole: JsonSchema = { type: 'integer' };
export const yesNo: JsonSchema = { type: 'boolean' };
export const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const oneOf = (...values: readonly string[]): JsonSchema => ({ type: 'string', enum: values });
/** Every field is always there; what may be missing is null. */
export const shape = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
export const pageShape = (item: JsonSchema, more: Readonly<Record<string, JsonSchema>> = {}): JsonSchema =>
  shape({ items: listOf(item), nextCursor: orNull(text), ...more });
export const bilingual = shape({ en: text, ja: text });
/** What every command answers: whom it concerned, and the version that a reader may wait for. */
export const ANSWERED = shape({ id: text, version: whole });

const REFUSED = 'x-refusals';
const ASKS = 'x-asks';
/** Also what the guard reads: the scope that lets programs in. */
export const SCOPE = 'x-scope';
/** Also what the interceptor reads: the read may be followed as a stream. */
export const LIVE = 'x-live';

/** Every request to the route is one of its own; no key makes it a repetition. */
export const ANEW = 'x-anew';

/** What a route answers: the schema when it succeeds, and every code by which it may refuse. */
export const Answers = (status: number, schema: JsonSchema | null, ...codes: readonly RefusalCode[]) =>
  applyDecorators(
    ApiResponse({ status, description: 'Done', ...(schema ? { schema: schema } : {}) }),
    ApiExtension(REFUSED, codes),
  );

type Operation = {
  [REFUSED]?: RefusalCode[];
  [ASKS]?: true;
  [SCOPE]?: string;
  [LIVE]?: true;
  [ANEW]?: true;
  security?: unknown[];
  requestBody?: unknown;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; schema: object; description?: string }[];
  responses: Record<string, unknown>;
};

const problemSchema = shape({ type: text, title: text, status: whole, code: text, correlationId: text });
const PROBLEM = {
  ...problemSchema,
  properties: {
    ...(problemSchema['properties'] as object),
    params: { type: 'object' },
    errors: { type: 'array', items: { type: 'object', required: ['field', 'rule', 'message'] } },
  },
};
const problem = (description: string, codes: readonly string[]) => ({
  description,
  content: {
    'application/problem+json': {
      schema: {
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          { type: 'object', properties: { code: { type: 'string', enum: codes } } },
        ],
      },
    },
  },
});

/** Beside its own codes an operation refuses what the edge refuses for all of its kind. */
const codesOf = (operation: Operation, method: string): RefusalCode[] => {
  const changes = method !== 'get';
  const known = operation.security !== undefined;
  return [
    ...(operation[REFUSED] ?? []),
    ...(known ? (['NOT_LOGGED_IN', 'ACCESS_TOKEN_WRONG', 'NOT_PERMITTED', 'PASSWORD_CHANGE_REQUIRED'] as const) : []),
    ...(known && changes ? (['CSRF_TOKEN_WRONG'] as const) : []),
    // A key that is too long breaks a rule wherever it stands.
    ...(changes && !operation[ANEW] ? (['IDEMPOTENCY_KEY_REUSED', 'VALIDATION_FAILED'] as const) : []),
    ...(changes ? (['CHANGED_MEANWHILE'] as const) : []),
    ...(operation.requestBody === undefined && !operation[ASKS] ? [] : (['VALIDATION_FAILED'] as const)),
    'TOO_MANY_TRIES',
    ...(operation[LIVE] ? (['TOO_MANY_STREAMS'] as const) : []),
  ];
};

const STREAM = `With Accept: text/event-stream the read goes on as server-sent events until the login ends:
"snapshot" {items: [{id, version, status}]} at first, "change" {id, version, status} for each that differs, "members" {ids}
when something came, went or moved, "end" {reason: gone | loggedOut | restart} before it closes. A comment comes when nothing
happens. With the Last-Event-ID of before it says what has changed since then.`;

const follow = (operation: Operation): void => {
  operation.description = STREAM;
  const done = operation.responses['200'] as { content?: Record<string, unknown> };
  done.content = { ...done.content, 'text/event-stream': { schema: { type: 'string' } } };
  operation.parameters = [
    ...(operation.parameters ?? []),
    {
      name: 'Last-Event-ID',
      in: 'header',
      required: false,
      schema: { type: 'string' },
      description: 'Of the last event that was received; browsers send it by themselves',
    },
  ];
};

const complete = (operation: Operation, method: string): void => {
  const byStatus = new Map<number, string[]>([
    [400, ['MALFORMED']],
    [500, ['FAULT']],
    [503, ['NOT_READY']],
  ]);
  const add = (status: number, code: string) =>
    byStatus.set(status, [...new Set([...(byStatus.get(status) ?? []), code])]);
  for (const code of codesOf(operation, method)) add(STATUS[REFUSALS[code].kind], code);
  if (method !== 'get')
    for (const [status, code] of [
      [413, 'TOO_LARGE'],
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
    ] as const)
      add(status, code);
  // What a route answers in words of its own stays.
  for (const [status, codes] of byStatus) operation.responses[status] ??= problem(codes.join(', '), codes.sort());
  if (operation[LIVE]) follow(operation);
  if (method === 'get') operation.responses[304] = { description: 'Unchanged since the ETag in If-None-Match' };
  const scope = operation[SCOPE];
  if (scope !== undefined) operation.security = [...(operation.security ?? []), { bearer: [scope] }];
  if (method !== 'get') {
    const header = (name: string, required: boolean, description: string, bounds: object = {}) => ({
      name,
      in: 'header',
      required,
      schema: { type: 'string', ...bounds },
      description,
    });
    operation.parameters = [
      ...(operation.parameters ?? []),
      ...(operation.security === undefined
        ? []
        : [header('X-CSRF-Token', scope === undefined, 'From the login answer; programs with a token need none')]),
      ...(operation[ANEW]
        ? []
        : [
            header('Idempotency-Key', false, 'A repetition with the same key gets the first answer', {
              maxLength: KEY_MAX,
            }),
          ]),
    ];
  }
  delete operation[REFUSED];
  delete operation[ASKS];
  delete operation[SCOPE];
  delete operation[LIVE];
  delete operation[ANEW];
};

/** The document that a client can be generated from: every status and every refusal code of every route. */
export const openApiOf = (app: INestApplication): OpenAPIObject => {
  const about = new DocumentBuilder()
    .setTitle('Shomei')
    .setDescription(
      'Refusals are problem documents (application/problem+json) with a stable code. Times are ISO 8601 with +09:00.',
    )
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addCookieAuth('shomei_session')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        description:
          'For programs: a token that an administrator made. Each operation that programs may use names the scope that it needs; the others are for people.',
      },
      'bearer',
    )
    .build();
  const document = SwaggerModule.createDocument(app, about, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}`,
  });
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM },
  };
  for (const path of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(path as Record<string, Operation>)) complete(operation, method);
  }
  return document;
};

/** Query parameters that may be left out. */
export const MayAsk = (...names: readonly string[]) =>
  applyDecorators(...names.map((name) => ApiQuery({ name, required: false, type: String })), ApiExtension(ASKS, true));
