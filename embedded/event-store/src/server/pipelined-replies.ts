import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { MAX_REPLIES_IN_FLIGHT, MAX_REPLY_BYTES_IN_FLIGHT } from '../limits.js';

/**
 * gRPC for Node waits for each message to leave before it takes the next, so that every event costs a frame, a TLS
 * record and a write of its own. This lets a window of messages queue up behind one another; HTTP/2 then packs them.
 * What the reader does not take still holds the sender back, at the window's edge.
 */
export const pipelinedReplies: ServerInterceptor = (method, call) =>
  method.responseStream ? new PipelinedCall(call) : new ServerInterceptingCall(call);

class PipelinedCall extends ServerInterceptingCall {
  private messages = 0;
  private bytes = 0;
  private waiting: (() => void) | undefined;

  override sendMessage(message: unknown, callback: () => void): void {
    const size = Buffer.isBuffer(message) ? message.length : 0;
    this.messages += 1;
    this.bytes += size;
    super.sendMessage(message, () => {
      this.messages -= 1;
      this.bytes -= size;
      this.resume();
    });
    this.waiting = callback;
    this.resume();
  }

  private resume(): void {
    if (this.waiting === undefined || !this.hasRoom()) return;
    const next = this.waiting;
    this.waiting = undefined;
    next();
  }

  private hasRoom(): boolean {
    return this.messages < MAX_REPLIES_IN_FLIGHT && this.bytes < MAX_REPLY_BYTES_IN_FLIGHT;
  }
}
