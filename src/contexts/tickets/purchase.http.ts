import { Body, Controller, Get, Header, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import { inJapan } from '../../kernel/calendar.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { derivedId } from '../../kernel/ids.js';
import { refusal } from '../../kernel/refusal.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { type Caller, From } from '../../platform/http/caller.js';
import {
  ANSWERED,
  Answers,
  bilingual,
  listOf,
  MayAsk,
  moment,
  oneOf,
  orNull,
  shape,
  text,
  whole,
} from '../../platform/http/documented.js';
import { Follows, Formed, OptionallyFollows, Trimmed, WholeNumber } from '../../platform/http/follows.js';
import { LOGIN_RATE } from '../../platform/http/rates.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Pki } from '../../platform/pki/pki.js';
import { Open } from '../../platform/http/session-guard.js';
import { companyExists } from '../partners/lookups.js';
import { MAIL, TYPED_COMPANY_CODE } from '../partners/messages.js';
import { pricedLines, totalYen } from './prices.decider.js';
import { PurchaseAccess, senderAbout, TOKEN_HEADER } from './purchase.access.js';
import * as m from './purchase.messages.js';
import { DELIVERY_TYPES_SHOWN, MANUAL, progressAt, type Step, STEPS, TEXTS } from './purchase.pages.js';
import type { Purchase } from './purchase.state.js';

const LINK_CODES = ['PURCHASE_LINK_EXPIRED', 'PURCHASE_LINK_USED', 'ORDER_STATE'] as const;

/** As much as fits on the invoice. */
const upTo = (max: number) => ({ kind: 'name', policy: { min: 1, max } }) as const;

class PurchaseStartDto {
  @Trimmed() @Follows(TYPED_COMPANY_CODE) companyCode!: string;
  @Trimmed() @Follows(MAIL) contactMail!: string;
}
class DeliveryDto {
  @Formed(/^DIRECT$/, 'deliveryType') type!: 'DIRECT';
}
class QuantitiesDto {
  @WholeNumber(0, m.QUANTITY_MAX) oneYear: number = 0;
  @WholeNumber(0, m.QUANTITY_MAX) twoYears: number = 0;
  @WholeNumber(0, m.QUANTITY_MAX) threeYears: number = 0;
}
class OrderDetailsDto extends QuantitiesDto {
  @Trimmed() @Follows(upTo(60)) companyName!: string;
  @Trimmed() @OptionallyFollows(upTo(60)) department?: string;
  @Trimmed() @Formed(/^\d{3}-?\d{4}$/, 'postalCode') postalCode!: string;
  @Trimmed() @Follows(upTo(120)) address!: string;
  @Trimmed() @Formed(/^[0-9][0-9-]*$/, 'phone', 20) phone!: string;
  @Trimmed() @Follows(upTo(40)) contactName!: string;
}

const LINE = shape({ termYears: whole, quantity: whole, unitPriceYen: whole, subtotalYen: whole });
const SUMS = { lines: listOf(LINE), totalYen: whole };
const PROGRESS = listOf(shape({ step: oneOf(...STEPS), state: oneOf('done', 'current', 'open') }));
const BILLING = shape({
  companyName: text,
  department: text,
  postalCode: text,
  address: text,
  phone: text,
  contactName: text,
});
const PAGE = shape({ manual: text, progress: PROGRESS, ...SUMS });
const STATUSES = ['LinkSent', 'Entering', 'Expired', 'Ordered', 'Fulfilled', 'Paid'] as const;
const STATE = shape({
  id: text,
  type: oneOf('ticketPurchase'),
  status: oneOf(...STATUSES),
  version: whole,
  companyCode: text,
  expiresAt: moment,
  deliveryType: orNull(oneOf(...m.DELIVERY_TYPES)),
  deliveryTypes: listOf(shape({ type: text, en: text, ja: text })),
  billing: orNull(BILLING),
  ...SUMS,
  orderNo: orNull(text),
  progress: PROGRESS,
  actions: listOf(text),
});

const quantitiesOf = ({ oneYear, twoYears, threeYears }: QuantitiesDto): m.Quantity[] =>
  [oneYear, twoYears, threeYears].map((quantity, index) => ({ termYears: index + 1, quantity }));

const stepOf = ({ status, deliveryType }: NonNullable<Purchase>): Step => {
  if (status === 'LinkSent' || status === 'Expired') return 'receiveLink';
  if (status === 'Entering') return deliveryType === null ? 'chooseDeliveryType' : 'enterDetails';
  return status === 'Ordered' ? 'waitForIssuance' : 'receiveTickets';
};

const actionsOf = ({ status, deliveryType, details }: NonNullable<Purchase>): readonly string[] => {
  if (status !== 'Entering') return [];
  if (deliveryType === null) return ['chooseDeliveryType'];
  return details === null
    ? ['chooseDeliveryType', 'enterDetails']
    : ['chooseDeliveryType', 'enterDetails', 'placeOrder'];
};

/** Buying tickets: a contact without an account, known by the link that came by mail. */
@Controller('e-contract/ticket-purchases')
@Open()
export class TicketPurchaseController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(PurchaseAccess) private readonly access: PurchaseAccess,
    @Inject(Pki) private readonly pki: Pki,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Answers(200, PAGE)
  page() {
    const lines = pricedLines([], this.clock.now());
    return { manual: MANUAL, progress: progressAt('enterContact'), lines, totalYen: totalYen(lines) };
  }

  @Get('manual')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('content-disposition', 'attachment; filename="ticket-purchase.txt"')
  @Answers(200, null)
  manual(): string {
    return TEXTS.manual;
  }

  @Post()
  @RouteConfig(LOGIN_RATE)
  @Answers(201, shape({ id: text, version: whole, message: bilingual, progress: PROGRESS }), 'COMPANY_CODE_UNKNOWN')
  async start(@Body() { companyCode, contactMail }: PurchaseStartDto, @From() caller: Caller) {
    if (!(await companyExists(this.decisions, companyCode))) throw new Refused(refusal('COMPANY_CODE_UNKNOWN'));
    const purchaseId = derivedId(caller.commandId, 'purchase');
    const linkId = derivedId(caller.commandId, 'purchase link');
    if (!(await this.admitted(caller, purchaseId, companyCode, contactMail)))
      return { id: purchaseId, version: 0, message: TEXTS.sent, progress: progressAt('receiveLink') };
    const start = m.startTicketPurchase({ purchaseId, companyCode, contactMail, linkId });
    const { version } = orRefuse(await this.commands.send(start, senderAbout(caller, purchaseId, companyCode)));
    return { id: purchaseId, version, message: TEXTS.sent, progress: progressAt('receiveLink') };
  }

  /** What the server reckons for quantities, at every change of the form; what a browser reckons counts for nothing. */
  @Post('calculation')
  @HttpCode(200)
  @Answers(200, shape(SUMS))
  calculate(@Body() quantities: QuantitiesDto) {
    const lines = pricedLines(quantitiesOf(quantities), this.clock.now());
    return { lines, totalYen: totalYen(lines) };
  }

  /** What somebody gets who clicks the link; as often as they like until the order. */
  @Get(':purchaseId/link')
  @MayAsk('link', 'onetimetoken')
  @Header('cache-control', 'no-store')
  @Header('referrer-policy', 'no-referrer')
  @Answers(200, STATE, ...LINK_CODES)
  async open(@Param('purchaseId') purchaseId: string, @From() caller: Caller, @Query('onetimetoken') token?: string) {
    const { purchase } = await this.access.byLink(purchaseId, token);
    const sender = senderAbout(caller, purchaseId, purchase.companyCode);
    orRefuse(await this.commands.send(m.openPurchaseLink({ purchaseId }), sender));
    return this.shown(purchaseId);
  }

  /** Also the confirm page: everything that was entered, and what it costs. */
  @Get(':purchaseId')
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @Header('cache-control', 'no-store')
  @Answers(200, STATE, 'PURCHASE_LINK_EXPIRED')
  async state(@Param('purchaseId') purchaseId: string, @Headers(TOKEN_HEADER) token?: string) {
    await this.access.byLink(purchaseId, token);
    return this.shown(purchaseId);
  }

  @Post(':purchaseId/delivery-type')
  @HttpCode(200)
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @Answers(200, ANSWERED, ...LINK_CODES)
  chooseDeliveryType(
    @Param('purchaseId') purchaseId: string,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @Body() { type }: DeliveryDto,
    @From() caller: Caller,
  ) {
    return this.byLink(caller, purchaseId, token, m.chooseDeliveryType({ purchaseId, type }));
  }

  @Post(':purchaseId/details')
  @HttpCode(200)
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @Answers(200, STATE, ...LINK_CODES, 'DELIVERY_TYPE_FIRST', 'TERM_NOT_AVAILABLE')
  async enterDetails(
    @Param('purchaseId') purchaseId: string,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @Body() dto: OrderDetailsDto,
    @From() caller: Caller,
  ) {
    const { companyName, department, postalCode, address, phone, contactName } = dto;
    // Left out, null and empty mean the same: the partner has none.
    const billing = { companyName, department: department ?? '', postalCode, address, phone, contactName };
    const quantities = quantitiesOf(dto);
    const enter = m.enterOrderDetails({ purchaseId, billing, quantities });
    // A ticket is worth nothing for which no certificate can be issued any more.
    const wanted = quantities.filter(({ quantity }) => quantity > 0);
    const lost = wanted.find(({ termYears }) => !this.pki.authorities.isLastingFor(termYears, this.clock.now()));
    if (lost) throw new Refused(refusal('TERM_NOT_AVAILABLE', { years: lost.termYears }));
    await this.byLink(caller, purchaseId, token, enter);
    return this.shown(purchaseId);
  }

  /** Pressed twice it is the same order. */
  @Post(':purchaseId/order')
  @ApiHeader({ name: TOKEN_HEADER, required: true })
  @Answers(
    201,
    shape({ id: text, version: whole, orderNo: text, message: bilingual }),
    ...LINK_CODES,
    'ORDER_DETAILS_FIRST',
  )
  async order(
    @Param('purchaseId') purchaseId: string,
    @Headers(TOKEN_HEADER) token: string | undefined,
    @From() caller: Caller,
  ) {
    const { version } = await this.byLink(caller, purchaseId, token, m.placeTicketOrder({ purchaseId }));
    const { purchase } = await this.access.stateOf(purchaseId);
    return { id: purchaseId, version, orderNo: purchase.orderNo!, message: TEXTS.accepted };
  }

  /** Within the bounds of the address and of the company. */
  private async admitted(caller: Caller, purchaseId: string, companyCode: string, mail: string): Promise<boolean> {
    const bounds = [
      { by: 'mail', requestsId: derivedId('purchase requests', 'mail', mail.toLowerCase()) },
      { by: 'company', requestsId: derivedId('purchase requests', 'company', companyCode) },
    ] as const;
    for (const bound of bounds) {
      const sender = senderAbout(caller, purchaseId, companyCode);
      const commandId = derivedId(caller.commandId, 'purchase request', bound.by);
      const request = m.requestTicketPurchase({ ...bound, purchaseId });
      if (orRefuse(await this.commands.send(request, { ...sender, commandId })).events.length === 0) return false;
    }
    return true;
  }

  private async byLink(
    caller: Caller,
    purchaseId: string,
    token: string | undefined,
    command: m.PurchaseCommand,
  ): Promise<Readonly<{ id: string; version: number }>> {
    const { purchase } = await this.access.byLink(purchaseId, token);
    const sender = senderAbout(caller, purchaseId, purchase.companyCode);
    const { version } = orRefuse(await this.commands.send(command, sender));
    return { id: purchaseId, version };
  }

  private async shown(purchaseId: string) {
    const { purchase, version } = await this.access.stateOf(purchaseId);
    const { status, companyCode, expiresAt, deliveryType, details, orderNo } = purchase;
    // Three days, then the mail tells whoever finds it nothing of the buyer any more.
    const open = (status === 'LinkSent' || status === 'Entering') && this.clock.now().toISOString() < expiresAt;
    // What was ordered stays what it is; it names nobody.
    const lines = (open || orderNo !== null ? details?.lines : undefined) ?? pricedLines([], this.clock.now());
    return {
      id: purchaseId,
      type: 'ticketPurchase',
      status,
      version,
      companyCode,
      expiresAt: inJapan(new Date(expiresAt)),
      deliveryType,
      deliveryTypes: DELIVERY_TYPES_SHOWN,
      billing: (open ? details?.billing : null) ?? null,
      lines,
      totalYen: totalYen(lines),
      orderNo,
      progress: progressAt(stepOf(purchase)),
      actions: actionsOf(purchase),
    };
  }
}
