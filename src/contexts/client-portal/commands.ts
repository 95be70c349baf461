import { decidedBy } from '../../platform/commands/decided-by.js';
import { clientCompanyDecider } from './decider.js';
import { materialDownloadsDecider } from './downloads.decider.js';
import { clientCompanyCommands, recordMaterialDownload } from './messages.js';

export const clientPortalHandlers = [
  ...decidedBy(clientCompanyDecider, clientCompanyCommands),
  ...decidedBy(materialDownloadsDecider, [recordMaterialDownload]),
];
