#!/usr/bin/env node
// For test environments that start a server by its path: `test-server.mjs PORT`.
import '../dist/cli.js';
