import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Metrics } from '../telemetry/metrics.js';
import { Answers, oneOf, orNull, shape, text } from './documented.js';
import { Open } from './session-guard.js';

/** Named answers to "can it work now?"; each says null or what is wrong. */
export abstract class Readiness {
  abstract checks(): Promise<Readonly<Record<string, string | null>>>;
}

/** Each part by its name: null, or what is wrong with it. */
const READY = shape({
  status: oneOf('ready', 'not ready'),
  checks: { type: 'object', additionalProperties: orNull(text) },
});

@Controller()
@Open()
export class HealthController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  @Answers(200, shape({ status: text }))
  live() {
    return { status: 'up' };
  }

  @Get('health/ready')
  @Answers(200, READY)
  @ApiResponse({ status: 503, description: 'Not ready: what is missing has a text', schema: READY })
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const checks = await this.readiness.checks();
    const ready = Object.values(checks).every((fault) => fault === null);
    reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not ready', checks };
  }

  @Get('metrics')
  @Answers(200, null)
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metricsText(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
