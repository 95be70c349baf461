import { createHash } from 'node:crypto';
import { Body, Controller, Get, Header, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { clientPortal } from '../../../projections/client-portal/projection.js';
import { listMaterials } from '../../../projections/client-portal/queries.js';
import { dayOf } from '../../kernel/calendar.js';
import { derivedId } from '../../kernel/ids.js';
import { validate } from '../../kernel/policies.js';
import { type FieldError, invalid, refusal } from '../../kernel/refusal.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { type Caller, From } from '../../platform/http/caller.js';
import { ANSWERED, Answers, MayAsk } from '../../platform/http/documented.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { Vault } from '../../platform/vault/vault.js';
import { STAFF } from '../identity/messages.js';
import { companyStream, MANAGEMENT, senderTo, SERVICE, sessionOf, USER } from './access.js';
import { clientCompanyDecider } from './decider.js';
import { judgeDownload } from './downloads.decider.js';
import { addMaterial, recordMaterialDownload, TITLE } from './messages.js';

const PURPOSE = 'material';
const MEDIA_TYPE = /^[a-z]+\/[a-z0-9.+-]{1,100}$/;

const uploadFaults = (fileName: string, mediaType: string, file: unknown): FieldError[] => [
  ...validate('fileName', fileName, TITLE),
  ...(MEDIA_TYPE.test(mediaType)
    ? []
    : [{ field: 'mediaType', rule: 'format', params: { format: 'application/pdf' } } as const]),
  ...(Buffer.isBuffer(file) && file.length > 0 ? [] : [{ field: '(body)', rule: 'required' } as const]),
];

/** Files for the people of a case: put there by the back office, sealed at rest, every download recorded. */
@Controller()
export class MaterialsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The body is the file itself, as application/octet-stream. */
  @Post('back-office/client-companies/:clientCode/cases/:acceptanceNumber/materials')
  @Only(STAFF)
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @MayAsk('fileName', 'mediaType')
  @Answers(201, ANSWERED, 'NOT_FOUND')
  async add(
    @Param('clientCode') clientCode: string,
    @Param('acceptanceNumber') acceptanceNumber: string,
    @Body() file: unknown,
    @From() caller: Caller,
    @Query('fileName') fileName = '',
    @Query('mediaType') mediaType = '',
  ) {
    const faults = uploadFaults(fileName, mediaType, file);
    if (faults.length > 0) throw new Refused(invalid(faults));
    const bytes = file as Buffer;
    const materialId = derivedId(caller.commandId, 'material');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    // The file first: an event must never speak of a file that is not there.
    const sizeBytes = bytes.length;
    const add = addMaterial({ clientCode, acceptanceNumber, materialId, fileName, mediaType, sizeBytes, sha256 });
    const send = () => this.commands.send(add, senderTo(caller, clientCode));
    const { version } = orRefuse(await this.vault.putFor(materialId, PURPOSE, bytes, this.clock.now(), send));
    return { id: materialId, version };
  }

  @Get(`${SERVICE}/cases/:acceptanceNumber/materials/:materialId`)
  @Only(MANAGEMENT, USER)
  @Answers(200, null, 'NOT_FOUND')
  @Header('cache-control', 'no-store')
  async download(
    @Param('acceptanceNumber') acceptanceNumber: string,
    @Param('materialId') materialId: string,
    @From() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { tenant: clientCode } = sessionOf(caller);
    // Whether it may be had, the company's stream decides; the row only says what it is called.
    const { state: company } = await this.decisions.stateOf(clientCompanyDecider, companyStream(clientCode));
    const sender = senderTo(caller, clientCode);
    const moment = this.decisions.momentOf(sender);
    const judged = judgeDownload(company, { clientCode, acceptanceNumber, materialId }, moment);
    if (judged.refusal) throw new Refused(judged.refusal);
    const [{ data: facts }] = judged.events as [(typeof judged.events)[number]];
    orRefuse(await this.commands.send(recordMaterialDownload({ ...facts, day: dayOf(moment.now) }), sender));
    const materials = await this.readModels.query(clientPortal, (rows) =>
      listMaterials(rows, clientCode, acceptanceNumber),
    );
    const material = materials.find(({ material_id }) => material_id === materialId);
    const file = await this.vault.get(materialId, PURPOSE);
    if (!material || !file) throw new Refused(refusal('NOT_FOUND'));
    reply.header('content-type', material.media_type);
    reply.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(material.file_name)}`);
    return file;
  }
}
