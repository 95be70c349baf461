import { SEARCH_ATTRIBUTE_TYPES, type SearchAttributeType } from '../engine/search-attributes.js';
import { invalidArgument } from '../protocol/errors.js';
import { enums, int64, type temporal } from '../protocol/messages.js';
import type { Handlers } from '../protocol/server.js';
import { toDurationOrZero, toTimestamp } from '../protocol/time.js';
import { checkText } from './checks.js';
import { checkNamespace, type Node } from './context.js';

/** Clients look at the version to know what they may ask for; this is the one whose behaviour is followed. */
const FOLLOWED_VERSION = '1.29.1';
const NAMESPACE_REGISTERED = 1;

/** What is left out here is not there; what is there is exactly what workers may rely on. */
const CAPABILITIES: temporal.api.workflowservice.v1.GetSystemInfoResponse.ICapabilities = {
  signalAndQueryHeader: true,
  internalErrorDifferentiation: true,
  activityFailureIncludeHeartbeat: true,
  encodedFailureAttributes: true,
  upsertMemo: true,
  sdkMetadata: true,
  countGroupByExecutionStatus: true,
};

/** A made-up but constant id: clients only compare it. */
const namespaceId = (index: number): string => `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`;

function describeNamespace(node: Node, name: string): temporal.api.workflowservice.v1.IDescribeNamespaceResponse {
  const { blobBytes, memoBytes } = node.engine.limits;
  return {
    namespaceInfo: {
      name,
      id: namespaceId([...node.namespaces].indexOf(name)),
      state: NAMESPACE_REGISTERED,
      capabilities: { workerPollCompleteOnShutdown: true },
      limits: { blobSizeLimitError: int64(blobBytes), memoSizeLimitError: int64(memoBytes) },
    },
    config: { workflowExecutionRetentionTtl: toDurationOrZero(node.retentionMs) },
    replicationConfig: {},
    isGlobalNamespace: false,
  };
}

type Empty = Record<string, never>;
type DescribeNamespace = temporal.api.workflowservice.v1.DescribeNamespaceRequest;
type DescribeTaskQueue = temporal.api.workflowservice.v1.DescribeTaskQueueRequest;

export const clusterHandlers = (node: Node): Handlers => ({
  GetSystemInfo: (_: Empty) => ({ serverVersion: FOLLOWED_VERSION, capabilities: CAPABILITIES }),
  GetClusterInfo: (_: Empty) => ({
    serverVersion: FOLLOWED_VERSION,
    clusterName: 'embedded',
    persistenceStore: 'sqlite',
    visibilityStore: 'sqlite',
  }),
  DescribeNamespace: (request: DescribeNamespace) =>
    describeNamespace(node, checkNamespace(node, request.namespace || 'default')),
  ListNamespaces: (_: Empty) => ({ namespaces: [...node.namespaces].map((name) => describeNamespace(node, name)) }),
  DescribeTaskQueue: (request: DescribeTaskQueue) => {
    const namespace = checkNamespace(node, request.namespace);
    const name = checkText(node.engine, 'TaskQueue', request.taskQueue?.name);
    const kind = request.taskQueueType === enums.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY ? 'activity' : 'workflow';
    const { pollers } = node.engine.matching.queue(namespace, kind, name);
    const lastAccessTime = toTimestamp(Date.now()) ?? null;
    return { pollers: [...pollers].map(({ identity }) => ({ identity, lastAccessTime })) };
  },
});

type AddRequest = temporal.api.operatorservice.v1.AddSearchAttributesRequest;

/** Saved with the store, so that they need to be registered once only. */
export const SEARCH_ATTRIBUTES_SETTING = 'search-attributes';

const indexedType = (type: SearchAttributeType): number => SEARCH_ATTRIBUTE_TYPES.indexOf(type) + 1;

const indexed = (types: Readonly<Record<string, SearchAttributeType>>) =>
  Object.fromEntries(Object.entries(types).map(([name, type]) => [name, indexedType(type)]));

export const operatorHandlers = ({ engine }: Node): Handlers => ({
  AddSearchAttributes: (request: AddRequest) => {
    for (const [name, number] of Object.entries(request.searchAttributes)) {
      const type = SEARCH_ATTRIBUTE_TYPES[number - 1];
      if (!type) throw invalidArgument(`unknown type of search attribute ${name}`);
      engine.searchAttributeTypes.register(name, type);
    }
    engine.store.set(SEARCH_ATTRIBUTES_SETTING, JSON.stringify(engine.searchAttributeTypes.custom()));
    return {};
  },
  ListSearchAttributes: (_: Empty) => ({
    customAttributes: indexed(engine.searchAttributeTypes.custom()),
    systemAttributes: indexed(engine.searchAttributeTypes.predefined()),
  }),
});

export const healthHandlers: Handlers = {
  Check: () => ({ status: 1 }),
};
