const SYNTAX = /^(\d{1,8})([HMSmun])$/;
const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };
/** Beyond it a timer would go off at once; no call lasts so long. */
const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds of a `grpc-timeout` header, Infinity when none is worth a timer, undefined when it is no time. */
export const timeoutMs = (header: string | string[] | undefined): number | undefined => {
  if (header === undefined) return Infinity;
  const [, amount, unit = ''] = SYNTAX.exec(String(header)) ?? [];
  if (amount === undefined) return undefined;
  const ms = Number(amount) * (UNIT_MS[unit] ?? 0);
  return ms > LONGEST_MS ? Infinity : ms;
};
