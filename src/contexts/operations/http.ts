import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { inJapan } from '../../kernel/calendar.js';
import { derivedId } from '../../kernel/ids.js';
import type { Message } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { type Caller, From, senderOf } from '../../platform/http/caller.js';
import { Answers, listOf, moment, oneOf, orNull, shape, text, whole, yesNo } from '../../platform/http/documented.js';
import { Follows, Trimmed } from '../../platform/http/follows.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only } from '../../platform/http/session-guard.js';
import { type ParkedEvent, ParkedEvents } from '../../platform/subscriptions/parked-events.js';
import { ADMINISTRATOR, STAFF_SERVICE } from '../identity/messages.js';
import { dismissParkedEvent, REASON, replayParkedEvent } from './messages.js';

class ReasonDto {
  @Trimmed() @Follows(REASON) reason!: string;
}

const FIELDS = {
  id: text,
  type: text,
  status: oneOf('parked'),
  follower: text,
  /** A read model is built anew as a whole; an effect is tried again by itself. */
  kind: oneOf('readModel', 'effect'),
  eventId: text,
  eventType: text,
  stream: text,
  fault: text,
  parkedAt: moment,
  actions: listOf(text),
};
const CONTENT = shape({
  readable: yesNo,
  occurredAt: orNull(moment),
  operation: orNull(text),
  tenant: orNull(text),
  correlationId: orNull(text),
  data: { type: 'object' },
});

/** Events that could not be handled: what they are, and what is done about them. For administrators. */
@Controller('back-office/parked-events')
@Only(ADMINISTRATOR)
export class ParkedEventsController {
  constructor(
    @Inject(ParkedEvents) private readonly parkedEvents: ParkedEvents,
    @Inject(Commands) private readonly commands: Commands,
  ) {}

  @Get()
  @Answers(200, shape({ items: listOf(shape(FIELDS)), total: whole }))
  async list() {
    const { items, total } = await this.parkedEvents.list();
    return { items: items.map(item), total };
  }

  @Get(':parkedId')
  @Answers(200, shape({ ...FIELDS, event: orNull(CONTENT) }), 'NOT_FOUND')
  async one(@Param('parkedId') parkedId: string) {
    const parked = await this.found(parkedId);
    const event = await this.parkedEvents.contentOf(parked);
    const occurredAt = event?.occurredAt ? inJapan(new Date(event.occurredAt)) : null;
    return { ...item(parked), event: event && { ...event, occurredAt } };
  }

  /** After a mend: everything that waits is tried again. */
  @Post('replay')
  @Answers(202, shape({ asked: whole }))
  @HttpCode(202)
  async replayAll(@From() caller: Caller) {
    const { items } = await this.parkedEvents.list();
    for (const parked of items)
      await this.send(caller, replayParkedEvent(namesOf(parked)), derivedId(caller.commandId, parked.id));
    return { asked: items.length };
  }

  @Post(':parkedId/replay')
  @Answers(202, shape({ id: text }), 'NOT_FOUND')
  @HttpCode(202)
  async replay(@Param('parkedId') parkedId: string, @From() caller: Caller) {
    await this.send(caller, replayParkedEvent(namesOf(await this.found(parkedId))));
    return { id: parkedId };
  }

  @Post(':parkedId/dismiss')
  @Answers(202, shape({ id: text }), 'NOT_FOUND')
  @HttpCode(202)
  async dismiss(@Param('parkedId') parkedId: string, @Body() { reason }: ReasonDto, @From() caller: Caller) {
    await this.send(caller, dismissParkedEvent({ ...namesOf(await this.found(parkedId)), reason }));
    return { id: parkedId };
  }

  private async found(parkedId: string): Promise<ParkedEvent> {
    const parked = await this.parkedEvents.find(parkedId);
    if (!parked) throw new Refused(refusal('NOT_FOUND'));
    return parked;
  }

  private async send(caller: Caller, command: Message, commandId = caller.commandId): Promise<void> {
    const sender = senderOf(caller, { service: STAFF_SERVICE, tenant: '' });
    orRefuse(await this.commands.send(command, { ...sender, commandId }));
  }
}

const namesOf = ({ id, follower, eventId, type, stream }: ParkedEvent) => ({
  parkedId: id,
  follower,
  eventId,
  eventType: type,
  eventStream: stream,
});

const item = ({ id, follower, kind, eventId, type, stream, fault, parkedAt }: ParkedEvent) => ({
  id,
  type: 'parkedEvent',
  status: 'parked',
  follower,
  kind,
  eventId,
  eventType: type,
  stream,
  fault,
  parkedAt: inJapan(new Date(parkedAt)),
  actions: ['replay', 'dismiss'],
});
