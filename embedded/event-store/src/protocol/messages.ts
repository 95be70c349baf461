import { compile, type MessageTable } from './wire.js';

/**
 * The messages of EventStoreDB's gRPC protocol that this node reads or writes, as number and type of each field.
 * Fields it has no use for are left out: protobuf skips what it does not know.
 */
const STREAMS = 'event_store.client.streams';
const EMPTY = 'event_store.client.Empty';
const UUID = 'event_store.client.UUID';
const STREAM = 'event_store.client.StreamIdentifier';

const nothing: MessageTable = { fields: {} };
const position: MessageTable = { fields: { commitPosition: '1 uint64', preparePosition: '2 uint64' } };

const proposedMessage: MessageTable = {
  fields: { id: `1 ${UUID}`, metadata: '2 map string string', customMetadata: '3 bytes', data: '4 bytes' },
};

/** Append and BatchAppend name the numeric alternative differently, at the same place. */
const appendOptions = (numeric: string, more: Record<string, string> = {}): MessageTable => ({
  fields: {
    streamIdentifier: `1 ${STREAM}`,
    [numeric]: '2 uint64',
    noStream: `3 ${EMPTY}`,
    any: `4 ${EMPTY}`,
    streamExists: `5 ${EMPTY}`,
    ...more,
  },
  oneofs: { expected: [numeric, 'noStream', 'any', 'streamExists'] },
});

const success = (positionType: string): MessageTable => ({
  fields: {
    currentRevision: '1 uint64',
    noStream: `2 ${EMPTY}`,
    position: `3 ${positionType}`,
    noPosition: `4 ${EMPTY}`,
  },
  oneofs: { currentRevisionOption: ['currentRevision', 'noStream'], positionOption: ['position', 'noPosition'] },
});

const shared: Record<string, MessageTable> = {
  [EMPTY]: nothing,
  [UUID]: {
    fields: { structured: `1 ${UUID}.Structured`, string: '2 string' },
    oneofs: { value: ['structured', 'string'] },
  },
  [`${UUID}.Structured`]: { fields: { mostSignificantBits: '1 int64', leastSignificantBits: '2 int64' } },
  [STREAM]: { fields: { streamName: '3 bytes' } },
  'event_store.client.AllStreamPosition': position,
  'event_store.client.WrongExpectedVersion': {
    fields: {
      currentStreamRevision: '1 uint64',
      currentNoStream: `2 ${EMPTY}`,
      expectedStreamPosition: '3 uint64',
      expectedAny: `4 ${EMPTY}`,
      expectedStreamExists: `5 ${EMPTY}`,
      expectedNoStream: `6 ${EMPTY}`,
    },
  },
  'event_store.client.Timeout': nothing,
  'event_store.client.MaximumAppendSizeExceeded': { fields: { maxAppendSize: '1 uint32' } },
  'event_store.client.BadRequest': { fields: { message: '1 string' } },
  'google.protobuf.Any': { fields: { typeUrl: '1 string', value: '2 bytes' } },
  'google.protobuf.Timestamp': { fields: { seconds: '1 int64', nanos: '2 int32' } },
  'google.protobuf.Duration': { fields: { seconds: '1 int64', nanos: '2 int32' } },
  'google.rpc.Status': { fields: { code: '1 int32', message: '2 string', details: '3 google.protobuf.Any' } },
};

const append: Record<string, MessageTable> = {
  [`${STREAMS}.AppendReq`]: {
    fields: { options: `1 ${STREAMS}.AppendReq.Options`, proposedMessage: `2 ${STREAMS}.AppendReq.ProposedMessage` },
    oneofs: { content: ['options', 'proposedMessage'] },
  },
  [`${STREAMS}.AppendReq.Options`]: appendOptions('revision'),
  [`${STREAMS}.AppendReq.ProposedMessage`]: proposedMessage,
  [`${STREAMS}.AppendResp`]: {
    fields: {
      success: `1 ${STREAMS}.AppendResp.Success`,
      wrongExpectedVersion: `2 ${STREAMS}.AppendResp.WrongExpectedVersion`,
    },
    oneofs: { result: ['success', 'wrongExpectedVersion'] },
  },
  [`${STREAMS}.AppendResp.Position`]: position,
  [`${STREAMS}.AppendResp.Success`]: success(`${STREAMS}.AppendResp.Position`),
  [`${STREAMS}.AppendResp.WrongExpectedVersion`]: {
    fields: {
      currentRevision: '6 uint64',
      currentNoStream: `7 ${EMPTY}`,
      expectedRevision: '8 uint64',
      expectedAny: `9 ${EMPTY}`,
      expectedStreamExists: `10 ${EMPTY}`,
      expectedNoStream: `11 ${EMPTY}`,
    },
  },
};

const batchAppend: Record<string, MessageTable> = {
  [`${STREAMS}.BatchAppendReq`]: {
    fields: {
      correlationId: `1 ${UUID}`,
      options: `2 ${STREAMS}.BatchAppendReq.Options`,
      proposedMessages: `3 repeated ${STREAMS}.BatchAppendReq.ProposedMessage`,
      isFinal: '4 bool',
    },
  },
  [`${STREAMS}.BatchAppendReq.Options`]: appendOptions('streamPosition', {
    deadlineAt: '6 google.protobuf.Timestamp',
    deadlineIn: '7 google.protobuf.Duration',
  }),
  [`${STREAMS}.BatchAppendReq.ProposedMessage`]: proposedMessage,
  [`${STREAMS}.BatchAppendResp`]: {
    fields: {
      correlationId: `1 ${UUID}`,
      error: '2 google.rpc.Status',
      success: `3 ${STREAMS}.BatchAppendResp.Success`,
      streamIdentifier: `4 ${STREAM}`,
    },
    oneofs: { result: ['error', 'success'] },
  },
  [`${STREAMS}.BatchAppendResp.Success`]: success('event_store.client.AllStreamPosition'),
};

