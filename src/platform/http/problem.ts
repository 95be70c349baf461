import { fill, type Language, type Refusal, type RefusalKind, REFUSALS, textOf } from '../../kernel/refusal.js';
import { RULES } from '../../kernel/rules.js';

/** The classes of refusal as HTTP says them; the only place that knows both. */
export const STATUS: Readonly<Record<RefusalKind, number>> = {
  E400: 400,
  E401: 401,
  E403: 403,
  E404: 404,
  E409: 409,
  E410: 410,
  E422: 422,
  E423: 423,
  E429: 429,
};

export type Problem = Readonly<{
  type: string;
  title: string;
  status: number;
  code: string;
  correlationId: string;
  params?: Refusal['params'];
  errors?: readonly Readonly<{ field: string; rule: string; message: string }>[];
}>;

export const languageOf = (acceptLanguage: string | undefined): Language =>
  /^\s*ja\b/i.test(acceptLanguage ?? '') ? 'ja' : 'en';

export const plainProblem = (status: number, code: string, title: string, correlationId: string): Problem => ({
  type: `urn:shomei:problem:${code}`,
  title,
  status,
  code,
  correlationId,
});

export const problemOf = (refusal: Refusal, language: Language, correlationId: string): Problem => {
  const { code, params, errors } = refusal;
  const problem = plainProblem(STATUS[REFUSALS[code].kind], code, textOf(refusal, language), correlationId);
  return {
    ...problem,
    ...(Object.keys(params).length > 0 ? { params } : {}),
    ...(errors
      ? {
          errors: errors.map(({ field, rule, params: details = {} }) => ({
            field,
            rule,
            ...details,
            message: fill(RULES[rule][language], details),
          })),
        }
      : {}),
  };
};
