import { applyDecorators, Inject, Injectable, SetMetadata, type Type } from '@nestjs/common';
import { ApiCookieAuth, ApiExtension } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refusal } from '../../kernel/refusal.js';
import { type Session, Sessions } from '../access/sessions.js';
import { AccessTokens, type Program } from '../access/tokens.js';
import { Keyring } from '../vault/keyring.js';
import { callerOf } from './caller.js';
import { cookieOf, SESSION_COOKIE } from './cookies.js';
import { SCOPE } from './documented.js';
import { ProgramRates } from './program-rates.js';
import { Refused } from './refused.js';

export const CSRF_HEADER = 'x-csrf-token';
const BEARER = /^Bearer +(\S+)$/i;

/**
 * The role of a session that stands on an initial password, where the service forces its change. It
 * reaches only the routes that name it, until the person has chosen a password.
 */
export const PASSWORD_CHANGE = 'passwordChange';

/** An account that a route is for; `permission` is what the refusal says is missing. */
export type Who = Readonly<{ service: string; role: string | readonly string[]; permission: string }>;
type Access = 'open' | readonly Who[];
const ACCESS = 'shomei:access';

/** Anybody may ask. */
export const Open = () => SetMetadata(ACCESS, 'open' satisfies Access);
/** Only these accounts may ask. */
export const Only = (...who: readonly Who[]) => applyDecorators(SetMetadata(ACCESS, who), ApiCookieAuth());
/** Programs may ask too, if their token has this scope. A route that does not say so is for people alone. */
export const Programs = (scope: string) => applyDecorators(SetMetadata(SCOPE, scope), ApiExtension(SCOPE, scope));

const NOBODY = { session: null, token: null, program: null } as const;
const SAFE = ['GET', 'HEAD', 'OPTIONS'];

const isAmong = (roles: string | readonly string[], role: string): boolean =>
  typeof roles === 'string' ? roles === role : roles.includes(role);

/** Whom a route is for; `scope` lets programs in. */
export type Rules = Readonly<{ access: Access; scope: string | undefined }>;

/** What stands on the method, otherwise on its controller. A route that does not say whom it is for is none. */
export const rulesOf = (method: object, controller: Type): Rules => {
  const said = (what: string): unknown => Reflect.getMetadata(what, method) ?? Reflect.getMetadata(what, controller);
  const access = said(ACCESS) as Access | undefined;
  if (access === undefined) throw new Error(`a route of ${controller.name} is for nobody`);
  return { access, scope: said(SCOPE) as string | undefined };
};

/** Finds out who asks, and whether a browser was tricked into asking. */
@Injectable()
export class SessionGuard {
  constructor(
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
    @Inject(ProgramRates) private readonly rates: ProgramRates,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /** A promise only where there is something to wait for. */
  admit({ access, scope }: Rules, request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
    if (access === 'open') return this.anybody(request);
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.program(access, scope, authorization, request, reply);
    const token = cookieOf(request, SESSION_COOKIE) ?? null;
    const session = token === null ? null : this.sessions.find(token);
    return session instanceof Promise
      ? session.then((found) => this.person(access, found, token, request))
      : this.person(access, session, token, request);
  }

  private person(
    access: Exclude<Access, 'open'>,
    session: Session | null,
    token: string | null,
    request: FastifyRequest,
  ): void {
    request.caller = callerOf(request, { session, token, program: null }, this.keyring);
    if (session === null || token === null) throw new Refused(refusal('NOT_LOGGED_IN'));
    this.assertMeant(request, token);
    this.assertPermitted(access, session);
  }

  /** Whoever the browser happens to be logged in as is not the one who acts; only a key of theirs stays theirs. */
  private anybody(request: FastifyRequest): void | Promise<void> {
    const admitted = (asker: Session | null) => {
      request.caller = callerOf(request, NOBODY, this.keyring, asker?.accountId);
    };
    // Nothing is done twice by looking: health is told whatever a probe sends along, also while sessions cannot be read.
    const hasKey = !SAFE.includes(request.method) && request.headers['idempotency-key'] !== undefined;
    const token = hasKey ? cookieOf(request, SESSION_COOKIE) : undefined;
    const asker = token === undefined ? null : this.sessions.find(token);
    return asker instanceof Promise ? asker.then(admitted) : admitted(asker);
  }

  /** A program shows its token itself, where no other site can make it do so: it needs no CSRF token. */
  private async program(
    access: Exclude<Access, 'open'>,
    scope: string | undefined,
    authorization: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const token = BEARER.exec(authorization)?.[1];
    const program = token === undefined ? null : await this.tokens.find(token);
    if (program === null) {
      request.caller = callerOf(request, NOBODY, this.keyring);
      reply.header('www-authenticate', 'Bearer error="invalid_token"');
      // One answer for what never was, what has run out and what was revoked.
      throw new Refused(refusal('ACCESS_TOKEN_WRONG'));
    }
    const session: Session = { ...program.owner, credentialId: '' };
    request.caller = callerOf(request, { session, token: token!, program }, this.keyring);
    this.assertInRate(reply, program);
    this.assertPermitted(access, session);
    if (scope === undefined) throw new Refused(refusal('NOT_PERMITTED', { permission: 'a person who is logged in' }));
    if (!program.scopes.includes(scope)) throw new Refused(refusal('NOT_PERMITTED', { permission: scope }));
  }

  private assertInRate(reply: FastifyReply, { tokenId }: Program): void {
    const waitS = this.rates.waitOf(tokenId);
    if (waitS === null) return;
    reply.header('retry-after', String(waitS));
    throw new Refused(refusal('TOO_MANY_TRIES'));
  }

  private assertMeant(request: FastifyRequest, token: string): void {
    if (SAFE.includes(request.method)) return;
    const given = request.headers[CSRF_HEADER];
    if (typeof given !== 'string' || !this.sessions.isCsrfToken(token, given))
      throw new Refused(refusal('CSRF_TOKEN_WRONG'));
  }

  private assertPermitted(access: Exclude<Access, 'open'>, session: Session): void {
    if (access.some(({ service, role }) => service === session.service && isAmong(role, session.role))) return;
    if (session.role === PASSWORD_CHANGE) throw new Refused(refusal('PASSWORD_CHANGE_REQUIRED'));
    throw new Refused(refusal('NOT_PERMITTED', { permission: access[0]!.permission }));
  }
}
