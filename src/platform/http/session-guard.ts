import '@fastify/cookie';
import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiCookieAuth, ApiExtension } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refusal } from '../../kernel/refusal.js';
import { type Session, Sessions } from '../access/sessions.js';
import { AccessTokens, type Program } from '../access/tokens.js';
import { Keyring } from '../vault/keyring.js';
import { callerOf } from './caller.js';
import { SCOPE } from './documented.js';
import { ProgramRates } from './program-rates.js';
import { Refused } from './refused.js';

export const SESSION_COOKIE = 'shomei_session';
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

/** Finds out who asks, and whether a browser was tricked into asking. Every route says whom it is for. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
    @Inject(ProgramRates) private readonly rates: ProgramRates,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.said<Access>(context, ACCESS);
    if (access === undefined) throw new Error(`${context.getClass().name}.${context.getHandler().name} is for nobody`);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { authorization } = request.headers;
    if (access !== 'open' && authorization !== undefined) return this.program(context, access, authorization);
    if (access === 'open') return this.anybody(request);
    const token = request.cookies[SESSION_COOKIE] ?? null;
    const session = token === null ? null : await this.sessions.find(token);
    request.caller = callerOf(request, { session, token, program: null }, this.keyring);
    if (session === null || token === null) throw new Refused(refusal('NOT_LOGGED_IN'));
    this.assertMeant(request, token);
    this.assertPermitted(access, session);
    return true;
  }

  /** Whoever the browser happens to be logged in as is not the one who acts; only a key of theirs stays theirs. */
  private async anybody(request: FastifyRequest): Promise<boolean> {
    const token = request.cookies[SESSION_COOKIE];
    // Nothing is done twice by looking: health is told whatever a probe sends along, also while sessions cannot be read.
    const isAct = !SAFE.includes(request.method);
    const hasKey = isAct && request.headers['idempotency-key'] !== undefined && token !== undefined;
    const asker = hasKey ? await this.sessions.find(token) : null;
    request.caller = callerOf(request, NOBODY, this.keyring, asker?.accountId);
    return true;
  }

  /** A program shows its token itself, where no other site can make it do so: it needs no CSRF token. */
  private async program(
    context: ExecutionContext,
    access: Exclude<Access, 'open'>,
    authorization: string,
  ): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = BEARER.exec(authorization)?.[1];
    const program = token === undefined ? null : await this.tokens.find(token);
    if (program === null) {
      request.caller = callerOf(request, NOBODY, this.keyring);
      context.switchToHttp().getResponse<FastifyReply>().header('www-authenticate', 'Bearer error="invalid_token"');
      // One answer for what never was, what has run out and what was revoked.
      throw new Refused(refusal('ACCESS_TOKEN_WRONG'));
    }
    const session: Session = { ...program.owner, credentialId: '' };
    request.caller = callerOf(request, { session, token: token!, program }, this.keyring);
    this.assertInRate(context, program);
    this.assertPermitted(access, session);
    const scope = this.said<string>(context, SCOPE);
    if (scope === undefined) throw new Refused(refusal('NOT_PERMITTED', { permission: 'a person who is logged in' }));
    if (!program.scopes.includes(scope)) throw new Refused(refusal('NOT_PERMITTED', { permission: scope }));
    return true;
  }

  private assertInRate(context: ExecutionContext, { tokenId }: Program): void {
    const waitS = this.rates.waitOf(tokenId);
    if (waitS === null) return;
    context.switchToHttp().getResponse<FastifyReply>().header('retry-after', String(waitS));
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

  private said<T>(context: ExecutionContext, what: string): T | undefined {
    return this.reflector.getAllAndOverride<T | undefined>(what, [context.getHandler(), context.getClass()]);
  }
}
