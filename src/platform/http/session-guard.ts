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
import { ApiCookieAuth } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { refusal } from '../../kernel/refusal.js';
import { type Session, Sessions } from '../access/sessions.js';
import { Keyring } from '../vault/keyring.js';
import { callerOf } from './caller.js';
import { Refused } from './refused.js';

export const SESSION_COOKIE = 'shomei_session';
export const CSRF_HEADER = 'x-csrf-token';

/**
 * The role of a session that stands on an initial password, where the service forces its change. It
 * reaches only the routes that name it, until the person has chosen a password.
 */
export const PASSWORD_CHANGE = 'passwordChange';

type Access = 'open' | readonly Readonly<{ service: string; role: string; permission: string }>[];
const ACCESS = 'shomei:access';

/** Anybody may ask. */
export const Open = () => SetMetadata(ACCESS, 'open' satisfies Access);
/** Only these accounts may ask; `permission` is what the refusal says is missing. */
export const Only = (...who: Exclude<Access, 'open'>) =>
  applyDecorators(SetMetadata(ACCESS, who satisfies Access), ApiCookieAuth());

const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/** Finds out who asks, and whether a browser was tricked into asking. Every route says whom it is for. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === undefined) throw new Error(`${context.getClass().name}.${context.getHandler().name} is for nobody`);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = request.cookies[SESSION_COOKIE] ?? null;
    const session = token === null ? null : await this.sessions.find(token);
    request.caller = callerOf(request, session, token, this.keyring);
    if (access === 'open') return true;
    if (session === null || token === null) throw new Refused(refusal('NOT_LOGGED_IN'));
    this.assertMeant(request, token);
    this.assertPermitted(access, session);
    return true;
  }

  private assertMeant(request: FastifyRequest, token: string): void {
    if (SAFE.includes(request.method)) return;
    const given = request.headers[CSRF_HEADER];
    if (typeof given !== 'string' || !this.sessions.isCsrfToken(token, given))
      throw new Refused(refusal('CSRF_TOKEN_WRONG'));
  }

  private assertPermitted(access: Exclude<Access, 'open'>, session: Session): void {
    if (access.some(({ service, role }) => service === session.service && role === session.role)) return;
    if (session.role === PASSWORD_CHANGE) throw new Refused(refusal('PASSWORD_CHANGE_REQUIRED'));
    throw new Refused(refusal('NOT_PERMITTED', { permission: access[0]!.permission }));
  }
}
