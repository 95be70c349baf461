import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { refusalOf } from '../protocol/refusals.js';
import type { Access } from './access.js';

/** Turns strangers away by the headers of their call, before a byte of its body is taken in. */
export const admission =
  (access: Access, openToAll: ReadonlySet<string>): ServerInterceptor =>
  (method, call) =>
    openToAll.has(method.path)
      ? new ServerInterceptingCall(call)
      : new ServerInterceptingCall(call, {
          start: (next) =>
            next({
              onReceiveMetadata: (metadata, admit) => {
                try {
                  access(metadata);
                } catch (error) {
                  const { code, details } = refusalOf(error);
                  call.sendStatus({ code, details });
                  return;
                }
                admit(metadata);
              },
            }),
        });
