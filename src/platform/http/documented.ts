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

/** What a route answers: the schema when it succeeds, and every code by which it may refuse. */
export const Answers = (status: number, schema: JsonSchema | null, ...codes: readonly RefusalCode[]) =>
  applyDecorators(
    ApiResponse({ status, description: 'Done', ...(schema ? { schema: schema } : {}) }),
    ApiExtension(REFUSED, codes),
  );

type Operation = {
  [REFUSED]?: RefusalCode[];
  [ASKS]?: true;
  security?: unknown[];
  requestBody?: unknown;
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
    ...(known ? (['NOT_LOGGED_IN', 'NOT_PERMITTED', 'PASSWORD_CHANGE_REQUIRED'] as const) : []),
    ...(known && changes ? (['CSRF_TOKEN_WRONG', 'IDEMPOTENCY_KEY_REUSED', 'CHANGED_MEANWHILE'] as const) : []),
    ...(operation.requestBody === undefined && !operation[ASKS] ? [] : (['VALIDATION_FAILED'] as const)),
    'TOO_MANY_TRIES',
  ];
};

const complete = (operation: Operation, method: string): void => {
  const byStatus = new Map<number, string[]>([
    [500, ['FAULT']],
    [503, ['NOT_READY']],
  ]);
  const add = (status: number, code: string) =>
    byStatus.set(status, [...new Set([...(byStatus.get(status) ?? []), code])]);
  for (const code of codesOf(operation, method)) add(STATUS[REFUSALS[code].kind], code);
  if (method !== 'get')
    for (const [status, code] of [
      [400, 'MALFORMED'],
      [413, 'TOO_LARGE'],
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
    ] as const)
      add(status, code);
  for (const [status, codes] of byStatus) operation.responses[status] = problem(codes.join(', '), codes.sort());
  if (method === 'get') operation.responses[304] = { description: 'Unchanged since the ETag in If-None-Match' };
  if (operation.security !== undefined && method !== 'get') {
    const header = (name: string, required: boolean, description: string) => ({
      name,
      in: 'header',
      required,
      schema: { type: 'string' },
      description,
    });
    operation.parameters = [
      ...(operation.parameters ?? []),
      header('X-CSRF-Token', true, 'From the login answer'),
      header('Idempotency-Key', false, 'A repetition with the same key gets the first answer'),
    ];
  }
  delete operation[REFUSED];
  delete operation[ASKS];
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
