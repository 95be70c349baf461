import { Controller, Get, Header, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Answers, bilingual, listOf, orNull, shape, text, yesNo } from '../../platform/http/documented.js';
import { Open } from '../../platform/http/session-guard.js';
import { SERVICE } from './access.js';

/** Phones and tablets say so themselves; one that poses as a PC is a PC for all we can see. */
const MOBILE = /Mobi|Android|iPhone|iPad|iPod|Tablet|Silk|Kindle|PlayBook/i;

const isMobile = ({ headers }: FastifyRequest): boolean =>
  headers['sec-ch-ua-mobile'] === '?1' || MOBILE.test(headers['user-agent'] ?? '');

const NOT_ON_MOBILE = {
  en: 'This service is for PCs; it cannot be used from a mobile device.',
  ja: '本サービスはパソコン専用です。スマートフォンやタブレットではご利用いただけません。',
} as const;

const FORM = {
  action: { method: 'POST', path: `/api/v1/${SERVICE}/sessions` },
  fields: [
    { name: 'clientCode', en: 'Client code', ja: 'クライアントコード', secret: false },
    { name: 'userId', en: 'User ID', ja: 'ユーザーID', secret: false },
    { name: 'password', en: 'Password', ja: 'パスワード', secret: true },
  ],
} as const;

const LOGIN_LINK = {
  rel: 'login',
  position: 'right',
  en: 'Log in to the client portal',
  ja: 'クライアントポータル ログインはこちら',
  path: `/api/v1/${SERVICE}/login-page`,
} as const;

const FIELD = shape({ name: text, en: text, ja: text, secret: yesNo });
const LOGIN_PAGE = shape({
  notice: orNull(bilingual),
  form: orNull(shape({ action: shape({ method: text, path: text }), fields: listOf(FIELD) })),
});

/** What the screens before the login show. */
@Controller(SERVICE)
@Open()
export class PortalPagesController {
  @Get('home')
  @Answers(200, shape({ links: listOf(shape({ rel: text, position: text, en: text, ja: text, path: text })) }))
  home() {
    return { links: [LOGIN_LINK] };
  }

  @Get('login-page')
  @Answers(200, LOGIN_PAGE)
  @Header('vary', 'user-agent, sec-ch-ua-mobile')
  loginPage(@Req() request: FastifyRequest) {
    return isMobile(request) ? { notice: NOT_ON_MOBILE, form: null } : { notice: null, form: FORM };
  }
}
