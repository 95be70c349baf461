import { accept, type Decider, type Moment, type Outcome } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { clientCompanyDecider } from './decider.js';
import { downloadMaterial, materialDownloaded, type recordMaterialDownload } from './messages.js';
import type { ClientCompany } from './state.js';

type Downloaded = MessageOf<typeof materialDownloaded>;

/**
 * One stream per person and day: downloads have no end, and a company's stream, which every decision about it is read
 * from, should not grow with them. Whether somebody may, that stream has said a moment before; who loses the right in that
 * moment has downloaded before it.
 */
export const materialDownloadsDecider: Decider<null, MessageOf<typeof recordMaterialDownload>, Downloaded> = {
  stream: ({ data }) => `materialDownloads-${data.accountId}-${data.day}`,
  initial: null,
  events: [materialDownloaded],
  decide: ({ data: { day: _, ...facts } }) => accept(materialDownloaded(facts)),
  evolve: (state) => state,
};

/** What the company says to a download: no, or what is to be recorded of it. */
export const judgeDownload = (
  company: ClientCompany,
  asked: MessageOf<typeof downloadMaterial>['data'],
  moment: Moment,
): Outcome<Downloaded> => clientCompanyDecider.decide(downloadMaterial(asked), company, moment) as Outcome<Downloaded>;
