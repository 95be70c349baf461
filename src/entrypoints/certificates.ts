import { CertificatesBackOfficeController } from '../contexts/certificates/back-office.http.js';
import { certificatesHandlers } from '../contexts/certificates/commands.js';
import { Issuance } from '../contexts/certificates/issuance.commands.js';
import { RevocationRequestsController } from '../contexts/certificates/revocation.http.js';
import { CertificateSectionController } from '../contexts/certificates/section.http.js';
import { SigningKeyUse } from '../contexts/certificates/signing-key-use.js';
import { HolderKeys } from '../platform/pki/holder-keys.js';

/** What the context of certificates brings into a process that answers over HTTP. */
export const certificateControllers = [
  CertificatesBackOfficeController,
  RevocationRequestsController,
  CertificateSectionController,
];

export const certificateProviders = [HolderKeys, Issuance, SigningKeyUse, ...certificatesHandlers];
