import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import type protobuf from 'protobufjs/light.js';
import { MAX_EVENTS_PER_MESSAGE } from '../limits.js';
import { messageType } from '../protocol/messages.js';
import { occurrences } from '../protocol/wire.js';

export type Shape = 'unary' | 'clientStream' | 'serverStream' | 'duplex';

/** A method as gRPC knows it; the messages are given by name, or none where the body is never looked at. */
export const method = (
  path: string,
  shape: Shape,
  request?: string,
  response?: string,
): MethodDefinition<object, object> => {
  const requestType = request === undefined ? undefined : messageType(request);
  const responseType = response === undefined ? undefined : messageType(response);
  return {
    path,
    requestStream: shape === 'clientStream' || shape === 'duplex',
    responseStream: shape === 'serverStream' || shape === 'duplex',
    requestSerialize: (message) => encode(requestType, message),
    requestDeserialize: (bytes) => (requestType === undefined ? {} : requestType.decode(bytes)),
    responseSerialize: (message) => encode(responseType, message),
    responseDeserialize: (bytes) => (responseType === undefined ? {} : responseType.decode(bytes)),
  };
};

/** A message that is bytes already has been encoded where its size mattered. */
const encode = (type: protobuf.Type | undefined, message: object): Buffer => {
  if (Buffer.isBuffer(message)) return message;
  return type === undefined ? Buffer.alloc(0) : (type.encode(message).finish() as Buffer);
};

const STREAMS = 'event_store.client.streams';
const streams = (name: string, shape: Shape, request?: string, response?: string) =>
  method(
    `/${STREAMS}.Streams/${name}`,
    shape,
    request === undefined ? undefined : `${STREAMS}.${request}`,
    response === undefined ? undefined : `${STREAMS}.${response}`,
  );

const PROPOSED_MESSAGES_FIELD = 3;

const batchAppend = (): MethodDefinition<object, object> => {
  const definition = streams('BatchAppend', 'duplex', 'BatchAppendReq', 'BatchAppendResp');
  return {
    ...definition,
    requestDeserialize: (bytes) => {
      if (occurrences(bytes, PROPOSED_MESSAGES_FIELD, MAX_EVENTS_PER_MESSAGE) > MAX_EVENTS_PER_MESSAGE) {
        throw new Error(`a message may carry ${MAX_EVENTS_PER_MESSAGE} events`);
      }
      return definition.requestDeserialize(bytes);
    },
  };
};

export const streamsService: ServiceDefinition = {
  Read: streams('Read', 'serverStream', 'ReadReq', 'ReadResp'),
  Append: streams('Append', 'clientStream', 'AppendReq', 'AppendResp'),
  BatchAppend: batchAppend(),
  Delete: streams('Delete', 'unary'),
  Tombstone: streams('Tombstone', 'unary'),
};

export const operationsService: ServiceDefinition = {
  StartScavenge: method('/event_store.client.operations.Operations/StartScavenge', 'unary'),
};

export const serverFeaturesService: ServiceDefinition = {
  GetSupportedMethods: method(
    '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
    'unary',
    undefined,
    'event_store.client.server_features.SupportedMethods',
  ),
};

export const gossipService: ServiceDefinition = {
  Read: method('/event_store.client.gossip.Gossip/Read', 'unary', undefined, 'event_store.client.gossip.ClusterInfo'),
};
