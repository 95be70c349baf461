import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

export type Gate = Readonly<{
  host: string;
  port: number;
  /** Every connection breaks and new ones are refused, as where the server was stopped. */
  close: () => Promise<void>;
  /** Connections stay and nothing goes through them, as behind a network that swallows everything. */
  hang: () => void;
  open: () => Promise<void>;
  stop: () => Promise<void>;
}>;

/** Stands before a server that a test takes away from the service and gives back. */
export const gateBefore = async (host: string, port: number): Promise<Gate> => {
  const sockets = new Set<Socket>();
  let hanging = false;
  let server: Server;
  const paired = (client: Socket): void => {
    const behind = connect(port, host);
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(one);
      one.on('data', (chunk) => void (hanging || other.write(chunk)));
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  };
  const listen = async (at: number) => {
    server = createServer(paired).listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  };
  const mine = await listen(0);
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    host: '127.0.0.1',
    port: mine,
    close,
    hang: () => void (hanging = true),
    open: async () => {
      hanging = false;
      // What hung is of no use to anybody: who waits on it is told.
      for (const socket of sockets) socket.destroy();
      if (!server.listening) await listen(mine);
    },
    stop: close,
  };
};
