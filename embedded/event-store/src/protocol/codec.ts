import { framed } from '../grpc/frames.js';
import { messageType } from './messages.js';
import { invalid } from './refusals.js';

/** Makes what a message says out of its bytes; refuses bytes that are no such message. */
export const decoderOf = <Message>(name: string): ((bytes: Uint8Array) => Message) => {
  const type = messageType(name);
  return (bytes) => {
    try {
      return type.decode(bytes) as unknown as Message;
    } catch (error) {
      throw invalid(`this is not a message of this call: ${(error as Error).message}`);
    }
  };
};

/** Makes a message ready to be sent, with its prefix. */
export const framerOf = (name: string): ((message: object) => Buffer) => {
  const type = messageType(name);
  return (message) => framed(type.encode(message).finish());
};
