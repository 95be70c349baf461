// Plays the client portal's set-up and two journeys of the certificate service against the running service, through
// its public API alone, and prints each step, what it changed and where to see it. `npm run demo -- PASSWORD` with the
// password of the first back-office account, which the service told at its first start.
import { playCertificates } from './demo/certificates/play.mjs';
import { playClientPortal } from './demo/client-portal.mjs';
import { stop } from './demo/person.mjs';

const [password = process.env.SHOMEI_PASSWORD] = process.argv.slice(2);
if (!password) stop('Say the back-office password that the first start told: npm run demo -- PASSWORD');

await playClientPortal(password);
await playCertificates(password);
