import { randomUUID } from 'node:crypto';

export const base = process.env.SHOMEI_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`;
export const API = `${base}/api/v1`;
const TOO_MANY_REQUESTS = 429;

export const stop = (text) => {
  console.error(text);
  process.exit(1);
};

const bodyOf = (body) => {
  if (body === undefined) return {};
  return Buffer.isBuffer(body) ? { body } : { body: JSON.stringify(body) };
};
const typeOf = (body) => (body === undefined || Buffer.isBuffer(body) ? {} : { 'content-type': 'application/json' });
const answerOf = async (response) => {
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('json')) return response.json();
  return Buffer.from(await response.arrayBuffer());
};

/** A person with a browser: keeps the cookies and sends the CSRF token along. */
export class Person {
  cookies = new Map();
  csrfToken;

  async ask(method, path, body, more = {}) {
    const headers = {
      cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(this.csrfToken ? { 'x-csrf-token': this.csrfToken } : {}),
      ...typeOf(body),
      ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
      ...more,
    };
    const response = await fetch(`${API}/${path}`, { method, headers, ...bodyOf(body) }).catch(() =>
      stop(`Nobody answers at ${base}. Start the service with "npm start", or name it in SHOMEI_URL.`),
    );
    if (response.status === TOO_MANY_REQUESTS) return this.later(response, [method, path, body, more]);
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(';', 1)[0].split('=');
      this.cookies.set(name, value);
    }
    const answer = await answerOf(response);
    this.csrfToken = answer?.csrfToken ?? this.csrfToken;
    return { status: response.status, answer };
  }

  /** The service lets nobody knock as fast as a program can; a few demos in one minute are too many. */
  async later(response, question) {
    const seconds = Number(response.headers.get('retry-after') ?? 10);
    console.log(`    (the limit of requests per minute is reached: waiting ${seconds} s)`);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return this.ask(...question);
  }

  /** What must succeed for the story to go on. */
  async does(method, path, body, headers) {
    const { status, answer } = await this.ask(method, path, body, headers);
    if (status >= 400) {
      const faults = (answer.errors ?? []).map(({ field, message }) => `\n  ${field} ${message}`).join('');
      stop(`${method} ${path} was refused: ${status} ${answer.code} ${answer.title}${faults}`);
    }
    return answer;
  }
}
