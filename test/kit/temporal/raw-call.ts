import * as grpc from '@grpc/grpc-js';

export interface RawCall {
  readonly bytes?: Uint8Array;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly authority?: Uint8Array;
  readonly timeoutMs?: number;
}

/** Any bytes to any method, as a hostile client would; answers with the status code. */
export function callRaw(address: string, path: string, call: RawCall = {}): Promise<number> {
  const credentials = call.authority
    ? grpc.credentials.createSsl(Buffer.from(call.authority))
    : grpc.credentials.createInsecure();
  const client = new grpc.Client(address, credentials, { 'grpc.max_send_message_length': -1 });
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(call.metadata ?? {})) metadata.set(name, value);
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      call.bytes ?? new Uint8Array(),
      metadata,
      { deadline: Date.now() + (call.timeoutMs ?? 5000) },
      (error) => {
        client.close();
        resolve(error ? error.code : grpc.status.OK);
      },
    );
  });
}
