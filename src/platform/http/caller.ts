import { BadRequestException, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ANONYMOUS, type Actor } from '../../kernel/actor.js';
import { derivedId, isUuid } from '../../kernel/ids.js';
import { invalid, type Language } from '../../kernel/refusal.js';
import type { Session } from '../access/sessions.js';
import type { Program } from '../access/tokens.js';
import { freshId } from '../commands/fresh-id.js';
import type { Sender } from '../commands/sender.js';
import type { Keyring } from '../vault/keyring.js';
import { addressOf } from './client-address.js';
import { languageOf } from './problem.js';
import { Refused } from './refused.js';

/** What is known of a request before anything is done for it. */
export type Caller = Readonly<{
  /** The account that is logged in, or the one whose right a program uses. */
  session: Session | null;
  /** What proved it: the session's token or the program's. */
  token: string | null;
  program: Program | null;
  /** Set where the client chose a key under which a repetition gets the first answer. */
  idempotent: boolean;
  commandId: string;
  fingerprint: string | null;
  /** Of the whole input where it holds secrets, which the fingerprint leaves out; for the vault and nothing else. */
  secretFingerprint: string | null;
  correlationId: string;
  clientAddress: string;
  language: Language;
}>;

declare module 'fastify' {
  interface FastifyRequest {
    caller?: Caller;
  }
}

export const CORRELATION_HEADER = 'x-correlation-id';
export const KEY_MAX = 200;

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

export const correlationOf = (request: FastifyRequest): string => {
  const given = headerOf(request, CORRELATION_HEADER);
  return given !== undefined && isUuid(given) ? given : freshId();
};

/** Names of fields that hold what only one person may know; how else could a digest in an event let nobody guess it? */
const SECRET =
  /[Pp]ass(word|code)|[Tt]oken|[Ss]ecret|[Aa]ccessKey|^pin(?![a-z])|Pin(?![a-z])|^otp(?![a-z])|Otp(?![a-z])/;

const inputOf = (body: unknown) => ({
  whole: JSON.stringify(body),
  shown: JSON.stringify(body, (name, value: unknown) => (SECRET.test(name) ? undefined : value)),
});

/** Deeper than anything that is asked for here, and far from where walking it would exhaust the stack. */
const DEPTH_MAX = 32;

/** Of what JSON is made; a file that is still to be read is not walked. */
const isParsed = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype);

const isDeeper = (value: unknown, than: number): boolean =>
  isParsed(value) && (than === 0 || Object.values(value).some((each) => isDeeper(each, than - 1)));

/** What people without an account show instead: the token of a mail's link, the key of the application they began. */
const SHOWN = ['x-link-token', 'x-application-key'] as const;

/** Whose key it is: two who choose the same one mean two things. */
const askerOf = (request: FastifyRequest, account: string | undefined): readonly string[] => {
  if (account !== undefined) return [account];
  for (const name of SHOWN) {
    const shown = headerOf(request, name);
    if (shown !== undefined) return [name, shown];
  }
  return ['address', addressOf(request)];
};

type Meant = Readonly<{ commandId: string; fingerprint: string; secretFingerprint: string | null }>;

/** What a key stands for. */
const meantBy = (key: string, request: FastifyRequest, account: string | undefined, keyring: Keyring): Meant => {
  const path = request.url.split('?', 1)[0]!;
  // A stream is not read yet: its route adds what it read, the address tells the rest.
  const { streams } = request.routeOptions.config;
  const { whole, shown } = streams ? { whole: request.url, shown: request.url } : inputOf(request.body ?? null);
  const digest = (text: string) => keyring.derive('fingerprint', text).toString('hex');
  return {
    commandId: derivedId('command', ...askerOf(request, account), request.method, path, key),
    fingerprint: digest(shown),
    secretFingerprint: whole === shown ? null : digest(whole),
  };
};

export const callerOf = (
  request: FastifyRequest,
  { session, token, program }: Pick<Caller, 'session' | 'token' | 'program'>,
  keyring: Keyring,
  /** To whom a key belongs before all else. */
  account: string | undefined = program?.tokenId ?? session?.accountId,
): Caller => {
  const key = headerOf(request, 'idempotency-key');
  if (key !== undefined && key.length > KEY_MAX)
    throw new Refused(invalid([{ field: 'Idempotency-Key', rule: 'maxLength', params: { max: KEY_MAX } }]));
  if (isDeeper(request.body, DEPTH_MAX)) throw new BadRequestException('nested too deeply');
  const idempotent = !request.routeOptions.config.anew && key !== undefined && key !== '';
  // Digests of the input cost more than the rest: only where a repetition is compared with them.
  const meant = idempotent ? meantBy(key, request, account, keyring) : null;
  return {
    session,
    token,
    program,
    idempotent,
    commandId: meant?.commandId ?? freshId(),
    fingerprint: meant?.fingerprint ?? null,
    secretFingerprint: meant?.secretFingerprint ?? null,
    correlationId: request.id,
    clientAddress: addressOf(request),
    language: languageOf(request.headers['accept-language']),
  };
};

export const callerAt = ({ caller }: FastifyRequest): Caller => {
  if (!caller) throw new Error('the session guard has not run');
  return caller;
};

export const askedBy = (_: unknown, context: ExecutionContext): Caller =>
  callerAt(context.switchToHttp().getRequest<FastifyRequest>());
export const From = createParamDecorator(askedBy);

export const actorOf = (session: Pick<Session, 'kind' | 'accountId' | 'name' | 'loginId'> | null): Actor =>
  session ? { kind: session.kind, id: session.accountId, name: session.name, loginId: session.loginId } : ANONYMOUS;

/** For routes that read a stream: only afterwards it is known what the key stands for. */
export const havingRead = (sender: Sender, sha256: string): Sender =>
  sender.fingerprint === null ? sender : { ...sender, fingerprint: `${sender.fingerprint}.${sha256}` };

/**
 * Whoever logs in is nobody until the secret was proven, and from then on the account. Each login is judged anew, whatever
 * key it comes with: a first answer given again would open a session for a password that may have lost its force.
 */
export const senderAtLogin = (
  caller: Caller,
  at: Readonly<{ service: string; tenant: string }>,
  account: Actor | null,
): Sender => ({
  ...senderOf(caller, at),
  ...{ commandId: freshId(), attemptedOnce: true, fingerprint: null },
  ...{ actor: account ?? ANONYMOUS, onBehalfOf: null },
});

/** Staff act in their own name upon a tenant, customers within their own; a program acts for the account that made it. */
export const senderOf = (caller: Caller, at: Readonly<{ service: string; tenant: string }>): Sender => ({
  commandId: caller.commandId,
  attemptedOnce: !caller.idempotent,
  fingerprint: caller.fingerprint,
  correlationId: caller.correlationId,
  actor: caller.program
    ? { kind: 'program', id: caller.program.tokenId, name: caller.program.name }
    : actorOf(caller.session),
  onBehalfOf: caller.program ? actorOf(caller.session) : null,
  tenant: at.tenant,
  service: at.service,
  clientAddress: caller.clientAddress,
});
