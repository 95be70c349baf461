import { startOneRole } from './one-role.js';
import { runProgram } from './program.js';

await runProgram(() => startOneRole('projector'));
