import { Controller, Get } from '@nestjs/common';
import { Answers, listOf, shape, text, yesNo } from '../../platform/http/documented.js';
import { Open } from '../../platform/http/session-guard.js';
import { SERVICE } from './messages.js';

const FIELD = shape({ name: text, en: text, ja: text, secret: yesNo });
const ACTION = shape({ method: text, path: text });
const LINK = shape({ rel: text, en: text, ja: text, action: ACTION });
const LOGIN_PAGE = shape({ form: shape({ action: ACTION, fields: listOf(FIELD), submit: text }), links: listOf(LINK) });

const post = (path: string) => ({ method: 'POST', path: `/api/v1/${SERVICE}/${path}` });

const PAGE = {
  form: {
    action: post('sessions'),
    fields: [
      { name: 'userId', en: 'User ID (or mail address)', ja: 'ユーザーID（またはメールアドレス）', secret: false },
      { name: 'password', en: 'Password', ja: 'パスワード', secret: true },
    ],
    submit: 'ログイン',
  },
  links: [
    {
      rel: 'forgot-user-id',
      en: 'Forgot your user ID?',
      ja: 'ユーザーIDを忘れた方',
      action: post('user-id-reminders'),
    },
    {
      rel: 'forgot-password',
      en: 'Forgot your password?',
      ja: 'パスワードを忘れた方',
      action: post('password-resets'),
    },
  ],
};

/** What the screen before the login shows. */
@Controller(SERVICE)
@Open()
export class PartnerPagesController {
  @Get('login-page')
  @Answers(200, LOGIN_PAGE)
  loginPage() {
    return PAGE;
  }
}
