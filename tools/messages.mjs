// Writes docs/messages.md from what was built.
import { writeFileSync } from 'node:fs';
import { messagePage } from '../dist/src/entrypoints/message-page.js';

writeFileSync('docs/messages.md', messagePage());
console.log('docs/messages.md is written');
