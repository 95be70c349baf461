import type { ArgumentMetadata, PipeTransform, Type } from '@nestjs/common';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  PARAMTYPES_METADATA,
  RESPONSE_PASSTHROUGH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { askedBy, callerAt } from './caller.js';
import { validation } from './follows.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any method of any controller
export type Method = (...values: any[]) => unknown;
export type Route = Readonly<{ instance: object; controller: Type; method: Method; name: string }>;

type Take = (request: FastifyRequest, reply: FastifyReply) => unknown;
type Check = (value: unknown) => Promise<unknown>;
type Argument = Readonly<{ index: number; take: Take; check: Check | null }>;
type Pipe = Pick<PipeTransform, 'transform'>;
type Noted = Readonly<{
  index: number;
  data?: string;
  factory?: unknown;
  pipes?: readonly (Pipe | Type<Pipe>)[];
}>;

/** The method with what it takes. Whatever is wrong with an argument is told before it runs. */
export const callOf = (route: Route): Take => {
  const taken = argumentsOf(route);
  const { instance, method } = route;
  return (request, reply) => {
    const values: unknown[] = [];
    let checked: Promise<unknown>[] | undefined;
    for (const { index, take, check } of taken) {
      const value = take(request, reply);
      values[index] = value;
      if (check) (checked ??= []).push(check(value).then((right) => (values[index] = right)));
    }
    return checked ? Promise.all(checked).then(() => method.apply(instance, values)) : method.apply(instance, values);
  };
};

const argumentsOf = ({ controller, name }: Route): readonly Argument[] => {
  const noted = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<string, Noted>;
  const prototype = controller.prototype as object;
  const types = (Reflect.getMetadata(PARAMTYPES_METADATA, prototype, name) ?? []) as readonly Type[];
  const refuse = (what: string) => {
    throw new Error(`${controller.name}.${name} takes what no route gives: ${what}`);
  };
  const taken = Object.entries(noted).map(([key, { index, data, factory, pipes = [] }]): Argument => {
    if (key.includes(CUSTOM_ROUTE_ARGS_METADATA))
      return factory === askedBy && pipes.length === 0 ? { index, take: callerAt, check: null } : refuse(key);
    const type = Number(key.split(':', 1)[0]) as RouteParamtypes;
    // Whoever answers by their own hand would be answered for as well.
    if (type === RouteParamtypes.RESPONSE && !Reflect.getMetadata(RESPONSE_PASSTHROUGH_METADATA, controller, name))
      return refuse('the answer itself');
    const take = TAKEN[type]?.(data) ?? refuse(RouteParamtypes[type]);
    const checked = CHECKED[type];
    if (!checked) return pipes.length === 0 ? { index, take, check: null } : refuse('a pipe where there is none');
    const metatype = types[index];
    return { index, ...checkedBy(take, pipes, { type: checked, metatype, data }) };
  });
  // In the order of the parameters, whatever order they were noted in.
  return taken.toSorted((a, b) => a.index - b.index);
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

const named = (values: unknown, name: string | undefined): unknown =>
  name === undefined ? values : isRecord(values) ? values[name] : undefined;

const TAKEN: Partial<Record<RouteParamtypes, (name: string | undefined) => Take>> = {
  [RouteParamtypes.REQUEST]: () => (request) => request,
  [RouteParamtypes.RESPONSE]: () => (_, reply) => reply,
  [RouteParamtypes.BODY]: (name) => (request) => named(request.body, name),
  [RouteParamtypes.QUERY]: (name) => (request) => named(request.query, name),
  [RouteParamtypes.PARAM]: (name) => (request) => named(request.params, name),
  [RouteParamtypes.HEADERS]: (name) => (request) => named(request.headers, name?.toLowerCase()),
};

/** What comes from the client and has a shape to keep. */
const CHECKED: Partial<Record<RouteParamtypes, ArgumentMetadata['type']>> = {
  [RouteParamtypes.BODY]: 'body',
  [RouteParamtypes.QUERY]: 'query',
  [RouteParamtypes.PARAM]: 'param',
};

/** Types of which the check knows nothing that could be wrong. */
const PLAIN: readonly unknown[] = [undefined, String, Object, Array, Buffer, Date];

/** A name that was given more than once comes as a list. */
const asText = (value: unknown): unknown => (Array.isArray(value) ? value.join() : value);

const checkedBy = (
  take: Take,
  pipes: readonly (Pipe | Type<Pipe>)[],
  about: ArgumentMetadata,
): Omit<Argument, 'index'> => {
  if (pipes.length === 0 && PLAIN.includes(about.metatype)) {
    const isText = about.metatype === String && about.data !== undefined && about.type !== 'body';
    return { take: isText ? (request, reply) => asText(take(request, reply)) : take, check: null };
  }
  const steps = [validation(), ...pipes.map((pipe) => (typeof pipe === 'function' ? new pipe() : pipe))];
  const check = async (value: unknown) => {
    let right = value;
    for (const step of steps) right = await step.transform(right, about);
    return right;
  };
  return { take, check };
};
