import type { Provider } from '@nestjs/common';
import { ApplicationAccess } from '../contexts/applications/access.js';
import { ApplicantController } from '../contexts/applications/applicant.http.js';
import { applicationHandlers } from '../contexts/applications/commands.js';
import { Confirmations } from '../contexts/applications/confirmation.js';
import { HolderController } from '../contexts/applications/holder.http.js';
import { Papers } from '../contexts/applications/papers.js';
import { Partners } from '../contexts/applications/partners.js';
import { ApplicationReviewController } from '../contexts/applications/review.http.js';
import { IssuanceSiteController } from '../contexts/applications/site.http.js';
import { LRA } from '../contexts/applications/site.js';
import { ApplicationStatusController } from '../contexts/applications/status.http.js';
import { UnnamedPapers } from '../contexts/applications/unnamed-papers.js';
import { ticketHandlers } from '../contexts/tickets/commands.js';
import { TicketLookups } from '../contexts/tickets/lookups.js';
import { TicketNumbers } from '../contexts/tickets/numbers.js';
import { Challenges } from '../platform/challenges/challenges.js';
import type { Config } from '../platform/config/config.js';
import { CommandMalwareCheck, MalwareCheck, NoMalwareCheck } from '../platform/documents/malware.js';
import { Blobs } from '../platform/vault/blobs.js';
import type { Stores } from './stores.js';

/** Tickets and applications for personal certificates: the parts that the service is put together from. */
export const applicationControllers = [
  IssuanceSiteController,
  ApplicantController,
  HolderController,
  ApplicationStatusController,
  ApplicationReviewController,
];

export const applicationProviders = (
  { blobs, challenges }: Stores,
  { issuance }: Pick<Config, 'issuance'>,
): Provider[] => {
  const { documentCheckCommand: command, ...decided } = issuance;
  return [
    { provide: Blobs, useValue: blobs },
    { provide: Challenges, useValue: challenges },
    { provide: MalwareCheck, useValue: command === null ? new NoMalwareCheck() : new CommandMalwareCheck(command) },
    { provide: LRA, useValue: decided },
    TicketNumbers,
    TicketLookups,
    ApplicationAccess,
    Confirmations,
    Papers,
    UnnamedPapers,
    Partners,
    ...ticketHandlers,
    ...applicationHandlers,
  ];
};
