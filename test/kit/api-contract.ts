import type { OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';

type Answered = Readonly<{ status: number; body: unknown; json: boolean }>;
type Response = { content?: Record<string, { schema: { allOf?: { properties?: { code: { enum: string[] } } }[] } }> };
type Operation = { responses: Record<string, Response> };

const API = '/api/v1/';

/** Holds every answer that a journey gets against the API document: what it does not say must not happen. */
export class ApiContract {
  private readonly routes: { method: string; pattern: RegExp; template: string; operation: Operation }[];
  private readonly checks = new Map<object, z.ZodType>();

  constructor(document: OpenAPIObject) {
    this.routes = Object.entries(document.paths).flatMap(([template, path]) =>
      Object.entries(path as Record<string, Operation>).map(([method, operation]) => ({
        method: method.toUpperCase(),
        pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`),
        template,
        operation,
      })),
    );
  }

  assertKept(method: string, path: string, { status, body, json }: Answered): void {
    const full = (path.startsWith('/') ? path : API + path).split('?', 1)[0]!;
    const route = this.routes.find((candidate) => candidate.method === method && candidate.pattern.test(full));
    if (!route) throw new Error(`${method} ${full} is not in the API document`);
    const where = `${method} ${route.template} answered ${status}`;
    const response = route.operation.responses[status];
    if (!response) throw new Error(`${where}, which the API document does not know`);
    const problem = response.content?.['application/problem+json'];
    if (problem) {
      const { code } = body as { code: string };
      const codes = problem.schema.allOf!.flatMap(({ properties }) => properties?.code.enum ?? []);
      if (!codes.includes(code)) throw new Error(`${where} ${code}; the API document knows ${codes.join(', ')}`);
      return;
    }
    const schema = response.content?.['application/json']?.schema;
    if (!schema) {
      if (json && body !== '') throw new Error(`${where} with a body that the API document does not describe`);
      return;
    }
    const checked = this.checkOf(schema).safeParse(body);
    if (!checked.success)
      throw new Error(`${where} with another body than the API document says: ${z.prettifyError(checked.error)}`);
  }

  private checkOf(schema: object): z.ZodType {
    const known = this.checks.get(schema) ?? z.fromJSONSchema(schema as never);
    this.checks.set(schema, known);
    return known;
  }
}
