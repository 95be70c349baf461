import type { ApiContract } from './api-contract.js';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

export type Answer = Readonly<{
  status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests say what they expect of it
  body: any;
  headers: Readonly<Record<string, string | string[] | number | undefined>>;
  /** The body as it came, for files. */
  raw: Buffer;
}>;

type Options = Readonly<{ headers?: Record<string, string>; remoteAddress?: string }>;

/** Talks to the service as a browser does: keeps cookies, sends the CSRF token along. */
export class Browser {
  private readonly cookies = new Map<string, string>();
  csrfToken: string | null = null;

  constructor(
    private readonly app: NestFastifyApplication,
    private readonly address = '192.0.2.1',
    private readonly contract?: ApiContract,
  ) {}

  get = (path: string, options?: Options) => this.send('GET', path, undefined, options);
  post = (path: string, body?: unknown, options?: Options) => this.send('POST', path, body, options);
  put = (path: string, body?: unknown, options?: Options) => this.send('PUT', path, body, options);
  patch = (path: string, body?: unknown, options?: Options) => this.send('PATCH', path, body, options);
  delete = (path: string, options?: Options) => this.send('DELETE', path, undefined, options);

  async send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body: unknown,
    options: Options = {},
  ): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const { statusCode, headers, payload, rawPayload, cookies } = await this.app.inject({
      method,
      url: path.startsWith('/') ? path : `/api/v1/${path}`,
      remoteAddress: options.remoteAddress ?? this.address,
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(this.csrfToken === null ? {} : { 'x-csrf-token': this.csrfToken }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    for (const { name, value } of cookies as { name: string; value: string }[]) {
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const json = String(headers['content-type'] ?? '').includes('json');
    const parsed: unknown = json && payload !== '' ? JSON.parse(payload) : payload;
    const token = (parsed as { csrfToken?: string } | null)?.csrfToken;
    if (token !== undefined) this.csrfToken = token;
    this.contract?.assertKept(method, path, { status: statusCode, body: parsed, json });
    return { status: statusCode, body: parsed, headers, raw: rawPayload };
  }

  /** What the browser would keep after being closed and opened again. */
  forgetSession(): void {
    this.cookies.delete('shomei_session');
    this.csrfToken = null;
  }

  cookie(name: string): string | undefined {
    return this.cookies.get(name);
  }
}
