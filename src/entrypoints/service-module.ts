import { Module, type Provider, type Type } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { auditHandlers, HistoryReads } from '../contexts/audit/commands.js';
import { OperationHistoryController } from '../contexts/audit/http.js';
import { PortalBackOfficeController } from '../contexts/client-portal/back-office.http.js';
import { PortalCasesController } from '../contexts/client-portal/cases.http.js';
import { clientPortalHandlers } from '../contexts/client-portal/commands.js';
import { MaterialsController } from '../contexts/client-portal/materials.http.js';
import { PortalPagesController } from '../contexts/client-portal/pages.http.js';
import { PortalSessionController } from '../contexts/client-portal/session.http.js';
import { PortalUsersController } from '../contexts/client-portal/users.http.js';
import { identityHandlers, RefusedOperationsHistory } from '../contexts/identity/commands.js';
import { OutAtOnce } from '../contexts/identity/consequences.js';
import { StaffSessionController } from '../contexts/identity/http.js';
import { StaffController } from '../contexts/identity/staff.http.js';
import {
  CompanyTokensController,
  PortalTokensController,
  StaffTokensController,
  TokenDesk,
} from '../contexts/identity/tokens.http.js';
import { PartnersBackOfficeController } from '../contexts/partners/back-office.http.js';
import { partnersHandlers } from '../contexts/partners/commands.js';
import { PartnerGroupsController } from '../contexts/partners/groups.http.js';
import { PartnerMembersController } from '../contexts/partners/members.http.js';
import { PartnerPagesController } from '../contexts/partners/pages.http.js';
import { PartnerRecoveryController } from '../contexts/partners/recovery.http.js';
import { PartnerSessionController } from '../contexts/partners/session.http.js';
import { operationsHandlers } from '../contexts/operations/commands.js';
import { ParkedEventsController } from '../contexts/operations/http.js';
import { notificationHandlers } from '../contexts/notifications/commands.js';
import { NotificationsController } from '../contexts/notifications/http.js';
import { businessCalendar } from '../kernel/calendar.js';
import { CLOCK } from '../kernel/clock.js';
import { Attempts } from '../platform/access/attempts.js';
import { Links } from '../platform/access/links.js';
import { OwnPasswords } from '../platform/access/own-password.js';
import { Passwords } from '../platform/access/passwords.js';
import { Sessions } from '../platform/access/sessions.js';
import { AccessTokens } from '../platform/access/tokens.js';
import { Commands } from '../platform/commands/decided-by.js';
import { type DecisionListener, Decisions } from '../platform/commands/decisions.js';
import type { Config } from '../platform/config/config.js';
import { FirstAnswer } from '../platform/http/first-answer.js';
import { LIMITS as STREAMS, LiveReads } from '../platform/http/live/live-reads.js';
import { LiveAnswer } from '../platform/http/live/live.js';
import { HealthController, Readiness } from '../platform/http/health.js';
import { ProblemFilter, RefusedOperations } from '../platform/http/problem-filter.js';
import { ProgramRates } from '../platform/http/program-rates.js';
import { SessionGuard } from '../platform/http/session-guard.js';
import { MailboxController, MailboxPagesController } from '../platform/mail/http.js';
import { Letters } from '../platform/mail/letters.js';
import { Mailbox } from '../platform/mail/mailbox.js';
import { SentLetters } from '../platform/mail/sent-letters.js';
import { Pki } from '../platform/pki/pki.js';
import { ReadModels } from '../platform/projections/read-models.js';
import { Turns } from '../platform/sql/one-at-a-time.js';
import { ParkedEvents } from '../platform/subscriptions/parked-events.js';
import { LOG } from '../platform/telemetry/log.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { DemoClockController } from '../platform/time/http.js';
import { MovingTime } from '../platform/time/moving-time.js';
import { Keyring } from '../platform/vault/keyring.js';
import { Vault } from '../platform/vault/vault.js';
import { applicationControllers, applicationProviders } from './applications.js';
import { certificateControllers, certificateProviders } from './certificates.js';
import { answered, carriedOut } from './readiness.js';
import type { Stores } from './stores.js';
import { ticketOrderControllers, ticketOrderProviders } from './ticket-orders.js';
import type { Parts } from './parts.js';

const liveReadsOf = (reads: ReadModels, { sessions, tokens }: Stores, { streamHeartbeatMs }: Config): LiveReads =>
  new LiveReads(reads, (kind, theirs) => (kind === 'session' ? sessions : tokens).alive(theirs), {
    ...STREAMS,
    heartbeatMs: streamHeartbeatMs,
  });

