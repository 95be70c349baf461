import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import * as grpc from '@grpc/grpc-js';

/**
 * What a connection may cost before it has shown the secret: enough for a handshake and the headers of a call, less than
 * what HTTP/2 lets anybody send unasked.
 */
const STRANGER_BYTES = 48 * 1024;
const STRANGER_MS = 10_000;
const LOOK_EVERY_MS = 10;

/**
 * Who may speak to the node. The secret is checked when a call's headers arrive, before any of its body is taken in;
 * a connection that never shows it is closed.
 */
export class Access {
  readonly #wanted: Buffer | undefined;
  readonly #strangers = new Map<string, { socket: Socket; untilMs: number }>();
  #watch: NodeJS.Timeout | undefined;

  constructor(secret: string | undefined) {
    this.#wanted = secret === undefined ? undefined : Buffer.from(`Bearer ${secret}`);
  }

  /** A new connection; its name is the one that its calls give as their peer. */
  connected(connection: string, socket: Socket): void {
    if (!this.#wanted) return;
    this.#strangers.set(connection, { socket, untilMs: Date.now() + STRANGER_MS });
    this.#watch ??= setInterval(() => this.#turnAway(), LOOK_EVERY_MS).unref();
  }

  disconnected(connection: string): void {
    this.#strangers.delete(connection);
  }

  #turnAway(): void {
    const nowMs = Date.now();
    for (const { socket, untilMs } of this.#strangers.values()) {
      if (nowMs > untilMs || socket.bytesRead > STRANGER_BYTES) socket.destroy();
    }
    if (this.#strangers.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #isAllowed(metadata: grpc.Metadata): boolean {
    if (!this.#wanted) return true;
    const given = Buffer.from(String(metadata.get('authorization')[0] ?? ''));
    return given.length === this.#wanted.length && timingSafeEqual(given, this.#wanted);
  }

  readonly interceptor: grpc.ServerInterceptor = (_method, call) =>
    new grpc.ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, goOn) => {
            if (this.#isAllowed(metadata)) {
              this.#strangers.delete(call.getPeer());
              goOn(metadata);
            } else {
              const details = 'the secret of this node is missing or wrong';
              call.sendStatus({ code: grpc.status.UNAUTHENTICATED, details });
            }
          },
        }),
    });
}
