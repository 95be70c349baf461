import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { All, Body, Controller, Get, Ip, Param, ParseIntPipe, Query, Redirect, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { assertKnown } from './compiled-routes.js';
import { Given, WholeNumber } from './follows.js';
import { callOf, type Method, type Route } from './route-arguments.js';
import { Open, rulesOf } from './session-guard.js';

class NamedDto {
  @Given(8) name!: string;
  @WholeNumber(1, 9) amount = 3;
}

@Controller('things')
@Open()
class Things {
  readonly mark = 'of this one';

  @Get('all/:id')
  take(
    @Query('size') size: string,
    @Body() whole: NamedDto,
    @Param('id', ParseIntPipe) id: number,
    @Body('name') name: unknown,
    @Query() asked: object,
  ) {
    return { mark: this.mark, size, whole, id, name, asked };
  }

  @Get('own') @Redirect('/') moved() {}
  @Get('guarded') @UseGuards() unguarded() {}
  @Get('hand') byHand(@Res() reply: FastifyReply) {
    return reply;
  }
  @Get('ip') fromWhere(@Ip() ip: string) {
    return ip;
  }
  @All('any') any() {}
}

@Controller('nobody')
class Unsaid {}

const routeOf = (name: keyof Things): Route => {
  const instance = new Things();
  const { [name]: method } = instance as unknown as Record<string, Method>;
  return { instance, controller: Things, method: method!, name };
};
const asked = (parts: object): FastifyRequest =>
  ({ body: undefined, query: {}, params: {}, headers: {}, ...parts }) as unknown as FastifyRequest;
const reply = {} as FastifyReply;

describe('a route', () => {
  it('takes its arguments from where its parameters say, checked and in their types', async () => {
    const request = asked({ body: { name: 'a', amount: 4 }, query: { size: ['1', '2'] }, params: { id: '7' } });
    const answer = (await callOf(routeOf('take'))(request, reply)) as { whole: object };
    expect(answer).toEqual({
      ...{ mark: 'of this one', size: '1,2', whole: { name: 'a', amount: 4 }, id: 7, name: 'a' },
      asked: { size: ['1', '2'] },
    });
    expect(answer.whole).toBeInstanceOf(NamedDto);
  });

  it.each([
    ['a body that is none', { params: { id: '7' } }, 'VALIDATION_FAILED'],
    ['a field that nobody asked for', { body: { name: 'a', other: 1 }, params: { id: '7' } }, 'VALIDATION_FAILED'],
    ['a number that is none', { body: { name: 'a' }, params: { id: 'x' } }, 'numeric'],
  ])('does not run with %s', async (_, parts, told) => {
    await expect(callOf(routeOf('take'))(asked(parts), reply)).rejects.toThrow(told);
  });

  it.each(['moved', 'unguarded', 'any'] as const)('that asks for what is not done here stops the start: %s', (name) => {
    expect(() => assertKnown(routeOf(name))).toThrow(`Things.${name} asks for what no route knows`);
  });

  it.each([
    ['byHand', 'the answer itself'],
    ['fromWhere', 'IP'],
  ] as const)('that takes what is not given here stops the start: %s', (name, what) => {
    expect(() => callOf(routeOf(name))).toThrow(`Things.${name} takes what no route gives: ${what}`);
  });

  it('is for somebody', () => {
    expect(rulesOf(routeOf('take').method, Things)).toEqual({ access: 'open', scope: undefined });
    expect(() => rulesOf(() => undefined, Unsaid)).toThrow('a route of Unsaid is for nobody');
  });
});