const listenerOf = ({ metrics, settling }: Parts): DecisionListener => ({
  conflict: () => metrics.conflicts.inc(),
  decided: (command, result, seconds) => metrics.commandSeconds.observe({ command, result }, seconds),
  began: () => settling?.began(),
  recorded: (events) => settling?.appended(events),
  ended: () => settling?.ended(),
});

const valuesOf = (parts: Parts): Provider[] => {
  const { stores, pki, readiness, config, clock, log, metrics, letters, time } = parts;
  const { events, readModels, secrets, keyring, vault, passwords, links, sessions, tokens, attempts, mailbox } = stores;
  const reads = new ReadModels(readModels);
  const checks = () =>
    carriedOut({
      eventStore: answered(() => events.ping()),
      readModels: answered(() => readModels.ping()),
      secrets: answered(() => secrets.ping()),
      ...readiness,
    });
  return [
    { provide: CLOCK, useValue: clock },
    { provide: LOG, useValue: log },
    { provide: Metrics, useValue: metrics },
    { provide: Keyring, useValue: keyring },
    { provide: Vault, useValue: vault },
    { provide: Pki, useValue: pki },
    { provide: Attempts, useValue: attempts },
    { provide: Passwords, useValue: passwords },
    { provide: OwnPasswords, useValue: new OwnPasswords(passwords, sessions, attempts) },
    { provide: Links, useValue: links },
    { provide: Sessions, useValue: sessions },
    { provide: AccessTokens, useValue: tokens },
    { provide: ParkedEvents, useValue: stores.parkedEvents },
    { provide: OutAtOnce, useValue: new OutAtOnce(sessions, passwords, tokens) },
    { provide: Turns, useValue: new Turns(secrets as never) },
    { provide: ProgramRates, useValue: new ProgramRates(clock, config.tokenRateLimitPerMinute) },
    { provide: Letters, useValue: letters },
    { provide: SentLetters, useValue: new SentLetters(vault, clock, config.mail.keptDays) },
    { provide: Mailbox, useValue: mailbox },
    { provide: MovingTime, useValue: time },
    { provide: ReadModels, useValue: reads },
    { provide: LiveReads, useValue: liveReadsOf(reads, stores, config) },
    { provide: Decisions, useValue: decisionsOf(parts) },
    { provide: Readiness, useValue: { checks } },
    { provide: RefusedOperations, useClass: RefusedOperationsHistory },
  ];
};

/** One command path per process, by the operator's calendar. */
const decisionsOf = (parts: Parts): Decisions => {
  const { stores, clock, config } = parts;
  return new Decisions(stores.events, clock, listenerOf(parts), businessCalendar(config.businessDays));
};

const apiControllers = ({ stores, time }: Parts): Type[] => [
  StaffSessionController,
  StaffController,
  ParkedEventsController,
  StaffTokensController,
  PortalTokensController,
  CompanyTokensController,
  PortalBackOfficeController,
  PortalSessionController,
  PortalUsersController,
  PortalCasesController,
  PortalPagesController,
  MaterialsController,
  PartnersBackOfficeController,
  PartnerPagesController,
  PartnerSessionController,
  PartnerRecoveryController,
  PartnerGroupsController,
  PartnerMembersController,
  OperationHistoryController,
  ...ticketOrderControllers,
  ...applicationControllers,
  ...certificateControllers,
  NotificationsController,
  ...(stores.mailbox ? [MailboxController, MailboxPagesController] : []),
  ...(time ? [DemoClockController] : []),
];

export const moduleOf = (parts: Parts): object => {
  @Module({
    imports: [CqrsModule.forRoot()],
    controllers: [HealthController, ...(parts.roles.includes('api') ? apiControllers(parts) : [])],
    providers: [
      ...valuesOf(parts),
      Commands,
      SessionGuard,
      FirstAnswer,
      LiveAnswer,
      ProblemFilter,
      TokenDesk,
      ...certificateProviders,
      ...applicationProviders(parts.stores, parts.config),
      HistoryReads,
      ...auditHandlers,
      ...identityHandlers,
      ...operationsHandlers,
      ...clientPortalHandlers,
      ...partnersHandlers,
      ...ticketOrderProviders(parts.config),
      ...notificationHandlers,
    ],
  })
  class ServiceModule {}
  return ServiceModule;
};
