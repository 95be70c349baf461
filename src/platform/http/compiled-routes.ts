import { type INestApplication, RequestMethod, StreamableFile, type Type } from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  HEADERS_METADATA,
  HTTP_CODE_METADATA,
  INTERCEPTORS_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  PIPES_METADATA,
  REDIRECT_METADATA,
  RENDER_METADATA,
  SSE_METADATA,
  VERSION_METADATA,
} from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerAt } from './caller.js';
import { FirstAnswer } from './first-answer.js';
import { LiveAnswer, liveOf } from './live/live.js';
import { ProblemFilter } from './problem-filter.js';
import { callOf, type Method, type Route } from './route-arguments.js';
import { rulesOf, SessionGuard } from './session-guard.js';

type Handler = (request: FastifyRequest, reply: FastifyReply) => void;

/** As Nest calls the handler that it makes of it. */
const nameOf = ({ controller, name }: Pick<Route, 'controller' | 'name'>): string => `${controller.name}.${name}`;

const MOUNTED: readonly RequestMethod[] = [
  RequestMethod.GET,
  RequestMethod.POST,
  RequestMethod.PUT,
  RequestMethod.PATCH,
  RequestMethod.DELETE,
];
/** What Nest would do and nothing here does. */
const UNKNOWN = [
  ...[GUARDS_METADATA, INTERCEPTORS_METADATA, PIPES_METADATA, EXCEPTION_FILTERS_METADATA],
  ...[REDIRECT_METADATA, RENDER_METADATA, SSE_METADATA, VERSION_METADATA],
];

/**
 * Nest says what there is: controllers, their routes and what stands on them. It would also ask it all again for each
 * request, through chains of promises and observables; here each route is put together once, at start. What a decorator
 * asks for and is not known here stops the start.
 */
export class CompiledRoutes extends FastifyAdapter {
  private compiled: ReadonlyMap<string, Handler> = new Map();
  private readonly mounted = new Set<Handler>();

  /** Before the routes are mounted, when all that they need is made. */
  compile(app: INestApplication): void {
    const routes = routesOf(app);
    const parts = {
      guard: app.get(SessionGuard),
      firstAnswer: app.get(FirstAnswer),
      live: app.get(LiveAnswer),
      problems: app.get(ProblemFilter),
      files: this,
    };
    this.compiled = new Map(routes.map((route) => [nameOf(route), handlerOf(route, parts)]));
    if (this.compiled.size < routes.length) throw new Error('two controllers have one name');
  }

  /** A route that went another way would be one without a guard. */
  assertAllMounted(): void {
    if (this.mounted.size < this.compiled.size) throw new Error('a route was not mounted as it was compiled');
  }

  override get(...args: unknown[]) {
    return super.get(...this.known(args));
  }

  override post(...args: unknown[]) {
    return super.post(...this.known(args));
  }

  override put(...args: unknown[]) {
    return super.put(...this.known(args));
  }

  override patch(...args: unknown[]) {
    return super.patch(...this.known(args));
  }

  override delete(...args: unknown[]) {
    return super.delete(...this.known(args));
  }

  private known(args: unknown[]): unknown[] {
    const [made] = args.slice(-1) as [Method];
    const handler = this.compiled.get(made.name);
    if (!handler) return args;
    this.mounted.add(handler);
    // What stands on the route for the web framework: its limits and how its body is read.
    for (const key of Reflect.getMetadataKeys(made) as string[])
      Reflect.defineMetadata(key, Reflect.getMetadata(key, made), handler);
    return [...args.slice(0, -1), handler];
  }
}

const routesOf = (app: INestApplication): readonly Route[] => {
  const modules = [...app.get(ModulesContainer).values()];
  const controllers = new Set(modules.flatMap(({ controllers }) => [...controllers.values()]));
  const scanner = new MetadataScanner();
  return [...controllers].flatMap(({ instance, metatype }) => {
    const controller = metatype as Type;
    const names = scanner.getAllMethodNames(controller.prototype as object);
    return names
      .map((name) => ({ name, method: (instance as Record<string, Method>)[name]! }))
      .filter(({ method }) => Reflect.getMetadata(PATH_METADATA, method) !== undefined)
      .map((route): Route => ({ ...route, instance, controller }));
  });
};

type Parts = Readonly<{
  guard: SessionGuard;
  firstAnswer: FirstAnswer;
  live: LiveAnswer;
  problems: ProblemFilter;
  files: FastifyAdapter;
}>;

const handlerOf = (route: Route, { guard, firstAnswer, live, problems, files }: Parts): Handler => {
  assertKnown(route);
  const { method, controller } = route;
  const rules = rulesOf(method, controller);
  const call = callOf(route);
  const status = statusOf(method);
  const headers = headersOf(method);
  const followed = liveOf(method);
  const bodyOf = (request: FastifyRequest, reply: FastifyReply): unknown =>
    followed && live.isWanted(request)
      ? live.follow(followed, request, reply, () => call(request, reply))
      : call(request, reply);
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    try {
      const admitted = guard.admit(rules, request, reply);
      if (admitted instanceof Promise) await admitted;
      reply.code(status);
      for (const { name, value } of headers) reply.header(name, typeof value === 'function' ? value() : value);
      const caller = callerAt(request);
      const body: unknown = await (caller.idempotent && request.method !== 'GET'
        ? firstAnswer.of(caller, () => bodyOf(request, reply))
        : bodyOf(request, reply));
      if (body instanceof StreamableFile) files.reply(reply, body);
      else reply.send(body);
    } catch (error) {
      await problems.answer(error, request, reply).catch((fault: unknown) => reply.send(fault));
    }
  };
  // Without a promise, with which the web framework would wait for the end of the answer.
  return (request, reply) => void answer(request, reply);
};

export const assertKnown = (route: Route): void => {
  const { controller, method } = route;
  const faults = UNKNOWN.filter((key) =>
    [controller, method].some((one) => Reflect.getMetadata(key, one) !== undefined),
  );
  if (!MOUNTED.includes(Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod)) faults.push(METHOD_METADATA);
  if (faults.length > 0) throw new Error(`${nameOf(route)} asks for what no route knows: ${faults.join()}`);
};

const statusOf = (method: Method): number => {
  const isPost = Reflect.getMetadata(METHOD_METADATA, method) === RequestMethod.POST;
  return (Reflect.getMetadata(HTTP_CODE_METADATA, method) as number | undefined) ?? (isPost ? 201 : 200);
};

type AnswerHeader = Readonly<{ name: string; value: string | (() => string) }>;
const headersOf = (method: Method) =>
  (Reflect.getMetadata(HEADERS_METADATA, method) as readonly AnswerHeader[] | undefined) ?? [];