const read: Record<string, MessageTable> = {
  [`${STREAMS}.ReadReq`]: { fields: { options: `1 ${STREAMS}.ReadReq.Options` } },
  [`${STREAMS}.ReadReq.Options`]: {
    fields: {
      stream: `1 ${STREAMS}.ReadReq.Options.StreamOptions`,
      all: `2 ${STREAMS}.ReadReq.Options.AllOptions`,
      readDirection: '3 int32',
      count: '5 uint64',
      subscription: `6 ${STREAMS}.ReadReq.Options.SubscriptionOptions`,
      filter: `7 ${STREAMS}.ReadReq.Options.FilterOptions`,
      uuidOption: `9 ${STREAMS}.ReadReq.Options.UUIDOption`,
    },
    oneofs: { streamOption: ['stream', 'all'], countOption: ['count', 'subscription'] },
  },
  [`${STREAMS}.ReadReq.Options.StreamOptions`]: {
    fields: { streamIdentifier: `1 ${STREAM}`, revision: '2 uint64', start: `3 ${EMPTY}`, end: `4 ${EMPTY}` },
    oneofs: { from: ['revision', 'start', 'end'] },
  },
  [`${STREAMS}.ReadReq.Options.AllOptions`]: {
    fields: { position: `1 ${STREAMS}.ReadReq.Options.Position`, start: `2 ${EMPTY}`, end: `3 ${EMPTY}` },
    oneofs: { from: ['position', 'start', 'end'] },
  },
  [`${STREAMS}.ReadReq.Options.SubscriptionOptions`]: nothing,
  [`${STREAMS}.ReadReq.Options.Position`]: position,
  [`${STREAMS}.ReadReq.Options.FilterOptions`]: {
    fields: {
      streamIdentifier: `1 ${STREAMS}.ReadReq.Options.FilterOptions.Expression`,
      eventType: `2 ${STREAMS}.ReadReq.Options.FilterOptions.Expression`,
      max: '3 uint32',
      checkpointIntervalMultiplier: '5 uint32',
    },
    oneofs: { filter: ['streamIdentifier', 'eventType'] },
  },
  [`${STREAMS}.ReadReq.Options.FilterOptions.Expression`]: {
    fields: { regex: '1 string', prefix: '2 repeated string' },
  },
  [`${STREAMS}.ReadReq.Options.UUIDOption`]: {
    fields: { structured: `1 ${EMPTY}`, string: `2 ${EMPTY}` },
    oneofs: { content: ['structured', 'string'] },
  },
  [`${STREAMS}.ReadResp`]: {
    fields: {
      event: `1 ${STREAMS}.ReadResp.ReadEvent`,
      confirmation: `2 ${STREAMS}.ReadResp.SubscriptionConfirmation`,
      checkpoint: `3 ${STREAMS}.ReadResp.Checkpoint`,
      streamNotFound: `4 ${STREAMS}.ReadResp.StreamNotFound`,
      caughtUp: `8 ${STREAMS}.ReadResp.CaughtUp`,
      fellBehind: `9 ${STREAMS}.ReadResp.FellBehind`,
    },
    oneofs: { content: ['event', 'confirmation', 'checkpoint', 'streamNotFound', 'caughtUp', 'fellBehind'] },
  },
  [`${STREAMS}.ReadResp.CaughtUp`]: nothing,
  [`${STREAMS}.ReadResp.FellBehind`]: nothing,
  [`${STREAMS}.ReadResp.ReadEvent`]: {
    fields: { event: `1 ${STREAMS}.ReadResp.ReadEvent.RecordedEvent`, commitPosition: '3 uint64' },
  },
  [`${STREAMS}.ReadResp.ReadEvent.RecordedEvent`]: {
    fields: {
      id: `1 ${UUID}`,
      streamIdentifier: `2 ${STREAM}`,
      streamRevision: '3 uint64',
      preparePosition: '4 uint64',
      commitPosition: '5 uint64',
      metadata: '6 map string string',
      customMetadata: '7 bytes',
      data: '8 bytes',
    },
  },
  [`${STREAMS}.ReadResp.SubscriptionConfirmation`]: { fields: { subscriptionId: '1 string' } },
  [`${STREAMS}.ReadResp.Checkpoint`]: position,
  [`${STREAMS}.ReadResp.StreamNotFound`]: { fields: { streamIdentifier: `1 ${STREAM}` } },
};

const node: Record<string, MessageTable> = {
  'event_store.client.server_features.SupportedMethods': {
    fields: {
      methods: '1 repeated event_store.client.server_features.SupportedMethod',
      eventStoreServerVersion: '2 string',
    },
  },
  'event_store.client.server_features.SupportedMethod': {
    fields: { methodName: '1 string', serviceName: '2 string', features: '3 repeated string' },
  },
  'event_store.client.gossip.ClusterInfo': { fields: { members: '1 repeated event_store.client.gossip.MemberInfo' } },
  'event_store.client.gossip.EndPoint': { fields: { address: '1 string', port: '2 uint32' } },
  'event_store.client.gossip.MemberInfo': {
    fields: {
      instanceId: `1 ${UUID}`,
      timeStamp: '2 int64',
      state: '3 int32',
      isAlive: '4 bool',
      httpEndPoint: '5 event_store.client.gossip.EndPoint',
    },
  },
};

export const messageType = compile({ ...shared, ...append, ...batchAppend, ...read, ...node });
