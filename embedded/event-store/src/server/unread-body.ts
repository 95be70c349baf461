import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

type Listener = Parameters<ServerInterceptingCall['start']>[0];

/** None of this node's unary calls has a request worth reading: so it is not read, however much of it is sent. */
export const unreadBodies: ServerInterceptor = (method, call) =>
  method.requestStream || method.responseStream ? new ServerInterceptingCall(call) : new UnreadBody(call);

class UnreadBody extends ServerInterceptingCall {
  private listener: Listener | undefined;
  private delivered = false;

  override start(listener: Listener): void {
    this.listener = listener;
    super.start(listener);
  }

  /** The handler asks twice: for the message, and for the end of the request. */
  override startRead(): void {
    if (this.delivered) {
      this.listener?.onReceiveHalfClose();
      return;
    }
    this.delivered = true;
    this.listener?.onReceiveMessage({});
  }
}
