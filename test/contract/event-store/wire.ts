import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type * as streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { framed } from '../../kit/raw-grpc.js';

// The protocol as the client's authors generated it, so that these tests share no table with the node.
const require = createRequire(import.meta.url);
export const shared = require('@eventstore/db-client/generated/shared_pb.js') as typeof sharedPb;
export const streams = require('@eventstore/db-client/generated/streams_pb.js') as typeof streamsPb;

export const READ = '/event_store.client.streams.Streams/Read';
export const APPEND = '/event_store.client.streams.Streams/Append';
export const BATCH_APPEND = '/event_store.client.streams.Streams/BatchAppend';

export const empty = () => new shared.Empty();

export const textId = (text: string): sharedPb.UUID => {
  const id = new shared.UUID();
  id.setString(text);
  return id;
};

export const streamNamed = (name: string | Uint8Array): sharedPb.StreamIdentifier => {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(typeof name === 'string' ? Buffer.from(name) : name);
  return identifier;
};

interface MessageFields {
  setId(id: sharedPb.UUID): void;
  setData(data: Uint8Array): void;
  getMetadataMap(): { set(key: string, value: string): unknown };
}

const filled = <Message extends MessageFields>(
  message: Message,
  { id = randomUUID(), type = 'wire.Sent', bytes = 2 }: ProposedFields = {},
): Message => {
  message.setId(textId(id));
  message.getMetadataMap().set('type', type);
  message.getMetadataMap().set('content-type', 'application/octet-stream');
  message.setData(Buffer.alloc(bytes, 1));
  return message;
};

export interface ProposedFields {
  readonly id?: string;
  readonly type?: string;
  readonly bytes?: number;
}

export const appendOptions = (stream: string | Uint8Array): streamsPb.AppendReq => {
  const options = new streams.AppendReq.Options();
  options.setStreamIdentifier(streamNamed(stream));
  options.setAny(empty());
  const request = new streams.AppendReq();
  request.setOptions(options);
  return request;
};

export const appendEvent = (fields?: ProposedFields): streamsPb.AppendReq => {
  const request = new streams.AppendReq();
  request.setProposedMessage(filled(new streams.AppendReq.ProposedMessage(), fields));
  return request;
};

export const batchOptions = (stream: string | Uint8Array): streamsPb.BatchAppendReq.Options => {
  const options = new streams.BatchAppendReq.Options();
  options.setStreamIdentifier(streamNamed(stream));
  options.setAny(empty());
  return options;
};

export interface BatchFields {
  readonly correlation?: string;
  readonly options?: streamsPb.BatchAppendReq.Options;
  readonly events?: readonly ProposedFields[];
  readonly final?: boolean;
}

export const batchPart = (fields: BatchFields): streamsPb.BatchAppendReq => {
  const { correlation = randomUUID(), options, events = [{}], final = true } = fields;
  const request = new streams.BatchAppendReq();
  request.setCorrelationId(textId(correlation));
  if (options !== undefined) request.setOptions(options);
  request.setProposedMessagesList(events.map((event) => filled(new streams.BatchAppendReq.ProposedMessage(), event)));
  request.setIsFinal(final);
  return request;
};

type ReadOptions = streamsPb.ReadReq.Options;

/** A read of $all, or of a stream; changed into what a test needs. */
export const readRequest = (
  change: (options: ReadOptions) => void = () => undefined,
  stream?: string,
): streamsPb.ReadReq => {
  const options = new streams.ReadReq.Options();
  if (stream === undefined) {
    const all = new streams.ReadReq.Options.AllOptions();
    all.setStart(empty());
    options.setAll(all);
  } else {
    const one = new streams.ReadReq.Options.StreamOptions();
    one.setStreamIdentifier(streamNamed(stream));
    one.setStart(empty());
    options.setStream(one);
  }
  options.setCount('10');
  options.setNoFilter(empty());
  const id = new streams.ReadReq.Options.UUIDOption();
  id.setString(empty());
  options.setUuidOption(id);
  change(options);
  const request = new streams.ReadReq();
  request.setOptions(options);
  return request;
};

export const subscribing = (options: ReadOptions): ReadOptions =>
  options.setSubscription(new streams.ReadReq.Options.SubscriptionOptions());

export const filtering =
  (on: 'stream' | 'type', { regex = '', prefixes = [] as string[] }) =>
  (options: ReadOptions): void => {
    const expression = new streams.ReadReq.Options.FilterOptions.Expression();
    expression.setRegex(regex);
    expression.setPrefixList(prefixes);
    const filter = new streams.ReadReq.Options.FilterOptions();
    if (on === 'stream') filter.setStreamIdentifier(expression);
    else filter.setEventType(expression);
    filter.setCheckpointintervalmultiplier(1);
    options.setFilter(filter);
  };

export const sent = (...requests: { serializeBinary(): Uint8Array }[]): Buffer[] =>
  requests.map((request) => framed(request.serializeBinary()));
