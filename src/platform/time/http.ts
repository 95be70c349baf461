import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { inJapan } from '../../kernel/calendar.js';
import { invalid } from '../../kernel/refusal.js';
import { Answers, moment, shape } from '../http/documented.js';
import { Given } from '../http/follows.js';
import { Refused } from '../http/refused.js';
import { Only } from '../http/session-guard.js';
import { MovingTime, SPAN_MAX_MS, spanMsOf } from './moving-time.js';

class AdvanceDto {
  @Given(16) by!: string;
}

const BACK_OFFICE = { service: 'back-office', role: ['staff', 'administrator'], permission: 'back office' } as const;

/** Exists only where the service was started with a clock for demonstrations. */
@Controller('demo/clock')
export class DemoClockController {
  constructor(@Inject(MovingTime) private readonly time: MovingTime) {}

  /** Time passes for everybody at once, and everything that falls due in it happens. */
  @Post('advance')
  @HttpCode(200)
  @Answers(200, shape({ now: moment }))
  @Only(BACK_OFFICE)
  async advance(@Body() { by }: AdvanceDto) {
    const byMs = spanMsOf(by);
    if (byMs === null || byMs > SPAN_MAX_MS)
      throw new Refused(
        invalid([{ field: 'by', rule: 'format', params: { format: '3d, 12h, 30m, 5s; 400d at most' } }]),
      );
    return { now: inJapan(await this.time.advance(byMs)) };
  }
}
