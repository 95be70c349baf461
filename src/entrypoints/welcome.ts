import { API_PREFIX, DOCS } from '../platform/http/app.js';

export const firstAccount = ({ loginId, password }: { loginId: string; password: string }): string =>
  [
    '',
    'The first back-office account, shown this once:',
    `  Login ID       ${loginId}`,
    `  Password       ${password}`,
    '  It must be changed at the first login.',
  ].join('\n');

type Own = Readonly<{ eventStore: boolean; temporal: boolean; mailbox: boolean }>;

export const welcome = (url: string, own: Own): string =>
  [
    '',
    `Shomei is ready (${Math.round(performance.now())} ms).`,
    `  API            ${url}/${API_PREFIX}`,
    `  API document   ${url}/${DOCS}`,
    `  Health         ${url}/health/ready`,
    `  Metrics        ${url}/metrics`,
    `  Mail           ${own.mailbox ? `${url}/mailbox (set SMTP_URL to send it for real)` : 'goes to the server that SMTP_URL names'}`,
    `  Event store    ${own.eventStore ? 'embedded, in the data folder' : 'the one that EVENTSTORE_URL names'}`,
    `  Processes      ${own.temporal ? 'embedded Temporal node, in the data folder' : 'the Temporal that TEMPORAL_ADDRESS names'}`,
    '',
  ].join('\n');
